"""Every page, in both languages, at three widths, in light and dark: nobody is shut out, nothing comes from elsewhere.

Pictures of all of them go to the folder that FEEDSVC_SCREENSHOTS names, or to build/screenshots.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.browser.everybody import complaints, open_details, pale, sticks_out, teach
from tests.browser.invented import BUSIEST, CODE, ILLUSTRATED, WITHDRAWN
from tests.browser.person import Visit
from tests.e2e.newsroom import Newsroom

pytestmark = pytest.mark.slow

PICTURES = Path(os.environ.get("FEEDSVC_SCREENSHOTS") or Path(__file__).parents[2] / "build" / "screenshots")
WIDTHS = {320: 2_400, 768: 2_000, 1280: 1_600}  # and how much of a long page is in the picture, in pixels
HEIGHT = 800
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AWKWARD = quote("茶/酒 & 盐", safe="")
PAGES = {
    "directory": "/",
    "directory-search": "/?q=yin",
    "category": f"/categories/{BUSIEST}/",
    "category-awkward": f"/categories/{AWKWARD}/",
    "article": f"/articles/{ILLUSTRATED}",
    "builder": "/subscribe",
    "builder-result": "/subscribe?category=changheribao&category=bengbuchuanwu&without=duchengxinbao&word=茶市",
    "about": "/about-feeds",
    "search": "/search",
    "search-result": "/search?q=渡轮",
    "search-nothing": "/search?q=zzzzzz",
    "feed": f"/feeds/{BUSIEST}.rss",
    "link-unknown": f"/s/{CODE}x",
    "link-gone": f"/s/{WITHDRAWN}",
    "page-unknown": "/nowhere.html",
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_v04_everybody_can_use_every_page(visit: Visit, wire: Newsroom, name: str, language: str) -> None:
    """Contract V04, and so for all pages: WCAG 2.2 AA by axe-core, nothing to scroll sideways from 320 px on."""
    person = visit(locale={"zh": "zh-CN", "en": "en-GB"}[language])
    page = person.page
    status = person.go(PAGES[name])
    assert status == {"unknown": 404, "gone": 410}.get(name.rpartition("-")[2], 200)
    assert page.get_attribute("html", "lang") == {"zh": "zh-CN", "en": "en"}[language]
    for width in WIDTHS:
        pictures(page, width, f"{name}-{language}-{width}")
    teach(page)
    open_details(page)
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        faults += [f"{width} px: {fault}" for fault in sticks_out(page)]
        if language == "en" or width == 320:  # what differs between languages is what is wide
            faults += [f"{width} px: {fault}" for fault in complaints(page, colours=False)]
    for scheme in SCHEMES if language == "en" else ():
        page.emulate_media(color_scheme=scheme)
        faults += [f"{scheme}: {fault}" for fault in complaints(page, others=False)]
    assert faults == []


def pictures(page: Page, width: int, name: str) -> None:
    """Of the whole page, long ones cut off below. A window as high as that is twice as fast as `full_page`."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": width, "height": HEIGHT})
    length = min(page.evaluate("() => document.documentElement.scrollHeight"), WIDTHS[width])
    page.set_viewport_size({"width": width, "height": length})
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=PICTURES / f"{name}-{scheme}.png")


def test_what_the_checks_find(visit: Visit) -> None:
    """The checks above are no decoration: planted faults are found."""
    person = visit()
    page = person.page
    person.go(f"/s/{CODE}x")
    teach(page)
    assert complaints(page) == [] and sticks_out(page) == []
    page.evaluate("() => document.querySelector('main label').remove()")
    assert "label (critical)" in " ".join(complaints(page))
    page.evaluate("() => Object.assign(document.querySelector('h1').style, {color: '#bbb', width: '200vw'})")
    assert "color-contrast (serious)" in " ".join(complaints(page))
    assert len(pale(page)) == 1
    assert "<h1" in sticks_out(page)[-1]
    with page.expect_request("http://elsewhere.example/*"):
        page.evaluate("() => { new Image().src = 'http://elsewhere.example/a.png' }")
    assert "elsewhere" in person.faults[0]
    person.faults.clear()

"""One server with invented news and one browser for all tests of this folder; a person (a profile) for each test.

The browser is the system's Chromium, or the program that FEEDSVC_CHROMIUM names; without one the tests are skipped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.invented import LINKED, WITHDRAWN, posts
from tests.browser.person import Person, Visit
from tests.browser.room import newsroom_with
from tests.e2e.newsroom import Newsroom


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("FEEDSVC_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed (FEEDSVC_CHROMIUM may name it)")
    options = ["--no-sandbox", "--disable-gpu"]
    with sync_playwright() as play, play.chromium.launch(executable_path=program, args=options) as started:
        yield started


@pytest.fixture(scope="session")
def wire(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:  # none without browser
    """A running newsroom: forty categories, several hundred articles, one of them withdrawn after it was published."""
    settings = {
        "FEEDSVC_SITE__TITLE": "江湾联合新闻",
        "FEEDSVC_SITE__DESCRIPTION": "四十种虚构的报刊，一处订阅。",
        "FEEDSVC_CATEGORIES__SPLIT": "whole",
        "FEEDSVC_SEARCH__REQUESTS": "0",
    }
    with newsroom_with(tmp_path_factory.mktemp("wire"), posts(datetime.now(UTC)), **settings) as room:
        assert room.get(f"/s/{WITHDRAWN}").status == 302
        next(room.content.glob(f"_posts/*-{WITHDRAWN}.md")).unlink()
        room.until(lambda: room.get(f"/s/{WITHDRAWN}").status == 410, "the article is withdrawn")
        query, attempt = "/search?q=" + quote("雾中的渡轮"), count()  # another address each time: pages are remembered
        room.until(lambda: LINKED.encode() in room.get(f"{query}&n={next(attempt)}").body, "texts can be searched")
        yield room


@pytest.fixture
def visit(browser: Browser, wire: Newsroom) -> Iterator[Visit]:
    """visit(base=…, **options of a browser context): a person who has just opened a window.

    Afterwards nobody may have seen an error, a warning, or a request to another host than his own.
    """
    people: list[Person] = []

    def opened(base: str = "", **options: Any) -> Person:
        context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})
        person = Person(context.new_page(), base or wire.base)
        person.page.set_default_timeout(10_000)
        person.page.on("console", person.heard)
        person.page.on("request", person.sent)
        person.page.on("pageerror", lambda error: person.faults.append(str(error)))
        people.append(person)
        return person

    yield opened
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.page.context.close()
    assert faults == []


@pytest.fixture
def person(visit: Visit) -> Person:
    return visit()


@pytest.fixture
def chinese(visit: Visit) -> Person:
    return visit(locale="zh-CN")


@pytest.fixture
def plain(visit: Visit) -> Person:
    """Somebody without JavaScript."""
    return visit(java_script_enabled=False)

"""What a feed is, in plain words: the same in both languages, and true of this server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest

from tests.web.live_site import Live, live_site, month_post
from tests.web.test_pages import Heads


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with live_site(tmp_path, {"feeds": {"cache_seconds": 600}}) as live:
        for day in (1, 2):
            live.rig.write(f"_posts/2026-11-0{day}-b{day}.md", month_post(f"B{day}", "[boats & birds]", 11, day))
        live.rig.write("_posts/2026-11-03-c3.md", month_post("C3", "other", 11, 3))
        live.look()
        yield live


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sound_page(live: Live, language: str) -> None:
    answer = live.client.get(f"/about-feeds?lang={language}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=60")
    html5lib.HTMLParser(strict=True).parse(answer.text)
    page = Heads(answer.text)
    assert len(page.all("h1")) == 1
    base = live.rig.settings.public_base
    assert page.all("link", rel="canonical")[0]["href"] == f"{base}/about-feeds"
    here = {link["href"] for link in page.all("a")}
    assert not [href for href in here if href.startswith("http") and not href.startswith(base)], "no trackers"
    for href in here - {"#main"}:
        target = href.removeprefix(base)
        assert live.client.get(target).status_code == 200, target
    assert ("10 分钟" if language == "zh" else "10 minutes") in answer.text


def test_both_languages_say_the_same(live: Live) -> None:
    """The same headings, links and addresses."""
    pages = [Heads(live.client.get(f"/about-feeds?lang={language}").text) for language in ("zh", "en")]
    for tag in ("h1", "h2", "h3", "dt", "dd", "code", "li"):
        assert len(pages[0].all(tag)) == len(pages[1].all(tag)), tag
    assert [h["id"] for h in pages[0].all("h2")] == [h["id"] for h in pages[1].all("h2")]


def test_every_address_it_names_is_there(live: Live) -> None:
    """Of the category with the most articles; placeholders are filled in."""
    text = live.client.get("/about-feeds?lang=en").text
    base = live.rig.settings.public_base
    for code in re.findall(rf"<code>{re.escape(base)}(.*?)</code>", text):
        target = code.replace("&amp;", "&")
        for name, value in (
            ("a", "other"),
            ("b", "boats%20%26%20birds"),
            ("c", "other"),
            ("word", "x"),
            ("words", "B1"),
        ):
            target = target.replace(f"<var>{name}</var>", value)
        target = target.replace("!other", "!boats%20%26%20birds") if ",!" in target else target
        if "?page=2" in target:
            continue  # two articles make one page
        answer = live.client.get(target, follow_redirects=True)
        assert answer.status_code == 200, target
    assert "/feeds/boats%20%26%20birds/archive/2026-11.rss" in text


def test_whom_to_ask(tmp_path: Path) -> None:
    with live_site(tmp_path, {"site": {"author": "The desk", "author_email": "desk@example.com"}}) as live:
        live.rig.write("_posts/2026-11-03-c3.md", month_post("C3", "other", 11, 3))
        live.look()
        for language in ("zh", "en"):
            page = live.client.get(f"/about-feeds?lang={language}").text
            assert 'href="mailto:desk@example.com">The desk</a>' in page


def test_without_an_address_nobody_is_named(live: Live) -> None:
    assert "mailto:" not in live.client.get("/about-feeds?lang=en").text

"""A person with a real Chromium: pages at feed addresses, pages for people, and a reader made of JavaScript."""

from __future__ import annotations

import http.server
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.chromium import Chromium, chromium
from tests.e2e.newsroom import Newsroom, free_port, post

pytestmark = pytest.mark.slow

CHINESE = "/feeds/" + quote("港口晚报")
PAGES = ["/feed.rss?lang=en", f"{CHINESE}.atom?lang=zh", "/", "/categories/markets/", "/nowhere"]

# Every visible text against what is behind it (WCAG 2.2, 1.4.3): [text, contrast] of those that are too pale.
PALE = """
(() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const colour = text => text.match(/[\\d.]+/g).map(Number);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = colour(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const found = [];
  for (const e of document.body.querySelectorAll("*")) {
    const text = e.value ?? [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join("");
    if (!text || !e.checkVisibility()) continue;
    const pair = [light(colour(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (contrast < (parseFloat(getComputedStyle(e).fontSize) >= 24 ? 3 : 4.5)) found.push([text, contrast]);
  }
  return found;
})()
"""
# Where the keyboard is: [what is there, whether one sees it, what is selected].
FOCUS = """
(() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [e === document.body ? "" : e.id || e.textContent.trim(), seen, getSelection().toString()];
})()
"""
LINK = "[...document.querySelectorAll('.pages a')].find(a => a.textContent === %s).href"
PLACE = """
[location.href, document.querySelector("input").value,
 [...document.querySelectorAll(".headlines a")].map(a => a.textContent)]
"""
HEADINGS = "[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))"
NAMELESS = """
[...document.querySelectorAll("a, button, input, summary, nav, img")].filter(e =>
  !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length || e.alt != null && e.tagName === "IMG"))
  .map(e => e.outerHTML)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A running newsroom with two categories, one with a Chinese name, one with more articles than its feed shows."""
    with newsroom_with(tmp_path_factory.mktemp("wire"), FEEDSVC_FEEDS__MAX_ITEMS="2") as room:
        yield room


@contextmanager
def newsroom_with(folder: Path, **settings: str) -> Iterator[Newsroom]:
    room = Newsroom(folder, free_port(), {"FEEDSVC_SITE__TITLE": "Nordhaven Wire", **settings})
    for number in range(3):
        room.write(f"_posts/2026-11-1{number}-ferry.md", post(f"Ferry number {number}", date=f"2026-11-1{number}"))
    room.write("_posts/2026-11-15-fog.md", post("雾中的渡轮", category="港口晚报", body="晨雾里，第一班渡轮离港。"))
    room.start()
    assert room.server is not None
    try:
        yield room
    finally:  # not asked to end: it would wait for connections that the browser opened in advance
        os.killpg(room.server.pid, signal.SIGKILL)
        room.server.wait(20)


@pytest.mark.parametrize("path", ["/feed.rss", "/feeds/markets.atom", "/feeds/markets.json", f"{CHINESE}.rss"])
def test_e08_v05_a_feed_address_shows_a_page_and_stays(browser: Chromium, wire: Newsroom, path: str) -> None:
    """Contract E08, V01, V02, V04, V05, H47."""
    browser.look()
    address = wire.base + path
    answer = browser.go(address)
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    assert (answer["status"], answer["mimeType"]) == (200, "text/html")
    assert headers["cache-control"] == "private, no-store"
    assert headers["vary"] == "Accept, Accept-Encoding"
    assert browser.ask("location.href") == address
    assert browser.ask("document.querySelector('input').value") == address
    asked = {request.partition("?")[0] for request in browser.requests} - {f"{wire.base}/favicon.ico"}
    assert asked == {address, f"{wire.base}/static/site.css"}
    assert [error for error in browser.errors if "404" not in error] == []
    titles = browser.ask("[...document.querySelectorAll('.headlines a')].map(a => a.textContent)")
    assert titles == [entry["title"] for entry in json.loads(wire.get(path.rpartition(".")[0] + ".json").body)["items"]]


def test_p01_older_articles_are_a_link_away(browser: Chromium, wire: Newsroom) -> None:
    """Contract P01, P04, V04: pages and archives are linked; there it is still the feed that one subscribes to."""
    browser.look()
    address = f"{wire.base}/feeds/markets.atom"
    browser.go(address)
    for link, place, titles in (
        ("Older", "?page=2", ["Ferry number 0"]),
        ("Newest", "", ["Ferry number 2", "Ferry number 1"]),
        ("Earlier archive", "archive", ["Ferry number 2", "Ferry number 1", "Ferry number 0"]),
        ("The feed as it is now", "", ["Ferry number 2", "Ferry number 1"]),
    ):
        browser.go(browser.ask(LINK % json.dumps(link)))
        shown, field, seen = browser.ask(PLACE)
        assert shown == (f"{wire.base}/feeds/markets/archive/2026-11.atom" if place == "archive" else address + place)
        assert (field, seen) == (address, titles)


def test_v04_the_address_is_copied_by_keyboard(browser: Chromium, wire: Newsroom) -> None:
    """Contract V04: everything is reached with Tab, in sight, and the address is selected when it is reached."""
    browser.look()
    address = f"{wire.base}/feeds/markets.rss"
    browser.go(address)
    visited = {}
    for _ in range(30):
        browser.press("Tab")
        name, seen, selected = browser.ask(FOCUS)
        if not name or name in visited:
            break
        visited[name] = selected
        assert seen, f"one does not see that the keyboard is at {name!r}"
    assert visited["address"] == address
    assert {"Skip to the content", "The page of this feed", "The same feed as Atom", "Ferry number 2"} <= visited.keys()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    "path", ["/feed.rss?lang=en", f"{CHINESE}.atom?lang=zh", "/", "/categories/markets/", "/nowhere"]
)
def test_v04_pages_can_be_read_by_everybody(
    browser: Chromium, wire: Newsroom, path: str, width: int, dark: bool
) -> None:
    """Contract V04, V06 (WCAG 2.2 AA): contrast, names, headings in order, nothing to scroll sideways at 320 px."""
    browser.look(width, 900, dark)
    browser.go(wire.base + path)
    browser.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.ask(PALE) == []
    assert browser.ask(NAMELESS) == []
    levels = browser.ask(HEADINGS)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.ask("document.documentElement.lang")


def test_what_the_checks_find(browser: Chromium, wire: Newsroom) -> None:
    """The checks above are no decoration: planted faults are found."""
    browser.look()
    browser.go(f"{wire.base}/feed.rss")
    browser.ask("document.querySelector('label').remove()")
    assert "address" in browser.ask(NAMELESS)[0]
    assert browser.ask(PALE) == []
    browser.ask("document.styleSheets[0].insertRule('h1 { color: #999 }', document.styleSheets[0].cssRules.length)")
    browser.ask("document.styleSheets[0].insertRule('.hint { color: #888 }', document.styleSheets[0].cssRules.length)")
    assert len(browser.ask(PALE)) == 2


@contextmanager
def elsewhere(folder: Path) -> Iterator[str]:
    """Another site on this machine: the origin of a page with nothing on it."""
    (folder / "reader.html").write_text("<!doctype html><title>A reader</title><p>x")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/reader.html"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


FETCH = """
fetch(%s, {cache: "no-store", headers: %s}).then(async r => (
  {status: r.status, type: r.headers.get("content-type"), etag: r.headers.get("etag"),
   modified: r.headers.get("last-modified"), link: r.headers.get("link"), body: await r.text()}))
"""


@pytest.mark.parametrize("suffix", [".rss", ".atom", ".json"])
def test_e08_a_reader_in_javascript_on_another_site(
    browser: Chromium, wire: Newsroom, tmp_path: Path, suffix: str
) -> None:
    """Contract E08, V03, H28-H31: cross-origin fetch() gets the feed, sees its tag, and 304 with If-None-Match."""
    feed = wire.base + "/feeds/markets" + suffix
    with elsewhere(tmp_path) as page:
        browser.go(page)
        first = browser.ask(FETCH % (json.dumps(feed), json.dumps({"Accept": "text/html,*/*;q=0.8"})))
        plain = wire.get("/feeds/markets" + suffix)
        assert (first["status"], first["body"]) == (200, plain.body.decode())
        assert first["type"] == plain.headers["Content-Type"]
        assert first["modified"] == plain.headers["Last-Modified"] and first["link"] == plain.headers["Link"]
        again = browser.ask(FETCH % (json.dumps(feed), json.dumps({"If-None-Match": first["etag"]})))
        assert (again["status"], again["body"], again["etag"]) == (304, "", first["etag"])
        gone = browser.ask(FETCH % (json.dumps(wire.base + "/feeds/nowhere.rss"), "{}"))
        assert gone["status"] == 404
    assert not [text for text in browser.errors if "CORS" in text]


def test_v08_css_mode_is_a_styled_document(browser: Chromium, tmp_path: Path) -> None:
    """Contract V08: the feed itself as application/xml, read through its style sheet, in light and dark, at 320 px."""
    with newsroom_with(tmp_path, FEEDSVC_FEEDS__BROWSER="css") as room:
        for suffix, entry, dark in ((".rss", "item", False), (".rss", "item", True), (".atom", "entry", True)):
            browser.look(320, 900, dark)
            answer = browser.go(room.base + "/feeds/markets" + suffix)
            assert answer["headers"]["Content-Type"] == "application/xml; charset=utf-8"
            assert [error for error in browser.errors if "404" not in error] == []
            assert f"{room.base}/static/feed.css" in browser.requests
            assert browser.ask(f"getComputedStyle(document.querySelector('{entry}')).display") in ("block", "flex")
            notice = "getComputedStyle(document.documentElement, '::before').content"
            assert browser.ask(notice) not in ("none", "normal", "")
            assert browser.ask("document.documentElement.scrollWidth") <= 320
            assert browser.ask(PALE.replace("document.body", "document.documentElement")) == []

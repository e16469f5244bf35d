"""A person at a feed's own address, and a reader made of JavaScript on another site."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.browser.everybody import pale, sticks_out, walk
from tests.browser.invented import BUSIEST, Post
from tests.browser.person import Person, Visit
from tests.browser.room import newsroom_with
from tests.e2e.newsroom import Newsroom, post

pytestmark = pytest.mark.slow

AWKWARD = quote("茶/酒 & 盐", safe="")
PATHS = ("/feed.rss", f"/feeds/{BUSIEST}.atom", f"/feeds/{BUSIEST}.json", f"/feeds/{AWKWARD}.rss")
ADDRESS = "Copy this address into your feed reader"


def titles(page: Page) -> list[str]:
    return page.locator(".headlines li > a").all_text_contents()


@pytest.mark.parametrize(
    "path", ["/feed.rss", f"/feeds/{BUSIEST}.atom", f"/feeds/{BUSIEST}.json", f"/feeds/{AWKWARD}.rss"]
)
def test_e08_v05_a_feed_address_shows_a_page_and_stays(person: Person, wire: Newsroom, path: str) -> None:
    """Contract E08, V01, V02, V04, V05, H47."""
    address = wire.base + path
    answer = person.page.goto(address)
    assert answer is not None and answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert person.page.url == address
    assert person.page.get_by_label(ADDRESS).input_value() == address
    asked = {request.partition("?")[0].removeprefix(wire.base) for request in person.requests}
    assert asked <= {path, "/static/site.css", "/static/icon.svg"}  # no script: nothing runs here
    feed = json.loads(wire.get(path.rpartition(".")[0] + ".json").body)
    assert titles(person.page) == [entry["title"] for entry in feed["items"]]


def test_p01_older_articles_are_a_link_away(person: Person, wire: Newsroom) -> None:
    """Contract P01, P04, V04: pages and archives are linked; there it is still the feed that one subscribes to."""
    page, address = person.page, f"{wire.base}/feeds/{BUSIEST}.atom"
    page.goto(address)
    newest = titles(page)
    for link, place in (("Older", address + "?page=2"), ("Newest", address), ("Earlier archive", "")):
        page.get_by_role("link", name=link, exact=True).click()
        page.wait_for_url(place or f"{wire.base}/feeds/{BUSIEST}/archive/*.atom")
        assert page.locator("#address").input_value() == address
        assert (titles(page) == newest) is (place == address)
    page.get_by_role("link", name="The feed as it is now").click()
    page.wait_for_url(address)


def test_v04_the_address_is_copied_by_keyboard(person: Person) -> None:
    """Contract V04: everything is reached with Tab, in sight, and the address is selected when it is reached."""
    person.go(f"/feeds/{BUSIEST}.rss")
    page = person.page
    first = titles(page)[0]
    names = walk(page)
    assert names[0] == "Skip to the content"
    assert {ADDRESS, "Web page of this feed", "The same feed as Atom", first} <= set(names)
    page.get_by_label(ADDRESS).focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("() => getSelection().toString()") == f"{person.base}/feeds/{BUSIEST}.rss"


@contextmanager
def elsewhere(folder: Path) -> Iterator[str]:
    """Another site on this machine: the origin of a page with nothing on it."""
    (folder / "reader.html").write_text("<!doctype html><title>A reader</title><link rel=icon href=data:,><p>x")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


FETCH = """
([url, headers]) => fetch(url, {cache: "no-store", headers}).then(async r => (
  {status: r.status, type: r.headers.get("content-type"), etag: r.headers.get("etag"),
   modified: r.headers.get("last-modified"), link: r.headers.get("link"), body: await r.text()}))
"""


@pytest.mark.parametrize("suffix", [".rss", ".atom", ".json"])
def test_e08_a_reader_in_javascript_on_another_site(visit: Visit, wire: Newsroom, tmp_path: Path, suffix: str) -> None:
    """Contract E08, V03, H28-H31: cross-origin fetch() gets the feed, sees its tag, and 304 with If-None-Match."""
    path = f"/feeds/{BUSIEST}{suffix}"
    with elsewhere(tmp_path) as origin:
        person = visit(origin)
        person.go("/reader.html")

        def fetched(path: str, **headers: str) -> dict[str, object]:
            answer: dict[str, object] = person.page.evaluate(
                FETCH, [wire.base + path, {name.replace("_", "-"): value for name, value in headers.items()}]
            )
            return answer

        first = fetched(path, Accept="text/html,*/*;q=0.8")
        plain = wire.get(path)
        assert (first["status"], first["body"]) == (200, plain.body.decode())
        assert first["type"] == plain.headers["Content-Type"]
        assert first["modified"] == plain.headers["Last-Modified"] and first["link"] == plain.headers["Link"]
        again = fetched(path, If_None_Match=str(first["etag"]))
        assert (again["status"], again["body"], again["etag"]) == (304, "", first["etag"])
        assert fetched("/feeds/nowhere.rss")["status"] == 404
    # The requests to the feed's own host were the point; its 404 is reported by the browser, no refusal is.
    assert all("a request to elsewhere: " + wire.base in fault or "status of 404" in fault for fault in person.faults)
    person.faults.clear()


def test_v08_css_mode_is_a_styled_document(visit: Visit, tmp_path: Path) -> None:
    """Contract V08: the feed itself as application/xml, read through its style sheet, in light and dark, at 320 px."""
    articles = [
        Post(f"_posts/2026-11-1{n}-ferry.md", post(f"Ferry number {n}", date=f"2026-11-1{n}")) for n in range(3)
    ]
    with newsroom_with(tmp_path, articles, FEEDSVC_FEEDS__BROWSER="css") as room:
        person = visit(room.base, viewport={"width": 320, "height": 900})
        page = person.page
        for suffix, entry, scheme in ((".rss", "item", "light"), (".rss", "item", "dark"), (".atom", "entry", "dark")):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            answer = page.goto(room.base + "/feeds/markets" + suffix)
            assert answer is not None
            assert answer.headers["content-type"] == "application/xml; charset=utf-8"
            assert f"{room.base}/static/feed.css" in person.requests
            assert page.evaluate(f"() => getComputedStyle(document.querySelector('{entry}')).display") in (
                "block",
                "flex",
            )
            notice = "() => getComputedStyle(document.documentElement, '::before').content"
            assert page.evaluate(notice) not in ("none", "normal", "")
            assert sticks_out(page) == [] and pale(page) == []
        assert [fault for fault in person.faults if "favicon.ico" not in fault] == []
        person.faults.clear()

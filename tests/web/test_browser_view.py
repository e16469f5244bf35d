"""What a person's browser gets at a feed's address, and who counts as one (contract section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import html5lib
import pytest
from werkzeug.test import TestResponse

from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.formats import FORMATS
from feedsvc.publishing.publish import make_document
from feedsvc.web.negotiate import wants_page
from tests.web.served_site import NOON, PUBLIC, Site, open_site

CHROMIUM = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
BROWSERS = {
    "Chromium": CHROMIUM,
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Firefox before 132": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Safari": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Lynx": "text/html, text/plain, text/sgml, */*;q=0.01",
    "w3m": "text/html, text/*;q=0.5, image/*",
    "HTML alone": "text/html",
    "odd spelling": " TEXT/HTML ; charset=utf-8 ; q=1.0 , Application/XML ; Q = 0.9 ",
    "quoted commas": 'text/html;x="a,b;q=0", text/xml;q=0.5',
}
READERS = {
    "anything": "*/*",
    "nothing": None,
    "empty": "",
    "Miniflux": "application/xml, application/atom+xml, application/rss+xml, application/rdf+xml, "
    "application/feed+json, text/html, */*;q=0.9",
    "FreshRSS": "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, "
    "text/xml;q=0.8, text/html;q=0.7, unknown/unknown;q=0.1, application/unknown;q=0.1, */*;q=0.1",
    "feedparser": "application/atom+xml,application/rdf+xml,application/rss+xml,application/x-netcdf,"
    "application/xml;q=0.9,text/xml;q=0.2,*/*;q=0.1",
    "reader": "application/atom+xml,application/rdf+xml,application/rss+xml,application/x-netcdf,"
    "application/xml;q=0.9,text/xml;q=0.2,application/feed+json,application/json;q=0.8,*/*;q=0.1",
    "only what HTML is part of": "text/*",
    "HTML like anything": "text/html, */*",
    "a tie": "text/html;q=0.9, application/feed+json;q=0.9",
    "a tie by a range": "text/html;q=0.5, application/*;q=0.5",
    "XML as text": "text/html, text/xml",
    "HTML refused": "text/html;q=0, */*;q=0",
    "HTML after all": "text/html;q=0.2, text/xml;q=0.1, application/*;q=0.3",
    "HTML twice": "text/html, text/html;q=0.1, */*;q=0.5",
    "an unreadable weight for HTML": "text/html;q=high, */*;q=0.1",
    "an unreadable weight for a feed": "text/html;q=0.9, application/xml;q=high",
    "garbage": ",;q=1,\x00,;;=",
}


@pytest.mark.parametrize("browser", BROWSERS)
def test_v01_browsers_want_the_page(browser: str) -> None:
    assert wants_page(BROWSERS[browser], None)
    assert wants_page(BROWSERS[browser], "document")


@pytest.mark.parametrize("reader", READERS)
def test_v01_h43_everybody_else_wants_the_feed(reader: str) -> None:
    assert not wants_page(READERS[reader], None)
    assert not wants_page(READERS[reader], "document")


def test_v01_the_most_specific_match_counts() -> None:
    """One range is unimportant when each type of a feed is named with less, or refused."""
    named = "application/rss+xml;q=0,application/atom+xml;q=0,application/feed+json;q=0,application/json;q=0"
    assert wants_page(f"text/html;q=0.5,{named},application/xml;q=0.1,text/xml;q=0.4,*/*", None)
    assert not wants_page(f"text/html;q=0.5,{named},application/xml;q=0.1,*/*", None)  # text/xml is */* then
    assert wants_page(f"text/html;q=0.5,{named},application/xml;q=0.1,text/*;q=0.4,*/*", None)


@pytest.mark.parametrize("destination", ["empty", "iframe", "frame", "object", "script", ""])
def test_v03_only_a_navigation_is_a_person(destination: str) -> None:
    assert not wants_page(CHROMIUM, destination)


def feed(path: str = "/feeds/harbour", entries: int = 3, **changes: Any) -> Feed:
    """A feed with texts that a page has to escape, in two directions of writing."""
    titles = ["Fish & <Chips> </h1>", "אנייה חדשה בנמל", "雾中的渡轮"]
    values: dict[str, Any] = {
        "id": "tag:example.com,2026:feed/harbour",
        "title": "Harbour <Herald> & more",
        "description": "What the sea <brings>",
        "path": path,
        "base_url": PUBLIC,
        "home_url": f"{PUBLIC}/categories/harbour/",
        "language": "en-GB",
        "updated": NOON,
        "entries": tuple(
            Entry(
                id=f"tag:example.com,2026:{number}",
                title=titles[number % 3],
                link=f"{PUBLIC}/harbour/{number}.html?a=1&b=2",
                published=datetime(2026, 11, 20, 8, tzinfo=UTC) - timedelta(hours=8 * number),
                updated=NOON,
                summary=f"Summary {number} with <tags> & signs",
                content_html=f"<p>Full text {number}</p>",
                language="he" if number % 3 == 1 else "",
            )
            for number in range(entries)
        ),
    }
    return Feed(**{**values, **changes})


def publish(site: Site, shown: Feed) -> None:
    documents = [
        make_document(shown.path + one.suffix + shown.query, one.media_type, one.render(shown), "harbour", 300)
        for one in FORMATS
    ]
    with site.store.writing() as transaction:
        transaction.put_documents(documents)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as site:
        publish(site, feed())
        yield site


def visit(site: Site, target: str, **headers: str) -> TestResponse:
    sent = {"Accept": CHROMIUM, "Accept-Language": "en", "Accept-Encoding": "gzip, br", "Sec-Fetch-Dest": "document"}
    return site.client.get(target, headers={**sent, **headers})


class Page(HTMLParser):
    """Tags with their attributes, and the visible text."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [found for name, found in self.tags if name == tag and all(found.get(k) == v for k, v in wanted.items())]


@pytest.mark.parametrize("suffix", [".rss", ".atom", ".json"])
def test_v02_h47_the_page_is_nobodys_to_keep(site: Site, suffix: str) -> None:
    """Contract V02, H47, H52: private, no-store, and the Vary of the feed itself, never wider."""
    page, plain = visit(site, "/feeds/harbour" + suffix), site.client.get("/feeds/harbour" + suffix)
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Vary"] == plain.headers["Vary"] == "Accept, Accept-Encoding"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert not {"ETag", "Last-Modified", "Set-Cookie", "Expires", "Age"} & set(page.headers.keys())
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_a_browser_with_the_feeds_tag_gets_the_page(site: Site) -> None:
    """The tag is the feed's; a page answered with 304 would show an old feed, or none."""
    tag = site.client.get("/feeds/harbour.rss").headers["ETag"]
    assert visit(site, "/feeds/harbour.rss", **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("suffix", [".rss", ".atom", ".json"])
def test_v04_what_the_page_shows(site: Site, suffix: str) -> None:
    """Contract V04, V05, L01."""
    answer = visit(site, "/feeds/harbour" + suffix)
    html5lib.HTMLParser(strict=True).parse(answer.text)
    page, address = Page(answer), f"{PUBLIC}/feeds/harbour{suffix}"
    assert "A feed is an address for a program called a feed reader." in page.text
    (field,) = page.all("input")
    assert field["value"] == address and "readonly" in field and "autofocus" not in field
    assert page.all("label", **{"for": field["id"]})
    links = {link["href"] for link in page.all("a")}
    assert {f"{PUBLIC}/feeds/harbour{one.suffix}" for one in FORMATS} - {address} <= links
    assert address not in links
    assert f"{PUBLIC}/categories/harbour/" in links
    assert [found["type"] for found in page.all("link", rel="alternate")] == [
        one.media_type.partition(";")[0] for one in FORMATS
    ]
    for number, title in enumerate(["Fish & <Chips> </h1>", "אנייה חדשה בנמל", "雾中的渡轮"]):
        assert page.all("a", href=f"{PUBLIC}/harbour/{number}.html?a=1&b=2", dir="auto")
        assert title in page.text
        assert f"Summary {number} with <tags> & signs" in page.text
    assert "20 Nov 2026, 16:00\n" in page.text  # the site's zone
    assert "20 Nov 2026\n" in page.text  # midnight there: a day without a time
    assert page.all("li", lang="he")
    assert page.all("meta", name="robots", content="noindex")


def test_v04_nothing_runs_and_nothing_comes_from_elsewhere(site: Site) -> None:
    answer = visit(site, "/feeds/harbour.rss")
    policy = [part.strip() for part in answer.headers["Content-Security-Policy"].split(";")]
    assert policy[:3] == ["default-src 'none'", "style-src 'self'", "img-src 'self' https:"]
    assert set(policy[3:]) == {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"}
    page = Page(answer)
    assert not [tag for tag, _ in page.tags if tag in ("script", "iframe", "img", "object", "style")]
    assert not [found for _, found in page.tags if any(name == "style" or name.startswith("on") for name in found)]
    (sheet,) = page.all("link", rel="stylesheet")
    assert sheet["href"].startswith("/static/")


def test_the_page_speaks_the_persons_language(site: Site) -> None:
    assert "这是一个订阅源" in visit(site, "/feeds/harbour.rss", **{"Accept-Language": "zh-CN"}).text
    switched = visit(site, "/feeds/harbour.rss?lang=zh")
    assert "这是一个订阅源" in switched.text
    assert Page(switched).all("input")[0]["value"] == f"{PUBLIC}/feeds/harbour.rss"
    assert Page(switched).all("a", hreflang="en")[0]["href"] == "/feeds/harbour.rss?lang=en"


def test_addresses_stay_under_the_public_prefix(tmp_path: Path) -> None:
    """Contract L05, V05: the address to copy is the public one."""
    base = "https://example.com/news"
    with open_site(tmp_path, public_url=base) as site:
        publish(site, feed(base_url=base, home_url=f"{base}/categories/harbour/"))
        page = Page(visit(site, "/feeds/harbour.rss", Host="evil.example"))
        assert page.all("input")[0]["value"] == f"{base}/feeds/harbour.rss"
        assert page.all("link", rel="stylesheet")[0]["href"].startswith("/news/static/site.css")
        assert page.all("a", hreflang="zh")[0]["href"] == "/news/feeds/harbour.rss?lang=zh"
        assert not [link for link in page.all("a") if "evil" in link["href"]]


def test_head_is_get_without_its_body(site: Site) -> None:
    full = visit(site, "/feeds/harbour.rss")
    head = site.client.head(
        "/feeds/harbour.rss", headers={"Accept": CHROMIUM, "Accept-Language": "en", "Sec-Fetch-Dest": "document"}
    )
    assert (head.status_code, head.data, head.headers) == (200, b"", full.headers)


def test_a_feed_without_entries_says_so(site: Site) -> None:
    publish(site, feed("/feeds/empty", entries=0))
    assert "There are no articles here yet." in visit(site, "/feeds/empty.atom").text


def test_without_its_list_the_page_still_has_the_address(site: Site) -> None:
    """The JSON form may be missing for a moment; a person is told, and never that there are no articles."""
    with site.store.writing() as transaction:
        transaction.delete_documents(["/feeds/harbour.json"])
    site.app._shelf.catch_up()
    text = visit(site, "/feeds/harbour.rss").text
    assert "cannot be shown at the moment" in text
    assert f'value="{PUBLIC}/feeds/harbour.rss"' in text


@pytest.mark.parametrize("mode", ["css", "off"])
def test_v08_other_modes_show_no_page(tmp_path: Path, mode: str) -> None:
    with open_site(tmp_path, feeds={"browser": mode}) as site:
        publish(site, feed())
        seen, plain = visit(site, "/feeds/harbour.rss"), site.client.get("/feeds/harbour.rss")
        assert seen.headers["Content-Type"] == plain.headers["Content-Type"]
        assert "text/html" not in seen.headers["Content-Type"]


def test_v08_the_style_sheet_of_feeds_is_served(tmp_path: Path) -> None:
    with open_site(tmp_path, feeds={"browser": "css"}) as site:
        answer = site.client.get("/static/feed.css")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/css")
        assert re.search(r"max-age=[1-9]", answer.headers["Cache-Control"])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("reader", ["Miniflux", "FreshRSS", "anything"])
def test_h43_readers_are_never_shown_the_page(site: Site, reader: str) -> None:
    for suffix in (".rss", ".atom", ".json"):
        plain = site.client.get("/feeds/harbour" + suffix)
        asked = site.client.get("/feeds/harbour" + suffix, headers={"Accept": READERS[reader] or ""})
        assert (asked.data, asked.headers) == (plain.data, plain.headers)
    fetched = visit(site, "/feeds/harbour.json", **{"Sec-Fetch-Dest": "empty", "Accept-Encoding": "identity"})
    assert fetched.data == plain.data

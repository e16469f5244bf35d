"""Contract section 10 as a crawler meets it: pages and archives are followed by their links, in every format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from werkzeug.test import Client, TestResponse

from feedsvc.bootstrap import on_demand
from feedsvc.web.app import create_app
from tests.contract.test_atom_schema import faults as atom_faults
from tests.property.rss_rules import faults as rss_faults
from tests.property.test_feeds_json import faults as json_faults
from tests.unit.pipeline_rig import Rig, post
from tests.web.live_site import until

SUFFIXES = (".rss", ".atom", ".json")
HUB = "https://hub.example.com/"
FH = "{http://purl.org/syndication/history/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Seen:
    """One document of a feed, as a reader takes it apart. links: relation -> address, of the document itself."""

    answer: TestResponse
    ids: tuple[str, ...]
    links: dict[str, str]
    marks: frozenset[str]

    @property
    def header(self) -> dict[str, str]:
        """relation -> address in the Link header, but for the other formats."""
        found = re.findall(r'<([^>]*)>; rel="([^"]*)"', self.answer.headers["Link"])
        return {relation: url for url, relation in found if relation != "alternate"}


@dataclass
class Library:
    """Seven posts of three months, two on a page."""

    rig: Rig
    client: Client

    def get(self, path: str, **headers: str) -> TestResponse:
        target = path.removeprefix(self.rig.settings.public_base)
        return self.client.get(target, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def see(self, path: str) -> Seen:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        if ".json" in path:
            feed = json.loads(answer.data)
            assert json_faults(answer.data) == []
            names = {"feed_url": "self", "next_url": "next"}
            links = {relation: feed[name] for name, relation in names.items() if name in feed}
            for hub in feed.get("hubs", ()):
                links["hub"] = hub["url"]
            return Seen(answer, tuple(item["id"] for item in feed["items"]), links, frozenset())
        root = etree.fromstring(answer.data)
        assert (atom_faults if ".atom" in path else rss_faults)(answer.data) == []
        head = root if ".atom" in path else root[0]
        links = {str(link.get("rel")): str(link.get("href")) for link in head.findall(f"{ATOM}link")}
        links.pop("alternate", None)
        ids = head.xpath("*[local-name()='entry']/*[local-name()='id']/text() | item/guid/text()")
        assert isinstance(ids, list)
        marks = frozenset(str(node.tag).removeprefix(FH) for node in head.iterfind(f"{FH}*"))
        return Seen(answer, tuple(map(str, ids)), links, marks)

    def follow(self, path: str, relation: str) -> list[Seen]:
        """The document and all that this relation leads to, one after the other."""
        seen = [self.see(path)]
        while following := (seen[-1].links.get(relation) or seen[-1].header.get(relation)):
            assert len(seen) < 30, "a circle"
            seen.append(self.see(following))
        return seen


@contextmanager
def opened(folder: Path, **feeds: object) -> Iterator[Library]:
    rig = Rig(folder, {"feeds": feeds})
    for number, month in enumerate((9, 9, 10, 10, 10, 11, 11), 1):
        text = post(f"Post {number}", "boats", number).replace("2026-11-", f"2026-{month:02}-")
        rig.write(f"_posts/2026-{month:02}-0{number}-p{number}.md", text)
    rig.write("_posts/2026-11-08-small.md", post("Small", "birds", 8))
    rig.rescan()
    rig.later(minutes=1)  # dates that lie ahead of the clock are not told
    app = create_app(rig.settings, rig.store, lambda: rig.now, on_demand(rig.settings, rig.store, lambda: rig.now))
    try:
        yield Library(rig, Client(app))
    finally:
        app.close()
        rig.store.close()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path, hub=HUB, max_items=2) as library:
        yield library


NEWEST_FIRST = tuple(f"tag:news.example.com,2026:p{number}" for number in (7, 6, 5, 4, 3, 2, 1))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_p01_following_next_gives_every_article_once(library: Library, suffix: str) -> None:
    pages = library.follow(f"/feeds/boats{suffix}", "next")
    assert tuple(name for page in pages for name in page.ids) == NEWEST_FIRST
    assert "next" not in pages[-1].links and "next" not in pages[-1].header


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_p01_l03_the_link_header_says_what_the_document_says(library: Library, suffix: str) -> None:
    pages = library.follow(f"/feeds/boats{suffix}", "next")
    assert len(pages) > 2
    for page in pages:
        assert page.links
        for relation, address in page.links.items():
            assert page.header.get(relation) == address, relation
        assert page.answer.headers["Link"].count('rel="self"') == 1


@pytest.mark.parametrize("suffix", SUFFIXES[:2])
def test_p01_first_previous_and_last(library: Library, suffix: str) -> None:
    pages = library.follow(f"/feeds/boats{suffix}", "next")
    addresses = [page.links["self"] for page in pages]
    assert "previous" not in pages[0].links
    assert [page.links["previous"] for page in pages[1:]] == addresses[:-1]
    assert {page.links["last"] for page in pages[:-1]} == {addresses[-1]}
    assert {page.links["first"] for page in pages[1:]} == {addresses[0]}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_p02_rs03_each_page_names_itself(library: Library, suffix: str) -> None:
    plain = f"/feeds/boats{suffix}"
    base = library.rig.settings.public_base
    pages = library.follow(plain, "next")
    assert [page.links["self"] for page in pages] == [base + plain, *(f"{base}{plain}?page={n}" for n in (2, 3, 4))]
    first = library.get(plain + "?page=1")
    assert (first.status_code, first.headers["Location"]) == (301, plain)
    for wrong in ("0", "x", "-1", "5", "9999", "1e1", "", "2.0", "٢", "0" * 500):
        assert library.get(f"{plain}?page={wrong}").status_code == 404, wrong


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_p03_h34_only_the_first_page_names_the_hub(library: Library, suffix: str) -> None:
    first, *others = library.follow(f"/feeds/boats{suffix}", "next")
    assert first.links["hub"] == first.header["hub"] == HUB
    assert first.header["self"] == first.links["self"]
    for page in others:
        assert "hub" not in page.links and "hub" not in page.header


@pytest.mark.parametrize("suffix", SUFFIXES[:2])
def test_p04_archives_hold_everything(library: Library, suffix: str) -> None:
    feed, *archives = library.follow(f"/feeds/boats{suffix}", "prev-archive")
    assert "archive" not in feed.marks and len(archives) == 3, "three months"
    assert set(feed.ids).union(*(archive.ids for archive in archives)) == set(NEWEST_FIRST)
    for archive in archives:
        assert "archive" in archive.marks and archive.links["current"] == feed.links["self"]
        assert "hub" not in archive.links
    assert [archive.links["next-archive"] for archive in archives[1:]] == [
        archive.links["self"] for archive in archives[:-1]
    ]


@pytest.mark.parametrize("suffix", SUFFIXES[:2])
def test_p05_a_small_feed_is_complete_and_has_no_pages(library: Library, suffix: str) -> None:
    seen = library.see(f"/feeds/birds{suffix}")
    assert seen.marks == {"complete"}
    assert not {"next", "previous", "first", "last", "prev-archive"} & (seen.links.keys() | seen.header.keys())
    assert library.see(f"/feeds/boats{suffix}").marks == frozenset()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_p06_an_edit_changes_its_archive_only(library: Library, suffix: str) -> None:
    archives = [f"/feeds/boats/archive/2026-{month}{suffix}" for month in ("09", "10", "11")]
    before = {path: library.get(path).headers["ETag"] for path in archives}
    library.rig.later(minutes=1)
    library.rig.write("_posts/2026-09-01-p1.md", post("Another", "boats", 1).replace("2026-11-", "2026-09-"))
    library.rig.rescan()
    library.rig.later(seconds=5)
    until(lambda: library.get(archives[0]).headers["ETag"] != before[archives[0]], 20)
    changed = {path for path in archives if library.get(path).headers["ETag"] != before[path]}
    assert changed == {archives[0]}
    assert "Another" in library.get(archives[0]).text


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_p06_closed_months_are_cached_for_a_day(library: Library, suffix: str) -> None:
    closed, current = (library.get(f"/feeds/boats/archive/2026-{month}{suffix}") for month in ("09", "11"))
    assert closed.cache_control.max_age == timedelta(days=1).total_seconds()
    assert current.cache_control.max_age == 300
    assert not closed.cache_control.immutable and closed.cache_control.public


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_p02_p04_pages_and_archives_are_polled_like_feeds(library: Library, suffix: str) -> None:
    """Contract H01, H06, H19, H25, H29, H40 hold for them as well."""
    for path in (f"/feeds/boats{suffix}?page=2", f"/feeds/boats/archive/2026-10{suffix}"):
        full = library.get(path)
        assert full.headers["Access-Control-Allow-Origin"] == "*"
        assert full.headers["Vary"] == "Accept, Accept-Encoding"
        assert library.get(path, If_None_Match=full.headers["ETag"]).status_code == 304
        assert library.get(path, If_Modified_Since=full.headers["Last-Modified"]).status_code == 304
        assert library.get(path, Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
        head = library.client.head(path)
        assert head.data == b"" and head.headers["Content-Length"] == full.headers["Content-Length"]
        assert library.get(path).data == full.data, "the same again"


def edited(library: Library, path: str) -> tuple[str, TestResponse]:
    """The tag of this feed before an article was edited, and the whole feed after it."""
    tag = library.get(path).headers["ETag"]
    library.rig.later(minutes=5)
    library.rig.write("_posts/2026-11-06-p6.md", post("Post 6", "boats", 6, "It was edited."))
    library.rig.rescan()
    until(lambda: library.get(path).headers["ETag"] != tag, 20)
    return tag, library.get(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_d01_deltas_are_off_by_default(library: Library, suffix: str) -> None:
    tag, full = edited(library, f"/feeds/boats{suffix}")
    answer = library.get(f"/feeds/boats{suffix}", A_IM="feed", If_None_Match=tag)
    assert (answer.status_code, answer.data) == (200, full.data)
    assert "IM" not in answer.headers and answer.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_d02_a_delta_is_a_whole_document_with_what_is_new(tmp_path: Path, suffix: str) -> None:
    path = f"/feeds/boats{suffix}"
    with opened(tmp_path, deltas=True) as library:
        tag, full = edited(library, path)
        assert library.get(path, If_None_Match=tag).status_code == 200, "nobody gets one who does not ask"
        assert library.get(path, A_IM="feed", If_None_Match='"never-was"').data == full.data
        assert library.get(path, A_IM="gdiff", If_None_Match=tag).data == full.data
        answer = library.get(path, A_IM="feed", If_None_Match=tag)
        assert (answer.status_code, answer.headers["IM"], answer.headers["Delta-Base"]) == (226, "feed", tag)
        assert answer.headers["ETag"] == full.headers["ETag"]
        assert answer.headers["Content-Type"] == full.headers["Content-Type"]
        assert {part.strip() for part in answer.headers["Cache-Control"].split(",")} == {"no-store", "im"}
        vary = {name.strip() for name in answer.headers["Vary"].split(",")}
        assert vary == {"Accept", "Accept-Encoding", "A-IM", "If-None-Match"}
        assert b"It was edited." in answer.data and b"Post 5" not in answer.data
        rules = {".rss": rss_faults, ".atom": atom_faults, ".json": json_faults}
        assert rules[suffix](answer.data) == []
        again = library.get(path, A_IM="feed", If_None_Match=answer.headers["ETag"])
        assert again.status_code == 304


def test_op01_op02_op03_the_list_of_feeds_is_polled_like_a_feed(library: Library) -> None:
    full = library.get("/feeds.opml")
    assert full.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    assert full.headers["Access-Control-Allow-Origin"] == "*" and full.cache_control.public
    assert library.get("/feeds.opml", If_None_Match=full.headers["ETag"]).status_code == 304
    assert library.get("/feeds.opml", If_Modified_Since=full.headers["Last-Modified"]).status_code == 304
    coded = library.get("/feeds.opml", Accept_Encoding="gzip")
    assert coded.headers["Content-Encoding"] == "gzip" and coded.headers["ETag"] != full.headers["ETag"]
    root = etree.fromstring(full.data)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") and root.findtext("head/dateModified") and root.find("head/docs") is None
    outlines = [outline for outline in root.iter("outline") if outline.get("type") == "rss"]
    assert outlines and all(
        outline.get(name) for outline in outlines for name in ("text", "title", "xmlUrl", "htmlUrl")
    )
    assert {outline.get("version", "RSS") for outline in outlines} <= {"RSS", "RSS1", "RSS2"}
    base = library.rig.settings.public_base
    listed = {str(outline.get("xmlUrl")) for outline in outlines}
    assert listed == {base + path for path in library.rig.paths() if path.endswith(".rss")}, "every feed, once"
    assert len(listed) == len(outlines)
    for outline in outlines:
        assert library.get(str(outline.get("xmlUrl"))).status_code == 200
        assert library.get(str(outline.get("htmlUrl")), Accept="text/html").status_code == 200

"""Bytes become documents."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from feedsvc.feeds.feed import Feed
from feedsvc.feeds.render import fitted
from feedsvc.publishing.document import Document
from feedsvc.publishing.publish import changed, documents_for, make_document


@dataclass(frozen=True)
class Stamp:
    etag: str
    modified: int
    max_age: int = 300
    links: tuple[tuple[str, str], ...] = ()


def document(body: bytes = b"hello", path: str = "/feed.rss") -> Document:
    return make_document(path, "application/rss+xml; charset=utf-8", body, "", 300)


def test_gzip_decodes_to_the_body_and_carries_no_time_or_name() -> None:
    """Contract H19, H55."""
    body = b"text " * 5000
    made = document(body)
    assert gzip.decompress(made.gzip) == body
    assert made.length == len(body) > len(made.gzip)
    assert made.gzip[:3] == b"\x1f\x8b\x08"
    assert made.gzip[3] == 0, "no file name, no comment"
    assert made.gzip[4:8] == bytes(4), "no time stamp"
    assert gzip.decompress(document(b"").gzip) == b""


def test_tag_depends_on_the_bytes_alone_and_is_well_formed() -> None:
    """Contract H03, H04."""
    assert document().etag == document(path="/other.rss").etag == make_document("/x", "y", b"hello", "c", 1).etag
    assert document(b"hello!").etag != document().etag
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", document().etag)
    assert document().etag == "LPJNul-wow4m6Dsqxbninh", "the first 22 characters of SHA-256 in base64url"


def test_one_document_per_format() -> None:
    feed = Feed(
        id="tag:example.com,2026:feed/a%2Fb",
        title="a/b",
        description="a/b",
        path="/feeds/a%2Fb",
        base_url="https://feeds.example.com",
        home_url="https://feeds.example.com/categories/a%2Fb/",
        language="en",
        updated=datetime(2026, 1, 1, tzinfo=UTC),
        entries=(),
        ttl_seconds=120,
    )
    made = documents_for(feed, rendered := fitted(feed, 100_000)[1], "a/b")
    assert [doc.path for doc in made] == ["/feeds/a%2Fb.rss", "/feeds/a%2Fb.atom", "/feeds/a%2Fb.json"]
    assert [doc.media_type for doc in made] == [
        "application/rss+xml; charset=utf-8",
        "application/atom+xml; charset=utf-8",
        "application/feed+json",
    ]
    assert all(doc.category == "a/b" and doc.max_age == 120 for doc in made)
    assert [gzip.decompress(doc.gzip) for doc in made] == [one.body for one in rendered]


def test_only_what_differs_is_published() -> None:
    same, other, new = document(path="/same"), document(path="/other"), document(path="/new")
    stamps = {"/same": Stamp(same.etag, 50), "/other": Stamp("x", 50), "/gone": Stamp("y", 50)}
    assert [(doc.path, doc.modified) for doc in changed([same, other, new], stamps, 100)] == [
        ("/other", 100),
        ("/new", 100),
    ]


def test_another_lifetime_is_another_version() -> None:
    """Contract H32: the header would go on saying the old one, whose bytes are the same."""
    same = document()
    assert [doc.max_age for doc in changed([same], {same.path: Stamp(same.etag, 50, max_age=60)}, 100)] == [300]


def test_another_link_header_is_another_version() -> None:
    """Contract P01: of JSON Feed only the header names the last page and the archive."""
    same = replace(document(), links=(("last", "https://feeds.example.com/feed.rss?page=3"),))
    stamp = Stamp(same.etag, 50, links=(("last", "https://feeds.example.com/feed.rss?page=2"),))
    assert changed([same], {same.path: stamp}, 100) == (replace(same, modified=100),)
    assert changed([same], {same.path: replace(stamp, links=same.links)}, 100) == ()


def test_h05_h51_modified_grows_with_every_version() -> None:
    """Also within one second, and when the clock was set back."""
    assert changed([document()], {"/feed.rss": Stamp("x", 100)}, 100)[0].modified == 101
    assert changed([document()], {"/feed.rss": Stamp("x", 500)}, 100)[0].modified == 501

"""JSON Feed against its specification, member by member (https://www.jsonfeed.org/version/1.1/; contract section 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.content.draft import Enclosure
from feedsvc.feeds.formats import FORMATS
from tests.golden.golden_feeds import FEEDS
from tests.property.test_feeds_roundtrip import article, feed_of, hostile

JSON = next(form for form in FORMATS if form.name == "json")
Check = Callable[[object], bool]

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?: *; *[\w.-]+=[\w.-]+)*")


def words(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def matching(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def a_date(value: object) -> bool:
    return isinstance(value, str) and bool(_DATE.fullmatch(value)) and bool(datetime.fromisoformat(value))


def octets(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def many(members: Mapping[str, Check], *needed: str) -> Check:
    return lambda value: isinstance(value, list) and bool(value) and not any(wrong(v, members, *needed) for v in value)


address = matching(_ADDRESS)
AUTHOR: Mapping[str, Check] = {"name": words, "url": address, "avatar": address}
ATTACHMENT: Mapping[str, Check] = {
    "url": address,
    "mime_type": matching(_MEDIA_TYPE),
    "title": words,
    "size_in_bytes": octets,
    "duration_in_seconds": octets,
}
ITEM: Mapping[str, Check] = {
    "id": words,
    "url": address,
    "external_url": address,
    "title": words,
    "content_html": words,
    "content_text": words,
    "summary": words,
    "image": address,
    "banner_image": address,
    "date_published": a_date,
    "date_modified": a_date,
    "authors": many(AUTHOR, "name"),
    "tags": lambda value: isinstance(value, list) and bool(value) and all(map(words, value)),
    "language": matching(_LANGUAGE),
    "attachments": many(ATTACHMENT, "url", "mime_type"),
}
FEED: Mapping[str, Check] = {
    "version": lambda value: value == "https://jsonfeed.org/version/1.1",
    "title": words,
    "home_page_url": address,
    "feed_url": address,
    "description": words,
    "user_comment": words,
    "next_url": address,
    "icon": address,
    "favicon": address,
    "authors": many(AUTHOR, "name"),
    "language": matching(_LANGUAGE),
    "expired": lambda value: value is True,
    "hubs": many({"type": words, "url": address}, "type", "url"),
    "items": lambda value: isinstance(value, list),
}


def wrong(value: object, members: Mapping[str, Check], *needed: str) -> list[str]:
    """The members that are missing, unknown (but for extensions, JF03) or not what they should be."""
    if not isinstance(value, dict):
        return ["no object"]
    unknown = [name for name in value if name not in members and not name.startswith("_")]
    return (
        unknown
        + [n for n in needed if n not in value]
        + [n for n in members if n in value and not members[n](value[n])]
    )


def faults(document: bytes) -> list[str]:
    """What the specification and contract JF01-JF04 have against a document."""
    feed = json.loads(document.decode("utf-8", "strict"))
    found = wrong(feed, FEED, "version", "title", "home_page_url", "feed_url", "language", "authors", "items")
    if found:
        return found
    if feed.get("next_url") == feed["feed_url"]:
        found.append("next_url")
    items = feed["items"]
    for item in items:
        found += wrong(item, ITEM, "id", "url", "title", "date_published", "date_modified")
        if isinstance(item, dict) and not {"content_html", "content_text"} & item.keys():
            found.append("content")
    ids = [item.get("id") for item in items if isinstance(item, dict)]
    return found if len(ids) == len(set(ids)) else [*found, "ids"]


@pytest.mark.parametrize("name", FEEDS)
def test_jf01_jf02_jf03_golden_feeds(name: str) -> None:
    assert faults(JSON.render(FEEDS[name]())) == []


@given(
    texts=st.lists(hostile, min_size=5, max_size=5),
    tags=st.lists(hostile, max_size=3),
    lengths=st.lists(st.none() | st.integers(-2, 9), max_size=2),
)
@settings(max_examples=100)
def test_jf01_jf02_jf03_made_up_feeds(texts: list[str], tags: list[str], lengths: list[int | None]) -> None:
    title, summary, content, author, language = texts
    files = tuple(Enclosure("https://site.example.com/a.mp3", "", length) for length in lengths)
    source = article(title=title, summary=summary, content_html=content, authors=(author,), language=language)
    feed = feed_of(replace(source, tags=tuple(tags), enclosures=files), article(id="tag:example.com,2026:b"))
    assert faults(JSON.render(feed)) == []


def changed(edit: Callable[[dict[str, object], dict[str, object]], object]) -> bytes:
    feed = json.loads(JSON.render(feed_of(article())))
    edit(feed, feed["items"][0])
    return json.dumps(feed).encode()


@pytest.mark.parametrize(
    "edit",
    [
        lambda feed, item: feed.update(version="https://jsonfeed.org/version/1"),
        lambda feed, item: feed.update(author={"name": "Jane"}),
        lambda feed, item: feed.update(next_url=feed["feed_url"]),
        lambda feed, item: feed.update(own=1),
        lambda feed, item: feed.update(hubs=[]),
        lambda feed, item: feed.update(expired="yes"),
        lambda feed, item: feed.pop("language"),
        lambda feed, item: feed["items"].append(item),
        lambda feed, item: item.update(id=7),
        lambda feed, item: item.update(author={"name": "Jane"}),
        lambda feed, item: item.update(url="/a.html"),
        lambda feed, item: item.update(image="https://site.example.com/新.png"),
        lambda feed, item: item.update(date_published="Fri, 20 Nov 2026 08:00:00 +0000"),
        lambda feed, item: item.update(date_modified="2026-11-20T08:00:00"),
        lambda feed, item: item.update(tags=["", "a"]),
        lambda feed, item: item.update(attachments=[{"url": "https://site.example.com/a"}]),
        lambda feed, item: item.update(
            attachments=[{"url": "https://site.example.com/a", "mime_type": "audio/mpeg", "size_in_bytes": -1}]
        ),
        lambda feed, item: item.pop("content_html"),
    ],
)
def test_jf01_jf02_jf03_planted_faults_are_caught(
    edit: Callable[[dict[str, object], dict[str, object]], object],
) -> None:
    assert faults(changed(lambda feed, item: None)) == []
    assert faults(changed(edit))


def test_jf03_members_of_our_own_begin_with_a_line() -> None:
    assert faults(changed(lambda feed, item: feed.update(_feedsvc={"about": "https://example.com/"}))) == []

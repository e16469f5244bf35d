"""Entries are written as text, not through a tree: the bytes must be those that an XML library would have written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.content.draft import Enclosure
from feedsvc.feeds.feed import Entry, Feed, FeedFormat, Source
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.legal import legal_entry

XML = FORMATS[:2]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NUMERIC = {b"&#x26;": b"&amp;", b"&#x3C;": b"&lt;", b"&#x3E;": b"&gt;"}

TRAPS = (
    "&",
    "&amp;",
    "&body;",
    "<",
    ">",
    '"',
    "'",
    "</b>",
    "<entries/>\n",
    "]]>",
    "\t",
    "\n",
    "\r",
    "\x85",
    "{}",
    "%s",
)
hostile = st.lists(st.one_of(st.sampled_from(TRAPS), st.text(max_size=4)), max_size=6).map("".join)
address = hostile.map(lambda text: "https://a.example.com/" + text)
maybe_address = st.one_of(st.just(""), address)
names = st.lists(hostile, max_size=3).map(tuple)
length = st.sampled_from([None, -1, 0, 7])

entries = st.builds(
    Entry,
    id=hostile,
    title=hostile,
    link=address,
    published=st.just(NOON),
    updated=st.just(NOON),
    edited=st.booleans(),
    summary=hostile,
    content_html=hostile,
    authors=st.lists(st.one_of(hostile, st.just("Jane <jane@example.com>")), max_size=2).map(tuple),
    categories=names,
    language=st.sampled_from(["", "en", "zh-CN"]),
    image=maybe_address,
    image_type=st.sampled_from(["", "image/png"]),
    image_length=length,
    source=st.none() | st.builds(Source, id=hostile, title=hostile, updated=st.just(NOON), url=maybe_address),
    enclosures=st.lists(st.builds(Enclosure, address, st.just("audio/mpeg"), length), max_size=2).map(tuple),
)


def feed_of(shown: tuple[Entry, ...]) -> Feed:
    return Feed(
        id="tag:feeds.example.com,2026:feed/news",
        title="News",
        description="News",
        path="/feeds/news",
        base_url="https://feeds.example.com",
        home_url="https://feeds.example.com/categories/news/",
        language="en",
        updated=NOON,
        entries=shown,
    )


@given(shown=st.lists(entries, max_size=3))
@settings(max_examples=150)
@pytest.mark.parametrize("form", XML, ids=lambda form: form.name)
def test_entries_are_escaped_and_indented_as_a_library_does_it(form: FeedFormat, shown: list[Entry]) -> None:
    body = form.render(feed_of(tuple(map(legal_entry, shown))))
    written = re.sub(rb"&#x(26|3C|3E);", lambda sign: NUMERIC[sign[0]], body.partition(b"\n")[2])
    written = re.sub(rb"<([\w:]+)([^<>]*)></\1>", rb"<\1\2/>", written)  # both ways to write an empty one are right
    tree = etree.fromstring(body, etree.XMLParser(remove_blank_text=True))
    assert written == etree.tostring(tree, pretty_print=True, encoding="utf-8")


@given(shown=st.lists(entries, max_size=3))
@settings(max_examples=50)
def test_rs01_every_prefix_that_is_declared_is_used(shown: list[Entry]) -> None:
    body = XML[0].render(feed_of(tuple(map(legal_entry, shown))))
    declared = set(etree.fromstring(body).nsmap)
    markup = re.sub(rb"&[^;]*;", b"", body)
    assert declared == {prefix for prefix in declared if f"<{prefix}:".encode() in markup}


@pytest.mark.parametrize("form", XML, ids=lambda form: form.name)
@pytest.mark.parametrize("sign", ["\x00", "\r", "\x85", "\ud800", "\ufffe"])
def test_f03_characters_that_xml_cannot_carry_are_left_out_of_any_feed(form: FeedFormat, sign: str) -> None:
    """Also of one that was not made by build_feed, wherever they stand."""
    entry = Entry(
        id="a", title="a", link="https://a.example.com/", published=NOON, updated=NOON, content_html="<p>a</p>"
    )
    for changes in (
        {"title": f"a{sign}"},
        {"link": f"https://a.example.com/{sign}"},
        {"content_html": f"<p>a{sign}</p>"},
    ):
        damaged = replace(entry, **changes)  # type: ignore[arg-type]
        body = form.render(feed_of((damaged,)))
        assert sign.encode("utf-8", "surrogatepass") not in body
        assert b"&#13;" not in body
        etree.fromstring(body)


def test_tabs_and_line_ends_in_attributes_are_read_as_they_were_written() -> None:
    """An XML parser makes blanks of those that are not escaped (XML 1.0 section 3.3.3)."""
    entry = Entry(
        id="a", title="a", link="https://a.example.com/", published=NOON, updated=NOON, categories=("a\tb\nc",)
    )
    tree = etree.fromstring(XML[1].render(feed_of((entry,))))
    assert tree.xpath("//@term") == ["a\tb\nc"]

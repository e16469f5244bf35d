"""Atom documents against a schema written from RFC 4287: the golden files, the sample content, and made-up feeds."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.content.draft import Enclosure
from feedsvc.feeds.feed import Entry
from feedsvc.feeds.formats import FORMATS
from tests.golden.golden_feeds import FEEDS
from tests.property.test_feeds_roundtrip import article, feed_of, hostile
from tests.unit.pipeline_rig import Rig

ATOM = next(form for form in FORMATS if form.name == "atom")
ROOT = Path(__file__).parents[2]
FH = 'xmlns:fh="http://purl.org/syndication/history/1.0"'
AT = 'xmlns:at="http://purl.org/atompub/tombstones/1.0"'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


@cache
def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))


def faults(document: bytes) -> list[str]:
    """What the schema has against the document, empty when nothing."""
    checked = schema()
    if checked.validate(etree.fromstring(document)):
        return []
    return [f"{fault.line}: {fault.message}" for fault in checked.error_log] or ["not valid"]


# Every element that RFC 4287, and the extensions we know, have for a feed.
WHOLE = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">
  <id>tag:example.com,2026:feed/news</id>
  <title>Harbour news</title>
  <updated>2026-11-20T09:30:00Z</updated>
  <author><name>Jane Doe</name><email>jane@example.com</email></author>
  <link rel="self" type="application/atom+xml" href="https://feeds.example.com/news.atom"/>
  <link rel="alternate" type="text/html" href="https://site.example.com/news/"/>
  <link rel="hub" href="https://feeds.example.com/hub"/>
  <link rel="prev-archive" href="https://feeds.example.com/news/2026/10.atom"/>
  <fh:archive {FH}/>
  <logo>https://feeds.example.com/logo.png</logo>
  <entry>
    <id>tag:example.com,2026:ferry</id>
    <title>A ferry</title>
    <updated>2026-11-20T09:30:00.25Z</updated>
    <published>2026-11-20T08:00:00+01:00</published>
    <link rel="alternate" type="text/html" href="https://site.example.com/ferry"/>
    <link rel="enclosure" type="audio/mpeg" length="12" href="https://site.example.com/a.mp3"/>
    <category term="Boats"/>
    <summary>Sails.</summary>
    <content type="html">&lt;p&gt;Sails.&lt;/p&gt;</content>
    <media:content {MEDIA} url="https://site.example.com/a.png" medium="image"/>
    <source>
      <id>tag:other.example,2020:feed</id><title>Other</title><updated>2026-11-20T09:00:00Z</updated>
    </source>
  </entry>
  <at:deleted-entry {AT} ref="tag:example.com,2026:old" when="2026-11-20T09:00:00Z"/>
</feed>
"""


def test_everything_we_may_write_is_in_the_schema() -> None:
    assert faults(WHOLE.encode()) == []
    assert faults(WHOLE.replace("fh:archive", "fh:complete").encode()) == []


@pytest.mark.parametrize("name", FEEDS)
def test_f01_golden_feeds(name: str) -> None:
    """Contract AT02, AT03, AT04, AT05, AT08 as far as a schema can tell."""
    assert faults(ATOM.render(FEEDS[name]())) == []


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "golden" / "feeds").glob("*.atom")), ids=lambda p: p.name)
def test_f01_golden_files(path: Path) -> None:
    assert faults(path.read_bytes()) == []


def test_f01_sample_content(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"more_roots": [{"path": ROOT / "content"}]})
    rig.rescan()
    documents = [path for path in rig.paths() if ".atom" in path]
    assert len(documents) > 5
    assert {path: found for path in documents if (found := faults(rig.body(path).encode()))} == {}


addresses = st.sampled_from(["https://site.example.com/a", "http://x.example/%E6%96%B0?a=1&b=2#c"])


@given(
    texts=st.lists(hostile, min_size=5, max_size=5),
    tags=st.lists(hostile, max_size=3),
    files=st.lists(st.builds(Enclosure, addresses, st.just(""), st.none() | st.integers(-2, 9)), max_size=2),
    link=addresses,
)
@settings(max_examples=100)
def test_f01_f03_made_up_feeds(texts: list[str], tags: list[str], files: list[Enclosure], link: str) -> None:
    title, summary, content, author, slug = texts
    source = replace(
        article(title=title, summary=summary, content_html=content, authors=(author,), slug=slug, canonical_url=link),
        tags=tuple(tags),
        enclosures=tuple(files),
    )
    feed = feed_of(source, article(id="tag:example.com,2026:b", order_key="b"))
    assert faults(ATOM.render(feed)) == []


def test_f09_an_empty_feed() -> None:
    assert faults(ATOM.render(feed_of())) == []


def changed(pattern: str, replacement: str) -> bytes:
    document, count = re.subn(pattern, replacement, WHOLE, count=1, flags=re.DOTALL)
    assert count == 1, pattern
    return document.encode()


PAGE = '<link rel="alternate" type="text/html" href="https://site.example.com/'


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        ("<id>.*?</id>", ""),
        ("<id>tag:example.com,2026:ferry</id>", ""),
        ("<title>.*?</title>", ""),
        ("<title>Harbour news</title>", "<title> </title>"),
        ("<title>A ferry</title>", "<title>A ferry</title><title>B</title>"),
        ("<title>A ferry</title>", '<title type="xhtml">A ferry</title>'),
        ("<title>A ferry</title>", "<title>A <b>ferry</b></title>"),
        ("<updated>.*?</updated>", ""),
        ("09:30:00Z", "09:30:00"),
        ("2026-11-20T09:30:00Z", "Fri, 20 Nov 2026 09:30:00 +0000"),
        ("2026-11-20T09:30:00Z", "2026-11-20"),
        ("2026-11-20T09:30:00Z", "2026-02-30T09:30:00Z"),
        ("<published>.*?</published>", ""),
        ("<author>.*?</author>", ""),
        ("<name>.*?</name>", ""),
        ("<email>.*?</email>", "<email>Jane</email>"),
        ('<link rel="self".*?/>', ""),
        ('application/atom\\+xml"', 'application/rss+xml"'),
        ('<link rel="hub"', '<link rel="self" type="application/atom+xml"'),
        ('<link rel="hub" href', '<link rel="alternate" type="text/html" href'),
        ('<link rel="hub"', '<link rel="made-up"'),
        (PAGE + 'news/"/>', ""),
        (PAGE + 'ferry"/>', ""),
        (PAGE + 'ferry"/>', (PAGE + 'ferry"/>') * 2),
        ("https://site.example.com/ferry", "/ferry"),
        ("https://site.example.com/ferry", "https://site.example.com/a ferry"),
        ('length="12"', 'length="-1"'),
        ('type="audio/mpeg"', 'type="sound"'),
        ('term="Boats"', ""),
        ("<summary>.*?</content>", ""),
        ('type="html"', 'type="text/html"'),
        ("&lt;p&gt;Sails.&lt;/p&gt;", "<p>Sails.</p>"),
        ("<entry>", "<entry><logo>https://feeds.example.com/logo.png</logo>"),
        ("</feed>", "<rights>ours</rights></feed>"),
        ("<fh:archive", "<fh:complete " + FH + "/><fh:archive"),
        ("fh:archive", "fh:archived"),
        (' ref="[^"]*"', ""),
        ('when="[^"]*"', 'when="yesterday"'),
        ("<id>tag:other.example,2020:feed</id>", ""),
        ('xml:lang="en-GB"', ""),
        ('xml:lang="en-GB"', 'xml:lang="en_GB"'),
        ('xmlns="http://www.w3.org/2005/Atom"', 'xmlns="http://purl.org/atom/ns#"'),
        ("<entry>", "<entry><guid>x</guid>"),
        ("<entry>", '<entry><link xmlns="" href="x"/>'),
        ("<entry>", '<entry onclick="x">'),
    ],
)
def test_f01_planted_faults_are_caught(pattern: str, replacement: str) -> None:
    assert faults(changed(pattern, replacement))


def test_at02_authors_may_stand_at_the_entries_instead() -> None:
    author = "<author><name>Jane Doe</name></author>"
    bare = re.sub("<author>.*?</author>", "", WHOLE, flags=re.DOTALL)
    assert faults(bare.encode())
    assert faults(bare.replace("<entry>", "<entry>" + author).encode()) == []


def test_entries_of_the_model_are_what_is_checked() -> None:
    """The made-up feeds do reach the document: an entry that no feed may hold is found there."""
    broken = replace(feed_of(article()).entries[0], id="no iri")
    assert isinstance(broken, Entry)
    assert faults(ATOM.render(replace(feed_of(article()), entries=(broken,))))

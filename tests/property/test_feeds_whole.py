"""Drafts of every kind become articles, a feed and three documents: each keeps to its format's rules, to the letter.

What the feed validator would say is told here by rules of our own: tests/contract/atom.rng, rss_rules.py and the checks
of test_feeds_json.py.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.articles.category import Category
from feedsvc.articles.identity import base_identity
from feedsvc.articles.make import ArticleRules, make_article
from feedsvc.content.draft import Draft, Enclosure, FileName, Tier
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.feed import Feed
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.legal import legal_line
from tests.contract import test_atom_schema as atom_rules
from tests.golden.golden_feeds import FEEDS
from tests.property import rss_rules
from tests.property import test_feeds_json as json_rules
from tests.property.test_articles_properties import tangles
from tests.property.test_feeds_roundtrip import hostile

RSS, ATOM, JSON = FORMATS
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ARTICLES = ArticleRules(authority="kites.example,2026", site_base="https://kites.example", language="en")
FEED = FeedRules(
    public_base="https://feeds.kites.example", authority="kites.example,2026", title="Kites", language="en"
)

MARKUP = ("<b>Ann</b>", "</b>", "<script>x</script>", "a</p>b", "<i>x</i> &lt;/b&gt;", "</<b>b>", "<b", "&lt;p&gt;")
MAILS = (
    "Ann <ann@example.com>",
    "ann@example.com (Ann)",
    "ann@example.com",
    "<a@b.c>",
    "ann@新.example",
    "x`mailto:x@y.z",
)
KINDS = ("audio/mpeg", "文", "sound", "text/html; charset=x", "a/b/c", "<b>", " ")
LANGUAGES = ("zh_TW", "en", "English", "cn", "fr-CA", "qqqq-1", "x")
ADDRESSES = (
    "/a b.png",
    "//c.example/新.png",
    "http://例え.jp/x?y=ü",
    "javascript:x",
    "data:x",
    "https://h.example:99999/",
    "?",
)
texts = st.one_of(hostile, st.sampled_from(MARKUP), st.sampled_from(MAILS))
addresses = st.one_of(st.sampled_from(ADDRESSES), hostile)

drafts = st.builds(
    Draft,
    key=st.just("root/x.md"),
    name=st.builds(
        lambda slug: FileName(f"_posts/{slug}.md", (), None, slug, ".md"),
        st.text(st.sampled_from("a%20新:é"), min_size=1),
    ),
    tier=st.just(Tier.LIVE),
    body=tangles,
    title=st.none() | texts,
    date=st.integers(0, 9_999_999).map(lambda seconds: NOON - timedelta(seconds=seconds)),
    date_only=st.booleans(),
    updated=st.none() | st.just(NOON),
    categories=st.lists(texts.filter(str.strip), max_size=2).map(tuple),
    tags=st.lists(texts, max_size=3).map(tuple),
    authors=st.lists(texts, max_size=2).map(tuple),
    permalink=st.sampled_from(["", "/a b/:title.html", "/新/"]),
    description=texts,
    excerpt=st.none() | texts,
    excerpt_only=st.booleans(),
    language=st.sampled_from(LANGUAGES) | hostile,
    image=st.just("") | addresses,
    enclosures=st.lists(
        st.builds(Enclosure, addresses, st.just("") | st.sampled_from(KINDS) | hostile, st.none() | st.integers(-2, 9)),
        max_size=3,
    ).map(tuple),
    canonical_url=st.just("") | addresses,
)
# names come out of files, which are UTF-8, and the content stage trims them and takes control characters out
names = st.one_of(hostile, st.sampled_from(MARKUP)).map(legal_line).filter(bool)


def feed_of(made: list[Draft], name: str, title: str = "") -> Feed:
    articles = {}
    for draft in made:
        identity = base_identity(draft)
        articles[identity] = make_article(draft, identity, ARTICLES).article
    return build_feed(Category(slug=name, title=title), list(articles.values()), FEED)


@given(made=st.lists(drafts, max_size=2), name=names, title=st.just("") | texts)
@settings(max_examples=80)
def test_f01_every_format_keeps_to_its_rules(made: list[Draft], name: str, title: str) -> None:
    """Contract F01, F03, F04, RS04, RS05, RS12, RS16, RS18, RS19, RS20, AT05, AT08, JF02."""
    feed = feed_of(made, name, title)
    assert rss_rules.faults(RSS.render(feed)) == []
    assert atom_rules.faults(ATOM.render(feed)) == []
    assert json_rules.faults(JSON.render(feed)) == []


@pytest.mark.parametrize("name", FEEDS)
def test_v07_f11_no_programs_in_feeds(name: str) -> None:
    """No XSLT, no script, no XHTML: what articles hold is text to an XML parser, whatever it looks like."""
    for form in (RSS, ATOM):
        document = form.render(FEEDS[name]())
        nodes = list(etree.fromstring(document).iter("{*}*"))
        assert not {"script", "stylesheet", "div", "html", "blink"} & {etree.QName(node).localname for node in nodes}
        assert "http://www.w3.org/1999/xhtml" not in {etree.QName(node).namespace for node in nodes}
        assert b"text/xsl" not in document and b"application/xslt" not in document


@given(made=drafts)
@settings(max_examples=40)
def test_f01_hc01_hc02_texts_are_whole_html_with_whole_addresses(made: Draft) -> None:
    for item in json.loads(JSON.render(feed_of([made], "news")))["items"]:
        html = item.get("content_html", "")
        html5lib.HTMLParser(strict=True).parseFragment(html)  # raises ParseError
        for _, value in re.findall(r'\s(href|src|poster|cite)="([^"]*)"', re.sub(r">[^<]*<", "><", html)):
            assert re.match(r"(?:https?://|mailto:|tel:)[\x21-\x7e]+\Z", unescape(value))


@pytest.mark.parametrize("name", FEEDS)
def test_f01_golden_feeds_keep_to_the_rules_of_rss(name: str) -> None:
    assert rss_rules.faults(RSS.render(FEEDS[name]())) == []


@pytest.mark.parametrize(
    ("address", "files", "pictures"),
    [("https://kites.example/i.png", 1, 1), ("http://cdn/i.png", 0, 1), ("http://[::1]/i.png", 0, 0)],
)
def test_f01_rs20_rs21_pictures_on_hosts_without_a_domain(address: str, files: int, pictures: int) -> None:
    """Validator: InvalidURLAttribute, InvalidUriChar. In the other formats they are what was written."""
    name = FileName("_posts/x.md", (), None, "x", ".md")
    feed = feed_of([Draft(key="root/x.md", name=name, tier=Tier.LIVE, body="x", image=address)], "news")
    item = etree.fromstring(RSS.render(feed)).find("channel/item")
    assert item is not None and len(item.findall("enclosure")) == files
    assert len(item.findall("{*}thumbnail")) == pictures
    assert json.loads(JSON.render(feed))["items"][0]["image"] == address

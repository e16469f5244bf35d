"""What was written comes back through an independent parser, and nothing makes a feed that cannot be read."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.articles.article import Article
from feedsvc.articles.category import Category
from feedsvc.feeds.address import category_of, feed_path, home_path
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.feed import Feed
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.legal import legal, legal_line

RSS, ATOM, JSON = FORMATS
RULES = FeedRules(public_base="https://feeds.example.com", authority="example.com,2026", title="Press", language="en")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

TRAPS = (
    "&", "&amp;", "&#60;", "<3", "<b", "]]>", "<![CDATA[", '"', "'", "`", "😀", "مرحبا", "\u200f", "新聞", "\u3000",
    "\x00", "\x01", "\x0b", "\x85", "\ufffe", "\ufffd", "\ud800", "\t", "\n", "\r\n", "--", "<!--", "?>", "%", "\u2028",
)  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(TRAPS), st.text(max_size=8)), max_size=12).map("".join)
# titles reach feeds with their markup stripped; feedparser takes "&name;" and whole tags for HTML, as any reader may,
# and "\xc2\xa1" for a "\xa1" that was encoded twice
plain = hostile.map(lambda text: re.sub("[;>\x80-\xbf]", "", text))


def article(**changes: str | tuple[str, ...]) -> Article:
    made = Article(
        id="tag:example.com,2026:a",
        identity="a",
        slug="a",
        title="Title",
        published=NOON,
        updated=NOON,
        content_html="<p>Text</p>",
        summary="Summary",
        canonical_url="https://site.example.com/a.html",
        path="/a.html",
        order_key="a",
        source_key="a",
        digest="a",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def feed_of(*articles: Article) -> Feed:
    return build_feed(Category(slug="news"), articles, RULES)


def reads(feed: Feed) -> tuple[feedparser.FeedParserDict, feedparser.FeedParserDict, dict[str, str]]:
    """The first item of each format as an independent parser sees it."""
    rss, atom = feedparser.parse(RSS.render(feed)), feedparser.parse(ATOM.render(feed))
    assert not rss.bozo, rss.get("bozo_exception")
    assert not atom.bozo, atom.get("bozo_exception")
    return rss.entries[0], atom.entries[0], json.loads(JSON.render(feed))["items"][0]


@given(title=plain, tag=plain, author=plain.map(lambda text: text.replace("@", "").replace("(", "").replace("<", "")))
@settings(max_examples=150)
def test_f05_titles_tags_and_authors_come_back(title: str, tag: str, author: str) -> None:
    feed = feed_of(article(title=title, tags=(tag,), authors=(author,)))
    rss, atom, item = reads(feed)
    expected = feed.entries[0]
    assert item["title"] == expected.title
    assert not legal_line(title) or expected.title == legal_line(title)
    for entry in (rss, atom):
        assert entry.title == expected.title
        assert [t.term for t in entry.get("tags", [])] == list(expected.categories)
        assert entry.get("author", "") == (expected.authors[0] if expected.authors else "")


@given(summary=plain)
@settings(max_examples=100)
def test_f05_summaries_come_back(summary: str) -> None:
    feed = feed_of(article(summary=summary, content_html=""))
    rss, atom, item = reads(feed)
    expected = feed.entries[0].summary
    assert item["summary"] == item["content_text"] == expected
    assert atom.summary == expected
    assert html.unescape(rss.summary) == expected


@pytest.mark.parametrize("sign", ["字", "&", "<3 ", "]]>", "😀", "م"])
def test_f05_ten_thousand_characters(sign: str) -> None:
    text = (sign * 10_000)[:10_000].strip()
    rss, atom, item = reads(feed_of(article(title=text, tags=(text,), authors=(text,))))
    assert rss.title == atom.title == item["title"] == text
    assert rss.tags[0].term == atom.tags[0].term == item["tags"][0] == text
    assert rss.author == atom.author == text


@given(texts=st.lists(hostile, min_size=6, max_size=6))
@settings(max_examples=150)
def test_f03_no_text_spoils_a_feed(texts: list[str]) -> None:
    """Anything at all in any field: every format parses strictly, and says the same."""
    title, summary, content, tag, author, language = texts
    source = article(
        title=title, summary=summary, content_html=content, tags=(tag,), authors=(author,), language=language
    )
    feed = feed_of(source, article(id="tag:example.com,2026:b", order_key="b"))
    entry = feed.entries[0]
    rss, atom = etree.fromstring(RSS.render(feed)), etree.fromstring(ATOM.render(feed))
    items = json.loads(JSON.render(feed))["items"]
    assert len(rss.findall("channel/item")) == len(atom.findall("{*}entry")) == len(items) == 2
    assert rss.findtext("channel/item/title") == atom.findtext("{*}entry/{*}title") == items[0]["title"] == entry.title
    content_of = etree.XPath("string(a:entry[1]/a:content)", namespaces={"a": "http://www.w3.org/2005/Atom"})
    assert content_of(atom) == items[0].get("content_html", "") == legal(content).strip() == entry.content_html


@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.text("ab", min_size=1, max_size=3)),
        max_size=12,
        unique_by=lambda pair: pair[1],
    ),
    st.randoms(use_true_random=False),
    st.integers(1, 12),
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_f06_f07_order_does_not_depend_on_the_input(
    posts: list[tuple[int, str]],
    shuffle: Random,
    limit: int,
) -> None:
    articles = [
        replace(article(id=f"tag:example.com,2026:{key}", order_key=key), published=NOON - timedelta(minutes=age))
        for age, key in posts
    ]
    rules = replace(RULES, max_items=limit)
    first = build_feed(Category(slug="news"), articles, rules)
    shuffle.shuffle(articles)
    assert build_feed(Category(slug="news"), articles, rules) == first
    keys = [(-entry.published.timestamp(), entry.id) for entry in first.entries]
    assert keys == sorted(keys) and len(keys) == min(limit, len(posts))


@given(st.text(min_size=1))
def test_h54_every_category_has_one_address_and_comes_back(category: str) -> None:
    path = feed_path(category)
    assert category_of(path) == category
    assert path.isascii() and path.count("/") == 2 and not set(path) & set("?#;\\ \"'<>")
    assert home_path(category).isascii()


@given(st.text(min_size=1), st.text(min_size=1))
def test_h54_no_two_categories_share_an_address(one: str, other: str) -> None:
    addresses = {feed_path(name) + form.suffix for name in {one, other, ""} for form in FORMATS}
    assert len(addresses) == 3 * len({one, other, ""})


@given(st.text(alphabet=st.sampled_from(list("/fedsa%2Fé.")), max_size=14))
def test_h54_only_canonical_paths_are_feeds(path: str) -> None:
    category = category_of(path)
    assert category is None or feed_path(category) == path

"""Small feeds, written for these tests, that show every element the formats can carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.articles.article import Article
from feedsvc.articles.category import Category
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.feed import Deleted, Entry, Feed, PageLink, Source

RULES = FeedRules(
    public_base="https://feeds.example.com",
    authority="example.com,2026",
    title="Example Press",
    language="zh-CN",
    author="Jane Doe",
    author_email="editor@example.com",
    generator_version="1.0",
)


def _article(identity: str, title: str, published: datetime, content: str, summary: str) -> Article:
    return Article(
        id=f"tag:example.com,2026:{identity}",
        identity=identity,
        slug=identity,
        title=title,
        published=published,
        updated=published,
        content_html=content,
        summary=summary,
        canonical_url=f"https://site.example.com/news/{identity}.html",
        path=f"/news/{identity}.html",
        order_key=f"_posts/{identity}.md",
        source_key=f"site/_posts/{identity}.md",
        digest=identity,
    )


def chinese() -> Feed:
    """Two articles of one day without a time, one with authors, tags and a picture."""
    day = datetime(2026, 11, 18, 16, tzinfo=UTC)
    first = replace(
        _article(
            "NW202611190001",
            "海棠机械第三季度订单增长两成：“慢工出细活”",
            datetime(2026, 11, 19, 1, 30, tzinfo=UTC),
            '<p>海棠机械公布第三季度订单，较上年同期增长<a href="https://site.example.com/data">20%</a>。</p>\n'
            '<p><img src="https://site.example.com/img/a.png" alt="车间"></p>',
            "海棠机械公布第三季度订单，较上年同期增长20%。",
        ),
        authors=("林一", "Zoë Night"),
        categories=("haitangwanbao",),
        tags=("海棠晚报新闻", "机械 & 制造"),
        image="https://site.example.com/img/a.png",
    )
    second = replace(_article("NW202611180002", "青禾乳业召开股东会", day, "", "会议通过三项议案。"), date_only=True)
    third = replace(_article("NW202611180001", "无摘要的短讯", day, "<p>仅有正文。</p>", ""), date_only=True)
    return build_feed(
        Category(slug="haitangwanbao", title="海棠晚报", description="海棠晚报的财经新闻"),
        [first, second, third],
        RULES,
    )


def english() -> Feed:
    """Signs that are markup elsewhere, an edited article, an author with a mail address, two files, a hub, a page."""
    first = replace(
        _article(
            "cafe",
            "Café <3 & chips",
            datetime(2026, 11, 20, 8, tzinfo=UTC),
            '<p>Full text with <a href="https://site.example.com/about">a link</a>, ]]&gt; and 1 &lt; 2</p>',
            "Plain summary: 1 < 2 & so on.",
        ),
        updated=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        authors=("Ann Bee <ann@example.com>",),
        categories=("Fish & Chips (Weekly)",),
        tags=("Food",),
        language="fr",
        enclosures=(
            Enclosure("https://site.example.com/a.mp3", "audio/mpeg", 123456),
            Enclosure("https://site.example.com/menu.pdf"),
        ),
    )
    second = _article("crab", "😀 مرحبا: \"quotes\" and 'more'", datetime(2026, 11, 19, tzinfo=UTC), "<p>x</p>", "x")
    feed = build_feed(
        Category(
            slug="Fish & Chips (Weekly)",
            title="Fish & Chips: news",
            description="News about fish & chips",
            language="en_GB",
            changed=datetime(2026, 11, 20, 10, tzinfo=UTC),
        ),
        [first, second],
        replace(RULES, cache_seconds=3601),
    )
    return replace(
        feed,
        hub_url="https://feeds.example.com/hub",
        links=(PageLink("next", feed.path, "?page=2"),),
        image="https://feeds.example.com/logo.png",
    )


def empty() -> Feed:
    """A category nobody wrote in yet, without author, description, and with a lifetime under a minute."""
    return build_feed(
        Category(slug="new", title="New"),
        [],
        replace(RULES, author="", author_email="", language="en", cache_seconds=30),
    )


def everything() -> Feed:
    """All that a feed can say of itself and of an entry; only `complete` and `archive` do not go with the links."""
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    first = Entry(
        id="tag:example.com,2026:tide",
        title="Tides & tables: <b> is bold",
        link="https://site.example.com/tide.html",
        published=noon,
        updated=datetime(2026, 11, 21, 6, 30, tzinfo=UTC),
        edited=True,
        summary="High water at noon & midnight.",
        content_html="<p>High water at noon &amp; midnight.</p>",
        authors=("林一", "Jo Bell <jo@example.com>"),
        categories=("harbour", "潮汐"),
        language="zh-Hant-TW",
        image="https://site.example.com/img/tide.jpg",
        image_type="image/jpeg",
        image_length=20480,
        source=Source(
            id="tag:example.com,2026:source/Harbour%20%26%20Sea",
            title="Harbour & Sea",
            updated=noon,
            url="https://sea.example.com/feed.xml?a=1&b=2",
        ),
    )
    second = Entry(
        id="tag:example.com,2026:radio",
        title="Harbour radio",
        link="https://site.example.com/radio.html",
        published=datetime(2026, 11, 19, tzinfo=UTC),
        updated=datetime(2026, 11, 19, tzinfo=UTC),
        summary="The first programme.",
        image="https://site.example.com/img/radio.png",
        image_type="image/png",
        source=Source(id="tag:example.com,2026:source/Ebb", title="Ebb", updated=datetime(2026, 11, 19, tzinfo=UTC)),
        enclosures=(Enclosure("https://site.example.com/radio.mp3", "audio/mpeg", 5_000_000),),
    )
    third = Entry(
        id="tag:example.com,2026:gull",
        title="Gull",
        link="https://site.example.com/gull.html",
        published=datetime(2026, 11, 18, tzinfo=UTC),
        updated=datetime(2026, 11, 18, tzinfo=UTC),
        content_html="<p>No summary, and a picture of which nothing is known.</p>",
        image="https://site.example.com/img/gull",
    )
    return Feed(
        id="tag:example.com,2026:feed/harbour",
        title="Harbour",
        description="All of the harbour",
        path="/feeds/harbour",
        base_url="https://feeds.example.com",
        home_url="https://feeds.example.com/categories/harbour/",
        language="en",
        updated=datetime(2026, 11, 21, 6, 30, tzinfo=UTC),
        entries=(first, second, third),
        newest=noon,
        author="Jane Doe",
        author_email="editor@example.com",
        ttl_seconds=300,
        image="https://feeds.example.com/logo.gif",
        generator_version="1.0",
        hub_url="https://feeds.example.com/hub",
        total=120,
        links=(
            PageLink("next", "/feeds/harbour", "?page=2"),
            PageLink("last", "/feeds/harbour", "?page=40"),
            PageLink("prev-archive", "/feeds/harbour/archive/2026-11"),
        ),
        expired=True,
        deleted=(
            Deleted("tag:example.com,2026:gone", datetime(2026, 11, 20, 18, tzinfo=UTC)),
            Deleted("https://old.example.com/?p=1&q=2", datetime(2026, 11, 2, tzinfo=UTC)),
        ),
        stylesheet="/static/feed.css?v=1&w=2",
        skip_hours=(0, 23),
        skip_days=("Saturday", "Sunday"),
        update_period="hourly",
        update_frequency=2,
    )


def archive() -> Feed:
    """A month of the same feed, between two others (RFC 5005 section 4)."""
    feed, path = everything(), "/feeds/harbour/archive/2026-10"
    return replace(
        feed,
        path=path,
        entries=feed.entries[2:],
        newest=feed.entries[2].published,
        hub_url="",
        links=(
            PageLink("current", "/feeds/harbour"),
            PageLink("prev-archive", "/feeds/harbour/archive/2026-09", ""),
            PageLink("next-archive", "/feeds/harbour/archive/2026-11/1", ""),
        ),
        archive=True,
        expired=False,
        deleted=(),
        stylesheet="",
        skip_hours=(),
        skip_days=(),
        update_period="",
    )


def complete() -> Feed:
    """All there is in one document (RFC 5005 section 2)."""
    return replace(archive(), path="/feeds/harbour", links=(), archive=False, complete=True)


FEEDS = {
    "chinese": chinese,
    "english": english,
    "empty": empty,
    "everything": everything,
    "archive": archive,
    "complete": complete,
}

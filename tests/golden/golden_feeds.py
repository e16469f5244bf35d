"""Three small feeds, written for these tests, that show every element the formats can carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.articles.article import Article
from feedsvc.articles.category import Category
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.feed import Feed, PageLink

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


FEEDS = {"chinese": chinese, "english": english, "empty": empty}

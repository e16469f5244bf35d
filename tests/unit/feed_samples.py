"""Articles and rules for the tests of feeds; all invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feedsvc.articles.article import Article
from feedsvc.articles.category import Category
from feedsvc.feeds.build import FeedRules
from feedsvc.feeds.feed import Feed

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NEWS = Category(slug="news", title="The News")
RULES = FeedRules(
    public_base="https://feeds.example.com", authority="example.com,2026", title="Example Press", language="en"
)


def article(name: str = "a", minutes: int = 0) -> Article:
    """An article published so many minutes before noon."""
    published = NOON - timedelta(minutes=minutes)
    return Article(
        id=f"tag:example.com,2026:{name}",
        identity=name,
        slug=name,
        title=f"Title {name}",
        published=published,
        updated=published,
        content_html=f"<p>Text of {name}</p>",
        summary=f"Summary of {name}",
        canonical_url=f"https://site.example.com/{name}.html",
        path=f"/{name}.html",
        order_key=f"_posts/{name}.md",
        source_key=f"site/_posts/{name}.md",
        digest=name,
    )


def names(feed: Feed) -> list[str]:
    """The names of the articles in it, in its order."""
    return [entry.id.rpartition(":")[2] for entry in feed.entries]


def links(feed: Feed, suffix: str = ".atom") -> dict[str, str]:
    """rel -> address, without the public base."""
    found = {link.rel: feed.link_to(link, suffix).removeprefix(feed.base_url) for link in feed.links}
    assert len(found) == len(feed.links), "one link of each kind"
    return found

"""Which of the newest articles a feed shows: so many, or everything of the newest so many hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedsvc.articles.article import Article
from feedsvc.feeds.pairs import named
from feedsvc.feeds.rules import FeedRules, Limits

MOST = 1000  # entries that `hours` can make of a feed

_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """items: entries, unless `hours` asks for more; also the size of a page. hours: 0 means no such wish.
    bytes: octets of a document, uncompressed."""

    items: int
    hours: int
    bytes: int


def window_of(slug: str, rules: FeedRules) -> Window:
    """The category's own limits; the general ones where it has none."""
    own = named(rules.windows, slug) or Limits()
    return Window(own.items or rules.max_items, own.hours or rules.hours, own.bytes or rules.max_bytes)


def lifetime_of(slug: str, rules: FeedRules) -> int:
    """How many seconds a cache may keep the category's feed (contract H32)."""
    own = (named(rules.windows, slug) or Limits()).cache_seconds
    return rules.cache_seconds if own is None else own


def since(window: Window, latest: datetime | None) -> datetime | None:
    """From when on everything is wanted; None when the number alone decides. latest: the newest publication.

    No clock: a feed that nobody adds to stays as it is.
    """
    if not window.hours or latest is None:
        return None
    return latest - timedelta(hours=window.hours) if window.hours < _hours(latest - _FIRST) else _FIRST


def needed(window: Window, in_hours: int = 0) -> int:
    """How many of the newest articles the feed shows. in_hours: how many were published `since` then."""
    return max(window.items, min(in_hours, MOST))


def within(window: Window, articles: Sequence[Article]) -> Sequence[Article]:
    """Those that are shown. articles: newest first."""
    if len(articles) <= window.items:
        return articles
    start = since(window, articles[0].published)
    return articles[: needed(window, sum(article.published >= start for article in articles) if start else 0)]


def _hours(time: timedelta) -> float:
    return time / timedelta(hours=1)

"""The articles that a category's feed shows, read from the index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from feedsvc.articles.article import Article
from feedsvc.articles.category import Category
from feedsvc.feeds.feed import Deleted
from feedsvc.feeds.rights import right_of
from feedsvc.feeds.rules import FeedRules
from feedsvc.feeds.window import needed, since, window_of
from feedsvc.store import Reader

LEFT_SHOWN = timedelta(days=30)  # how long an entry that was taken out is named (contract D06)
DEEPEST = 20  # windows that are looked through for articles that may be shown
INSTANT = timedelta(microseconds=1)
EVER = datetime.max.replace(tzinfo=UTC)  # as `now`, where articles are shown before they are due


def newest(reader: Reader, category: Category, rules: FeedRules, now: datetime) -> tuple[Category, list[Article]]:
    """As many of the newest articles as its window wants, and the category, with `count` as far as they may be shown.

    Where some may not be shown at all, others take their place: a category without rights must not empty the feed of
    the whole site.
    """
    slug, window = category.slug, window_of(category.slug, rules)
    start, latest = since(window, category.latest), category.latest
    in_hours = reader.count_between(slug, start, latest + INSTANT) if start and latest else 0
    number = needed(window, in_hours)
    if all(right.text != "none" for _, right in rules.rights):
        return category, reader.newest_articles(slug, number, now)
    if right_of((slug,), rules.rights).text == "none":
        return replace(category, count=0), []
    depth = number
    while True:
        lines = reader.listed(slug, depth, now)
        shown = [line.id for line in lines if right_of(line.categories, rules.rights).text != "none"]
        if len(shown) >= number or len(lines) < depth or depth >= DEEPEST * number:
            break
        depth = min(2 * depth, DEEPEST * number)
    more, shown = len(shown) > number or len(lines) == depth, shown[:number]
    # Where there is more, as the second page counts: those that lie before it.
    passed = 1 + [line.id for line in lines].index(shown[-1]) if more and shown else len(lines)
    there = reader.articles(shown)
    return replace(category, count=category.count - passed + len(shown)), [there[k] for k in shown if k in there]


def left(reader: Reader, slug: str, rules: FeedRules, clock: datetime) -> tuple[Deleted, ...]:
    """What has left the category lately, newest first; nothing unless feeds are to say so."""
    gone = reader.removals(slug, clock - LEFT_SHOWN) if rules.tombstones else ()
    return tuple(Deleted(article_id, when) for article_id, when in gone)

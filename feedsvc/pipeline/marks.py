"""What else changes with an article: days of categories, and labels. So that documents made on demand know of it.

Days and not months: a part of a large month stays what it is while newer parts grow (pipeline/archive.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE
from feedsvc.articles.labels import labels_of

Mark = tuple[str, str]
RULES_MARK: Mark = ("rules", "")  # other rules of feeds than before came into force


def day_of(moment: datetime) -> str:
    """ "2026-11-22"; the day in UTC, as moments are. In the order of time."""
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}"


def day_marks(categories: Iterable[str], published: datetime) -> set[Mark]:
    """The archives an article stands in."""
    day = day_of(published)
    return {(slug, day) for slug in (SITE, *categories)}


def label_marks(articles: Iterable[Article], *, tags: bool, authors: bool) -> set[Mark]:
    """The feeds of tags and authors that articles stand in."""
    return {(label, "") for article in articles for label in labels_of(article, tags=tags, authors=authors)}

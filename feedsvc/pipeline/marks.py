"""What else changes with an article: months of categories, and labels. So that documents made on demand know of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE
from feedsvc.articles.labels import labels_of

Mark = tuple[str, str]


def month_of(moment: datetime) -> str:
    """ "2026-11"; the month in UTC, as moments are."""
    return f"{moment.year:04}-{moment.month:02}"


def month_marks(categories: Iterable[str], published: datetime) -> set[Mark]:
    """The archives an article stands in."""
    month = month_of(published)
    return {(slug, month) for slug in (SITE, *categories)}


def label_marks(articles: Iterable[Article], *, tags: bool, authors: bool) -> set[Mark]:
    """The feeds of tags and authors that articles stand in."""
    return {(label, "") for article in articles for label in labels_of(article, tags=tags, authors=authors)}

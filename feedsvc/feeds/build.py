"""Articles become a Feed: what every format will say, decided once. Pure: no clock, no host, no order of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, Self
from urllib.parse import urlsplit

from feedsvc import __version__
from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.address import feed_id, feed_path, home_path
from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.legal import first_line, legal_entry, legal_head
from feedsvc.feeds.person import person
from feedsvc.settings import Settings

# `updated` of a feed that never had an entry. Any fixed instant will do that a reader does not find absurd (1990+).
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

_TITLE_FROM_TEXT = 60  # characters
_ANY_FILE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRules:
    """All that a feed depends on besides its articles; plain values, so that another process can have them.

    public_base: without trailing slash. authority: "host,year" for tag: ids. max_age_days: 0 means no limit.
    generator_version: major and minor only, so that a repair release does not make every reader fetch anew.
    """

    public_base: str
    authority: str
    title: str
    description: str = ""
    language: str = "en"
    author: str = ""
    author_email: str = ""
    max_items: int = 50
    max_bytes: int = 3_145_728
    max_age_days: int = 0
    content: Literal["full", "summary"] = "full"
    cache_seconds: int = 300
    generator_version: str = ".".join(__version__.split(".")[:2])

    @classmethod
    def from_settings(cls, settings: Settings, authority: str) -> Self:
        site, feeds = settings.site, settings.feeds
        return cls(
            public_base=settings.public_base,
            authority=authority,
            title=site.title or urlsplit(settings.site_base).hostname or "feedsvc",
            description=site.description,
            language=site.language,
            author=site.author,
            author_email=site.author_email,
            max_items=feeds.max_items,
            max_bytes=feeds.max_bytes,
            max_age_days=feeds.max_age_days,
            content=feeds.content,
            cache_seconds=feeds.cache_seconds,
        )


def build_feed(category: Category, articles: Sequence[Article], rules: FeedRules) -> Feed:
    """The feed of one category (SITE: of everything) from its newest articles, which are published and due.

    Order and number are made sure of here (contract F07). Age is measured from the newest entry, not from now: a
    feed that nobody adds to does not run empty by itself, and rendering needs no clock.
    """
    chosen = sorted(sorted(articles, key=lambda a: a.order_key), key=lambda a: a.published, reverse=True)
    chosen = chosen[: rules.max_items]
    newest = chosen[0].published if chosen else None
    if newest and rules.max_age_days:
        limit = rules.max_age_days * 86_400
        chosen = [article for article in chosen if (newest - article.published).total_seconds() <= limit]
    entries = tuple(_entry(article, rules) for article in chosen)
    changes = [entry.updated for entry in entries] + ([category.changed] if category.changed else [])

    author = person(rules.author or rules.title)
    whole = category.slug == SITE
    title = first_line(category.title, rules.title if whole else category.slug, feed_path(category.slug))
    return legal_head(
        Feed(
            id=feed_id(category.slug, rules.authority),
            title=title,
            description=first_line(category.description, rules.description if whole else "", title),  # RS02
            path=feed_path(category.slug),
            base_url=rules.public_base,
            home_url=rules.public_base + home_path(category.slug),
            language=_language(category.language) or _language(rules.language) or "en",
            updated=max(changes, default=NEVER),
            entries=entries,
            newest=newest,
            author=author.name,
            author_email=(rules.author_email or author.email) if rules.author else "",  # RS12: both or none
            ttl_seconds=rules.cache_seconds,
            generator_version=rules.generator_version,
        )
    )


def _entry(article: Article, rules: FeedRules) -> Entry:
    full = rules.content == "full" and not article.excerpt_only
    entry = legal_entry(
        Entry(
            id=article.id,
            title=article.title,
            link=article.canonical_url,
            published=article.published,
            updated=_updated(article),
            edited=article.updated > article.published,
            summary=article.summary.strip(),
            content_html=article.content_html.strip() if full else "",
            authors=article.authors,
            categories=tuple(dict.fromkeys(article.categories + article.tags)),
            language=_language(article.language),
            image=article.image,
            enclosures=tuple(map(_typed, article.enclosures)),
        )
    )
    if entry.title and (entry.summary or entry.content_html):
        return entry
    title = first_line(entry.title, entry.summary[:_TITLE_FROM_TEXT], article.slug, entry.id)
    summary = entry.summary or ("" if entry.content_html else title)
    return legal_entry(replace(entry, title=title, summary=summary))  # RS16, AT05


def _updated(article: Article) -> datetime:
    """Never before publication (contract AT07); a day without a time gets microseconds made from the id (AT06)."""
    updated = max(article.updated, article.published)
    if article.date_only and not updated.microsecond:
        number = int.from_bytes(hashlib.blake2b(article.id.encode("utf-8", "replace"), digest_size=8).digest())
        return updated + timedelta(microseconds=1 + number % 999_999)
    return updated


def _typed(enclosure: Enclosure) -> Enclosure:
    """With a media type, which RSS and JSON Feed demand (contract RS20, JF02)."""
    return enclosure if enclosure.media_type else replace(enclosure, media_type=_ANY_FILE)


@lru_cache(maxsize=64)
def _language(tag: str) -> str:
    """With hyphens (contract RS05), "" when it cannot be a BCP 47 tag."""
    tag = tag.strip().replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag) else ""

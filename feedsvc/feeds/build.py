"""Articles become a Feed: what every format will say, decided once. Pure: no clock, no host, no order of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category
from feedsvc.articles.person import person
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.address import feed_id, feed_path, home_path, source_id
from feedsvc.feeds.feed import Deleted, Entry, Feed, Source
from feedsvc.feeds.language import language_tag
from feedsvc.feeds.legal import first_line, legal_entry, legal_head, plain_line
from feedsvc.feeds.pairs import named
from feedsvc.feeds.rights import permitted
from feedsvc.feeds.rules import Content, FeedRules
from feedsvc.feeds.window import lifetime_of, window_of, within

__all__ = ["NEVER", "FeedRules", "build_feed", "entries_of", "head_of", "newest_of", "ordered"]

# `updated` of a feed that never had an entry. Any fixed instant will do that a reader does not find absurd (1990+).
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

_TITLE_FROM_TEXT = 60  # characters
_ANY_FILE = "application/octet-stream"
_NAME = "[A-Za-z0-9!#$&^_.+-]+"  # RFC 6838 section 4.2
_MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}(?: *; *{_NAME}={_NAME})*")


def build_feed(
    category: Category, articles: Sequence[Article], rules: FeedRules, deleted: Sequence[Deleted] = ()
) -> Feed:
    """The feed of one category (SITE: of everything) from its newest articles, which are published and due.

    deleted: what has left it, newest first, to be named in it (contract D06).
    """
    allowed = ordered(articles, rules)
    entries = entries_of(newest_of(category.slug, allowed, rules), rules)
    hidden = len(articles) - len(allowed)
    shown = {entry.id for entry in entries} if deleted else ()
    return replace(
        head_of(category, entries, rules, *[gone.when for gone in deleted]),
        hub_url=rules.hub_url,
        total=category.count - hidden if category.count >= len(articles) else None,
        page_size=0 if hidden else window_of(category.slug, rules).items,  # further ones may be hidden as well
        deleted=tuple(gone for gone in deleted if gone.id not in shown),
    )


def ordered(articles: Iterable[Article], rules: FeedRules) -> list[Article]:
    """What may be shown of them, newest first; the order of the input is of no importance (contract F07)."""
    found = sorted(sorted(articles, key=lambda a: a.order_key), key=lambda a: a.published, reverse=True)
    if not rules.rights:
        return found
    return [allowed for article in found if (allowed := permitted(article, rules.rights))]


def newest_of(slug: str, articles: Sequence[Article], rules: FeedRules) -> Sequence[Article]:
    """Those that the feed of this category shows. articles: as `ordered` gives them.

    Age is measured from the newest one, not from now: a feed that nobody adds to does not run empty by itself, and
    rendering needs no clock.
    """
    chosen = within(window_of(slug, rules), articles)
    if not chosen or not rules.max_age_days:
        return chosen
    newest, limit = chosen[0].published, rules.max_age_days * 86_400
    return [article for article in chosen if (newest - article.published).total_seconds() <= limit]


def entries_of(articles: Iterable[Article], rules: FeedRules, content: Content | None = None) -> tuple[Entry, ...]:
    """An entry for each, the same in every feed. content: instead of what the rules say."""
    full = (content or rules.content) == "full"
    return tuple(_entry(article, rules, full and not article.excerpt_only) for article in articles)


def head_of(category: Category, entries: tuple[Entry, ...], rules: FeedRules, *changes: datetime) -> Feed:
    """A feed of this category with these entries, without hub and links. changes: further moments of change."""
    slug, whole = category.slug, category.slug == SITE
    author = person(rules.author or rules.title)
    title = first_line(category.title, rules.title if whole else slug, feed_path(slug))
    description = category.description or named(rules.descriptions, slug) or ""
    language = category.language or named(rules.languages, slug) or ""
    times = [entry.updated for entry in entries] + ([category.changed] if category.changed else [])
    return legal_head(
        Feed(
            id=feed_id(named(rules.ids, slug) or slug, rules.authority),
            title=title,
            description=first_line(description, rules.description if whole else "", title),  # RS02
            path=feed_path(slug),
            base_url=rules.public_base,
            home_url=rules.public_base + home_path(slug),
            language=language_tag(language) or language_tag(rules.language) or "en",
            updated=max([*times, *changes], default=NEVER),
            entries=entries,
            newest=entries[0].published if entries else None,
            author=author.name,
            author_email=(rules.author_email or author.email) if rules.author else "",  # RS12: both or none
            ttl_seconds=lifetime_of(slug, rules),
            image=category.image or named(rules.images, slug) or rules.image,
            generator_version=rules.generator_version,
            expired=category.closed or slug in rules.closed,
            stylesheet=rules.stylesheet,
            skip_hours=rules.skip_hours,
            skip_days=rules.skip_days,
            update_period=rules.update_period,
            update_frequency=rules.update_frequency,
        )
    )


def _entry(article: Article, rules: FeedRules, full: bool) -> Entry:
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
            categories=_named(article, rules),
            language=language_tag(article.language),
            image=article.image or (_picture(article.categories, rules) if rules.images else ""),
            image_type=article.image_type,
            image_length=article.image_length,
            source=_source(article, rules) if article.source else None,
            enclosures=tuple(map(_typed, article.enclosures)) if article.enclosures else (),
        )
    )
    if entry.title and (entry.summary or entry.content_html):
        return entry
    title = first_line(entry.title, entry.summary[:_TITLE_FROM_TEXT], article.slug, entry.id)
    summary = entry.summary or ("" if entry.content_html else title)
    return legal_entry(replace(entry, title=title, summary=summary))  # RS16, AT05


def _named(article: Article, rules: FeedRules) -> tuple[str, ...]:
    its = article.categories
    if rules.removed:
        its = tuple(slug for slug in its if slug not in rules.removed)
    return tuple(dict.fromkeys(its + article.tags))


def _picture(categories: tuple[str, ...], rules: FeedRules) -> str:
    """That of the first of its categories that has one, in whichever feed the entry appears."""
    return next((image for slug in categories if (image := named(rules.images, slug))), "")


def _source(article: Article, rules: FeedRules) -> Source | None:
    """Its address is known from the settings only: an entry says the same in every feed, whatever the feed knows."""
    title = plain_line(article.source)
    if not title:
        return None
    url = named(rules.sources, title) or ""
    return Source(id=source_id(title, rules.authority), title=title, updated=article.published, url=url)


def _updated(article: Article) -> datetime:
    """Never before publication (contract AT07); a day without a time gets microseconds made from the id (AT06)."""
    updated = max(article.updated, article.published)
    if article.date_only and not updated.microsecond:
        number = int.from_bytes(hashlib.blake2b(article.id.encode("utf-8", "replace"), digest_size=8).digest())
        return updated + timedelta(microseconds=1 + number % 999_999)
    return updated


def _typed(enclosure: Enclosure) -> Enclosure:
    """With a media type, which RSS and JSON Feed demand (contract RS20, JF02)."""
    return enclosure if _MEDIA_TYPE.fullmatch(enclosure.media_type) else replace(enclosure, media_type=_ANY_FILE)

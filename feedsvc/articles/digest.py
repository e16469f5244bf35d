"""One word for all that a reader would see of an article: two articles with one digest look the same."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b

from feedsvc.articles.article import Article

_VERSION = "2;"  # another version makes every article count as changed once


def digest_of(article: Article, updated: datetime | None) -> str:
    """40 hex digits, each part entered with its length so that none can pass for another.

    updated: only when the author gave it; the date of an edit that the pipeline keeps is no part of it. Nor are the
    file's place and time, the tier, and `status`.
    """
    enclosures = [f"{e.url}\n{e.media_type}\n{e.length}" for e in article.enclosures]
    instants = (article.published.astimezone(UTC).isoformat(), updated.astimezone(UTC).isoformat() if updated else "")
    single = (
        *(article.id, article.title, article.summary, article.content_html, article.canonical_url, article.path),
        *(article.language, article.image, article.image_type, article.source, *instants),
        f"{article.date_only:d}{article.in_feeds:d}{article.excerpt_only:d}{article.image_length}",
    )
    groups = (single, article.authors, article.categories, article.tags, enclosures)
    values = [value for group in groups for value in group]
    text = "".join((_VERSION, str([*map(len, groups), *map(len, values)]), *values))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()

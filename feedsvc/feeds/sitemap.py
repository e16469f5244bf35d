"""Lists of pages for search engines: sitemaps, their index, and Google's list of news, written as text.

https://www.sitemaps.org/protocol.html and developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import urlsplit

from feedsvc.feeds.dates import rfc3339
from feedsvc.feeds.language import language_tag
from feedsvc.feeds.legal import plain_line
from feedsvc.settings.section import origin

MOST_PAGES = 50_000  # in one sitemap, and of sitemaps in an index
MOST_BYTES = 50_000_000  # of one sitemap, uncompressed; the protocol has 52,428,800
MOST_NEWS = 1_000
NEWS_AGE = timedelta(days=2)
_LONGEST = 2_047  # characters of an address

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
_SITEMAP = b'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = b'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
_TAIL = b"</urlset>\n"


@dataclass(frozen=True, slots=True)
class Page:
    """address: absolute, percent-encoded ASCII. changed: None when nobody knows."""

    address: str
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one sitemap can hold. entries: as written, without head and tail. changed: of the page changed last."""

    entries: bytes
    pages: int
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class News:
    """An article of the last two days."""

    address: str
    title: str
    published: datetime


def covers(base: str, address: str) -> bool:
    """Whether a sitemap right below `base` (without trailing slash) may name the address: same host, further down."""
    if len(address) > _LONGEST:
        return False
    if address.startswith(base + "/"):
        return True
    own, other = urlsplit(base), urlsplit(address)
    return origin(own) == origin(other) and other.path.startswith(own.path + "/")


def split(pages: Iterable[Page]) -> Iterator[Part]:
    """In their order, as many to a part as it may have; nothing for no pages."""
    lines: list[bytes] = []
    size, changed = 0, None
    for page in pages:
        line = f"<url><loc>{escape(page.address)}</loc>{_changed(page.changed)}</url>\n".encode()
        if len(lines) == MOST_PAGES or size + len(line) > MOST_BYTES:
            yield Part(b"".join(lines), len(lines), changed)
            lines, size, changed = [], 0, None
        lines.append(line)
        size += len(line)
        changed = max(filter(None, (changed, page.changed)), default=None)
    if lines:
        yield Part(b"".join(lines), len(lines), changed)


def fits(parts: Sequence[Part]) -> bool:
    """Whether one sitemap can hold them all."""
    return sum(it.pages for it in parts) <= MOST_PAGES and sum(len(it.entries) for it in parts) <= MOST_BYTES


def sitemap(*parts: Part) -> bytes:
    """The whole document."""
    return b"".join((_DECLARATION, b"<urlset ", _SITEMAP, b">\n", *(it.entries for it in parts), _TAIL))


def index(sitemaps: Iterable[Page]) -> bytes:
    """The list of sitemaps, at most 50,000."""
    lines = [f"<sitemap><loc>{escape(it.address)}</loc>{_changed(it.changed)}</sitemap>\n".encode() for it in sitemaps]
    return b"".join((_DECLARATION, b"<sitemapindex ", _SITEMAP, b">\n", *lines, b"</sitemapindex>\n"))


def news_sitemap(articles: Iterable[News], publication: str, language: str) -> bytes:
    """The list of news, at most 1,000. publication: the name that readers know. language: of the site (BCP 47)."""
    source = (
        f"<news:publication><news:name>{escape(plain_line(publication))}</news:name>"
        f"<news:language>{news_language(language)}</news:language></news:publication>"
    )
    return b"".join((_DECLARATION, b"<urlset ", _SITEMAP, b" ", _NEWS, b">\n", *_news(articles, source), _TAIL))


def news_language(tag: str) -> str:
    """What Google takes: ISO 639, of two or three letters, but zh-cn or zh-tw for Chinese."""
    primary, _, rest = language_tag(tag).lower().partition("-")
    if primary == "zh":
        return "zh-tw" if {"hant", "tw", "hk", "mo"} & set(rest.split("-")) else "zh-cn"
    return primary or "en"


def _news(articles: Iterable[News], source: str) -> Iterator[bytes]:
    for article in articles:
        if title := plain_line(article.title):
            yield (
                f"<url><loc>{escape(article.address)}</loc><news:news>{source}"
                f"<news:publication_date>{_instant(article.published)}</news:publication_date>"
                f"<news:title>{escape(title)}</news:title></news:news></url>\n"
            ).encode()


def _changed(moment: datetime | None) -> str:
    return f"<lastmod>{_instant(moment)}</lastmod>" if moment else ""


def _instant(moment: datetime) -> str:
    """W3C date and time with its zone, in whole seconds."""
    return rfc3339(moment.astimezone(UTC).replace(microsecond=0))

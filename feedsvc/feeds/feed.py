"""A Feed as readers want it, before any format: the same entries, ids and dates in all of them (contract F07)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from feedsvc.content.draft import Enclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry/item. content_html "" means summary only. link: the canonical page, never a share link (ID07).

    published, updated: aware UTC; `updated` may carry a stable sub-second part (contract AT06).
    edited: the article changed after it was published (then RSS carries atom:updated, contract RS21).
    xml_text: content_html in UTF-8 with &, < and > escaped, made once for both XML formats when all texts are known
    to be legal. Set by feeds/legal.py alone, None otherwise, and never carried over by replace().
    """

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    edited: bool = False
    summary: str = ""
    content_html: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    xml_text: bytes | None = field(default=None, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed in all formats.

    id: permanent, the same for every format, independent of host and title (contract AT02).
    path: the address without suffix, percent-encoded: "/feed" or "/feeds/%E6%96%B0".
    base_url: the public base without trailing slash; a format's self address is base_url + path + its suffix.
    home_url: the HTML page for people. updated: newest change shown, or removal; never now (contract F06).
    newest: publication of the newest entry, None without entries. ttl_seconds: the Cache-Control lifetime (RS08).
    hub_url: the WebSub hub, "" without one (JF04). next_page: what follows this format's address to give the next
    page ("?page=2"), "" on the last.
    """

    id: str
    title: str
    description: str
    path: str
    base_url: str
    home_url: str
    language: str
    updated: datetime
    entries: tuple[Entry, ...]
    newest: datetime | None = None
    author: str = ""
    author_email: str = ""
    ttl_seconds: int = 300
    image: str = ""
    generator_version: str = ""
    hub_url: str = ""
    next_page: str = ""


class FeedFormat(Protocol):
    """A way to write a Feed. Pure: the same Feed gives the same bytes on every machine (contract F06)."""

    name: str  # "rss", "atom", "json"
    suffix: str  # ".rss"
    media_type: str  # with charset, as sent in Content-Type

    def render(self, feed: Feed) -> bytes: ...

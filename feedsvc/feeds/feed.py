"""A Feed as readers want it, before any format: the same entries, ids and dates in all of them (contract F07)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from feedsvc.content.draft import Enclosure


@dataclass(frozen=True, slots=True)
class Source:
    """The feed an entry was taken from (contract RS21, AT10). url: its address, "" when unknown."""

    id: str
    title: str
    updated: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    """Another document of the same feed (RFC 5005): its address is base_url + path + the format's suffix + query."""

    rel: str  # "first", "next", "previous", "last", "current", "prev-archive", "next-archive"
    path: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class Deleted:
    """An entry that was taken out (RFC 6721, contract D06)."""

    id: str
    when: datetime


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
    image_type: str = ""
    image_length: int | None = None
    source: Source | None = None
    enclosures: tuple[Enclosure, ...] = ()
    xml_text: bytes | None = field(default=None, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed in all formats.

    id: permanent, the same for every format, independent of host and title (contract AT02).
    path: the address without suffix, percent-encoded: "/feed" or "/feeds/%E6%96%B0". query: "" or "?page=2".
    base_url: the public base without trailing slash; a format's self address is base_url + path + its suffix + query.
    home_url: the HTML page for people. updated: newest change shown, or removal; never now (contract F06).
    newest: publication of the newest entry, None without entries. ttl_seconds: the Cache-Control lifetime (RS08).
    hub_url: the WebSub hub, "" without one and on all but the first page (JF04, P03). links: other pages and archives.
    total: how many entries there are on all pages, None when unknown; links and complete follow from it (paging.py).
    page_size: entries on each page but the first; 0 when that cannot tell how many pages there are.
    complete: all there is (P05). archive: an archive document (P04). expired: nothing new will come (JF05).
    deleted: newest first. stylesheet: address of the CSS for browsers, "" without (V08).
    skip_hours, skip_days, update_period, update_frequency: RS09, RS10; empty when not said.
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
    query: str = ""
    total: int | None = None
    page_size: int = 0
    links: tuple[PageLink, ...] = ()
    complete: bool = False
    archive: bool = False
    expired: bool = False
    deleted: tuple[Deleted, ...] = ()
    stylesheet: str = ""
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    update_period: str = ""
    update_frequency: int = 1

    def address(self, suffix: str) -> str:
        """This document's own address in the format with this suffix."""
        return self.base_url + self.path + suffix + self.query

    def link_to(self, link: PageLink, suffix: str) -> str:
        """The address of another document in the same format."""
        return self.base_url + link.path + suffix + link.query


class FeedFormat(Protocol):
    """A way to write a Feed. Pure: the same Feed gives the same bytes on every machine (contract F06)."""

    name: str  # "rss", "atom", "json"
    suffix: str  # ".rss"
    media_type: str  # as sent in Content-Type, with charset where the type has one

    def render(self, feed: Feed) -> bytes: ...

"""An Article: what we hold true about one post, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedsvc.content.draft import Enclosure


class Status(StrEnum):
    PUBLISHED = "published"  # visible from `published` on
    WITHDRAWN = "withdrawn"  # its file is gone, or says `published: false`; its share link answers 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article. All datetimes are aware UTC, all addresses absolute and percent-encoded ASCII (contract F04).

    id: the permanent public identifier (atom:id, guid), e.g. "tag:example.com,2026:NW1" (contract ID01, ID03).
    identity: the same inside this store, host-free: "NW1", "en/hello" (see articles/identity.py).
    slug: the identity's last part.
    path: the page's own path on the site, percent-encoded, e.g. "/cat/2021/12/23/x.html".
    order_key: breaks ties of `published`, ascending by code point (Jekyll: the file's path).
    date_only: published was given as a day without a time (contract AT06).
    in_feeds: False for `draft: true` posts, which have a page but no place in a feed.
    content_html: cleaned, absolute (contract HC01-HC06). summary: plain text.
    image: the picture that stands for it; image_type, image_length: its media type and octets, "" and None if unknown.
    source: who reported it first, as the text names it (RSS source), "" when the text does not.
    digest: changes exactly when a reader would see another article; independent of file, time and `updated`.
    text_digest: changes exactly when `updated` moves: with title, text and files, not with white space and markup.
    source_key: the ContentFile it was made from.
    """

    id: str
    identity: str
    slug: str
    title: str
    published: datetime
    updated: datetime
    content_html: str
    summary: str
    canonical_url: str
    path: str
    order_key: str
    source_key: str
    digest: str
    text_digest: str = ""
    date_only: bool = False
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    image: str = ""
    image_type: str = ""
    image_length: int | None = None
    source: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    in_feeds: bool = True
    excerpt_only: bool = False
    status: Status = Status.PUBLISHED


@dataclass(frozen=True, slots=True)
class Headline:
    """An article without its text: what lists, share links and redirects need."""

    id: str
    identity: str
    title: str
    published: datetime
    canonical_url: str
    path: str
    status: Status
    summary: str = ""

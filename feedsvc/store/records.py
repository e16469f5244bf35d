"""What the index remembers, as records: files, and stamps of articles, categories and documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from feedsvc.articles.article import Status
from feedsvc.content.draft import Fingerprint, Tier


@dataclass(frozen=True, slots=True)
class FileState:
    """What the index remembers of a file, so that an unchanged one costs a stat.

    digest: of the bytes (32 bytes). article_id: "" for files that gave none (quarantined from the first look, hidden).
    base: the identity before duplicates were told apart (articles/identity.py); with file_date and tier it decides
    who keeps it. vanished: when the file was first missed, None while it is there. explicit: base is from front matter.
    """

    key: str
    fingerprint: Fingerprint
    digest: bytes
    article_id: str = ""
    base: str = ""
    file_date: date | None = None
    tier: Tier = Tier.LIVE
    vanished: datetime | None = None
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class ArticleStamp:
    """Just enough of a stored article to decide whether a new one differs."""

    id: str
    digest: str
    published: datetime
    updated: datetime
    categories: tuple[str, ...]
    source_key: str
    status: Status
    in_feeds: bool
    text_digest: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An article as a list knows it: enough to order, filter and tell apart, without its text."""

    id: str
    title: str
    published: datetime
    order_key: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategoryStamp:
    """When a category was last published.

    touched: whole Unix seconds, whatever of it changed. It is greater than that of every earlier publication, also of
    other categories: the newest of several dates what is made of them all (contract H51).
    edition: the publication that said so, or that held it.
    """

    slug: str
    edition: int
    touched: int


@dataclass(frozen=True, slots=True)
class DocumentStamp:
    """What is published at a path, without its bytes. links: told by document_stamps only."""

    path: str
    etag: str
    modified: int
    edition: int
    max_age: int = 0
    links: tuple[tuple[str, str], ...] = ()

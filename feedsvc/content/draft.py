"""What a file says, once read: a Draft, or the Problems that kept it from being one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Tier(StrEnum):
    """Where a root stands: a live post wins over an archived one with the same identity."""

    LIVE = "live"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one stat call tells; equal fingerprints are taken as unchanged content."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class FileName:
    """Where a post lies, by Jekyll's naming (jekyll-compat.md section 3).

    folders: the folders above `_posts` inside the root (all folders, in a root without `_posts`), outermost first.
    file_date: from a `YYYY-MM-DD-` prefix, None without one; impossible days roll over as in Jekyll.
    slug: the file name after the date and without its extension, letter case kept, not slugified.
    ext: the extension with its dot, as written (`.md`, `.MD`).
    path: relative to the root, `/` between parts: what people are shown and the tie-breaker of the order.
    """

    path: str
    folders: tuple[str, ...]
    file_date: date | None
    slug: str
    ext: str
    draft_folder: bool = False


@dataclass(frozen=True, slots=True)
class ContentFile:
    """A file with its bytes. key: "<root name>/<path inside the root>", unique among all roots."""

    key: str
    name: FileName
    tier: Tier
    data: bytes
    mtime_ns: int


class Severity(StrEnum):
    ERROR = "error"  # the file is quarantined, its last good version stays
    WARNING = "warning"  # repaired or guessed, published, worth a look
    NOTE = "note"  # worth knowing, nothing to do


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one file.

    code: stable, dotted, e.g. "front-matter.invalid", "date.unreadable", "identity.duplicate".
    message: a plain sentence in English; the web layer translates by `code` and `params`.
    line: 1-based, 0 when the whole file is meant. field: front-matter key or "".
    repair: what we did or propose, as the text of the line that would be right, or "".
    """

    key: str
    code: str
    message: str
    severity: Severity = Severity.ERROR
    line: int = 0
    field: str = ""
    repair: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that belongs to an article. length: octets, None when unknown; media_type "" when unknown."""

    url: str
    media_type: str = ""
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything the front matter said, typed, and the body as written (control characters removed).

    title: None when absent, "" when written empty. date, updated: aware UTC, None when absent or unreadable.
    date_only: the date was given as a day without a time. categories: by Jekyll's rules, folders first.
    explicit_id: `id` or `guid` letter for letter, "" without one. front_matter: all other keys as text or structure.
    summary: front matter `description`; excerpt: front matter `excerpt`, None when absent.
    share_code, share_aliases: codes in NFC, checked. redirect_from: old paths as content/share_names.py writes them.
    """

    key: str
    name: FileName
    tier: Tier
    body: str
    title: str | None = None
    date: datetime | None = None
    date_only: bool = False
    updated: datetime | None = None
    categories: tuple[str, ...] = ()
    primary_category: str = ""
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    explicit_id: str = ""
    slug: str = ""
    permalink: str = ""
    description: str = ""
    excerpt: str | None = None
    excerpt_separator: str | None = None
    excerpt_only: bool = False
    language: str = ""
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    published: bool = True
    draft: bool = False
    share_code: str = ""
    share_aliases: tuple[str, ...] = ()
    redirect_from: tuple[str, ...] = ()
    canonical_url: str = ""
    mtime: datetime | None = None
    front_matter: Mapping[str, object] = dataclasses.field(default_factory=dict)

"""A Category: one name under which articles stand, exactly as written (letter case matters)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SITE = ""  # the category of everything: the whole site's feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """slug: the name as written in front matter, NFC. title: the display name (see articles/category.py).

    changed: when an article last left it, None before that (contract AT07: a removal moves the feed's `updated`).
    count: published articles that are due. latest: the newest of them, None when empty.
    """

    slug: str
    title: str = ""
    description: str = ""
    language: str = ""
    changed: datetime | None = None
    count: int = 0
    latest: datetime | None = None

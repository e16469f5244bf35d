"""A Category: one name under which articles stand, exactly as written (letter case matters)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

SITE = ""  # the category of everything: the whole site's feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """slug: the name as written in front matter, NFC. title: the display name (see articles/category.py).

    changed: when an article last left it, None before that (contract AT07: a removal moves the feed's `updated`).
    image: address of its picture. closed: nothing new will come (contract JF05).
    description, language, image, closed: from the settings, the store knows nothing of them.
    count: published articles that are due. latest: the newest of them, None when empty.
    """

    slug: str
    title: str = ""
    description: str = ""
    language: str = ""
    image: str = ""
    closed: bool = False
    changed: datetime | None = None
    count: int = 0
    latest: datetime | None = None


def display_title(
    slug: str, recent_tags: Sequence[tuple[str, ...]], overrides: Mapping[str, str], suffix: str = "新闻"
) -> str:
    """What people read instead of `slug`.

    An override wins. Else the name that most of the recent articles give it: their first tag, if it ends in `suffix`,
    without that suffix. One odd article never renames a category; equal counts go to the smaller name by code point.
    recent_tags: the tags of each recent article. Falls back to the slug.
    """
    if slug in overrides:
        return overrides[slug]
    if not suffix:
        return slug
    first = (tags[0] for tags in recent_tags if tags)
    names = Counter(tag.removesuffix(suffix).strip() for tag in first if tag.endswith(suffix))
    names.pop("", None)
    return min(names, key=lambda name: (-names[name], name)) if names else slug


def collisions(slugs: Iterable[str]) -> list[tuple[str, ...]]:
    """Categories whose names differ only in letter case: different feeds, but one folder of pages; sorted."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for slug in slugs:
        groups[slug.casefold()].add(slug)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)

"""Combinations: the union of some categories, without others, without titles that contain a word.

Written as one segment of an address: `news,sport,!weather,!*advert`. Names are quoted whole, so that comma, `!` and `*`
stand for themselves; `*` alone is the whole site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from feedsvc.articles.category import SITE
from feedsvc.feeds.spelled import unquoted

_ALL = "*"
_WITHOUT = "!"
_WORD = "!*"


class Titled(Protocol):
    """What a list tells of an article."""

    @property
    def title(self) -> str: ...
    @property
    def categories(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """include: categories, SITE is everything. exclude: categories. words: casefolded.

    Made by `selection`, which puts all three in order: equal selections have one address.
    """

    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def parts(self) -> int:
        return len(self.include) + len(self.exclude) + len(self.words)


def selection(include: Iterable[str], exclude: Iterable[str] = (), words: Iterable[str] = ()) -> Selection:
    """In canonical order, each part once; beside the whole site no other category is needed."""
    wanted = set(include)
    folded = {word.casefold() for word in words}
    return Selection(
        (SITE,) if SITE in wanted else tuple(sorted(wanted)), tuple(sorted(set(exclude))), tuple(sorted(folded))
    )


def parse_selection(segment: str) -> Selection | None:
    """What a percent-encoded segment means; None when it includes nothing, or cannot be read."""
    found: dict[str, list[str]] = {"": [], _WITHOUT: [], _WORD: []}
    for part in filter(None, segment.split(",")):
        kind = next(sign for sign in (_WORD, _WITHOUT, "") if part.startswith(sign))
        name = "" if part == _ALL else unquoted(part[len(kind) :])
        if name is None or (not name and part != _ALL):
            return None
        found[kind].append(name)
    return selection(*found.values()) if found[""] else None


def selection_segment(chosen: Selection) -> str:
    """The one way to write it (contract H54)."""
    return ",".join(
        [
            *(quote(name, safe="") if name else _ALL for name in chosen.include),
            *(_WITHOUT + quote(name, safe="") for name in chosen.exclude),
            *(_WORD + quote(word, safe="") for word in chosen.words),
        ]
    )


def admits(chosen: Selection, listed: Titled) -> bool:
    """Whether an article of one of the included categories is shown."""
    if any(name in chosen.exclude for name in listed.categories):
        return False
    title = listed.title.casefold() if chosen.words else ""
    return not any(word in title for word in chosen.words)

"""Finding a name among a few thousand by what somebody types: as it is written, in pinyin, or by initials.

Pure: what a name sounds like is handed in (pinyin.py makes it).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Protocol, TypeVar

LONGEST_QUERY = 100  # characters
MOST_WORDS = 8

Syllable = tuple[str, ...]  # all that may be typed for it, folded; the usual reading first

# Letters that are no base letter with a mark for Unicode, but for people.
_LOOSE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
_TONE_OR_APOSTROPHE = re.compile(r"(?<=[a-z])[1-5](?![0-9])|['’]")  # "zhong1guo2", "xi'an"


class Rank(IntEnum):
    """How well a name fits, best first."""

    EXACT = 0
    TITLE = 1  # begins like it
    SLUG = 2
    PINYIN = 3
    INITIALS = 4  # or full syllables and initials mixed, as people do
    INSIDE = 5  # further on in any of them


@dataclass(frozen=True, slots=True)
class Names:
    """What an entry is found by. slug, title: as written. syllables: of the title, one a character or Latin word."""

    slug: str
    title: str
    syllables: tuple[Syllable, ...] = ()
    _written: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)
    _firsts: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        folded = [" ".join(fold(text).split()) for text in (self.title, self.slug)]
        object.__setattr__(self, "_written", tuple((text, _bare(text)) for text in folded))
        firsts = ("".join(reading[:1] for reading in readings) for readings in self.syllables)
        object.__setattr__(self, "_firsts", tuple(firsts))

    @property
    def written(self) -> tuple[tuple[str, str], ...]:
        """(folded, without blanks and punctuation) of the title, then of the slug."""
        return self._written

    def beginnings(self, text: str) -> Iterator[int]:
        """Where the text may begin to be spelled: the number of the syllable."""
        first = text[0]
        return (number for number, letters in enumerate(self._firsts) if first in letters)


class Named(Protocol):
    """Anything with names can be found."""

    @property
    def names(self) -> Names: ...


Entry = TypeVar("Entry", bound=Named)


def find(entries: Iterable[Entry], query: str) -> list[Entry]:
    """Those that have every word of the query, best first; equally good ones in their order.

    Letter case, accents, tones, and the blanks between syllables mean nothing. Without a word all entries fit.
    """
    words = fold(query[:LONGEST_QUERY]).split()[:MOST_WORDS]
    if not words:
        return list(entries)
    ranked = [(rank, entry) for entry in entries if (rank := _best(entry.names, words)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    return [entry for _, entry in ranked]


def fold(text: str) -> str:
    """For comparing: compatibility forms, letter case and accents put aside (Unicode NFKD, casefold)."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(one for one in plain if not unicodedata.combining(one)).translate(_LOOSE)


def _bare(folded: str) -> str:
    return "".join(one for one in folded if one.isalnum())


def _best(names: Names, words: list[str]) -> Rank | None:
    """All of it as one, which is how pinyin is mostly meant, or its words one by one."""
    together = _rank(names, " ".join(words))
    if len(words) == 1 or together is Rank.EXACT:
        return together
    worst = Rank.EXACT
    for word in dict.fromkeys(words):
        if (rank := _rank(names, word)) is None:
            return together
        worst = max(worst, rank)
    return worst if together is None else min(together, worst)


def _rank(names: Names, text: str) -> Rank | None:
    bare, spellings = _forms(text)
    if any(text == folded or (bare and bare == plain) for folded, plain in names.written):
        return Rank.EXACT
    for rank, (folded, plain) in zip((Rank.TITLE, Rank.SLUG), names.written, strict=True):
        if folded.startswith(text) or (bare and plain.startswith(bare)):
            return rank
    begins = [(start, spelling) for spelling in spellings for start in names.beginnings(spelling)]
    whole = [_spelled(names.syllables, spelling) for start, spelling in begins if not start]
    if fits := [found for found in whole if found is not None]:
        return min(fits)
    if len(text) == 1 and text.isascii() and text.isalnum():
        return None  # a single letter is inside of nearly everything
    if any(text in folded or (bare and bare in plain) for folded, plain in names.written):
        return Rank.INSIDE
    if any(start and _spelled(names.syllables[start:], spelling) is not None for start, spelling in begins):
        return Rank.INSIDE
    return None


@lru_cache(maxsize=64)
def _forms(text: str) -> tuple[str, tuple[str, ...]]:
    """Without blanks and punctuation; the same as pinyin, as it is typed with tones and without."""
    bare, toneless = _bare(text), _bare(_TONE_OR_APOSTROPHE.sub("", text))
    return bare, tuple(spelling for spelling in dict.fromkeys((bare, toneless)) if spelling)


def _spelled(syllables: tuple[Syllable, ...], text: str) -> Rank | None:
    """Whether the text spells these syllables from the first on; the last may be unfinished.

    Each is typed in full, or as its initial ("zh" or "z"). Followed are all ways to cut the text at once: position in
    the text -> whether every syllable before it was typed in full.
    """
    ways = {0: True}
    for number, readings in enumerate(syllables):
        onward: dict[int, bool] = {}
        for position, whole in ways.items():
            for reading in readings:
                if text.startswith(reading, position):
                    end = position + len(reading)
                    onward[end] = onward.get(end, False) or whole
                elif whole and reading.startswith(text[position:]):
                    return Rank.PINYIN
                for initial in _initials(reading):
                    if text.startswith(initial, position):
                        onward.setdefault(position + len(initial), False)
        if len(text) in onward:
            whole = onward[len(text)]
            return Rank.INITIALS if not whole else Rank.EXACT if number == len(syllables) - 1 else Rank.PINYIN
        if not onward:
            return None
        ways = onward
    return None


def _initials(reading: str) -> tuple[str, ...]:
    return (reading[:2], reading[0]) if reading[:2] in ("zh", "ch", "sh") else (reading[:1],)

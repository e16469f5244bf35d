"""What names sound like: pinyin in full, its initials, and the letter under which a directory has them."""

from __future__ import annotations

import gc
import re
import sys
import threading
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from feedsvc.web.finding import Syllable, fold

OTHER = "#"  # the letter of names that begin with none from A to Z
LETTERS = (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", OTHER)

_MOST = 20_000  # names that are remembered
_HAN = r"\u3007\u3400-\u9fff\U00020000-\U000323af"
_PART = re.compile(rf"(?P<han>[{_HAN}]+)|[^\W_{_HAN}]+")
_lock = threading.Lock()
_known: dict[str, Spelled] = {}


@dataclass(frozen=True, slots=True)
class Spelled:
    """A name's syllables: each Chinese character one, each word in other scripts one."""

    syllables: tuple[Syllable, ...]

    @property
    def full(self) -> str:
        """All syllables in one, in the readings that the words ask for: "chongqingribao"."""
        return "".join(syllable[0] for syllable in self.syllables)

    @property
    def initials(self) -> str:
        return "".join(syllable[0][0] for syllable in self.syllables)

    @property
    def letter(self) -> str:
        first = self.full[:1].upper()
        return first if "A" <= first <= "Z" else OTHER

    def as_written(self, slug: str) -> Spelled:
        """With the readings first in which the slug, mostly pinyin itself, begins: 重山晚报 of `chongshanwanbao`."""
        rest, syllables = fold(slug), list(self.syllables)
        for place, readings in enumerate(syllables):
            reading = max((one for one in readings if rest.startswith(one)), key=len, default="")
            if not reading:
                break
            rest = rest[len(reading) :]
            syllables[place] = tuple(dict.fromkeys((reading, *readings)))
        return Spelled(tuple(syllables))


def spelled(names: Collection[str]) -> dict[str, Spelled]:
    """Each name as it is spelled; remembered, since names hardly ever change."""
    with _lock:
        if len(_known) > _MOST:
            _known.clear()
        new = [name for name in dict.fromkeys(names) if name not in _known]
        runs = {name: list(_PART.finditer(unicodedata.normalize("NFKC", name))) for name in new}
        readings = _readings({found["han"] for its in runs.values() for found in its if found["han"]})
        for name, its in runs.items():
            syllables: list[Syllable] = []
            for found in its:
                syllables += readings[found["han"]] if found["han"] else [(fold(found[0]),)]
            _known[name] = Spelled(tuple(syllable for syllable in syllables if syllable[0]))
        return {name: _known[name] for name in names}


def _readings(runs: Collection[str]) -> dict[str, list[Syllable]]:
    """Chinese characters -> for each one its reading in this word, then its others, then itself.

    The dictionaries take 56 MB in every worker and are wanted for a moment only: they go again, which gives three
    quarters of it back, and are read anew (0.15 s) when a name comes that nobody has seen.
    """
    if not runs:
        return {}
    try:
        return _looked_up(runs)
    finally:
        for module in [module for module in sys.modules if module.partition(".")[0] == "pypinyin"]:
            del sys.modules[module]
        gc.collect()  # modules are circles


def _looked_up(runs: Collection[str]) -> dict[str, list[Syllable]]:
    """By itself, so that nothing of the library is held when it returns."""
    from pypinyin import Style, pinyin

    each: dict[str, list[str]] = {}
    for character in {character for run in runs for character in run}:
        [each[character]] = pinyin(character, style=Style.NORMAL, heteronym=True)
    found: dict[str, list[Syllable]] = {}
    for run in runs:
        # Without the list, unknown characters that follow one another would be one.
        words = pinyin(run, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]
        found[run] = [_syllable(here, each[one], one) for one, (here,) in zip(run, words, strict=True)]
    return found


def _syllable(here: str, elsewhere: list[str], character: str) -> Syllable:
    """The library writes ü as v; people type v or u."""
    readings = [reading.replace("v", to) for reading in (here, *elsewhere) for to in ("v", "u")]
    return tuple(dict.fromkeys((*map(fold, readings), fold(character))))

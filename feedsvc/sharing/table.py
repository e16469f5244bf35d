"""A table of old links: lines of a CSV file, each an old name and the article it leads to. Pure, line by line.

Columns `old` and `target`, with a header or without; comma, semicolon or tab between them. Further ones mean nothing.
A line is a row: no field goes on in the next one, so that a stray quotation mark costs its own line only.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from feedsvc.content.encoding import clean, decode

OLD = frozenset(("old", "code", "from", "url", "source", "alias", "link"))
TARGET = frozenset(("target", "id", "to", "article", "identity", "destination"))

_AUTHORITY, _DATED = re.compile(r"tag:[^,;/]+"), re.compile(r"\d{4}(?:-\d\d){0,2}:")

REASONS = {  # of rejected lines; stable, as problem codes are
    "empty": "the old link or its target is missing",
    "quotes": "the line cannot be read: a quotation mark is never closed, or a field is too long",
    "malformed": "this can be no share link: too long, a blank in a code, or no path but the front page's",
    "target": "no article is called so, or more than one",
    "repeated": "line {line} has the same old link with another target",
    "taken": "it belongs to {other} already",
}


@dataclass(frozen=True, slots=True)
class OldLink:
    """A line that can be read. line: 1-based, of the file. old, target: as written, without blanks around them."""

    line: int
    old: str
    target: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that is not taken over, and why: one of REASONS. about: the other line, or whom it belongs to."""

    line: int
    old: str
    target: str
    reason: str
    about: str = ""

    @property
    def message(self) -> str:
        return REASONS[self.reason].format(line=self.about, other=self.about)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a table. lines: with something in them. new: links that did not exist. known: those that did.

    rejected: how many lines; `examples` are the first of them.
    """

    lines: int = 0
    new: int = 0
    known: int = 0
    rejected: int = 0
    examples: tuple[Rejected, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        return {"lines": self.lines, "new": self.new, "known": self.known, "rejected": self.rejected}


# What web workers are handed: (the table, who asks, only try) -> what came of it; Undecodable when it is no text.
Importer = Callable[[bytes, str, bool], Imported]


def read_table(data: bytes) -> Iterator[OldLink | Rejected]:
    """The lines of a file in UTF-8, UTF-16 or GB18030; Undecodable when it is no text. Empty lines are passed over."""
    lines = clean(decode(data).text).split("\n")
    delimiter = _delimiter(lines)
    old, target, first = 0, 1, True
    for number, line in enumerate(lines, 1):
        if not line.strip(" \t" + delimiter):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True))]
        except csv.Error:
            yield Rejected(number, line[:80], "", "quotes")
            continue
        if first:
            first = False
            if (columns := _header(cells)) is not None:
                old, target = columns
                continue
        cells = _whole_ids(cells)
        link = OldLink(number, _cell(cells, old), _cell(cells, target))
        if link.old and link.target:
            yield link
        else:
            yield Rejected(link.line, link.old, link.target, "empty")


def _delimiter(lines: Sequence[str]) -> str:
    """What stands between the columns of the first line that has anything in it."""
    line = next(filter(None, map(str.strip, lines)), "")
    return max(",;\t", key=line.count)


def _header(cells: Sequence[str]) -> tuple[int, int] | None:
    """Where the two columns are, when this line names them both."""
    names = [cell.lower().replace(" ", "_") for cell in cells]
    old = next((at for at, name in enumerate(names) if name in OLD), None)
    target = next((at for at, name in enumerate(names) if name in TARGET), None)
    return None if old is None or target is None else (old, target)


def _whole_ids(cells: list[str]) -> list[str]:
    """The comma in `tag:example.com,2026:NW1` (RFC 4151) is part of the id, also when nobody put it in quotes."""
    for at in range(len(cells) - 1, 0, -1):
        if _DATED.match(cells[at]) and _AUTHORITY.fullmatch(cells[at - 1]):
            cells[at - 1 : at + 1] = [f"{cells[at - 1]},{cells[at]}"]
    return cells


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""

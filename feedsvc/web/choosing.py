"""What somebody ticked and typed in the subscription builder, and the one feed it stands for. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from feedsvc.articles.category import SITE
from feedsvc.feeds.selection import selection
from feedsvc.feeds.target import Kind, Target, parse_target
from feedsvc.web.subscribing import CONTENTS

LONGEST_WORD = 60  # characters
_BETWEEN_WORDS = re.compile(r"[,，、;；\n]")


@dataclass(frozen=True, slots=True)
class Choice:
    """everything: all categories, whichever are ticked. categories, without: slugs, each once, in the order said.

    words: casefolded. content: "full", "brief", or "" for what the site prefers. unknown: names that mean nothing,
    removed: categories without a feed any more; as they were said.
    """

    everything: bool = False
    categories: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    content: str = ""
    unknown: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.everything or self.categories)

    @property
    def parts(self) -> int:
        """As feeds.max_parts counts them."""
        return selection(self._include, self.without, self.words).parts

    @property
    def address(self) -> str:
        """Path and query of the feed (contract H54), "" when nothing can be in it."""
        if self.empty:
            return ""
        chosen = selection(self._include, self.without, self.words)
        written = Target(kind=Kind.COMBINED, selection=chosen, content=self.content)
        found = parse_target(written.path)  # one category and nothing else is its own feed
        return found.address if found else ""

    @property
    def query(self) -> str:
        """The builder's own query for this choice, the same however it was said."""
        pairs = [("all", "1")] if self.everything else [("category", slug) for slug in sorted(self.categories)]
        pairs += [("without", slug) for slug in sorted(self.without)]
        pairs += [("word", word) for word in sorted(self.words)]
        return urlencode(pairs + ([("content", self.content)] if self.content else []))

    def leaving_out(self, slug: str) -> Choice:
        """The same, without the articles of one more category."""
        return replace(self, without=tuple(dict.fromkeys((*self.without, slug))))

    @property
    def _include(self) -> tuple[str, ...]:
        return (SITE,) if self.everything else self.categories


def read_choice(pairs: Iterable[tuple[str, str]], meant: Callable[[str], str | None]) -> Choice:
    """pairs: the form's parameters. meant: name -> its category's slug, "" when it was removed, None when unknown."""
    said = list(pairs)
    unknown: dict[str, None] = {}
    removed: dict[str, None] = {}

    def slugs(parameter: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for text in _values(said, parameter):
            slug = meant(text)
            {None: unknown, "": removed}.get(slug, found)[slug or text] = None
        return tuple(found)

    content = next(iter(_values(said, "content")), "")
    return Choice(
        everything=bool(_values(said, "all")),
        categories=slugs("category"),
        without=slugs("without"),
        words=_words(_values(said, "word")),
        content=content if content in CONTENTS else "",
        unknown=tuple(unknown),
        removed=tuple(removed),
    )


def _values(pairs: list[tuple[str, str]], parameter: str) -> list[str]:
    """In NFC, as names are; empty fields say nothing."""
    values = (unicodedata.normalize("NFC", value) for name, value in pairs if name == parameter)
    return [value for value in values if value.strip()]


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts may hold several, with a comma between them, in Chinese or Latin letters."""
    pieces = (" ".join(piece.split()) for text in texts for piece in _BETWEEN_WORDS.split(text))
    return tuple(dict.fromkeys(piece[:LONGEST_WORD].casefold() for piece in pieces if piece and piece.isprintable()))

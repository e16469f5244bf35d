"""What an address below /feed, /feeds and /search asks for, and the one address of each thing that can be asked for.

Light on purpose: web workers read addresses long before, and mostly without ever, rendering anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from urllib.parse import quote, unquote_plus

from feedsvc.articles.category import SITE
from feedsvc.articles.words import tidy_query, wanted
from feedsvc.feeds.address import SEARCH_PATH, combined_path, feed_path, label_path, variant_path
from feedsvc.feeds.paging import archive_path
from feedsvc.feeds.selection import Selection, parse_selection, selection, selection_segment
from feedsvc.feeds.spelled import unquoted

SUFFIXES = (".rss", ".atom", ".json")  # of feeds.formats.FORMATS, which would load lxml; the first is the default
LIST_PATH = "/feeds.opml"

_MONTH = re.compile(r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_NO_SELECTION = Selection(())


class Kind(Enum):
    """All but FEED, and LIST without a choice, are made when somebody asks."""

    FEED = "feed"
    PAGE = "page"
    VARIANT = "variant"
    ARCHIVE = "archive"
    COMBINED = "combined"
    LABEL = "label"
    SEARCH = "search"
    LIST = "list"


_ALONE = {"feed": Kind.FEED, "search": Kind.SEARCH}
_MEANT = {Kind.LIST: ("category", "format"), Kind.SEARCH: ("q",)}  # parameters; of all others "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One document. suffix: its format's; of a LIST (OPML), that of the feeds in it.

    category: of FEED, PAGE, VARIANT and ARCHIVE. page: 2 and up. content: "full" or "brief" of a VARIANT, of a
    COMBINED as well or "". month: "2026-11"; part: 1 and up from the month's oldest, None for its newest. selection: of
    COMBINED. label: kind and name. chosen: the categories in a LIST, () for all. words: of a SEARCH, tidy
    (articles/words.py).
    """

    kind: Kind
    suffix: str = SUFFIXES[0]
    category: str = SITE
    page: int = 1
    content: str = ""
    month: str = ""
    part: int | None = None
    selection: Selection = _NO_SELECTION
    label: tuple[str, str] = ("", "")
    chosen: tuple[str, ...] = ()
    words: str = ""

    @property
    def stem(self) -> str:
        """The path without suffix."""
        match self.kind:
            case Kind.VARIANT:
                return variant_path(self.category, self.content)
            case Kind.ARCHIVE:
                return archive_path(feed_path(self.category), (self.month, self.part))
            case Kind.COMBINED:
                return combined_path(selection_segment(self.selection), self.content)
            case Kind.LABEL:
                return label_path(*self.label)
            case Kind.SEARCH:
                return SEARCH_PATH
            case _:
                return feed_path(self.category)

    @property
    def path(self) -> str:
        return LIST_PATH if self.kind is Kind.LIST else self.stem + self.suffix

    @property
    def query(self) -> str:
        """Without question mark."""
        if self.kind is Kind.PAGE:
            return f"page={self.page}"
        if self.kind is Kind.SEARCH:
            return f"q={quote(self.words, safe='')}"
        if self.kind is Kind.LIST:
            names = [f"category={quote(slug, safe='')}" for slug in self.chosen]
            return "&".join(names + ([f"format={self.suffix[1:]}"] if self.suffix != SUFFIXES[0] else []))
        return ""

    @property
    def address(self) -> str:
        """Path and query: the one spelling (contract H54)."""
        query = self.query
        return f"{self.path}?{query}" if query else self.path

    @property
    def published(self) -> bool:
        """Whether the publisher makes it, whoever asks."""
        return self.kind is Kind.FEED or (self.kind is Kind.LIST and not self.query)

    @property
    def categories(self) -> tuple[str, ...]:
        """Those it is made of, SITE for everything. A change of them may change it, nothing else does."""
        match self.kind:
            case Kind.COMBINED:
                return (*self.selection.include, *self.selection.exclude)
            case Kind.LABEL | Kind.SEARCH:
                return (SITE,)
            case Kind.LIST:
                return self.chosen or (SITE,)
            case _:
                return (self.category,)

    def renamed(self, name: Callable[[str], str | None]) -> Target | None:
        """With each category's name put through `name`; None stands for one that is gone.

        Of several the others remain. None when nothing is left to show.
        """
        if self.kind in (Kind.LABEL, Kind.SEARCH):
            return self
        if self.kind is Kind.COMBINED:
            include, exclude = _each(name, self.selection.include), _each(name, self.selection.exclude)
            if not set(include) - set(exclude):
                return None
            return _simplest(replace(self, selection=selection(include, exclude, self.selection.words)))
        if self.kind is Kind.LIST:
            chosen = tuple(sorted(set(_each(name, self.chosen))))
            return replace(self, chosen=chosen) if chosen or not self.chosen else None
        found = name(self.category)
        return None if found is None else replace(self, category=found)

    def moved(self, former: Mapping[str, str]) -> Target | None:
        """Where it is now that categories have moved (contract M01); None when it is gone (M04).

        former: category without a feed of its own -> where its articles are, "" for nowhere.
        """
        return self.renamed(lambda slug: (former[slug] or None) if slug in former else slug)


def parse_target(path: str, query: str = "", max_parts: int = 100) -> Target | None:
    """What a percent-encoded path and query ask for; None when nothing can be there (contract P02).

    Other spellings are understood (doubled slashes, letter case of fixed words, order of parts): compare `address`.
    Names are taken as written. Parameters that mean nothing here are passed over (contract H40).
    """
    target = _by_path(path)
    if target is None or target.selection.parts > max_parts:
        return None
    if target.kind is Kind.LIST:
        return _chosen(target, query)
    if target.kind is Kind.SEARCH:
        return _searched(target, query)
    numbers = [value for name, value in _pairs(query) if name == "page"]
    if not numbers or numbers[0] == "1":
        return target
    if target.kind is not Kind.FEED or not _NUMBER.fullmatch(numbers[0]):
        return None  # whatever has no pages has only the first
    return replace(target, kind=Kind.PAGE, page=int(numbers[0]))


def split_query(target: Target, query: str) -> tuple[str, str]:
    """The parameters of a query that mean something at the target's path, and the others, both as written."""
    known = _MEANT.get(target.kind, ("page",))
    pieces = [piece for piece in query.split("&") if piece]
    mine = [piece for piece in pieces if piece.partition("=")[0] in known]
    return "&".join(mine), "&".join(piece for piece in pieces if piece not in mine)


def _by_path(path: str) -> Target | None:
    segments = [segment for segment in path.split("/") if segment]
    if not segments:
        return None
    first = (unquoted(segments[0]) or "").casefold()
    if len(segments) == 1 and first == LIST_PATH[1:]:
        return Target(kind=Kind.LIST)
    raw, dot, ending = segments[-1].rpartition(".")
    suffix = dot + ending.lower()
    if suffix not in SUFFIXES:
        return None
    inner = segments[1:-1]
    if first == "feeds" and inner and inner[0] == "+":
        return _combination([*inner[1:], raw], suffix)
    names = [unquoted(segment) for segment in [*inner, raw]]
    match (len(segments) == 1, first, names):
        case True, _, _:
            kind = _ALONE.get((names[0] or "").casefold())
            return Target(kind=kind, suffix=suffix) if kind else None
        case _, "feeds", ["+tag" | "+author" as kind, str(name)] if name and inner[0] == kind:
            return Target(kind=Kind.LABEL, suffix=suffix, label=(kind[1:], name))
        case _, "feed", [*rest]:
            return _of_category(SITE, rest, suffix) if rest else None
        case _, "feeds", [str(category), *rest] if category:
            return _of_category(category, rest, suffix)
    return None


def _of_category(category: str, rest: list[str | None], suffix: str) -> Target | None:
    match [word.casefold() if word else None for word in rest]:
        case []:
            return Target(kind=Kind.FEED, suffix=suffix, category=category)
        case ["full" | "brief" as content]:
            return Target(kind=Kind.VARIANT, suffix=suffix, category=category, content=content)
        case ["archive", str(month), *part] if _MONTH.fullmatch(month) and len(part) < 2:
            found = Target(kind=Kind.ARCHIVE, suffix=suffix, category=category, month=month)
            if not part:
                return found
            return replace(found, part=int(part[0])) if part[0] and _NUMBER.fullmatch(part[0]) else None
    return None


def _combination(segments: list[str], suffix: str) -> Target | None:
    """What follows the plain plus sign: a selection, then perhaps how much text. The first segment is never a word."""
    match [segments[0], *((unquoted(segment) or "").casefold() for segment in segments[1:])]:
        case [segment]:
            content = ""
        case [segment, "full" | "brief" as content]:
            pass
        case _:
            return None
    chosen = parse_selection(segment)
    if chosen is None or not set(chosen.include) - set(chosen.exclude):
        return None
    return _simplest(Target(kind=Kind.COMBINED, suffix=suffix, selection=chosen, content=content))


def _simplest(target: Target) -> Target:
    """A combination of one category and nothing else is that category's own feed."""
    chosen = target.selection
    if target.kind is Kind.COMBINED and len(chosen.include) == 1 and not chosen.exclude and not chosen.words:
        kind = Kind.VARIANT if target.content else Kind.FEED
        return Target(kind=kind, suffix=target.suffix, category=chosen.include[0], content=target.content)
    return target


def _chosen(target: Target, query: str) -> Target | None:
    pairs = _pairs(query)
    names = [_text(value) for name, value in pairs if name == "category"]
    suffix = "." + next((value for name, value in pairs if name == "format"), SUFFIXES[0][1:])
    if None in names or suffix not in SUFFIXES:
        return None
    return replace(target, suffix=suffix, chosen=tuple(sorted({name for name in names if name is not None})))


def _searched(target: Target, query: str) -> Target | None:
    asked = [_text(value) for name, value in _pairs(query) if name == "q"]
    words = tidy_query(asked[0] or "") if asked else ""
    return replace(target, words=words) if wanted(words) else None


def _text(value: str) -> str | None:
    try:
        return unquoted(quote(unquote_plus(value, errors="strict"), safe=""))
    except UnicodeDecodeError:
        return None


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (piece.partition("=") for piece in query.split("&") if piece)]


def _each(name: Callable[[str], str | None], slugs: Collection[str]) -> list[str]:
    return [found for slug in slugs if (found := name(slug)) is not None]

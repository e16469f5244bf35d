"""One address per document: which one another spelling means, and where things have moved (contract H54, M01, M04).

Pure, but for the list of published paths that it is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from feedsvc.articles.category import SITE
from feedsvc.feeds.address import category_of, feed_path
from feedsvc.feeds.spelled import unquoted as decoded
from feedsvc.feeds.target import SUFFIXES, Kind, Target, parse_target, split_query
from feedsvc.settings import Settings

__all__ = ["Addresses", "Elsewhere", "Gone", "Here", "Spellings", "decoded", "squeezed"]

_HOUR, _DAY = 3_600, 86_400  # seconds
_OF_A_CATEGORY = frozenset({Kind.FEED, Kind.PAGE, Kind.VARIANT, Kind.ARCHIVE})


def squeezed(raw: str) -> str:
    """Without doubled and trailing slashes."""
    return "/" + "/".join(part for part in raw.split("/") if part)


class Spellings:
    """Finds the published path that a differently written one means."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._folded: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            text = decoded(path)
            if text is not None:
                self._exact[text] = path
                self._folded[text.casefold()].append(path)

    def canonical(self, raw: str) -> str | None:
        """The one published path meant, which may be `raw` itself; None when there is none or no telling which.

        Escapes, slashes and the suffix' letter case are repaired first; another letter case of the name only counts
        when exactly one published path has it.
        """
        text = decoded(squeezed(raw))
        if text is None:
            return None
        text = _jekyll_feed_address(text)
        stem, dot, suffix = text.rpartition(".")
        text = stem + dot + suffix.lower()
        if text in self._exact:
            return self._exact[text]
        alike = self._folded.get(text.casefold(), [])
        return alike[0] if len(alike) == 1 else None

    def category(self, slug: str) -> str | None:
        """The category with a feed that is called so, perhaps in another letter case."""
        path = self.canonical(feed_path(slug) + SUFFIXES[0])
        return None if path is None else category_of(path.removesuffix(SUFFIXES[0]))


@dataclass(frozen=True, slots=True)
class Here:
    """target: what is asked for; it has this very address, or another's is served at this one (contract M03)."""

    target: Target


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """address: path and query. max_age: seconds for which that may be believed."""

    address: str
    max_age: int


@dataclass(frozen=True, slots=True)
class Gone:
    """It was taken out by the settings (contract M04)."""


Place = Here | Elsewhere | Gone


class Addresses:
    """What the settings say about addresses, and the spellings of what is published."""

    def __init__(self, settings: Settings) -> None:
        categories, feeds = settings.categories, settings.feeds
        self._former: Mapping[str, str] = categories.former
        self._both = frozenset(categories.also_at_old_address)
        self._labels = {kind for kind, on in (("tag", feeds.tags), ("author", feeds.authors)) if on}
        self._max_parts = feeds.max_parts
        self._search = settings.search.enabled
        old = map(feed_path, self._former)
        # Whatever the store still has of them, it is not served there.
        self.old_paths = frozenset(path + suffix for path in old for suffix in SUFFIXES)

    def spellings(self, paths: Iterable[str]) -> Spellings:
        """Of the published paths, and of those that once were."""
        return Spellings({*paths, *self.old_paths})

    def find(self, path: str, query: str, known: Spellings) -> Place | None:
        """Where the document is that a percent-encoded path and query mean; None when there is none, for all we know.

        One hop, whatever is different about the address: its spelling, its order, a category's name (contract M01).
        """
        meant = self._meant(path, query, known)
        if meant is None or (meant.kind is Kind.LABEL and meant.label[0] not in self._labels):
            return None
        if meant.kind is Kind.SEARCH and not self._search:
            return None
        there = meant.moved(self._former)
        if there is None:
            return Gone()
        said, rest = split_query(meant, query)
        if (path, said) == (meant.path, meant.query):
            if there == meant:
                return Here(there)
            if meant.kind in _OF_A_CATEGORY and meant.category in self._both:
                return Here(there)
        lasting = there != meant or path.endswith(".xml")
        joined = there.address + ("&" if there.query else "?") + rest if rest else there.address
        return Elsewhere(joined, _DAY if lasting else _HOUR)

    def _meant(self, path: str, query: str, known: Spellings) -> Target | None:
        """With the names of its categories as they are, or were."""
        target = parse_target(path, query, self._max_parts)
        if target is None or target.kind in (Kind.FEED, Kind.PAGE) or (target.kind is Kind.LIST and target.published):
            written = known.canonical(target.path if target else path)
            return parse_target(written, query, self._max_parts) if written else None
        named = target.renamed(known.category)
        if named is None or any(known.category(slug) is None for slug in target.categories if slug != SITE):
            written = known.canonical(path)  # a name with a slash in it: /feeds/one/full.rss
            return parse_target(written, query, self._max_parts) if written else None
        return named


def _jekyll_feed_address(text: str) -> str:
    """jekyll-feed's own addresses stand for the Atom feeds, so that subscribers of a moved site lose nothing."""
    if not text.endswith(".xml"):
        return text
    if text == "/feed.xml":
        return "/feed.atom"
    name = text.removeprefix("/feed/").removesuffix(".xml")
    return f"/feeds/{name}.atom" if text.startswith("/feed/") else text

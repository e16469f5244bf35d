"""A Feed becomes bytes, in every format, none of them too large (contract F07, F10)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

from feedsvc.feeds.feed import Entry, Feed, FeedFormat
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.paging import linked

STYLED = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One format's document. body: octets, uncompressed. styled: it names a style sheet for browsers."""

    format: FeedFormat
    body: bytes
    styled: bool = False

    @property
    def media_type(self) -> str:
        """As sent in Content-Type. Browsers apply a style sheet only to what calls itself XML (contract V08)."""
        return STYLED if self.styled and "xml" in self.format.media_type else self.format.media_type


def fitted(feed: Feed, max_bytes: int) -> tuple[Feed, tuple[Rendered, ...]]:
    """A first page as it is rendered, and all its formats, with the same entries in each, none above `max_bytes`.

    When full texts exceed it, the oldest entries go first; when not even the newest fits in full, its text gives way
    to its summary, and so on. A feed that fits, nearly every feed, is rendered exactly once.
    """
    whole = linked(feed)
    rendered = _render(whole) if _may_fit(feed.entries, max_bytes) else ()
    if rendered and _fits(rendered, max_bytes):
        return whole, rendered
    entries = feed.entries
    while entries:
        count = _most(feed, entries, max_bytes)
        if count:
            return _rendered(feed, entries[:count])
        entries = _lighter(entries)
    return _rendered(feed, ())


def whole(feed: Feed, max_bytes: int, form: FeedFormat) -> tuple[Feed, Rendered]:
    """The feed as it is rendered, and one format of it, with every entry.

    When full texts exceed `max_bytes` octets, those of the oldest entries give way to their summaries, as few as
    possible; when that is not enough, all do, and then summaries to titles likewise. Titles stay, whatever they take.
    """
    body = form.render(feed)
    for lighter in (_without_text, _without_summary):
        if len(body) > max_bytes:
            feed = _lightened(feed, lighter, max_bytes, form)
            body = form.render(feed)
    return feed, Rendered(form, body, bool(feed.stylesheet))


def _render(feed: Feed) -> tuple[Rendered, ...]:
    return tuple(Rendered(form, form.render(feed), bool(feed.stylesheet)) for form in FORMATS)


def _rendered(feed: Feed, entries: tuple[Entry, ...]) -> tuple[Feed, tuple[Rendered, ...]]:
    shown = linked(replace(feed, entries=entries, newest=entries[0].published if entries else None))
    return shown, _render(shown)


def _fits(rendered: tuple[Rendered, ...], max_bytes: int) -> bool:
    return all(len(one.body) <= max_bytes for one in rendered)


def _may_fit(entries: tuple[Entry, ...], max_bytes: int) -> bool:
    """False when it certainly will not: no text takes fewer octets than it has characters."""
    return sum(len(entry.content_html) + len(entry.summary) for entry in entries) <= max_bytes


def _most(feed: Feed, entries: tuple[Entry, ...], max_bytes: int) -> int:
    """How many of the newest entries fit."""

    def exceeds(count: int) -> bool:
        kept = entries[:count]
        return not (_may_fit(kept, max_bytes) and _fits(_rendered(feed, kept)[1], max_bytes))

    return bisect_left(range(1, len(entries) + 1), True, key=exceeds)


def _lighter(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The newest without its full text; when it has only a summary and still does not fit, without it."""
    newest, *older = entries
    if newest.content_html and newest.summary:
        return (replace(newest, content_html=""), *older)
    return tuple(older)


def _lightened(feed: Feed, lighter: Callable[[Entry], Entry], max_bytes: int, form: FeedFormat) -> Feed:
    """With as few of the oldest entries made lighter as will do; with all of them when nothing does."""

    def light(count: int) -> Feed:
        kept = len(feed.entries) - count
        return replace(feed, entries=feed.entries[:kept] + tuple(map(lighter, feed.entries[kept:])))

    def fits(count: int) -> bool:
        return len(form.render(light(count))) <= max_bytes

    return light(1 + bisect_left(range(1, len(feed.entries)), True, key=fits))


def _without_text(entry: Entry) -> Entry:
    """With its summary only, which is never nothing (contract RS16)."""
    return replace(entry, content_html="", summary=entry.summary or entry.title)


def _without_summary(entry: Entry) -> Entry:
    return replace(entry, content_html="", summary=entry.title)

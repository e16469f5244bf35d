"""A Feed becomes bytes, in every format, none of them too large (contract F07, F10)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from feedsvc.feeds.feed import Entry, Feed, FeedFormat
from feedsvc.feeds.formats import FORMATS


@dataclass(frozen=True, slots=True)
class Rendered:
    """One format's document. body: octets, uncompressed."""

    format: FeedFormat
    body: bytes


def render_all(feed: Feed, max_bytes: int) -> tuple[Rendered, ...]:
    """All formats, with the same entries in each, none above `max_bytes` octets.

    When full texts exceed it, the oldest entries go first; when not even the newest fits in full, its text gives way
    to its summary, and so on. A feed that fits, nearly every feed, is rendered exactly once.
    """
    rendered = _render(feed) if _may_fit(feed.entries, max_bytes) else ()
    if rendered and _fits(rendered, max_bytes):
        return rendered
    entries = feed.entries
    while entries:
        count = _most(feed, entries, max_bytes)
        if count:
            return _render(replace(feed, entries=entries[:count]))
        entries = _lighter(entries)
    return _render(replace(feed, entries=()))


def _render(feed: Feed) -> tuple[Rendered, ...]:
    return tuple(Rendered(form, form.render(feed)) for form in FORMATS)


def _fits(rendered: tuple[Rendered, ...], max_bytes: int) -> bool:
    return all(len(one.body) <= max_bytes for one in rendered)


def _may_fit(entries: tuple[Entry, ...], max_bytes: int) -> bool:
    """False when it certainly will not: no text takes fewer octets than it has characters."""
    return sum(len(entry.content_html) + len(entry.summary) for entry in entries) <= max_bytes


def _most(feed: Feed, entries: tuple[Entry, ...], max_bytes: int) -> int:
    """How many of the newest entries fit."""

    def exceeds(count: int) -> bool:
        kept = entries[:count]
        return not (_may_fit(kept, max_bytes) and _fits(_render(replace(feed, entries=kept)), max_bytes))

    return bisect_left(range(1, len(entries) + 1), True, key=exceeds)


def _lighter(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The newest without its full text; when it has only a summary and still does not fit, without it."""
    newest, *older = entries
    if newest.content_html and newest.summary:
        return (replace(newest, content_html=""), *older)
    return tuple(older)

"""Atom 1.0 (contract section 3; RFC 4287)."""

from __future__ import annotations

from feedsvc.feeds.feed import Feed
from feedsvc.feeds.formats.feedgen_adapter import atom_bytes


class Atom:
    name = "atom"
    suffix = ".atom"
    media_type = "application/atom+xml; charset=utf-8"

    def render(self, feed: Feed) -> bytes:
        return atom_bytes(feed, feed.address(self.suffix), "application/atom+xml")

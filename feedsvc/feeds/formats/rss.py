"""RSS 2.0 (contract section 2; https://www.rssboard.org/rss-specification and the Board's best-practices profile)."""

from __future__ import annotations

from feedsvc.feeds.feed import Feed
from feedsvc.feeds.formats.feedgen_adapter import rss_bytes


class Rss:
    name = "rss"
    suffix = ".rss"
    media_type = "application/rss+xml; charset=utf-8"

    def render(self, feed: Feed) -> bytes:
        return rss_bytes(feed, feed.address(self.suffix), "application/rss+xml")

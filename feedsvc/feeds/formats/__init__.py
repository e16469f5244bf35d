"""The formats in which every feed is published; another one is another module and one more name here."""

from __future__ import annotations

from feedsvc.feeds.feed import FeedFormat
from feedsvc.feeds.formats.atom import Atom
from feedsvc.feeds.formats.json_feed import JsonFeed
from feedsvc.feeds.formats.rss import Rss

FORMATS: tuple[FeedFormat, ...] = (Rss(), Atom(), JsonFeed())

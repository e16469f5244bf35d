"""How feeds are found from elsewhere: Link headers (contract L03, L04) and autodiscovery lines (L01)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from feedsvc.feeds.address import feed_path

# (name, suffix, media type without parameters), preferred first. The same as feeds.formats.FORMATS, written down here
# because importing those loads feedgen and lxml into every web worker; a test compares the two.
FEED_FORMATS = (
    ("RSS", ".rss", "application/rss+xml"),
    ("Atom", ".atom", "application/atom+xml"),
    ("JSON", ".json", "application/feed+json"),
)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """One feed in one format, as a page links it. url: absolute."""

    name: str
    url: str
    media_type: str


def feed_links(category: str, public_base: str) -> tuple[FeedLink, ...]:
    """The category's feed in every format, preferred first."""
    stem = public_base + feed_path(category)
    return tuple(FeedLink(name, stem + suffix, media_type) for name, suffix, media_type in FEED_FORMATS)


def in_every_format(target: str) -> tuple[tuple[str, str, str], ...]:
    """(name, target, media type) of the same feed in every format, preferred first; () when it is no feed's target.

    target: path and query, e.g. "/feeds/news.atom?page=2".
    """
    path, question, query = target.partition("?")
    stem, dot, ending = path.rpartition(".")
    if all(suffix != dot + ending for _, suffix, _ in FEED_FORMATS):
        return ()
    return tuple((name, stem + suffix + question + query, media_type) for name, suffix, media_type in FEED_FORMATS)


def link_header(target: str, public_base: str, links: Iterable[tuple[str, str]] = ()) -> str:
    """The one Link header of a document (contract H34, L03, L04, P01): itself, what belongs to it, the other formats.

    target: path and query. links: (relation, absolute address) of the hub, of other pages and archives.
    """
    parts = [f'<{public_base}{target}>; rel="self"']
    parts += [f'<{url}>; rel="{relation}"' for relation, url in links]
    parts += [
        f'<{public_base}{other}>; rel="alternate"; type="{media_type}"'
        for _, other, media_type in in_every_format(target)
        if other != target
    ]
    return ", ".join(parts)


def links_in(header: str) -> dict[str, str]:
    """relation -> address, as `link_header` wrote them; of several with one relation the first."""
    found: dict[str, str] = {}
    for url, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', header):
        found.setdefault(relation, url)
    return found

"""How feeds are found from elsewhere: Link headers (contract L03, L04) and autodiscovery lines (L01)."""

from __future__ import annotations

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


def link_header(path: str, public_base: str) -> str:
    """The Link header of a document: itself, and the same feed in the other formats."""
    parts = [f'<{public_base}{path}>; rel="self"']
    stem, dot, ending = path.rpartition(".")
    if any(suffix == dot + ending for _, suffix, _ in FEED_FORMATS):
        parts += [
            f'<{public_base}{stem}{suffix}>; rel="alternate"; type="{media_type}"'
            for _, suffix, media_type in FEED_FORMATS
            if suffix != dot + ending
        ]
    return ", ".join(parts)

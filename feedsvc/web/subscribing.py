"""What the subscribe box offers for one feed: its address, ways to open it, its formats and variants. Pure.

The templates' macro `subscribe_box` shows an Offer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from feedsvc.articles.category import SITE
from feedsvc.feeds.target import Kind, Target, parse_target
from feedsvc.settings import Settings
from feedsvc.web.discovery import FeedLink, in_every_format

CONTENTS = ("full", "brief")  # what a variant may show, whatever the settings prefer


@dataclass(frozen=True, slots=True)
class Offer:
    """url: the feed's address, absolute. in_program: opens in a reader installed on the machine; in_page: in a web
    reader that has registered itself with the browser. readers: (name, address) of web readers that take a feed.

    formats: the same feed in each. variants: ("full" or "brief", that one in each format); () where there are none.
    opml: the feeds of its categories, each by itself, for import; "" without any. pushed: news come at once, through a
    WebSub hub.
    """

    url: str
    in_program: str
    in_page: str
    readers: tuple[tuple[str, str], ...]
    formats: tuple[FeedLink, ...]
    variants: tuple[tuple[str, tuple[FeedLink, ...]], ...] = ()
    opml: str = ""
    pushed: bool = False


def offer(address: str, settings: Settings) -> Offer:
    """address: path and query of the feed, canonical (feeds/target.py), such as "/feeds/news.rss"."""
    base = settings.public_base
    url = base + address
    target = parse_target(*address.partition("?")[::2], settings.feeds.max_parts)
    return Offer(
        url=url,
        in_program=feed_uri(url),
        in_page=web_feed_uri(url),
        readers=reader_links(settings.pages.readers.items(), url),
        formats=_formats(address, base),
        variants=_variants(target, base) if target else (),
        opml=base + list_address(_shown(target)) if target and target.kind in _OF_CATEGORIES else "",
        pushed=bool(settings.feeds.hub) and target is not None and target.kind is Kind.FEED,  # contract P03
    )


def feed_uri(url: str) -> str:
    """The feed: scheme (provisional at IANA), its opaque form: "feed:" and the whole address as it is.

    The other form, feed://host/path, says http, and some programs ask for that. Programs that know the scheme take the
    rest literally: percent-encoded they do not find it.
    """
    return f"feed:{url}"


def web_feed_uri(url: str) -> str:
    """The same for web readers: pages may register schemes only that begin with web+ (HTML, "custom scheme
    handlers"). The browser hands the reader the whole of it, escaped; readers take the prefix off.
    """
    return f"web+feed:{url}"


def reader_links(readers: Iterable[tuple[str, str]], url: str) -> tuple[tuple[str, str], ...]:
    """(name, address) of each, with the feed's address in place of {url}, percent-encoded whole."""
    escaped = quote(url, safe="")
    return tuple((name, pattern.replace("{url}", escaped)) for name, pattern in readers)


_OF_CATEGORIES = frozenset({Kind.FEED, Kind.PAGE, Kind.VARIANT, Kind.ARCHIVE, Kind.COMBINED})


def _formats(address: str, base: str) -> tuple[FeedLink, ...]:
    return tuple(FeedLink(name, base + other, media_type) for name, other, media_type in in_every_format(address))


def _variants(target: Target, base: str) -> tuple[tuple[str, tuple[FeedLink, ...]], ...]:
    if target.kind not in _OF_CATEGORIES:
        return ()
    if target.kind is not Kind.COMBINED:
        target = Target(kind=Kind.VARIANT, category=target.category)
    each = [replace(target, content=content) for content in CONTENTS]
    return tuple((one.content, _formats(one.address, base)) for one in each)


def _shown(target: Target) -> tuple[str, ...]:
    """Without what a combination leaves out."""
    return target.selection.include if target.kind is Kind.COMBINED else (target.category,)


def list_address(slugs: Iterable[str]) -> str:
    """OPML of the feeds of these categories; of all there are, for the whole site."""
    chosen = set(slugs)
    return Target(kind=Kind.LIST, chosen=() if SITE in chosen else tuple(sorted(chosen))).address

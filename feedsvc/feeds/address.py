"""Where feeds live and what they are called for ever. Plain text in, percent-encoded ASCII out (contract F04, H54)."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

from feedsvc.articles.category import SITE

_SITE_PATH = "/feed"
_FOLDER = "/feeds/"
SEARCH_PATH = "/search"  # the page; with a suffix, the feed
_ESCAPED_ESCAPE = re.compile("%25(?=[0-9A-Fa-f]{2})")


def feed_path(category: str) -> str:
    """The address of a category's feed without its format's suffix: "/feed" or "/feeds/%E6%96%B0".

    Everything but RFC 3986's unreserved characters is escaped, the slash too, so that each category is one segment
    and has one spelling. With the suffix on, not even "." and ".." are dot segments.
    """
    return _SITE_PATH if category == SITE else _FOLDER + quote(category, safe="")


def category_of(path: str) -> str | None:
    """The category whose `feed_path` is exactly this percent-encoded path, None when there cannot be one."""
    if path == _SITE_PATH:
        return SITE
    try:
        category = unquote(path.removeprefix(_FOLDER), errors="strict")
    except UnicodeDecodeError:
        return None
    return category if category and feed_path(category) == path else None


def variant_path(category: str, content: str) -> str:
    """The same feed with another amount of text, "full" or "brief", without suffix: "/feeds/news/full"."""
    return f"{feed_path(category)}/{content}"


def combined_path(segment: str, content: str = "") -> str:
    """A combination's address without suffix; selection.py writes the segment. content: as in variant_path, or none."""
    return f"{_FOLDER}+/{segment}" + (f"/{content}" if content else "")


def label_path(kind: str, name: str) -> str:
    """The feed of a "tag" or an "author" without suffix. No category's address has a plus sign that is not escaped."""
    return f"{_FOLDER}+{kind}/{quote(name, safe='')}"


def home_path(category: str) -> str:
    """The category's page for people: "/" for the site, else "/categories/<quoted>/".

    "." and ".." would be dot segments even when escaped (WHATWG URL): these two lead to the directory.
    """
    return "/" if category in (SITE, ".", "..") else f"/categories/{quote(category, safe='')}/"


def feed_id(category: str, authority: str) -> str:
    """The feed's permanent id, the same in all formats and on every host (contract AT02, RFC 4151).

    authority: "host,year", fixed once for a store: "tag:example.com,2026:feed/news". An escape that is part of the
    name ("a%20b") gets a colon after its sign, which names never have unescaped: programs that decode twice take
    "%2520" for a needless "%20" and the id for one that is not canonical (contract AT09).
    """
    return f"tag:{authority}:feed" if category == SITE else _tag(f"feed/{quote(category, safe='')}", authority)


def made_id(path: str, authority: str) -> str:
    """The permanent id of a combination's or a label's feed, by its address without suffix.

    These addresses have a plus sign that is not escaped, those of categories have none: so no two ids are the same.
    """
    return _tag(path.replace(_FOLDER, "feed/", 1), authority)


def search_id(words: str, authority: str) -> str:
    """The permanent id of a search's feed: one for each way to write the search, for ever."""
    return _tag(f"feed/+search/{quote(words, safe='')}", authority)


@lru_cache(maxsize=1024)  # few sources write many articles
def source_id(title: str, authority: str) -> str:
    """The id of a feed elsewhere of which only the name is known, one for each name, for ever (contract AT10)."""
    return _tag(f"source/{quote(title, safe='')}", authority)


def _tag(name: str, authority: str) -> str:
    return f"tag:{authority}:{_ESCAPED_ESCAPE.sub('%25:', name)}"

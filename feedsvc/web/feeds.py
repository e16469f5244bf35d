"""Feed addresses that are not a published document, letter for letter: redirected, refused or not there yet.

The documents themselves never come here, see hot.py.
"""

from __future__ import annotations

from urllib.parse import unquote

from flask import Response, request

from feedsvc.errors import StoreUnavailable
from feedsvc.web.hot import METHODS
from feedsvc.web.problems import plain
from feedsvc.web.services import services
from feedsvc.web.spelling import squeezed

_DAY = "public, max-age=86400"
_HOUR = "public, max-age=3600"
_MINUTE = "public, max-age=60"  # a feed may come into being at any time (contract H39)


def is_feed_address(raw: str) -> bool:
    """Whether a raw path means a feed, in any spelling: /feed.*, /feed/*, /feeds/*, but for an article's page.

    Also of a name that cannot be one (no UTF-8, control characters): who asks for it expects a feed (contract H39).
    """
    text = unquote(squeezed(raw)).casefold()
    if text.endswith(".html"):
        return False
    first = text[1:].partition("/")[0]
    return first in ("feed", "feeds") or first.startswith("feed.")


def answer(raw: str) -> Response:
    """301 to the canonical address (contract H54), 404, or 503 while nothing is published (M05)."""
    shelf = services().shelf
    try:
        if shelf.empty:
            return plain(503, "Nothing is published yet. Try again in a moment.")
        path = shelf.canonical(raw)
    except StoreUnavailable:
        return plain(503, "The database does not answer. Try again in a moment.")
    if path is None:
        return plain(404, "There is no such feed.", _MINUTE)
    if path == raw:  # it was published between the two looks
        return plain(503, "This feed is being published. Try again in a moment.")
    response = plain(301, f"This feed lives at {path}", _DAY if raw.endswith(".xml") else _HOUR)
    query = request.environ.get("QUERY_STRING", "")
    response.headers["Location"] = services().root + path + (f"?{query}" if query else "")
    return response


def only_reading() -> Response:
    """405 for methods that would change something (contract H27)."""
    response = plain(405, "A feed can be read, not written.")
    response.headers["Allow"] = METHODS
    return response

"""Feed addresses that are no document, letter for letter: redirected, gone, refused or not to be had now.

The documents themselves never come here, see hot.py.
"""

from __future__ import annotations

from urllib.parse import unquote

from flask import Response, request

from feedsvc.errors import StoreUnavailable
from feedsvc.feeds.address import SEARCH_PATH, feed_path
from feedsvc.feeds.target import SUFFIXES, Kind, parse_target
from feedsvc.web.asked import TROUBLE_KEY
from feedsvc.web.hot import METHODS
from feedsvc.web.limits import TooMany
from feedsvc.web.problems import RETRY_AFTER, plain
from feedsvc.web.services import services
from feedsvc.web.spelling import Elsewhere, Gone, Here, squeezed

_DAY = "public, max-age=86400"
_MINUTE = "public, max-age=60"  # a feed may come into being at any time (contract H39)
_TROUBLES = {  # what is said, and when to ask again
    "held": ("This feed is being looked at before it is published. Try again later.", "300"),  # somebody has to come
    "busy": ("Too many feeds are being made. Try again in a moment.", RETRY_AFTER),
}
_AWAY = "The database does not answer. Try again in a moment.", RETRY_AFTER


def is_feed_address(raw: str) -> bool:
    """Whether a raw path means a feed, in any spelling: /feed.*, /feeds.*, /feed/*, /feeds/*, but no article's page;
    and a search's, /search.rss and so on.

    Also of a name that cannot be one (no UTF-8, control characters): who asks for it expects a feed (contract H39).
    """
    text = unquote(squeezed(raw)).casefold()
    if text.endswith(".html"):
        return False
    if text.startswith(SEARCH_PATH) and text.removeprefix(SEARCH_PATH) in SUFFIXES:
        return True
    first = text[1:].partition("/")[0]
    return first in ("feed", "feeds") or first.startswith(("feed.", "feeds."))


def answer(raw: str) -> Response:
    """301 to the one address (contract H54, M01), 410 (M04), 404, or 503 for what cannot be had now (M05, M06).

    500 for a fault of ours.
    """
    app = services()
    query = request.environ.get("QUERY_STRING", "")
    trouble = request.environ.get(TROUBLE_KEY)
    if trouble is not None and trouble.code == "broken":
        return plain(500, "The server failed at this feed.")
    if isinstance(trouble, TooMany):
        response = plain(429, trouble.message)
        response.headers["Retry-After"] = str(trouble.wait)
        return response
    if trouble is not None:
        text, wait = _TROUBLES.get(trouble.code, _AWAY)
        response = plain(503, text)
        response.headers["Retry-After"] = wait
        return response
    try:
        if app.shelf.empty:
            return plain(503, "Nothing is published yet. Try again in a moment.")
        place = app.addresses.find(raw, query, app.shelf.spellings)
        if isinstance(place, Elsewhere | None) and _is_awaited(raw, query):
            return plain(503, "This feed is not published yet. Try again in a moment.")
    except StoreUnavailable:
        return plain(503, _AWAY[0])
    match place:
        case Elsewhere(address, max_age):
            response = plain(301, f"This feed lives at {address}", f"public, max-age={max_age}")
            response.headers["Location"] = app.root + address
            return response
        case Gone():
            return plain(410, "This feed was removed.", _DAY)
        case Here(target) if target.published:  # it was published between the two looks
            return plain(503, "This feed is being published. Try again in a moment.")
    return plain(404, "There is no such feed.", _MINUTE)


def _is_awaited(raw: str, query: str) -> bool:
    """Whether it names a category that has articles, but no feed yet, as while everything is published for the first
    time: readers must not be told that there is none, nor be led for good to one that is called nearly so.
    """
    app = services()
    target = parse_target(raw, query, app.settings.feeds.max_parts)
    if target is None or target.kind in (Kind.LABEL, Kind.LIST, Kind.SEARCH) or not app.shelf.reachable:
        return False
    paths = {slug: feed_path(slug) + SUFFIXES[0] for slug in target.categories}
    new = [slug for slug, path in paths.items() if not app.shelf.publishes(path)]
    new = [slug for slug in new if paths[slug] not in app.addresses.old_paths]
    if not new:
        return False
    now = app.visible()
    with app.store.reading() as reader:
        return any(found.count for slug in new if (found := reader.category(slug, now)) is not None)


def only_reading() -> Response:
    """405 for methods that would change something (contract H27)."""
    response = plain(405, "A feed can be read, not written.")
    response.headers["Allow"] = METHODS
    return response

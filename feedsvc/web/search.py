"""Search over titles, summaries and texts, the newest first: /search?q=… (the same as a feed: feeds/target.py).

Bounded: a query counts as far as LONGEST_QUERY characters, MOST results are looked at, and a client address may search
so often (search.requests).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from feedsvc.articles.article import Headline
from feedsvc.articles.words import Wanted, spots, tidy_query, wanted
from feedsvc.feeds.address import SEARCH_PATH
from feedsvc.feeds.target import Kind, Target
from feedsvc.web.catalogue import Entry, catalogue
from feedsvc.web.discovery import FeedLink, in_every_format
from feedsvc.web.finding import find
from feedsvc.web.language import gettext
from feedsvc.web.pages import here, message, not_found, page, page_number
from feedsvc.web.services import services
from feedsvc.web.shown import permitted, withheld
from feedsvc.web.subscribing import offer

PER_PAGE = 20
MOST = 500  # results that are counted and shown; of more it is said that there are more
CATEGORIES = 8  # whose names fit as well
LONGEST_SUMMARY = 160  # characters
_BEFORE = 40  # of them before the first word that was found, when the beginning has none

Pieces = list[tuple[str, bool]]  # text, and whether it is what was searched for

blueprint = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """A result. categories: those with a page."""

    headline: Headline
    title: Pieces
    summary: Pieces
    categories: tuple[Entry, ...]


@blueprint.get(SEARCH_PATH)
def results() -> Response:
    """A page of results; without a word to search for, the form and how to use it."""
    app = services()
    if not app.settings.search.enabled:
        return not_found()
    query = tidy_query(request.args.get("q", ""))
    number = page_number(request.args.get("page"))
    if number is None:
        return not_found()
    asked = wanted(query)
    if asked is None:
        return page("search.html", query=query, robots="noindex")
    if app.searches and (wait := app.searches.wait(request.environ, app.clock().timestamp())):
        return _too_many(wait)
    entries = catalogue().entries
    with app.store.reading() as reader:
        found = reader.search(asked, MOST + 1, app.visible())
        more = len(found) > MOST
        hidden = withheld(reader, found)  # they do not even count
        found = [headline for headline in found[:MOST] if headline.id not in hidden]
        start = (number - 1) * PER_PAGE
        shown = permitted(reader, found[start : start + PER_PAGE])
        stamps = reader.article_stamps([headline.id for headline in shown])
    if number > 1 and not shown:
        return not_found()
    of = {entry.slug: entry for entry in entries}
    hits = [
        Hit(
            headline,
            pieces(headline.title, asked),
            pieces(headline.summary.strip(), asked, LONGEST_SUMMARY),
            tuple(of[slug] for slug in stamps[headline.id].categories if slug in of),
        )
        for headline in shown
    ]
    address = Target(kind=Kind.SEARCH, words=query).address
    base = app.settings.public_base
    return page(
        "search.html",
        feeds=tuple(FeedLink(name, base + other, kind) for name, other, kind in in_every_format(address)),
        feed_title=gettext("Search: %(query)s") % {"query": query},
        query=query,
        hits=hits,
        total=len(found),
        more=more,
        fitting=find(entries, query)[:CATEGORIES],
        offer=offer(address, app.settings),
        newer=_link(query, number - 1) if number > 1 else "",
        older=_link(query, number + 1) if start + PER_PAGE < len(found) else "",
        robots="noindex",
    )


def pieces(text: str, asked: Wanted, longest: int = 0) -> Pieces:
    """The text cut where the words lie that were searched for. longest: of more characters, those around the first."""
    found = spots(text, asked)
    start, end = 0, len(text)
    if 0 < longest < len(text):
        first = found[0][0] if found else 0
        start = max(0, first - _BEFORE) if first > longest - _BEFORE else 0
        end = min(len(text), start + longest)
    cut: Pieces = [("…", False)] if start else []
    at = start
    for begin, stop in found:
        if stop <= start or begin >= end:
            continue
        begin, stop = max(begin, start), min(stop, end)
        cut += [(text[at:begin], False), (text[begin:stop], True)]
        at = stop
    cut.append((text[at:end] + ("…" if end < len(text) else ""), False))
    return [piece for piece in cut if piece[0]]


def _link(query: str, number: int) -> str:
    return here(SEARCH_PATH, {"q": query, "page": str(number) if number > 1 else ""})


def _too_many(wait: int) -> Response:
    response = message(
        429,
        gettext("Too many searches"),
        gettext("Please search again in %(seconds)s seconds.") % {"seconds": wait},
    )
    response.headers["Retry-After"] = str(wait)
    return response

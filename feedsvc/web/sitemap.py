"""For search engines: /robots.txt, /sitemap.xml, /news-sitemap.xml.

Sitemaps name pages of this host only, as their protocol wants: articles where this server is the canonical site, the
directory and the categories' pages always. They are made all at once from one look at the database, and remembered
for a hundred times as long as that took.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from threading import Lock
from time import monotonic

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from feedsvc.articles.article import Headline
from feedsvc.articles.category import SITE
from feedsvc.errors import StoreUnavailable
from feedsvc.feeds import sitemap as lists
from feedsvc.feeds.address import home_path
from feedsvc.feeds.rights import right_of
from feedsvc.publishing.document import Document
from feedsvc.publishing.publish import make_document
from feedsvc.store import Reader
from feedsvc.web.conditional import http_date
from feedsvc.web.negotiate import wants_gzip
from feedsvc.web.pages import not_found
from feedsvc.web.prepared import cache_control
from feedsvc.web.problems import plain
from feedsvc.web.services import services
from feedsvc.web.shelf import Busy
from feedsvc.web.shown import rights

MEDIA_TYPE = "application/xml; charset=utf-8"
AT_ONCE = 5_000  # articles read by one query
PAGES = ("/about-feeds", "/subscribe")
# They fetch what people paste, to show a card of it; no search engine learns of it.
PREVIEWS = (
    "facebookexternalhit", "Twitterbot", "LinkedInBot", "Slackbot", "TelegramBot", "WhatsApp", "Discordbot",
)  # fmt: skip
_MAX_AGE = 600  # seconds
_SHORTEST = 5.0  # seconds the lists are remembered at least
SHORT = 500_000  # octets
_SLICE = 64_000  # octets unpacked at once
_KEY = "feedsvc.sitemap"

blueprint = Blueprint("sitemap", __name__)


class Sitemaps:
    """The lists as last made, by path. Safe to use from several threads: one makes them, others get the former.

    While the first are made, others are sent away: for a large site that takes seconds, and who waited would keep a
    thread from those who want a feed.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[str, Document] = {}
        self._until = 0.0  # by time.monotonic

    def document(self, path: str) -> Document | None:
        """Raises Busy while they are made for the first time, StoreUnavailable when there is nothing to remember."""
        if monotonic() >= self._until and self._lock.acquire(blocking=False):
            try:
                if monotonic() >= self._until:
                    self._make()
            except StoreUnavailable:
                if not self._made:
                    raise
            finally:
                self._lock.release()
        if not self._made:
            raise Busy("The list is being made.")
        return self._made.get(path)

    def _make(self) -> None:
        began = monotonic()
        self._made = {document.path: document for document in made()}
        ended = monotonic()
        self._until = ended + max(_SHORTEST, 100 * (ended - began))


@blueprint.record
def _remember(state: BlueprintSetupState) -> None:
    state.app.extensions[_KEY] = Sitemaps()


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Share links may be fetched whatever else is said: previews need them (contract S04). Feeds are for programs."""
    app = services()
    root = app.root
    if app.settings.pages.robots:
        base = app.settings.public_base
        lines = [
            "User-agent: *",
            f"Disallow: {root}/api/",
            f"Disallow: {root}/search?q=",
            f"Disallow: {root}/subscribe?category=",
        ]
        lines += ["", f"Sitemap: {base}/sitemap.xml"]
        lines += [f"Sitemap: {base}/news-sitemap.xml"] if app.canonical else []
    else:
        open_paths = ["/s/", "/feed", *app.settings.share.legacy_paths]
        lines = [*(f"User-agent: {name}" for name in PREVIEWS), f"Disallow: {root}/api/", ""]
        lines += ["User-agent: *", *(f"Allow: {root}{path}" for path in open_paths), f"Disallow: {root}/"]
    return plain(200, "\n".join(lines), "public, max-age=3600")


@blueprint.get("/sitemap.xml")
@blueprint.get("/sitemap-<int:number>.xml")
def sitemap(number: int | None = None) -> Response:
    """All pages, or the index of the parts that hold them; one part."""
    app = services()
    path = "/sitemap.xml" if number is None else f"/sitemap-{number}.xml"
    if not app.settings.pages.robots:
        return not_found()
    if app.shelf.empty:
        return plain(503, "Nothing is published yet. Try again in a moment.")
    try:
        document = current_app.extensions[_KEY].document(path)
    except Busy as error:
        return plain(503, f"{error.message} Try again in a moment.")
    return sent(document) if document else not_found()


@blueprint.get("/news-sitemap.xml")
def news_sitemap() -> Response:
    """The articles of two days. Without Last-Modified: it also changes when one gets too old."""
    app = services()
    if not (app.canonical and app.settings.pages.robots):
        return not_found()
    site = app.settings.site
    with app.store.reading() as reader:
        news = [lists.News(it.canonical_url, it.title, it.published) for it in fresh(reader)]
    body = lists.news_sitemap(news, app.title, site.language)
    return sent(replace(document("/news-sitemap.xml", body, 0), max_age=60))


def fresh(reader: Reader) -> Iterator[Headline]:
    """The newest articles, as many and as old as the list may have, but for those that must not be passed on."""
    app = services()
    now, base, said = app.clock(), app.settings.public_base, rights()
    categories = {}
    if said:  # a list knows the categories, a headline the address
        categories = {it.id: it.categories for it in reader.listed(SITE, lists.MOST_NEWS, now)}
    for headline in reader.headlines(SITE, lists.MOST_NEWS, now):
        if headline.published < now - lists.NEWS_AGE:
            return
        if right_of(categories.get(headline.id, ()), said).text != "none" and lists.covers(
            base, headline.canonical_url
        ):
            yield headline


def made() -> Iterator[Document]:
    """Every sitemap, by its path: one for all when that is enough, else an index of parts.

    The first part has the pages that are no articles, the others articles in the order of their ids, so that new ones
    leave older parts mostly alone.
    """
    app = services()
    base, now = app.settings.public_base, app.visible()
    with app.store.reading() as reader:
        stamp = reader.category_stamps([SITE]).get(SITE)
        modified = stamp.touched if stamp else 0
        parts = lists.split(own_pages(reader, now))
        if app.canonical:
            parts = chain(parts, lists.split(articles(reader, now)))
        first = tuple(islice(parts, 3))
        if lists.fits(first):
            yield document("/sitemap.xml", lists.sitemap(*first), modified)
            return
        named = []
        for number, part in enumerate(chain(first, parts), start=1):
            path = f"/sitemap-{number}.xml"
            named.append(lists.Page(base + path, part.changed))
            yield document(path, lists.sitemap(part), modified)
    yield document("/sitemap.xml", lists.index(named), modified)


def own_pages(reader: Reader, now: datetime) -> Iterator[lists.Page]:
    """The directory, the categories' pages, and those that explain."""
    app = services()
    base, hidden = app.settings.public_base, {SITE, *app.settings.categories.former}
    shown = [entry for entry in reader.categories(now) if entry.count and entry.slug not in hidden]
    yield lists.Page(base + "/", max((entry.latest for entry in shown if entry.latest), default=None))
    for path in PAGES:
        yield lists.Page(base + path)
    for entry in shown:
        path = home_path(entry.slug)
        if path != "/" and lists.covers(base, base + path):
            yield lists.Page(base + path, entry.latest)


def articles(reader: Reader, now: datetime) -> Iterator[lists.Page]:
    """All of them, by id."""
    base, after = services().settings.public_base, ""
    while found := reader.pages(AT_ONCE, now, after):
        for _, address, updated in found:
            if lists.covers(base, address):
                yield lists.Page(address, updated)
        after = found[-1][0]


def document(path: str, body: bytes, modified: int) -> Document:
    return replace(make_document(path, MEDIA_TYPE, body, SITE, _MAX_AGE), modified=modified)


def sent(document: Document) -> Response:
    """The document. page_memory.py keeps and compresses short ones, and asks for all whether the client has them.

    A long one is sent as it was compressed; unpacked, as a stream.
    """
    long = document.length > SHORT
    gzip = long and wants_gzip(request.headers.get("Accept-Encoding"))
    body = document.gzip if gzip else _unpacked(document.gzip) if long else zlib.decompress(document.gzip, wbits=31)
    response = Response(body, content_type=MEDIA_TYPE)
    response.headers["ETag"] = f'"{document.etag}-gz"' if gzip else f'"{document.etag}"'
    response.headers["Cache-Control"] = cache_control(document.max_age)
    response.headers["Vary"] = "Accept-Encoding"
    if gzip:
        response.headers["Content-Encoding"] = "gzip"
    if 0 < document.modified <= services().clock().timestamp():  # it may lie ahead, see CategoryStamp
        response.headers["Last-Modified"] = http_date(document.modified)
    return response


def _unpacked(data: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    for start in range(0, len(data), _SLICE):
        yield unpacker.decompress(data[start : start + _SLICE])
    yield unpacker.flush()

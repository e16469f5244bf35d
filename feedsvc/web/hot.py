"""The WSGI layer in front of Flask: what is asked for often is answered from memory. No Flask, no database, no disk.

Only a request whose raw path equals a document's, letter for letter, is a document request; every other spelling falls
through and is redirected or refused (contract H54). Of the query, only parameters that mean something count (H40).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import length_hint
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feedsvc.errors import FeedsvcError, StoreUnavailable
from feedsvc.feeds.target import SUFFIXES, Kind
from feedsvc.sharing.click import Visitor
from feedsvc.sharing.visitor import visitor
from feedsvc.web.asked import MOST_HEADERS, PAGE_KEY, PREVIEW_KEY, TROUBLE_KEY, is_oversized, raw_path
from feedsvc.web.clicks import ClickCounter
from feedsvc.web.conditional import Verdict, accepts_feed_delta, bare, evaluate, parse_tags
from feedsvc.web.limits import Limits, TooMany
from feedsvc.web.links import NO_LINKS, PREFIX, HotLink, Links
from feedsvc.web.negotiate import wants_gzip, wants_page
from feedsvc.web.prepared import CORS, NOSNIFF, Headers, HotDocument, Variant
from feedsvc.web.shelf import Shelf
from feedsvc.web.spelling import Addresses, Here

METHODS = "GET, HEAD, OPTIONS"
PREFLIGHT: Headers = [
    *CORS,
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, A-IM, Accept"),
    ("Access-Control-Max-Age", "86400"),
    ("Allow", METHODS),
    ("Content-Length", "0"),
    NOSNIFF,
]
MOST_TAGS = 3  # of a request, that are tried for a delta

_MEANS_SOMETHING = re.compile("(?:^|&)(?:page|category|format)(?:=|&|$)")


class HotLayer:
    """A WSGI application: documents and share links from memory, everything else from `behind`."""

    def __init__(
        self,
        behind: WSGIApplication,
        shelf: Shelf,
        links: Links,
        clock: Callable[[], datetime],
        addresses: Addresses,
        clicks: ClickCounter,
        *,
        pages: bool = True,
        deltas: bool = False,
        limits: Limits | None = None,
        searches: Limits | None = None,
        cards: bool = False,
        foresee: Callable[[], None] = lambda: None,
    ) -> None:
        """pages: browsers get a page at a feed's address (contract V01). deltas: contract D02. limits: M06.

        searches: how many feeds of searches a client may have made.
        cards: robots that make previews get a share link's card from `behind` (contract S13).

        foresee: begin, in the background, to make what the first visitor would wait for.
        """
        self._behind = behind
        self._addresses = addresses
        self._pages = pages
        self._searches = searches
        self._deltas = deltas
        self._limits = limits
        self._whole_costs = deltas or limits is not None  # something is to be seen to before a whole answer
        self._shelf = shelf
        self._at_hand = shelf.at_hand
        self._links = links
        self._link_at_hand = links.at_hand
        self._clicks = clicks
        self._cards = cards
        self._clock = clock
        self.foresee = foresee

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        get = environ.get
        target: str = get("RAW_URI", "")
        hot = self._at_hand(target)
        # A rough sum is enough for nearly every request, and costs half a microsecond.
        if sum(map(length_hint, environ.values())) > MOST_HEADERS // 2 and is_oversized(environ, target):
            return self._behind(environ, start_response)  # which refuses it
        if hot is not None:
            hot.used = self._shelf.turn
        else:
            if (link := self._link_at_hand(target)) is not None:
                return self._follow(link, target, environ, start_response)
            found = self._look(target, environ, start_response)
            if not isinstance(found, HotDocument):
                return found
            hot = found
        method = environ["REQUEST_METHOD"]
        if method != "GET" and method != "HEAD":
            return _other_method(method, start_response)
        accept = get("HTTP_ACCEPT")
        if accept is not None and "html" in accept and self._is_page(hot, accept, environ):
            return self._behind(environ, start_response)
        variant = hot.gzip if wants_gzip(get("HTTP_ACCEPT_ENCODING")) else hot.identity
        if hot.ahead:
            variant = self._undated(hot, variant)
        none_match = get("HTTP_IF_NONE_MATCH")
        match = get("HTTP_IF_MATCH")
        unmodified_since = get("HTTP_IF_UNMODIFIED_SINCE")
        if none_match == variant.etag and match is None and unmodified_since is None:  # nearly every poll
            start_response("304 Not Modified", variant.not_modified.copy())
            return ()
        modified_since = get("HTTP_IF_MODIFIED_SINCE")
        if none_match or modified_since or match or unmodified_since:
            verdict = evaluate(
                if_match=match,
                if_unmodified_since=unmodified_since,
                if_none_match=none_match,
                if_modified_since=modified_since,
                opaque=variant.opaque,
                modified=hot.modified,
                now=int(self._clock().timestamp()),
            )
            if verdict is Verdict.NOT_MODIFIED:
                start_response("304 Not Modified", variant.not_modified.copy())
                return ()
            if verdict is Verdict.FAILED:
                return _plain(start_response, "412 Precondition Failed", "The feed has another version now.\n", method)
        if self._whole_costs and (instead := self._instead(hot, variant, environ, start_response)) is not None:
            return instead
        start_response("200 OK", variant.ok.copy())
        return variant.body if method == "GET" else ()

    def close(self) -> None:
        """Stop following the store's editions, and hand over the clicks."""
        self._shelf.close()
        self._clicks.close()

    def _look(
        self, target: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> HotDocument | Iterable[bytes]:
        """The long way: the document meant by a target that is not at hand, or somebody else's whole answer."""
        self._shelf.get("")  # with the first request in this process it begins to follow the store
        path = raw_path(environ)
        if not target:  # a server that only tells the decoded path cannot be sent to another spelling of it
            path = self._shelf.canonical(path) or path
        if self._links.is_link(path):
            if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
                return self._link(target, path, environ, start_response)
            return self._behind(environ, start_response)
        try:
            hot = self._find(path, environ)
        except FeedsvcError as error:
            hot, environ[TROUBLE_KEY] = None, error  # Flask says so
        return hot if hot is not None else self._behind(environ, start_response)

    def _find(self, path: str, environ: WSGIEnvironment) -> HotDocument | None:
        """The document that has this very address, but for what in the query means nothing."""
        query: str = environ.get("QUERY_STRING", "")
        if path not in self._addresses.old_paths and not _MEANS_SOMETHING.search(query):
            hot = self._shelf.load(path) if self._shelf.publishes(path) else None
            if hot is not None:
                return hot
        if path[1:5].lower() != "feed" and path[1:8].lower() != "search.":
            return None
        place = self._addresses.find(path, query, self._shelf.spellings)
        if not isinstance(place, Here):
            return None
        address = place.target.address
        if place.target.kind is Kind.SEARCH and self._at_hand(address) is None:
            self._count_search(environ)
        return self._shelf.load(address)

    def _count_search(self, environ: WSGIEnvironment) -> None:
        if self._searches and (wait := self._searches.wait(environ, self._clock().timestamp())):
            raise TooMany(wait)

    def _is_page(self, hot: HotDocument, accept: str, environ: WSGIEnvironment) -> bool:
        """Whether this is a person's browser at a feed's address; then feed_page.py answers (contract V01)."""
        if not self._pages or not wants_page(accept, environ.get("HTTP_SEC_FETCH_DEST")):
            return False
        if not hot.path.partition("?")[0].endswith(SUFFIXES):
            return False
        environ[PAGE_KEY] = hot.path
        return True

    def _instead(
        self, hot: HotDocument, variant: Variant, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """What is answered instead of the whole document: nothing yet (contract M06), or only what is new (D02)."""
        if self._limits is not None and (wait := self._limits.wait(environ, self._clock().timestamp())):
            return _plain(
                start_response,
                "429 Too Many Requests",
                f"Too many whole feeds were fetched from this address. Try again in {wait} s.\n",
                environ["REQUEST_METHOD"],
                ("Retry-After", str(wait)),
            )
        if self._deltas and environ["REQUEST_METHOD"] == "GET" and accepts_feed_delta(environ.get("HTTP_A_IM", "")):
            for _, tag in islice(parse_tags(environ.get("HTTP_IF_NONE_MATCH", "")), MOST_TAGS):
                if tag and (news := self._shelf.delta(hot, bare(tag))) is not None:
                    sent = news.gzip if variant.opaque == hot.gzip.opaque else news.identity
                    sent = self._undated(hot, sent) if hot.ahead else sent
                    start_response("226 IM Used", [*sent.ok, ("Delta-Base", f'"{tag}"')])
                    return sent.body
        return None

    def _undated(self, hot: HotDocument, variant: Variant) -> Variant:
        """The same without Last-Modified while that lies ahead of the clock (contract H05).

        A second version within one second is dated a second ahead (H51). To say "now" instead would be the first
        one's date again, and curl throws a body away whose date it knows, while it keeps the new ETag.
        """
        if hot.modified <= int(self._clock().timestamp()):
            hot.ahead = False
            return variant
        ok, not_modified = (
            [header for header in headers if header[0] != "Last-Modified"]
            for headers in (variant.ok, variant.not_modified)
        )
        return replace(variant, ok=ok, not_modified=not_modified)

    def _link(self, target: str, path: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """A share link that is not at hand."""
        if path.removeprefix(PREFIX).endswith(NO_LINKS):
            return self._behind(environ, start_response)
        query = environ.get("QUERY_STRING", "")
        name = self._links.name(path, query)
        try:
            link = self._links.redirect(name, self._shelf.edition, query) if name else None
        except StoreUnavailable:
            link = None  # Flask says so
        if link is None:
            return self._behind(environ, start_response)
        if target:
            self._links.keep(target, link)
        return self._lead(link, environ, start_response)

    def _follow(
        self, link: HotLink, target: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """A share link, or another old address, that is at hand."""
        method = environ["REQUEST_METHOD"]
        if method != "GET" and method != "HEAD":
            return self._behind(environ, start_response)
        still = self._links.still(target, link, self._shelf.edition)
        if still is None:
            return self._behind(environ, start_response)
        return self._lead(still, environ, start_response)

    def _lead(self, link: HotLink, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._clicks.follow(link.code, environ)
        if self._cards and wants_card(environ):
            environ[PREVIEW_KEY] = True
            return self._behind(environ, start_response)
        start_response(link.status, link.headers.copy())
        return link.body if environ["REQUEST_METHOD"] == "GET" else ()


def wants_card(environ: WSGIEnvironment) -> bool:
    """Whether a known robot asks that makes a preview of what it is given (contract S13)."""
    return visitor("GET", environ.get("HTTP_USER_AGENT", "")) is Visitor.PREVIEW


def _other_method(method: str, start_response: StartResponse) -> Iterable[bytes]:
    if method == "OPTIONS":
        start_response("204 No Content", PREFLIGHT.copy())
        return ()
    return _plain(
        start_response, "405 Method Not Allowed", "A feed can be read, not written.\n", method, ("Allow", METHODS)
    )


def _plain(
    start_response: StartResponse, status: str, text: str, method: str, *more: tuple[str, str]
) -> Iterable[bytes]:
    body = text.encode()
    start_response(
        status,
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            *CORS,
            NOSNIFF,
            *more,
        ],
    )
    return (body,) if method != "HEAD" else ()

"""Rendered pages in this process' memory, between the hot layer and Flask: a hot page costs no view and no database.

Kept is what a view says anybody may have: a GET answered 200 with an ETag and `Cache-Control: public`, that depends on
nothing but its target and the language. What is kept is believed as long as the shelf's edition stands, ten seconds at
the most; while the database is away, for ten minutes. One request renders a page, others that come meanwhile wait for
it or get the one before. Pages are compressed and their conditional requests answered here (RFC 9110 section 13), kept
or not.
"""

from __future__ import annotations

import gzip
import os
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from operator import length_hint
from time import monotonic, time
from typing import Protocol
from weakref import ref
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feedsvc.web.asked import MOST_HEADERS, PAGE_KEY, TROUBLE_KEY, headers_size
from feedsvc.web.conditional import Verdict, evaluate, parse_http_date
from feedsvc.web.language import decide
from feedsvc.web.negotiate import wants_gzip
from feedsvc.web.prepared import NOSNIFF, Headers, Variant

LIFETIME = 10.0  # seconds a page is believed within one edition
STALE = 600.0  # seconds it is served while the database is away
LIFETIME_KEY = "feedsvc.lifetime"  # environ, set by a view: seconds its page is to be believed, when fewer
PATIENCE = 1.0  # seconds a request waits for another that renders the same page, or is given the page before

_SMALL = 400  # octets under which gzip gains nothing
_OVERHEAD = 4_000  # octets of headers and objects of one page, roughly
_PRIVATE = re.compile(r"no-store|private|no-cache", re.IGNORECASE)
_TEXT = re.compile(r"text/|application/(?:[a-z-]+\+)?(?:json|xml|javascript)|image/svg", re.IGNORECASE)
_NOT_PAGES = ("/api/", "/healthz", "/readyz")
_ONLY_IF = frozenset({"HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"})
_CONDITIONS = _ONLY_IF | {"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"}
_IN_304 = frozenset({"cache-control", "content-location", "etag", "expires", "last-modified", "vary"})  # section 15.4.5

Key = tuple[str, str, str, str]  # language, mount point, raw target, query


class Edition(Protocol):
    """What is asked of the shelf."""

    @property
    def edition(self) -> int: ...
    @property
    def reachable(self) -> bool: ...


@dataclass(slots=True)
class Page:
    """made: by the monotonic clock. lifetime: seconds. modified: whole Unix seconds. size: octets.

    used: number of its latest use, written without a lock.
    """

    identity: Variant
    gzip: Variant
    modified: int | None
    edition: int
    made: float
    lifetime: float
    size: int
    used: int = field(default=0, compare=False)


@dataclass(slots=True)
class _Flight:
    """A page that is being rendered."""

    started: float
    landed: threading.Event = field(default_factory=threading.Event)


class PageMemory:
    """A WSGI application. Safe to use from several threads; in a forked child it begins anew."""

    def __init__(
        self,
        behind: WSGIApplication,
        shelf: Edition,
        site_language: str,
        limit: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """limit: octets of all pages in all codings; one page may take an eighth of it. clock: seconds."""
        self._behind = behind
        self._shelf = shelf
        self._site_language = site_language
        self._limit = limit
        self._clock = clock
        self._begin_anew()
        os.register_at_fork(after_in_child=partial(_forked, ref(self)))

    def _begin_anew(self) -> None:
        self._kept: dict[Key, Page] = {}
        self._size = 0
        self._flights: dict[Key, _Flight] = {}
        self._lock = threading.Lock()  # guards all three
        self._next_use = count(1).__next__

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = self._key(environ)
        if key is None:
            return self._behind(environ, start_response)
        page = self._kept.get(key)
        if page is None or not self._is_fresh(page):
            return self._later(key, page, environ, start_response)
        page.used = self._next_use()
        return _answer(page, environ, start_response)

    def _key(self, environ: WSGIEnvironment) -> Key | None:
        """Under what this request's answer may be kept; None when it is none of our business."""
        get = environ.get
        method, query = environ["REQUEST_METHOD"], get("QUERY_STRING", "")
        target = get("RAW_URI") or get("PATH_INFO", "")
        if (
            (method != "GET" and method != "HEAD")
            or not target.startswith("/")
            or get("PATH_INFO", "").startswith(_NOT_PAGES)
            or "HTTP_AUTHORIZATION" in environ
            or "HTTP_RANGE" in environ
            or PAGE_KEY in environ
            or TROUBLE_KEY in environ
            or (sum(map(length_hint, environ.values())) > MOST_HEADERS // 2 and headers_size(environ) > MOST_HEADERS)
        ):
            return None
        language = decide(query, get("HTTP_ACCEPT_LANGUAGE", ""), self._site_language)
        return language, get("SCRIPT_NAME", ""), target, query

    def _is_fresh(self, page: Page) -> bool:
        if not self._shelf.reachable:
            return self._clock() - page.made < STALE
        return page.edition == self._shelf.edition and self._clock() - page.made < page.lifetime

    def _later(
        self, key: Key, former: Page | None, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Render it, unless somebody else does so just now."""
        now = self._clock()
        with self._lock:
            flight = self._flights.get(key)
            if mine := flight is None:
                flight = self._flights[key] = _Flight(now)
        assert flight is not None
        if not mine:
            recent = former is not None and now - former.made < LIFETIME + PATIENCE
            if former is not None and recent and now - flight.started < PATIENCE:
                return _answer(former, environ, start_response)
            flight.landed.wait(PATIENCE)
            page = self._kept.get(key)
            if page is not None and self._is_fresh(page):
                return _answer(page, environ, start_response)
        try:
            return self._render(key, former, environ, start_response)
        finally:
            if mine:
                with self._lock:
                    del self._flights[key]
                flight.landed.set()

    def _render(
        self, key: Key, former: Page | None, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Ask Flask without conditions, so that the whole page comes, and in this language and no other."""
        edition, made = self._shelf.edition, self._clock()  # before: what is rendered is not older
        asked = {name: value for name, value in environ.items() if name not in _CONDITIONS}
        asked["HTTP_ACCEPT_LANGUAGE"] = key[0]
        status, headers, body = _call(self._behind, asked)
        if environ["REQUEST_METHOD"] == "HEAD" and self._is_page(status, headers):
            _close(body)
            asked["REQUEST_METHOD"] = "GET"  # the tag and the length of what GET would get
            status, headers, body = _call(self._behind, asked)
        if self._is_page(status, headers):
            try:
                page = prepare_page(headers, b"".join(body), edition, made, asked.get(LIFETIME_KEY, LIFETIME))
            finally:
                _close(body)
            if _is_for_all(headers):
                self._keep(key, page)
            else:
                self._forget(key)
            return _answer(page, environ, start_response)
        if status.startswith("503") and former is not None and not self._shelf.reachable and self._is_fresh(former):
            _close(body)
            return _answer(former, environ, start_response)
        if not status.startswith("5"):  # a page that was there may be wanted yet, while the database is away
            self._forget(key)
        return _pass_on(status, headers, body, environ, start_response)

    def _is_page(self, status: str, headers: Headers) -> bool:
        """Whether it is ours to compress and to answer conditions for: whole, not too long, and no other's variant."""
        if not status.startswith("200 "):
            return False
        said = {name.lower(): value for name, value in headers}
        length = said.get("content-length", "")
        vary = {name.strip().lower() for name in said.get("vary", "").split(",")}
        return (
            said.get("etag", "").startswith('"')
            and "set-cookie" not in said
            and "content-encoding" not in said
            and vary <= {"", "accept-language", "accept-encoding"}
            and _TEXT.match(said.get("content-type", "")) is not None
            and length.isdigit()
            and int(length) <= self._limit // 16  # with its gzip form an eighth at the most
        )

    def _forget(self, key: Key) -> None:
        with self._lock:
            if (gone := self._kept.pop(key, None)) is not None:
                self._size -= gone.size

    def _keep(self, key: Key, page: Page) -> None:
        with self._lock:
            known = self._kept.get(key)
            if known is not None and known.edition > page.edition:
                return
            page.used = self._next_use()
            page.size += sum(map(len, key))  # made-up queries may be longer than the page
            self._kept[key] = page
            self._size += page.size - (known.size if known else 0)
            if self._size <= self._limit:
                return
            for other, old in sorted(self._kept.items(), key=lambda item: item[1].used):
                if self._size <= self._limit * 0.9:
                    break
                del self._kept[other]
                self._size -= old.size


def _is_for_all(headers: Headers) -> bool:
    """Whether a view says that anybody may have it, and so that it may be kept."""
    control = next((value for name, value in headers if name.lower() == "cache-control"), "")
    return "public" in control and not _PRIVATE.search(control)


def prepare_page(headers: Headers, body: bytes, edition: int, made: float, lifetime: float = LIFETIME) -> Page:
    """Both codings of an answer, compressed once. headers: with an ETag."""
    said = {name.lower(): value for name, value in headers}
    opaque = said["etag"].strip('"')
    varies = [name for name in ("Accept-Language",) if name.lower() in said.get("vary", "").lower()]
    vary = ("Vary", ", ".join([*varies, "Accept-Encoding"]))
    others = [(name, value) for name, value in headers if name.lower() not in ("etag", "content-length", "vary")]
    identity = _coded(opaque, body, [*others, vary])
    small = identity
    if len(body) >= _SMALL:
        packed = gzip.compress(body, 6, mtime=0)
        small = _coded(f"{opaque}-gz", packed, [*others, vary, ("Content-Encoding", "gzip")])
    modified = parse_http_date(said["last-modified"], int(time())) if "last-modified" in said else None
    size = len(body) + len(small.body[0]) + _OVERHEAD
    return Page(identity, small, modified, edition, made, min(lifetime, LIFETIME), size)


def _coded(opaque: str, body: bytes, headers: Headers) -> Variant:
    etag = f'"{opaque}"'
    ok = [*headers, ("ETag", etag), ("Content-Length", str(len(body)))]
    return Variant(opaque, etag, (body,), ok, _of_304(ok))


def _of_304(headers: Headers) -> Headers:
    return [*((name, value) for name, value in headers if name.lower() in _IN_304), NOSNIFF]


def _answer(page: Page, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    coded = page.gzip if wants_gzip(environ.get("HTTP_ACCEPT_ENCODING")) else page.identity
    if environ.get("HTTP_IF_NONE_MATCH") == coded.etag and _ONLY_IF.isdisjoint(environ):  # nearly every reload
        verdict = Verdict.NOT_MODIFIED
    else:
        verdict = _verdict(coded.opaque, page.modified, environ)
    if verdict is Verdict.NOT_MODIFIED:
        start_response("304 Not Modified", coded.not_modified.copy())
        return ()
    if verdict is Verdict.FAILED:
        return _failed(start_response)
    start_response("200 OK", coded.ok.copy())
    return coded.body if environ["REQUEST_METHOD"] == "GET" else ()


def _verdict(opaque: str, modified: int | None, environ: WSGIEnvironment) -> Verdict:
    if _CONDITIONS.isdisjoint(environ):
        return Verdict.SEND
    get = environ.get
    return evaluate(
        if_match=get("HTTP_IF_MATCH"),
        if_unmodified_since=get("HTTP_IF_UNMODIFIED_SINCE"),
        if_none_match=get("HTTP_IF_NONE_MATCH"),
        if_modified_since=get("HTTP_IF_MODIFIED_SINCE"),
        opaque=opaque,
        modified=modified,
        now=int(time()),
    )


def _pass_on(
    status: str, headers: Headers, body: Iterable[bytes], environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """What is not kept; its conditions are seen to all the same."""
    said = {name.lower(): value for name, value in headers}
    tag = said.get("etag", "")
    if status.startswith("200 ") and tag:
        modified = parse_http_date(said["last-modified"], int(time())) if "last-modified" in said else None
        verdict = _verdict(tag.removeprefix("W/").strip('"'), modified, environ)
        if verdict is not Verdict.SEND:
            _close(body)
            if verdict is Verdict.FAILED:
                return _failed(start_response)
            start_response("304 Not Modified", _of_304(headers))
            return ()
    start_response(status, headers)
    return body


def _failed(start_response: StartResponse) -> Iterable[bytes]:
    start_response("412 Precondition Failed", [("Content-Length", "0"), ("Cache-Control", "no-store"), NOSNIFF])
    return ()


def _call(application: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, Headers, Iterable[bytes]]:
    """(status, headers, body) of an application that starts its answer before it returns, as Flask does."""
    started: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:
        started[:] = [(status, headers)]
        return _write

    body = application(environ, start_response)
    status, headers = started[0]
    return status, headers, body


def _write(data: bytes) -> object:
    raise NotImplementedError("PEP 3333's write() is for old applications")


def _close(body: Iterable[bytes]) -> None:
    if (close := getattr(body, "close", None)) is not None:
        close()


def _forked(memory: ref[PageMemory]) -> None:
    """In a forked child: locks may be held by threads that are not there, and the edition is one of the parent."""
    if (mine := memory()) is not None:
        mine._begin_anew()

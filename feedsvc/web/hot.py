"""The WSGI layer in front of Flask: what is asked for often is answered from memory. No Flask, no database, no disk.

Only a request whose raw path equals a published document's path, letter for letter, is a document request; every other
spelling falls through and is redirected or refused (contract H54). The query is never looked at (H40).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import length_hint
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feedsvc.errors import StoreUnavailable
from feedsvc.web.conditional import Verdict, evaluate, http_date
from feedsvc.web.links import Links
from feedsvc.web.negotiate import wants_gzip
from feedsvc.web.prepared import CORS, NOSNIFF, Headers, HotDocument, Variant
from feedsvc.web.shelf import Shelf

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
LONGEST_TARGET = 8_000  # characters of path and query (contract M07)
MOST_HEADERS = 16_384  # octets of all header fields (contract M07)


def raw_path(environ: WSGIEnvironment) -> str:
    """The path as it stood in the request line, still percent-encoded, without query and fragment.

    gunicorn keeps the whole target in RAW_URI; of servers that do not, the decoded path is quoted anew.
    """
    target: str | None = environ.get("RAW_URI")
    if target is None:
        return quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/") or "/"
    path = target.partition("?")[0].partition("#")[0]
    if not path.startswith("/"):  # absolute form: http://host/path
        _, scheme, rest = path.partition("://")
        path = "/" + rest.partition("/")[2] if scheme else "/" + path
    prefix = environ.get("SCRIPT_NAME", "")
    if prefix and path.startswith(prefix + "/"):
        path = path[len(prefix) :]
    return path


class HotLayer:
    """A WSGI application: documents and share links from memory, everything else from `behind`."""

    def __init__(self, behind: WSGIApplication, shelf: Shelf, links: Links, clock: Callable[[], datetime]) -> None:
        self._behind = behind
        self._shelf = shelf
        self._at_hand, self._next_use = shelf.at_hand, shelf.next_use
        self._links = links
        self._clock = clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        target: str = environ.get("RAW_URI", "")
        hot = self._at_hand(target)
        # A rough sum is enough for nearly every request, and costs half a microsecond.
        if sum(map(length_hint, environ.values())) > MOST_HEADERS // 2 and _is_oversized(environ, target):
            return self._behind(environ, start_response)  # which refuses it
        if hot is not None:
            hot.used = self._next_use()
            return self._document(hot, environ, start_response)
        self._shelf.get("")  # with the first request in this process it begins to follow the store
        path = raw_path(environ)
        if not target:  # a server that only tells the decoded path cannot be sent to another spelling of it
            path = self._shelf.canonical(path) or path
        if self._links.is_link(path):
            if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
                return self._link(path, environ, start_response)
            return self._behind(environ, start_response)
        try:
            hot = self._shelf.load(path)
        except StoreUnavailable:
            hot = None  # Flask says so
        if hot is not None:
            return self._document(hot, environ, start_response)
        return self._behind(environ, start_response)

    def close(self) -> None:
        """Stop following the store's editions."""
        self._shelf.close()

    def _document(self, hot: HotDocument, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        get = environ.get
        method = environ["REQUEST_METHOD"]
        if method != "GET" and method != "HEAD":
            return _other_method(method, start_response)
        variant = hot.gzip if wants_gzip(get("HTTP_ACCEPT_ENCODING")) else hot.identity
        if hot.ahead:
            ok, not_modified = self._clamped(hot, variant)
        else:
            ok, not_modified = variant.ok, variant.not_modified
        none_match = get("HTTP_IF_NONE_MATCH")
        modified_since = get("HTTP_IF_MODIFIED_SINCE")
        match = get("HTTP_IF_MATCH")
        unmodified_since = get("HTTP_IF_UNMODIFIED_SINCE")
        if none_match == variant.etag and match is None and unmodified_since is None:  # nearly every poll
            start_response("304 Not Modified", not_modified.copy())
            return ()
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
                start_response("304 Not Modified", not_modified.copy())
                return ()
            if verdict is Verdict.FAILED:
                return _plain(start_response, "412 Precondition Failed", "The feed has another version now.\n", method)
        start_response("200 OK", ok.copy())
        return variant.body if method == "GET" else ()

    def _clamped(self, hot: HotDocument, variant: Variant) -> tuple[Headers, Headers]:
        """The headers with a Last-Modified that is not later than now (contract H05).

        A second version within one second is dated a second ahead (H51). Until the clock is there, the header says
        now, while conditions are held against the real date: a client that got the earlier one asks in vain for 304.
        """
        now = int(self._clock().timestamp())
        if hot.modified <= now:
            hot.ahead = False
            return variant.ok, variant.not_modified
        date = http_date(now)
        ok, not_modified = (
            [(name, date if name == "Last-Modified" else value) for name, value in headers]
            for headers in (variant.ok, variant.not_modified)
        )
        return ok, not_modified

    def _link(self, path: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = self._links.name(path, environ.get("QUERY_STRING", ""))
        try:
            link = self._links.redirect(name, self._shelf.edition) if name else None
        except StoreUnavailable:
            link = None  # Flask says so
        if link is None:
            return self._behind(environ, start_response)
        start_response("302 Found", link.headers.copy())
        return link.body if environ["REQUEST_METHOD"] == "GET" else ()


def headers_size(environ: WSGIEnvironment) -> int:
    """Octets of all header fields, without their punctuation."""
    return sum(len(name) - 5 + len(value) for name, value in environ.items() if name.startswith("HTTP_"))


def _is_oversized(environ: WSGIEnvironment, target: str) -> bool:
    return len(target) > LONGEST_TARGET or headers_size(environ) > MOST_HEADERS


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

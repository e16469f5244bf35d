"""A document made ready to send: all header lists and byte strings of its answers, put together once per version."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

from feedsvc.feeds.target import Target
from feedsvc.publishing.document import Document
from feedsvc.web.conditional import http_date
from feedsvc.web.discovery import link_header

Headers = list[tuple[str, str]]

VARY = "Accept, Accept-Encoding"  # never wider (contract H52)
FEED_POLICY = "default-src 'none'; style-src 'self'; img-src http: https: data:; sandbox"  # contract H53
CORS: tuple[tuple[str, str], ...] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link, Cache-Control, Retry-After"),
)
NOSNIFF = ("X-Content-Type-Options", "nosniff")
REFERRER = ("Referrer-Policy", "strict-origin-when-cross-origin")

_OVERHEAD = 4_000  # octets of headers and objects of one document, roughly


@dataclass(slots=True)
class Variant:
    """The document in one coding. opaque: the tag without quotes, etag: with them."""

    opaque: str
    etag: str
    body: tuple[bytes, ...]
    ok: Headers
    not_modified: Headers


@dataclass(slots=True)
class HotDocument:
    """One version of a document. modified: whole Unix seconds, which may lie ahead of the clock (contract H51).

    size: octets in memory. used: number of its latest use, written by the shelf without a lock.
    ahead: `modified` may still lie in the future; cleared once it does not.
    target, version: of a document made on demand (publishing/made.py), for the shelf.
    """

    path: str
    edition: int
    modified: int
    identity: Variant
    gzip: Variant
    size: int
    used: int = field(default=0, compare=False)
    ahead: bool = field(default=True, compare=False)
    target: Target | None = field(default=None, compare=False)
    version: str = field(default="", compare=False)


def prepare(document: Document, public_base: str) -> HotDocument:
    """All answers of this version; the identity bytes are unpacked here, once."""
    body = zlib.decompress(document.gzip, wbits=31, bufsize=max(document.length, 64))
    link = link_header(document.path, public_base, document.links)
    return HotDocument(
        path=document.path,
        edition=document.edition,
        modified=document.modified,
        identity=_variant(document, document.etag, body, "", link),
        gzip=_variant(document, document.etag + "-gz", document.gzip, "gzip", link),
        size=len(body) + len(document.gzip) + _OVERHEAD,
    )


def prepare_delta(delta: Document, whole: HotDocument) -> HotDocument:
    """The 226 of contract D02: what is new as a document of its own, under the names of the whole one.

    Its client remembers the tag as that of the version he now has, so that his next request is an ordinary one.
    """
    body = zlib.decompress(delta.gzip, wbits=31, bufsize=max(delta.length, 64))
    return replace(
        whole,
        identity=_news(whole.identity, body),
        gzip=_news(whole.gzip, delta.gzip),
        size=len(body) + len(delta.gzip) + _OVERHEAD,
    )


def _news(variant: Variant, body: bytes) -> Variant:
    other = {
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store, im",
        "Vary": f"{VARY}, A-IM, If-None-Match",
    }
    ok = [(name, other.get(name, value)) for name, value in variant.ok]
    return replace(variant, body=(body,), ok=[*ok, ("IM", "feed")])


def _variant(document: Document, opaque: str, body: bytes, coding: str, link: str) -> Variant:
    etag = f'"{opaque}"'
    validators: Headers = [
        ("ETag", etag),
        ("Last-Modified", http_date(document.modified)),
        ("Cache-Control", cache_control(document.max_age)),
        ("Vary", VARY),
        *CORS,
        NOSNIFF,
    ]
    described: Headers = [("Content-Type", document.media_type), ("Content-Length", str(len(body)))]
    if coding:
        described.append(("Content-Encoding", coding))
    return Variant(
        opaque=opaque,
        etag=etag,
        body=(body,),
        ok=[
            *described,
            *validators,
            ("Link", link),
            ("Accept-Ranges", "none"),
            ("Content-Security-Policy", FEED_POLICY),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
            REFERRER,
        ],
        not_modified=validators,
    )


def cache_control(max_age: int) -> str:
    """Contract H32, H33: twice the lifetime for a stale answer during revalidation, a day when the server is away."""
    return f"public, max-age={max_age}, stale-while-revalidate={2 * max_age}, stale-if-error=86400"

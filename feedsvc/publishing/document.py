"""A Document: named bytes as they are served."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One address' bytes at one edition.

    path: percent-encoded request path, e.g. "/feeds/shanxiwanbao.rss"; unique.
    media_type: the whole Content-Type value. etag: the opaque part of the strong tag, without quotes, made from the
    identity bytes; codings append "-gz" (contract H21). gzip: the compressed body; the identity body is
    derived from it, so that each version is stored once. length: octets of the identity body.
    modified: whole Unix seconds, strictly growing with every new version of this path (contract H05, H51).
    edition: number of the publication that wrote it; grows over the whole store.
    max_age: seconds for Cache-Control. category: the category it shows, "" for the whole site.
    links: (relation, absolute address) of what its Link header names besides itself: hub, other pages, archives.
    """

    path: str
    media_type: str
    etag: str
    gzip: bytes
    length: int
    category: str
    max_age: int = 300
    modified: int = 0
    edition: int = 0
    links: tuple[tuple[str, str], ...] = ()

"""Rendered bytes become Documents: tagged and compressed once per version, and only replaced when they differ."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from isal import igzip

from feedsvc.feeds.feed import Feed
from feedsvc.publishing.document import Document

if TYPE_CHECKING:  # web workers make documents of sitemaps, and do without what renders feeds
    from feedsvc.feeds.render import Rendered

_TAG_LENGTH = 22  # of 6 bits: 132 bits of the digest, more than enough to tell versions apart
_LEVEL = 2  # igzip's best ratio for its time: a tenth of what zlib's level 6 takes, 10-15 % larger


class Stamp(Protocol):
    """What is published at a path now: its tag, its Last-Modified in whole Unix seconds, its lifetime in seconds, and
    what its Link header names."""

    @property
    def etag(self) -> str: ...
    @property
    def modified(self) -> int: ...
    @property
    def max_age(self) -> int: ...
    @property
    def links(self) -> tuple[tuple[str, str], ...]: ...


def make_document(
    path: str,
    media_type: str,
    body: bytes,
    category: str,
    max_age: int,
    links: tuple[tuple[str, str], ...] = (),
) -> Document:
    """A new version of what is at `path`; `modified` and `edition` are for those who publish it to set.

    The tag is made from the bytes alone, so that every machine gives the same one (contract H03, H04).
    """
    return Document(
        path=path,
        media_type=media_type,
        etag=urlsafe_b64encode(sha256(body).digest()).decode()[:_TAG_LENGTH],
        gzip=igzip.compress(body, _LEVEL, mtime=0),  # H55: no time stamp; it writes no file name either
        length=len(body),
        category=category,
        max_age=max_age,
        links=links,
    )


def documents_for(feed: Feed, rendered: Iterable[Rendered], category: str) -> tuple[Document, ...]:
    """One Document for each format of the category's feed."""
    return tuple(
        make_document(
            feed.path + one.format.suffix,
            one.media_type,
            one.body,
            category,
            feed.ttl_seconds,
            header_links(feed, one.format.suffix),
        )
        for one in rendered
    )


def header_links(feed: Feed, suffix: str) -> tuple[tuple[str, str], ...]:
    """(relation, absolute address) of what the Link header of the document in this format names (Document.links)."""
    hub = (("hub", feed.hub_url),) if feed.hub_url else ()
    return (*hub, *((link.rel, feed.link_to(link, suffix)) for link in feed.links))


def changed(documents: Sequence[Document], stamps: Mapping[str, Stamp], now_epoch: int) -> tuple[Document, ...]:
    """Those that differ from what is published at their path, with `modified` set.

    stamps: by path, for those paths that are published. `modified` grows with each version, also when two come within
    one second or the clock was set back (contract H05, H51).
    """
    fresh = []
    for document in documents:
        stamp = stamps.get(document.path)
        if stamp is None:
            fresh.append(replace(document, modified=now_epoch))
        elif (stamp.etag, stamp.max_age, stamp.links) != (document.etag, document.max_age, document.links):
            fresh.append(replace(document, modified=max(now_epoch, stamp.modified + 1)))
    return tuple(fresh)

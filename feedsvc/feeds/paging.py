"""A feed's links to its other pages and to its archives (RFC 5005; contract P01, P04, P05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.feeds.feed import Feed, PageLink

Month = tuple[str, int | None]  # "2026-11" and the part of it, None for the newest


def linked(feed: Feed) -> Feed:
    """A first page with its links, by its entries and `total`: to the next and the last page, and to the archive.

    One that shows all there is says so instead, one that does not know says neither.
    """
    shown = len(feed.entries)
    if feed.total is None:
        return feed
    if shown >= feed.total:
        return replace(feed, complete=True)
    if not shown:  # rights took all that was read: nothing to go on from
        return feed
    links = [page_link(feed.path, "next", 2)]
    if feed.page_size:
        links.append(page_link(feed.path, "last", last_page(feed.total, shown, feed.page_size)))
    month = month_of(feed.entries[-1].published)
    return replace(feed, links=(*links, archive_link(feed.path, "prev-archive", (month, None))))


def last_page(total: int, shown: int, size: int) -> int:
    """The number of the last page, when the first shows so many and each other one `size`."""
    return 1 + -(-max(total - shown, 0) // size)


def page_link(path: str, rel: str, number: int) -> PageLink:
    """To a page of the feed at `path`; the first is the plain address (contract P02)."""
    return PageLink(rel, path, f"?page={number}" if number > 1 else "")


def archive_link(path: str, rel: str, month: Month) -> PageLink:
    return PageLink(rel, archive_path(path, month))


def archive_path(path: str, month: Month) -> str:
    """The address, without suffix, of an archive document of the feed at `path`."""
    name, part = month
    return f"{path}/archive/{name}" + (f"/{part}" if part else "")


def month_of(published: datetime) -> str:
    """The archive month of an article, in UTC: "2026-11"."""
    utc = published.astimezone(UTC)
    return f"{utc.year:04}-{utc.month:02}"

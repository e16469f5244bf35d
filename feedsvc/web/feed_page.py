"""What a person's browser gets at a feed's own address: a page that says what this is (contract V01-V05, H47).

hot.py decides who gets it. The address stays as it is, so that copying it subscribes. The page is made from the same
feed's JSON document, so it shows what readers get and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response

from feedsvc.web.discovery import FeedLink, in_every_format, links_in
from feedsvc.web.language import gettext
from feedsvc.web.pages import page
from feedsvc.web.prepared import VARY
from feedsvc.web.services import services
from feedsvc.web.subscribing import offer

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry. published: None when it cannot be read; date_only: it is a day's first instant in the site's zone."""

    title: str
    url: str
    summary: str
    language: str
    published: datetime | None
    date_only: bool


def answer(target: str) -> Response:
    """The page at a feed's canonical target (path and query)."""
    app = services()
    base = app.settings.public_base
    feeds = tuple(FeedLink(name, base + other, media_type) for name, other, media_type in in_every_format(target))
    own, described = app.shelf.find(target), described_feed(target)
    links = links_in(dict(own.identity.ok).get("Link", "")) if own is not None else {}
    address = base + target
    subscription = links.get("current") or links.get("first") or address  # of a page or an archive: the feed itself
    home = described.get("home_page_url") or base + "/"
    response = page(
        "feed.html",
        feeds=feeds,
        feed_title=described.get("title") or app.title,
        address=subscription,
        offer=offer(subscription.removeprefix(base), app.settings),
        older=subscription != address,
        others=[feed for feed in feeds if feed.url != address],
        description=described.get("description", ""),
        home=home,
        directory=home != base + "/",
        language=described.get("language", ""),
        entries=list(shown_entries(described.get("items", ()))) if described else None,
        paging=_paging(links, address),
        robots="noindex",
    )
    # Never stored by anybody, so it may depend on Accept-Language without naming it: Vary is that of the feed, never
    # wider (contract H52, V02).
    response.headers["Vary"] = VARY
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    del response.headers["ETag"]
    return response


def _paging(links: dict[str, str], address: str) -> list[tuple[str, str, str]]:
    """(relation, what it is called, address) of other parts of the feed, each part once, in the order shown."""
    names = (
        ("first", gettext("Newest")),
        ("previous", gettext("Newer")),
        ("next", gettext("Older")),
        ("last", gettext("Oldest")),
        ("current", gettext("The feed as it is now")),
        ("next-archive", gettext("Later archive")),
        ("prev-archive", gettext("Earlier archive")),
    )
    shown: dict[str, tuple[str, str, str]] = {}
    for relation, name in names:
        if (url := links.get(relation, address)) != address:
            shown.setdefault(url, (relation, name, url))
    return list(shown.values())


def described_feed(target: str) -> dict[str, Any]:
    """The feed as its JSON document tells it; {} when that cannot be had now."""
    for name, other, _ in in_every_format(target):
        if name == "JSON" and (document := services().shelf.find(other)) is not None:
            found = json.loads(document.identity.body[0])
            return found if isinstance(found, dict) else {}
    return {}


def shown_entries(items: Iterable[dict[str, Any]]) -> Iterable[Shown]:
    zone = services().zone
    for item in items:
        published = _moment(item.get("date_published", ""))
        local = published.astimezone(zone) if published else None
        title = item.get("title", "")
        summary = item.get("summary") or item.get("content_text") or ""
        yield Shown(
            title=title,
            url=item.get("url", ""),
            summary="" if summary == title else summary,
            language=item.get("language", ""),
            published=published,
            date_only=local is not None and (local.hour, local.minute, local.second) == (0, 0, 0),
        )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None

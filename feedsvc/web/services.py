"""What the views work with: one object per application, made by create_app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from flask import current_app

from feedsvc.settings import Settings
from feedsvc.sharing.table import Importer
from feedsvc.store import Store
from feedsvc.web.auth import TokenFile
from feedsvc.web.clicks import ClickCounter
from feedsvc.web.limits import Limits
from feedsvc.web.links import Links
from feedsvc.web.shelf import Shelf
from feedsvc.web.spelling import Addresses

KEY = "feedsvc"


@dataclass(frozen=True, slots=True)
class Services:
    """clock: the present, aware UTC. searches: how many a client address may make, None for any number.

    importer: of tables of old links, None where nobody handed one in.
    """

    settings: Settings
    store: Store
    shelf: Shelf
    links: Links
    clicks: ClickCounter
    token: TokenFile
    clock: Callable[[], datetime]
    zone: ZoneInfo
    addresses: Addresses
    searches: Limits | None = None
    importer: Importer | None = None

    def visible(self) -> datetime:
        """Articles dated until then are public: now, or for ever with `content.future`."""
        return datetime.max.replace(tzinfo=UTC) if self.settings.content.future else self.clock()

    @property
    def canonical(self) -> bool:
        """Whether the articles' own pages live on this server."""
        return self.settings.serves_articles

    @property
    def root(self) -> str:
        """The path under which this server is reached from outside, "" mostly; never with a trailing slash."""
        return urlsplit(self.settings.public_base).path.rstrip("/")

    @property
    def site_path(self) -> str:
        """Where the articles' own paths begin on this server, "" mostly, percent-encoded; when `canonical` only."""
        path = urlsplit(self.settings.site_base).path.rstrip("/").removeprefix(self.root)
        return quote(path, safe="/%!$&'()*+,;=:@-._~")

    @property
    def title(self) -> str:
        return self.settings.site.title or urlsplit(self.settings.site_base).netloc


def services() -> Services:
    return cast(Services, current_app.extensions[KEY])

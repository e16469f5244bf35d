"""The web application for a WSGI server: `gunicorn 'feedsvc.cli.application:application()'`, or wsgi.py.

A worker must be able to start at any moment, also while the database is away: if one that crashed could not be
replaced, gunicorn would end the whole server, and with it what the other workers have in memory (contract M05).
"""

from __future__ import annotations

import logging
from functools import cache, partial
from typing import TYPE_CHECKING

from feedsvc.bootstrap import load_settings, make_data_dir, now, old_links, on_demand
from feedsvc.errors import FeedsvcError
from feedsvc.feeds.target import Target
from feedsvc.publishing.document import Document
from feedsvc.publishing.made import Made
from feedsvc.settings import Settings
from feedsvc.sharing.table import Imported
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from feedsvc.web.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("feedsvc.web")


def application() -> WSGIApplication:
    """Read the settings from environment and file, join them with a store that connects when it is first used.

    Runs in each worker after its fork. The tables are there: `feedsvc serve` and `feedsvc web` saw to that.
    """
    settings = load_settings().settings
    store = open_store(settings.database_url)
    app = create_app(settings, store, now, LateMaker(settings, store), partial(take_links, settings, store))
    app.foresee()
    return app


def application_alone() -> WSGIApplication:
    """The same where no command of ours ran before (`gunicorn wsgi:app`): tries to make the tables first.

    When that fails, it goes on: requests are answered with 503 until somebody has made them.
    """
    settings = load_settings().settings
    store = open_store(settings.database_url)
    try:
        if not settings.database.url:
            make_data_dir(settings.data_dir)
        store.migrate()
    except FeedsvcError as error:
        log.error("starting without a usable database: %s", error.message)
    return create_app(settings, store, now, LateMaker(settings, store), partial(take_links, settings, store))


def take_links(settings: Settings, store: Store, table: bytes, asked_by: str, dry_run: bool) -> Imported:
    """A table of old links, for the API."""
    return old_links(settings, store).take(table, asked_by, dry_run=dry_run)


class LateMaker:
    """bootstrap.on_demand, joined when it is first needed: until then a worker does without what renders feeds."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._join = cache(lambda: on_demand(settings, store))

    def make(self, target: Target, known: str = "") -> Made | None:
        return self._join().make(target, known)

    def delta(self, path: str, etag: str, current: str) -> Document | None:
        return self._join().delta(path, etag, current)

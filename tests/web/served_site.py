"""A small published site for the tests of this folder: the real SQLite store, the real application, a clock to turn.

`application` is what the tests with a real gunicorn serve: the store named by WEB_TEST_SITE.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from feedsvc.articles.article import Article, Status
from feedsvc.feeds.address import feed_path
from feedsvc.publishing.document import Document
from feedsvc.publishing.publish import make_document
from feedsvc.settings import Settings
from feedsvc.sharing.codes import share_code
from feedsvc.sharing.link import ShareLink
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.hot import HotLayer

PUBLIC = "http://feeds.example.com"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "operator-secret"
MEDIA_TYPES = {
    ".rss": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/feed+json",
}
ROOTS = {".rss": '<rss version="2.0">', ".atom": '<feed xmlns="http://www.w3.org/2005/Atom">', ".json": '"version"'}


class TurnableClock:
    """The present, moved by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def feed_body(suffix: str, text: str) -> bytes:
    """Bytes that begin like a feed of this format; what is inside is not this folder's business."""
    if suffix == ".json":
        return ('{"version": "https://jsonfeed.org/version/1.1", "title": "' + text + '"}').encode()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ROOTS[suffix]}{text}\n'.encode()


def feed_documents(category: str, text: str, modified: int, max_age: int = 300) -> list[Document]:
    """The category's feed in all formats."""
    return [
        replace(
            make_document(feed_path(category) + suffix, media_type, feed_body(suffix, text), category, max_age),
            modified=modified,
        )
        for suffix, media_type in MEDIA_TYPES.items()
    ]


def sample_article(identity: str = "NW1", **changes: Any) -> Article:
    """One published article of the category "harbour"."""
    slug = identity.rpartition("/")[2]
    article = Article(
        id=f"tag:example.com,2026:{identity}",
        identity=identity,
        slug=slug,
        title="New ferry for the Nordhaven line",
        published=NOON - timedelta(hours=2),
        updated=NOON - timedelta(hours=2),
        content_html="<p>The ferry <b>Aurelia</b> sails from May.</p>",
        summary="The ferry Aurelia sails from May.",
        canonical_url=f"{PUBLIC}/harbour/{slug}.html",
        path=f"/harbour/{slug}.html",
        order_key=identity,
        source_key=f"content/_posts/{slug}.md",
        digest=identity,
        categories=("harbour",),
        language="en",
    )
    return replace(article, **changes)


@dataclass
class Site:
    """The store, the application over it, a client, and the clock of both."""

    settings: Settings
    store: Store
    app: HotLayer
    client: Client
    clock: TurnableClock

    def publish(self, category: str, text: str, modified: datetime | None = None, max_age: int = 300) -> None:
        """Put the category's three documents, as a publisher would."""
        seconds = int((modified or self.clock() - timedelta(hours=1)).timestamp())
        with self.store.writing() as transaction:
            transaction.put_documents(feed_documents(category, text, seconds, max_age))

    def put(self, *articles: Article) -> None:
        """Articles with their share links."""
        with self.store.writing() as transaction:
            transaction.put_articles(articles)
            transaction.put_links(ShareLink(share_code(article.id), article.id) for article in articles)

    def withdraw(self, article: Article) -> None:
        with self.store.writing() as transaction:
            transaction.set_status([article.id], Status.WITHDRAWN)


@cache
def _migrated() -> Path:
    """An empty database, made once a process: each test gets a copy."""
    path = Path(tempfile.mkdtemp(prefix="feedsvc-test-")) / "feedsvc.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    store = open_store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


def migrated_copy(folder: Path) -> None:
    """An empty database in the folder, unless there is one."""
    if not (folder / "feedsvc.db").exists():
        shutil.copy(_migrated(), folder / "feedsvc.db")


@contextmanager
def open_site(folder: Path, clock: TurnableClock | None = None, **settings: Any) -> Iterator[Site]:
    """A migrated store in the folder and the application over it; nothing is published yet."""
    configured = Settings(**{"data_dir": folder, "public_url": PUBLIC, "site": {"title": "Nordhaven Wire"}, **settings})
    clock = clock or TurnableClock()
    (folder / "operator.token").write_text(TOKEN + "\n")
    migrated_copy(folder)
    store = open_store(configured.database_url)
    app = create_app(configured, store, clock)
    try:
        yield Site(configured, store, app, Client(app), clock)
    finally:
        app.close()
        store.close()


def application() -> HotLayer:
    """What gunicorn serves in the tests with a real server."""
    settings = Settings(data_dir=Path(os.environ["WEB_TEST_SITE"]), public_url=os.environ["WEB_TEST_PUBLIC"])
    return create_app(settings, open_store(settings.database_url))

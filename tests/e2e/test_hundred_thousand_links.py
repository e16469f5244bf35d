"""A hundred thousand old links: imported, and every one leads to its article (contract S01, S12, S16)."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy.engine import make_url
from werkzeug.test import Client

from feedsvc.pipeline.old_links import OldLinks
from feedsvc.settings import Settings
from feedsvc.sharing.codes import share_code
from feedsvc.sharing.link import ShareLink
from feedsvc.sharing.old_forms import OldForms
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from feedsvc.web.app import create_app
from tests.contract.store_samples import NOW, an_article
from tests.postgres import database as fresh_database
from tests.postgres import postgres_server

__all__ = ["postgres_server"]

ARTICLES, LINKS = 20_000, 100_000
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def old_link(number: int) -> str:
    """Five forms, one after the other."""
    return (
        f"old{number:06}",
        f"/news/{number % 97},{number:06}.html",
        f"https://news.example.org/show.php?cat={number % 7}&id={number}",
        f"http://www.example.org/html_News/NewsShare.html?infoCode=OLD{number}&from=timeline",
        f"https://旧站.example.org/快讯/{number}",
    )[number % 5]


def target(number: int) -> str:
    name = f"N{number % ARTICLES}"
    return (
        name,
        f"tag:example.com,2026:{name}",
        share_code(f"tag:example.com,2026:{name}"),
        f"https://example.com/{name}.html",
        f"/{name}.html",
    )[number % 7 % 5]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_hundred_thousand_old_links(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path / 'feedsvc.db'}"
    if database == "postgresql":
        server = request.getfixturevalue("postgres_server")
        with fresh_database(make_url(server)) as made:
            _import_and_follow(made.render_as_string(hide_password=False), tmp_path)
    else:
        _import_and_follow(url, tmp_path)


def _import_and_follow(url: str, folder: Path) -> None:
    settings = Settings.model_validate(
        {
            "data_dir": folder,
            "database": {"url": url},
            "share": {"patterns": [r"/news/\d+,(?P<code>\d+)\.html"]},
        }
    )
    store = open_store(url)
    store.migrate()
    _fill(store)
    forms = OldForms.from_settings(settings)
    table = "old,target\n" + "".join(f'"{old_link(number)}",{target(number)}\n' for number in range(LINKS))
    seen: list[tuple[int, int]] = []
    started = time.monotonic()
    done = OldLinks(store, forms, lambda: NOON).take(
        table.encode(), "test", progress=lambda part, whole: seen.append((part, whole))
    )
    seconds = time.monotonic() - started
    assert done.examples == ()
    assert (done.lines, done.new, done.known) == (LINKS, LINKS, 0)
    assert seen[-1] == (LINKS, LINKS) and len(seen) > 50
    assert seconds < 60, f"{seconds:.1f} s"
    again = OldLinks(store, forms, lambda: NOON).take(table.encode(), "test")
    assert (again.new, again.known, again.rejected) == (0, LINKS, 0)

    with store.reading() as reader:
        for start in range(0, LINKS, 1_000):
            part = range(start, start + 1_000)
            claims = reader.claims([forms.old_name(old_link(number)) for number in part])
            for number in part:
                best = claims[forms.old_name(old_link(number))][0]
                assert best.article_id == f"tag:example.com,2026:N{number % ARTICLES}", old_link(number)
    app = create_app(settings, store, lambda: NOON)
    try:
        client = Client(app)
        for number in range(0, LINKS, 487):
            answer = client.get(_raw(number))
            assert answer.status_code == HTTPStatus.FOUND, _raw(number)
            assert answer.headers["Location"] == f"https://example.com/N{number % ARTICLES}.html"
    finally:
        app.close()
        store.close()


def _raw(number: int) -> str:
    """What a server sees of the old link."""
    link = old_link(number)
    if not link.startswith(("http", "/")):
        return f"/s/{link}"
    path = link if link.startswith("/") else "/" + link.split("/", 3)[3]
    return quote(path, safe="/?=&,%")


def _fill(store: Store) -> None:
    for start in range(0, ARTICLES, 1_000):
        articles = [an_article(f"N{number}", published=NOW) for number in range(start, start + 1_000)]
        with store.writing() as tx:
            tx.put_articles(articles)
            tx.put_links(ShareLink(share_code(article.id), article.id) for article in articles)

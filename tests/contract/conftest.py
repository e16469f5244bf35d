"""Fixtures of the contract suite: every store test runs on SQLite and on PostgreSQL (tests/postgres.py)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from feedsvc.sqlstore.schema import REVISION, metadata
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from tests.postgres import database, postgres_server, run

__all__ = ["postgres_server"]

_EMPTY = (
    # Connections that a killed process left behind may hold locks.
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    *(f'DELETE FROM "{table}"' for table in metadata.tables if table != "counters"),
    "DELETE FROM words",
    "UPDATE counters SET value = 0",
    f"UPDATE alembic_version SET version_num = '{REVISION}'",
)


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: str) -> Iterator[URL]:
    """A migrated database that is emptied after each test: many times faster than one for each."""
    with database(make_url(postgres_server)) as url:
        _migrate(url)
        yield url


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(make_url(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'feedsvc.db'}"
        return
    with database(make_url(request.getfixturevalue("postgres_server"))) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a migrated, empty database of the test's own."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), tmp_path / "feedsvc.db")
        yield f"sqlite:///{tmp_path / 'feedsvc.db'}"
        return
    migrated: URL = request.getfixturevalue("_migrated_postgres")
    yield migrated.render_as_string(hide_password=False)
    run(migrated, *_EMPTY)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def _migrate(url: URL) -> None:
    opened = open_store(url.render_as_string(hide_password=False))
    opened.migrate()
    opened.close()

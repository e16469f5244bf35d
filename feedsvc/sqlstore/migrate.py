"""Bringing a database to this version's shape, all or nothing, even when several processes start at once."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from feedsvc.errors import SettingsError, StoreUnavailable
from feedsvc.sqlstore.engine import PAGE_BYTES, WRITES
from feedsvc.sqlstore.schema import REVISION

_LOCK = 0x66656564737663  # "feedsvc": PostgreSQL's advisory lock of whoever migrates
_TRIES = 400  # of 25 ms: about the ten seconds that other waits have


def migrate(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    with engine.execution_options(**{WRITES: False}).connect() as conn:
        if _revision(conn) == REVISION:
            return
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        if engine.dialect.name == "postgresql":
            if (encoding := conn.execute(text("SHOW server_encoding")).scalar()) != "UTF8":
                raise SettingsError(f"database.url: the database must be in UTF8, not {encoding}.")
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if _revision(conn) != REVISION:
            _upgrade(conn)


def _upgrade(conn: Connection) -> None:
    from alembic import command  # late: a tenth of a second that only a new database needs
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = conn
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SettingsError(f"database.url: this database belongs to another version of feedsvc ({error}).") from None


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _prepare_sqlite(engine: Engine) -> None:
    """Page size and WAL can only be set outside a transaction, and before anything is written."""
    assert engine.url.database is not None
    try:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"The database's folder cannot be made: {error}") from error
    for attempt in range(_TRIES):
        try:
            with closing(engine.raw_connection()) as raw:
                cursor: Any = raw.cursor()
                if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                    cursor.execute(f"PRAGMA page_size={PAGE_BYTES}")
                    cursor.execute("PRAGMA journal_mode=WAL")
            return
        except engine.dialect.loaded_dbapi.DatabaseError as error:
            # This one switch does not wait for other processes by itself.
            if attempt == _TRIES - 1 or "locked" not in str(error):
                raise StoreUnavailable(f"The database does not answer: {error}") from error
            time.sleep(0.025)

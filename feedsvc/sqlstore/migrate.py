"""Bringing a database to this version's shape, all or nothing, even when several processes start at once."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from feedsvc.errors import SettingsError, StoreUnavailable
from feedsvc.sqlstore.engine import PAGE_BYTES, WRITES, make_engine
from feedsvc.sqlstore.schema import REVISION

_LOCK = 0x66656564737663  # "feedsvc": PostgreSQL's advisory lock of whoever migrates
_TRIES = 400  # of 25 ms: about the ten seconds that other waits have


def holds_tables(url: str) -> bool:
    """False when it is certain that no database of ours is at this URL; nothing is made by asking.

    A database that does not answer may hold anything: migrate() then says why.
    """
    engine = make_engine(url)
    try:
        if engine.dialect.name == "sqlite" and not _is_uri(engine) and not Path(str(engine.url.database)).exists():
            return False
        with engine.execution_options(**{WRITES: False}).connect() as conn:
            return _revision(conn) is not None
    except (DBAPIError, OSError):
        return True
    finally:
        engine.dispose()


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


def _is_uri(engine: Engine) -> bool:
    """`sqlite:///file:…?uri=true`: where the file is, only SQLite knows."""
    return "uri" in engine.url.query


def _prepare_sqlite(engine: Engine) -> None:
    """Page size and WAL can only be set outside a transaction, and before anything is written."""
    folder = Path(str(engine.url.database)).parent
    if not _is_uri(engine) and not folder.is_dir():  # the data folder is made for us; another one was mistyped
        raise StoreUnavailable(f"The folder {folder} of the database does not exist (setting database.url).")
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

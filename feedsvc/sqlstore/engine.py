"""Connections: what each database must be told so that the promises of feedsvc/store/ hold.

SQLite: WAL, so that readers and the writer never wait for each other. Python's own transaction handling is off;
reads begin with BEGIN (a snapshot from the first query on), writes with BEGIN IMMEDIATE (so that a writer waits its
turn at the start, and never fails half way with BUSY_SNAPSHOT). synchronous=NORMAL: what is committed survives kill -9
of every process; after a power cut the file is whole but the last commits may be missing. They can be made again from
the content folder, and no process outlives the cut, so we do not pay for a disk flush at every commit. It must be a
local file: WAL does not work over a network.

PostgreSQL: psycopg 3; reads are REPEATABLE READ, READ ONLY; writers queue up at one row (store.py) and then read what
was committed last. A session that hangs inside a transaction is ended by the server: it cannot keep a new leader out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from feedsvc.errors import SettingsError

WAIT_SECONDS = 10  # for another writer, before StoreUnavailable
HANG_SECONDS = 60  # a PostgreSQL session idle within a transaction for so long is ended
PAGE_BYTES = 16384  # SQLite: with 4096 or 8192 a quarter of what bodies of 3 kB take is waste
MMAP_BYTES = 1 << 28
WAL_PAGES = 2000  # until SQLite copies the log into the file: with its 1000 a large build copies its pages many times
_SQLITE_OPTIONS = frozenset({"timeout", "detect_types", "cached_statements", "isolation_level", "check_same_thread"})
_AT = "An @ or / in the password is written %40 or %2F."
WRITES = "feedsvc_writes"  # execution option: this connection's transactions write


def make_engine(url: str) -> Engine:
    """An engine for a `sqlite:///file` or `postgresql://…` URL; SettingsError for anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError("database.url is not a database URL (sqlite:///… or postgresql://…).") from None
    except ValueError:  # its message would show what stands where the port should, and that may be half a password
        raise SettingsError(f"database.url: the port must be a number. {_AT}") from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    backend = parsed.drivername.partition("+")[0]
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise SettingsError("database.url must name a file: a SQLite database in memory cannot be shared.")
        if "uri" not in parsed.query and (unknown := set(parsed.query) - _SQLITE_OPTIONS):
            raise SettingsError(f"database.url: SQLite has no option {min(unknown)!r}.")
        try:
            return _sqlite(parsed.render_as_string(hide_password=False))
        except ValueError as error:
            raise SettingsError(f"database.url: an option has a wrong value: {error}.") from None
    if parsed.drivername != "postgresql+psycopg":
        raise SettingsError(f"database.url names {parsed.drivername}; only sqlite and postgresql are supported.")
    if "@" in (parsed.host or "") or (parsed.password and "@" in (parsed.database or "")):
        raise SettingsError(f"database.url has more than one @. {_AT}")
    try:
        engine = _postgresql(parsed.render_as_string(hide_password=False))
    except (ModuleNotFoundError, NoSuchModuleError):
        raise SettingsError("PostgreSQL needs the extra packages: install feedsvc[postgres].") from None
    _check_options(engine)
    return engine


def _check_options(engine: Engine) -> None:
    """What the driver would only say when it connects, and then with a traceback: an option that does not exist."""
    driver: Any = engine.dialect.loaded_dbapi
    options = engine.dialect.create_connect_args(engine.url)[1]
    options.pop("context", None)  # SQLAlchemy's own, for the driver
    for name, value in options.items():
        try:
            driver.conninfo.make_conninfo(**{name: value})
        except driver.Error:
            raise SettingsError(f"database.url: PostgreSQL has no option {name!r}.") from None


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": WAIT_SECONDS, "check_same_thread": False},
        pool_size=8,
        max_overflow=56,
    )

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _record: object) -> None:
        raw.execute("PRAGMA synchronous=NORMAL")
        raw.execute(f"PRAGMA mmap_size={MMAP_BYTES}")
        raw.execute("PRAGMA cache_size=-16000")
        raw.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        raw.execute("PRAGMA temp_store=MEMORY")
        raw.execute("PRAGMA journal_size_limit=67108864")

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get(WRITES) else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"connect_timeout": WAIT_SECONDS, "application_name": "feedsvc"},
        paramstyle="format",  # positional, as SQLite's: bulk.py hands rows over as tuples
        pool_size=8,
        max_overflow=56,
        pool_pre_ping=True,  # a restarted server costs nobody an error
    )

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _record: object) -> None:
        raw.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
        raw.execute(f"SET idle_in_transaction_session_timeout = '{HANG_SECONDS}s'")
        raw.commit()

    return engine

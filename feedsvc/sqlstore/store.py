"""The Store of feedsvc/store/ on SQLite or PostgreSQL: connections, transactions, faults."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import PoolProxiedConnection, select
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from feedsvc.errors import RecordRefused, StoreUnavailable
from feedsvc.scheduling.lease import Lease
from feedsvc.sharing.click import Clicks
from feedsvc.sqlstore import clicks as clicks_sql
from feedsvc.sqlstore import counters as counters_sql
from feedsvc.sqlstore import leases as leases_sql
from feedsvc.sqlstore.engine import WRITES, make_engine
from feedsvc.sqlstore.migrate import migrate
from feedsvc.sqlstore.reader import SqlReader
from feedsvc.sqlstore.schema import counters
from feedsvc.sqlstore.transaction import SqlTransaction
from feedsvc.store import Store

# SQLSTATE classes: data exceptions, constraints, program limits (an index row of PostgreSQL holds 2,704 octets)
_VALUE_ERRORS = frozenset({"22", "23", "54"})


def open_store(url: str) -> Store:
    """The store at `sqlite:///path` or `postgresql://…`; nothing is connected before the first use.

    SettingsError for a URL we cannot serve. migrate() makes the tables.
    """
    return SqlStore(url)


class SqlStore:
    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self._postgres = self._engine.dialect.name == "postgresql"
        self._writes = self._engine.execution_options(**{WRITES: True})
        self._reads = self._engine
        if self._postgres:
            self._reads = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writes = self._engine.execution_options(isolation_level="READ COMMITTED")
            self._asks = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._gate = threading.Lock()
        self._gate_conn: PoolProxiedConnection | None = None
        self._gate_version = -1
        self._edition = 0

    @contextmanager
    def reading(self) -> Iterator[SqlReader]:
        with _unavailable(), self._reads.connect() as conn:
            yield SqlReader(conn)

    @contextmanager
    def writing(self, lease: Lease | None = None) -> Iterator[SqlTransaction]:
        with _unavailable(), self._writes.begin() as conn:
            if self._postgres:  # SQLite's writers have queued up at BEGIN IMMEDIATE
                queue = select(counters.c.value).where(counters.c.name == "edition").with_for_update()
                conn.execute(queue)
            if lease is not None:
                leases_sql.fence(conn, lease)
            yield SqlTransaction(conn)

    def edition(self) -> int:
        """SQLite: 3 us while nothing was committed since the last call, by anyone. PostgreSQL: one small SELECT."""
        with _unavailable():
            if self._postgres:
                with self._asks.connect() as conn:
                    return counters_sql.number(conn, "edition")
            with self._gate:
                return self._edition_of_file()

    def _edition_of_file(self) -> int:
        try:
            if self._gate_conn is None:
                # Kept for this alone: `data_version` tells of the commits of all other connections.
                self._gate_conn = self._engine.raw_connection()
            ask: Any = self._gate_conn.driver_connection
            version = ask.execute("PRAGMA data_version").fetchone()[0]
            if version != self._gate_version:
                row = ask.execute("SELECT value FROM counters WHERE name = 'edition'").fetchone()
                self._edition, self._gate_version = row[0], version
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise OperationalError("edition", None, error) from error
        return self._edition

    def add_clicks(self, clicks: Clicks, day: date, now: datetime) -> None:
        with _unavailable(), self._writes.begin() as conn:
            clicks_sql.add_clicks(conn, clicks, day, now)

    def acquire_lease(self, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None:
        with _unavailable():
            with self._reads.connect() as conn:
                if leases_sql.taken(conn, name, holder, now):
                    return None
            with self._writes.begin() as conn:
                return leases_sql.acquire(conn, name, holder, ttl, now)

    def renew_lease(self, lease: Lease, ttl: timedelta, now: datetime) -> Lease:
        with _unavailable(), self._writes.begin() as conn:
            return leases_sql.renew(conn, lease, ttl, now)

    def release_lease(self, lease: Lease) -> None:
        with _unavailable(), self._writes.begin() as conn:
            leases_sql.release(conn, lease)

    def migrate(self) -> None:
        with _unavailable():
            migrate(self._engine)

    def close(self) -> None:
        with self._gate:
            if self._gate_conn is not None:
                self._gate_conn.close()
                self._gate_conn = None
        self._engine.dispose()


@contextmanager
def _unavailable() -> Iterator[None]:
    """A database that is away, locked for too long or without our tables: StoreUnavailable.

    One that is there and does not like a value: RecordRefused.
    """
    try:
        yield
    except DBAPIError as error:
        refused = (getattr(error.orig, "sqlstate", None) or "")[:2] in _VALUE_ERRORS
        if refused or isinstance(error, IntegrityError | DataError):
            raise RecordRefused(f"The database does not take this: {_reason(error)}") from error
        _told(error)
        raise
    except PoolTimeout as error:
        raise StoreUnavailable(f"The database does not answer: {_reason(error)}") from error


def _told(error: DBAPIError) -> None:
    """StoreUnavailable, if that is what the error means."""
    away = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    # SQLite says DatabaseError, no subclass of it, of a file that is damaged or no database at all.
    if away or type(error) is DatabaseError or _no_table(error):
        raise StoreUnavailable(f"The database does not answer: {_reason(error)}") from error


def _no_table(error: DBAPIError) -> bool:
    return type(error.orig).__name__ == "UndefinedTable"  # PostgreSQL's; for SQLite it is an OperationalError


def _reason(error: Exception) -> str:
    """The database's own first line: without the SQL, and without the password that a URL may hold."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]

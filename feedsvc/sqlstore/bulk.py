"""Many rows at a time, past SQLAlchemy's cost per row (half of what a row costs SQLite)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

CHUNK = 500  # ids in one IN list: far below both databases' limits, and one cached statement

T = TypeVar("T")


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk


def upsert(conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Insert rows, or replace the named columns of those whose primary key exists."""
    _many(conn, table, tuple(columns), rows, replace=True)


def insert_missing(conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
    """Insert those rows that break no unique index; how many (exact for a single row)."""
    return _many(conn, table, tuple(columns), rows, replace=False)


def rows(conn: Connection, statement: Select[Any], values: Mapping[str, object]) -> Sequence[Any]:
    """The rows as the driver gives them. `statement` must be a module's constant: its text is kept."""
    text, order, defaults = _text(conn.dialect, statement)
    given = {**defaults, **values}
    return conn.exec_driver_sql(text, tuple(given[name] for name in order)).all()


@lru_cache(maxsize=32)
def _text(dialect: Dialect, statement: Select[Any]) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    compiled = statement.compile(dialect=dialect)
    return compiled.string, tuple(compiled.positiontup or ()), dict(compiled.params)


def _many(
    conn: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Sequence[object]], replace: bool
) -> int:
    if not rows:
        return 0
    statement = _statement(conn.dialect, table, columns, replace)
    return conn.exec_driver_sql(statement, [tuple(row) for row in rows]).rowcount


@lru_cache(maxsize=128)
def _statement(dialect: Dialect, table: Table, columns: tuple[str, ...], replace: bool) -> str:
    insert = postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in columns if name not in keys}
    if replace and changed:
        statement = insert.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = insert.on_conflict_do_nothing()
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    order = list(compiled.positiontup or ())
    assert order == list(columns), (order, columns)  # rows are handed over in the order of `columns`
    return compiled.string

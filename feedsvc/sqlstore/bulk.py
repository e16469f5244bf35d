"""Many rows at a time, past SQLAlchemy's cost per row and per statement (more than half of what either costs SQLite).

Statements are compiled once and handed to the driver as text. A list of any length is one parameter: an IN list with
a placeholder for each value costs ten times as much, and another statement for each length.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Column, Connection, Dialect, Select, Table, Text, bindparam, delete, func, select
from sqlalchemy.exc import DBAPIError

CHUNK = 500  # rows in one statement: what is in memory at once

T = TypeVar("T")
_encode = json.JSONEncoder(ensure_ascii=False).encode


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk


def upsert(
    conn: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    keep: Collection[str] = (),
    add: Collection[str] = (),
) -> None:
    """Insert rows, or replace the named columns, but for those to keep, of those whose primary key exists.

    add: columns whose numbers are added to those that are there.
    """
    keys = [column.name for column in table.primary_key]
    replaced = tuple(name for name in columns if name not in (*keys, *keep))
    _many(conn, table, tuple(columns), rows, replaced, tuple(add))


def insert_missing(conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
    """Insert those rows that break no unique index; how many (exact for a single row)."""
    return _many(conn, table, tuple(columns), rows, ())


def rows(conn: Connection, statement: Select[*tuple[Any, ...]], values: Mapping[str, object]) -> Sequence[Any]:
    """The rows as the driver gives them. `statement` must be a module's constant: its text is kept."""
    text, order, defaults = _text(conn.dialect, statement)
    given = {**defaults, **values}
    return _fetched(conn, text, tuple(given[name] for name in order))


def rows_in(
    conn: Connection, statement: Select[Any], column: Column[Any], listed: Iterable[str]
) -> Iterator[Sequence[Any]]:
    """The rows of `statement`, a module's constant, whose text column has one of the listed values; part by part."""
    text = _text_in(conn.dialect, statement, column)
    for chunk in chunks(listed):
        yield from _fetched(conn, text, (_listed(conn.dialect, chunk),))


def delete_rows(conn: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Delete the rows whose named columns have these values."""
    if values := [tuple(row) for row in rows]:
        with _cursor(conn) as cursor:
            cursor.executemany(_deletion(conn.dialect, table, tuple(columns)), values)


def _fetched(conn: Connection, text: str, values: tuple[object, ...]) -> Sequence[Any]:
    with _cursor(conn) as cursor:
        cursor.execute(text, values)
        found: Sequence[Any] = cursor.fetchall()
        return found


@contextmanager
def _cursor(conn: Connection) -> Iterator[Any]:
    """The driver's own cursor, inside SQLAlchemy's transaction and with its exceptions."""
    if not conn.in_transaction():
        conn.begin()
    base = conn.dialect.loaded_dbapi.Error
    try:
        with closing(conn.connection.cursor()) as cursor:
            yield cursor
    except base as error:
        raise DBAPIError.instance(None, None, error, base, dialect=conn.dialect) from error


@lru_cache(maxsize=32)
def _text_in(dialect: Dialect, statement: Select[Any], column: Column[Any]) -> str:
    if dialect.name == "postgresql":
        narrowed = statement.where(column == func.any(bindparam("listed", type_=ARRAY(Text))))
    else:
        values = func.json_each(bindparam("listed", type_=Text)).table_valued("value")
        narrowed = statement.where(column.in_(select(values.c.value)))
    compiled = narrowed.compile(dialect=dialect)
    assert compiled.positiontup == ["listed"], compiled.positiontup
    return compiled.string


def _listed(dialect: Dialect, values: list[str]) -> object:
    return values if dialect.name == "postgresql" else _encode(values)


@lru_cache(maxsize=32)
def _deletion(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    compiled = delete(table).where(*(table.c[name] == bindparam(name) for name in columns)).compile(dialect=dialect)
    assert list(compiled.positiontup or ()) == list(columns)
    return compiled.string


@lru_cache(maxsize=64)
def _text(dialect: Dialect, statement: Select[*tuple[Any, ...]]) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    compiled = statement.compile(dialect=dialect)
    return compiled.string, tuple(compiled.positiontup or ()), dict(compiled.params)


def _many(
    conn: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Sequence[object]],
    replaced: tuple[str, ...],
    added: tuple[str, ...] = (),
) -> int:
    if not rows:
        return 0
    statement = _statement(conn.dialect, table, columns, replaced, added)
    with _cursor(conn) as cursor:
        cursor.executemany(statement, [tuple(row) for row in rows])
        return int(cursor.rowcount)


@lru_cache(maxsize=128)
def _statement(
    dialect: Dialect, table: Table, columns: tuple[str, ...], replaced: tuple[str, ...], added: tuple[str, ...]
) -> str:
    insert = _insert(dialect, table)
    if replaced:
        keys = [column.name for column in table.primary_key]
        new = insert.excluded
        changed = {name: table.c[name] + new[name] if name in added else new[name] for name in replaced}
        statement = insert.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = insert.on_conflict_do_nothing()
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    order = list(compiled.positiontup or ())
    assert order == list(columns), (order, columns)  # rows are handed over in the order of `columns`
    return str(compiled.string)


def _insert(dialect: Dialect, table: Table) -> Any:
    """The database's own INSERT; the other one's parts, a tenth of the time of all our imports, stay away."""
    if dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)

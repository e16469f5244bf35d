"""Numbers that only grow, and the notes (`meta`) the service keeps under a name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select, update

from feedsvc.sqlstore.bulk import rows, upsert
from feedsvc.sqlstore.schema import counters
from feedsvc.sqlstore.schema import meta as notes

_number = select(counters.c.value).where(counters.c.name == bindparam("name"))
_next: Any = (
    update(counters)
    .where(counters.c.name == bindparam("counter"))
    .values(value=counters.c.value + literal_column("1"))
    .returning(counters.c.value)
)
_note = select(notes.c.value).where(notes.c.name == bindparam("name"))


def number(conn: Connection, name: str) -> int:
    [(value,)] = rows(conn, _number, {"name": name})
    return int(value)


def next_number(conn: Connection, name: str) -> int:
    """Visible to others, and thus used up, at commit; writers come one after the other, so numbers do so as well."""
    [(value,)] = rows(conn, _next, {"counter": name})
    return int(value)


def meta(conn: Connection, name: str) -> str | None:
    found = rows(conn, _note, {"name": name})
    return str(found[0][0]) if found else None


def put_meta(conn: Connection, name: str, value: str) -> None:
    upsert(conn, notes, ("name", "value"), [(name, value)])

"""Numbers that only grow, and the notes (`meta`) the service keeps under a name."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from feedsvc.sqlstore.bulk import upsert
from feedsvc.sqlstore.schema import counters
from feedsvc.sqlstore.schema import meta as notes


def number(conn: Connection, name: str) -> int:
    value: int = conn.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one()
    return value


def next_number(conn: Connection, name: str) -> int:
    """Visible to others, and thus used up, at commit; writers come one after the other, so numbers do so as well."""
    conn.execute(update(counters).where(counters.c.name == name).values(value=counters.c.value + 1))
    return number(conn, name)


def meta(conn: Connection, name: str) -> str | None:
    return conn.execute(select(notes.c.value).where(notes.c.name == name)).scalar()


def put_meta(conn: Connection, name: str, value: str) -> None:
    upsert(conn, notes, ("name", "value"), [(name, value)])

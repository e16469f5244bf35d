"""The addresses of all articles, for search engines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, literal_column, select

from feedsvc.sqlstore.bulk import rows
from feedsvc.sqlstore.schema import articles
from feedsvc.sqlstore.values import instant, micros

_a = articles.c
_pages = (
    select(_a.id, _a.canonical_url, _a.updated)
    .where(
        _a.id > bindparam("after"),
        _a.status == literal_column("0"),
        _a.in_feeds == literal_column("1"),
        _a.published <= bindparam("now"),
    )
    .order_by(_a.id)
    .limit(bindparam("number"))
)


def pages(conn: Connection, limit: int, now: datetime, after: str) -> list[tuple[str, str, datetime]]:
    found = rows(conn, _pages, {"after": after, "now": micros(now), "number": limit})
    return [(article_id, address, instant(updated)) for article_id, address, updated in found]

"""The addresses of all articles, for search engines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection


def pages(conn: Connection, limit: int, now: datetime, after: str) -> list[tuple[str, str, datetime]]:
    raise NotImplementedError

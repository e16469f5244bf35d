"""Categories at a glance: their newest article, and how much came in the last days."""

from __future__ import annotations

from datetime import datetime, tzinfo

from sqlalchemy import Connection

from feedsvc.articles.glance import Glance


def glances(conn: Connection, now: datetime, days: int, zone: tzinfo) -> list[Glance]:
    raise NotImplementedError


def related(conn: Connection, category: str, limit: int, now: datetime) -> list[str]:
    raise NotImplementedError

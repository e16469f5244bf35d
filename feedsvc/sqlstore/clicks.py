"""Day totals of share links, and names that led nowhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection

from feedsvc.sharing.click import ClickDay, Clicks, Miss


def clicks(conn: Connection, codes: Collection[str], since: date, until: date) -> list[ClickDay]:
    raise NotImplementedError


def top_links(conn: Connection, since: date, until: date, limit: int) -> list[tuple[str, int]]:
    raise NotImplementedError


def referrers(conn: Connection, codes: Collection[str], since: date, until: date, limit: int) -> list[tuple[str, int]]:
    raise NotImplementedError


def misses(conn: Connection, limit: int, offset: int) -> list[Miss]:
    raise NotImplementedError


def forget_misses(conn: Connection, names: Collection[str]) -> None:
    raise NotImplementedError


def add_clicks(conn: Connection, new: Clicks, day: date, now: datetime) -> None:
    raise NotImplementedError


def prune(conn: Connection, before: date) -> int:
    raise NotImplementedError

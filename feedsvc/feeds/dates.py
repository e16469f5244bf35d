"""Instants as feeds write and compare them: always UTC, English names, no process-wide locale involved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=1024)  # each format writes the same instants
def rfc822(instant: datetime) -> str:
    """RSS and OPML (contract RS06): "Fri, 20 Nov 2026 08:00:00 +0000". email.utils takes five times as long."""
    at = instant.astimezone(UTC)
    date = _DAYS[at.weekday()], at.day, _MONTHS[at.month], at.year
    return "%s, %02d %s %04d %02d:%02d:%02d +0000" % (*date, at.hour, at.minute, at.second)  # noqa: UP031 (faster)


@lru_cache(maxsize=1024)
def rfc3339(instant: datetime) -> str:
    """Atom and JSON Feed (contract AT07): "2026-11-20T08:00:00Z", with microseconds when there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def micros(instant: datetime) -> int:
    """Whole microseconds since 1970; exactly, unlike instant.timestamp()."""
    return (instant - _EPOCH) // _MICROSECOND

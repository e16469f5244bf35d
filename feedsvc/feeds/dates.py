"""Instants as feeds write them: always UTC, English names, no process-wide locale involved."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache


@lru_cache(maxsize=1024)  # each format writes the same instants
def rfc822(instant: datetime) -> str:
    """RSS (contract RS06): "Fri, 20 Nov 2026 08:00:00 +0000". email.utils names days and months in English itself."""
    return format_datetime(instant.astimezone(UTC))


@lru_cache(maxsize=1024)
def rfc3339(instant: datetime) -> str:
    """Atom and JSON Feed (contract AT07): "2026-11-20T08:00:00Z", with microseconds when there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")

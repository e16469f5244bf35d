"""A Hold: an edition that looked like an accident and waits for an operator (publishing/guard.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

GUARD_RELEASE = "guard-release"  # the reason of a run that publishes what is held


@dataclass(frozen=True, slots=True)
class Hold:
    """reason: a stable code ("vanished", "updated", "renamed"). counts: figures behind it ("before", "affected").

    examples: titles of some entries concerned, for people.
    """

    category: str
    since: datetime
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

"""A Run: one execution of one named job, asked for by a person or due by the schedule."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    ABANDONED = "abandoned"  # its process died; the next leader says so and the work is done again


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """id: opaque, URL-safe. job: "rescan", "regenerate", "due", "search", "housekeeping"; "link-import" and
    "link-forget" are done by whoever is asked, and kept as a record.

    slot: "" or the scheduled instant.

    reason: "schedule", "watch", "request", "start". asked_by: who asked ("cli", "api", "publisher").
    categories: what to regenerate; empty means everything. counts: what was done ({"read": 3, "changed": 1, ...}).
    """

    id: str
    job: str
    reason: str
    asked_by: str
    created: datetime
    slot: str = ""
    categories: tuple[str, ...] = ()
    started: datetime | None = None
    finished: datetime | None = None
    outcome: Outcome = Outcome.WAITING
    counts: Mapping[str, int] = field(default_factory=dict)
    message: str = ""


def requested(
    job: str, asked_by: str, now: datetime, *, reason: str = "request", categories: Iterable[str] = ()
) -> Run:
    """A run that somebody asks for, under a new id. categories: each counts once."""
    run_id = secrets.token_urlsafe(12)
    return Run(
        id=run_id,
        job=job,
        reason=reason,
        asked_by=asked_by,
        created=now,
        categories=tuple(dict.fromkeys(categories)),
    )


@dataclass(frozen=True, slots=True)
class JobState:
    """What an operator sees of a job: when it last ran and how it went, when it runs next."""

    job: str
    last_run: datetime | None = None
    last_outcome: str = ""
    next_run: datetime | None = None
    message: str = ""

"""Runs, the slots that keep a scheduled run from happening twice, and what operators see of each job."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from feedsvc.scheduling.run import JobState, Outcome, Run
from feedsvc.sqlstore.bulk import insert_missing, upsert
from feedsvc.sqlstore.documents import latest_instant
from feedsvc.sqlstore.schema import deletions, jobs, past, removals, slots
from feedsvc.sqlstore.schema import runs as table
from feedsvc.sqlstore.values import instant, instant_or_none, micros, micros_or_none, pack_list, pack_map, unpack_texts

_COLUMNS = tuple(column.name for column in table.columns)
_OVER = (Outcome.DONE, Outcome.FAILED, Outcome.ABANDONED)


def run(conn: Connection, run_id: str) -> Run | None:
    row = conn.execute(select(table).where(table.c.id == run_id)).first()
    return None if row is None else _run(row)


def runs(conn: Connection, limit: int) -> list[Run]:
    newest = select(table).order_by(table.c.created.desc(), table.c.id.desc()).limit(limit)
    return [_run(row) for row in conn.execute(newest)]


def waiting_runs(conn: Connection) -> list[Run]:
    waiting = select(table).where(table.c.outcome == str(Outcome.WAITING)).order_by(table.c.created, table.c.id)
    return [_run(row) for row in conn.execute(waiting)]


def put_run(conn: Connection, run: Run) -> None:
    row = (
        run.id,
        run.job,
        run.reason,
        run.asked_by,
        micros(run.created),
        run.slot,
        pack_list(run.categories),
        micros_or_none(run.started),
        micros_or_none(run.finished),
        str(run.outcome),
        pack_map(run.counts),
        run.message,
    )
    upsert(conn, table, _COLUMNS, [row])


def claim_slot(conn: Connection, job: str, slot: str) -> bool:
    at = _slot_instant(slot)
    row = (job, slot, latest_instant(conn) if at is None else at)
    return insert_missing(conn, slots, ("job", "slot", "at"), [row]) == 1


def job_states(conn: Connection) -> list[JobState]:
    """By name."""
    return [
        JobState(row.job, instant_or_none(row.last_run), row.last_outcome, instant_or_none(row.next_run), row.message)
        for row in conn.execute(select(jobs).order_by(jobs.c.job))
    ]


def put_job_state(conn: Connection, state: JobState) -> None:
    row = (
        state.job,
        micros_or_none(state.last_run),
        state.last_outcome,
        micros_or_none(state.next_run),
        state.message,
    )
    upsert(conn, jobs, ("job", "last_run", "last_outcome", "next_run", "message"), [row])


def prune(conn: Connection, before: datetime) -> int:
    limit = micros(before)
    over = table.c.outcome.in_([str(outcome) for outcome in _OVER])
    old = (
        delete(table).where(over, func.coalesce(table.c.finished, table.c.created) < limit),
        delete(slots).where(slots.c.at < limit),
        delete(deletions).where(deletions.c.at < limit),
        delete(removals).where(removals.c.at < limit),
        delete(past).where(past.c.at < limit),
    )
    return sum(conn.execute(statement).rowcount for statement in old)


def _slot_instant(slot: str) -> int | None:
    """A slot is named after its instant; others are as old as the moment they were claimed."""
    try:
        at = datetime.fromisoformat(slot)
    except ValueError:
        return None
    return micros(at if at.tzinfo else at.replace(tzinfo=UTC))


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        job=row.job,
        reason=row.reason,
        asked_by=row.asked_by,
        created=instant(row.created),
        slot=row.slot,
        categories=unpack_texts(row.categories),
        started=instant_or_none(row.started),
        finished=instant_or_none(row.finished),
        outcome=Outcome(row.outcome),
        counts=json.loads(row.counts) if row.counts else {},
        message=row.message,
    )

"""Scheduler: runs named jobs one after the other, because it is time, because somebody asks, or because of a wake-up.

APScheduler says when; one thread of our own does the work, so that no two jobs overlap (feedgen is not thread-safe)
and so that a wake-up costs microseconds.

What is recorded. A run that somebody asked for (`run_now`, `submit`) is recorded from waiting to its end. Runs by the
schedule and by wake-ups are recorded when they changed something or failed anew; one that changed nothing shows only in
the state of its job, and wake-ups that change nothing write even that about once a second: a crawler that rewrites
identical files all day must not fill the database. A run cut short by LeaseLost is left as it stands, for the next
leader to take up.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

from apscheduler.events import EVENT_JOB_SUBMITTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from feedsvc.errors import LeaseLost, NotFound
from feedsvc.scheduling.run import JobState, Outcome, Run
from feedsvc.scheduling.trigger import Trigger

log = logging.getLogger(__name__)

_LAZY_SECONDS = 1.0
_AT = "@at"  # suffix of the APScheduler job behind wake_at


class RunLog(Protocol):
    """Where runs are written down: each call is one small transaction, and may raise LeaseLost or StoreUnavailable."""

    def put_run(self, run: Run) -> None: ...
    def claim_slot(self, job: str, slot: str) -> bool: ...
    def put_job_state(self, state: JobState) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """A named job. trigger None: only when asked or woken. run: does the work, returns what was done.

    looking: names of counts that tell of looking, not of doing: a run in which all others are 0 changed nothing.
    """

    name: str
    trigger: Trigger | None
    run: Callable[[Run], Mapping[str, int]]
    looking: frozenset[str] = frozenset({"seen", "read"})


@dataclass(frozen=True, slots=True)
class _Waiting:
    run: Run
    recorded: bool


class Scheduler:
    """start() and stop() once each. `states`: what is known of earlier runs, to be carried on."""

    def __init__(
        self,
        jobs: Sequence[Job],
        runs: RunLog,
        clock: Callable[[], datetime],
        on_lease_lost: Callable[[LeaseLost], None],
        states: Iterable[JobState] = (),
    ) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._runs = runs
        self._clock = clock
        self._on_lease_lost = on_lease_lost
        known = {state.job: state for state in states}
        self._states = {name: known.get(name, JobState(name)) for name in self._jobs}
        self._changed = threading.Condition()
        self._queue: deque[_Waiting] = deque()
        self._taken: deque[str] = deque(maxlen=1000)  # ids of filed runs, done or not
        self._stopping = False
        self._unsaved_runs: dict[str, Run] = {}
        self._unsaved_states: dict[str, JobState] = {}
        self._saved = 0.0  # when that was tried last, by time.monotonic
        self._worker = threading.Thread(target=self._work, name="scheduler", daemon=True)
        self._timer: Any = BackgroundScheduler(
            timezone=UTC,
            daemon=True,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._timer.add_listener(self._due, EVENT_JOB_SUBMITTED)
        for job in jobs:
            if job.trigger is not None:
                self._timer.add_job(_nothing, job.trigger, id=job.name)

    def start(self) -> None:
        self._timer.start()
        self._unsaved_states |= {name: self._with_next_run(state) for name, state in self._states.items()}
        self._worker.start()

    def stop(self, wait: bool) -> None:
        """No run begins any more; the running one ends in peace, and with `wait` before this returns.

        Recorded runs that still wait stay waiting in the database.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._timer.running:
            self._timer.shutdown(wait=False)
        if wait and self._worker.ident is not None and self._worker is not threading.current_thread():
            self._worker.join()

    def wake(self, job: str) -> None:
        """Run the job soon. Wake-ups while such a run waits become one; one while it works means another after it."""
        self._enqueue_once(self._new(job, "watch"))

    def wake_at(self, job: str, at: datetime | None) -> None:
        """Wake the job at an instant, which replaces the one given before; None means never mind."""
        self._job(job)
        if at is not None:
            self._timer.add_job(_nothing, DateTrigger(at), id=job + _AT, replace_existing=True)
            return
        try:
            self._timer.remove_job(job + _AT)
        except JobLookupError:
            return

    def run_now(self, job: str, reason: str, asked_by: str, categories: tuple[str, ...] = (), run_id: str = "") -> Run:
        """File a run and do it as soon as those before it are done."""
        run = replace(self._new(job, reason), asked_by=asked_by, categories=categories)
        run = replace(run, id=run_id or run.id)
        self._runs.put_run(run)
        self.submit(run)
        return run

    def submit(self, run: Run) -> None:
        """Do a run that somebody has filed already. None is done twice, however often it is handed over."""
        self._job(run.job)
        with self._changed:
            if run.id not in self._taken:
                self._taken.append(run.id)
                self._queue.append(_Waiting(run, recorded=True))
                self._changed.notify_all()

    def _due(self, event: Any) -> None:
        """APScheduler has come to an instant."""
        if event.job_id.endswith(_AT):
            self._enqueue_once(self._new(event.job_id.removesuffix(_AT), "schedule"))
            return
        at: datetime = event.scheduled_run_times[-1]
        self._enqueue_once(replace(self._new(event.job_id, "schedule"), slot=at.astimezone(UTC).isoformat()))

    def _enqueue_once(self, run: Run) -> None:
        """One waiting run of a kind is enough; of scheduled ones the latest slot counts."""
        with self._changed:
            for place, waiting in enumerate(self._queue):
                other = waiting.run
                if not waiting.recorded and other.job == run.job and bool(other.slot) == bool(run.slot):
                    self._queue[place] = _Waiting(replace(other, slot=run.slot), recorded=False)
                    return
            self._queue.append(_Waiting(run, recorded=False))
            self._changed.notify_all()

    def _job(self, name: str) -> Job:
        try:
            return self._jobs[name]
        except KeyError:
            raise NotFound("job", name) from None

    def _new(self, job: str, reason: str) -> Run:
        self._job(job)
        run_id = secrets.token_urlsafe(9)
        return Run(id=run_id, job=job, reason=reason, asked_by="publisher", created=self._clock())

    def _work(self) -> None:
        self._save()
        while (waiting := self._next()) is not None:
            try:
                self._perform(waiting)
            except LeaseLost as error:
                log.warning("job %s: %s", waiting.run.job, error)
                self._on_lease_lost(error)
        self._save()

    def _next(self) -> _Waiting | None:
        """Wait for something to do; None when it is time to stop.

        What happened is written down before long, also where one small job follows the other for minutes.
        """
        while True:
            with self._changed:
                unsaved = bool(self._unsaved_states or self._unsaved_runs)
                if not self._queue and not self._stopping:
                    self._changed.wait(_LAZY_SECONDS if unsaved else None)
                if self._stopping:
                    return None
                if self._queue and not (unsaved and monotonic() > self._saved + 2 * _LAZY_SECONDS):
                    return self._queue.popleft()
            self._save()

    def _perform(self, waiting: _Waiting) -> None:
        job = self._jobs[waiting.run.job]
        run = replace(waiting.run, started=self._clock(), outcome=Outcome.RUNNING)
        try:
            if run.slot and not self._runs.claim_slot(run.job, run.slot):
                return  # another machine has done it
            if waiting.recorded:
                self._runs.put_run(run)
            counts = dict(job.run(run))
        except LeaseLost:
            raise
        except Exception as error:
            log.exception("job %s failed", run.job)
            run = replace(run, outcome=Outcome.FAILED, message=f"{type(error).__name__}: {error}")
        else:
            run = replace(run, outcome=Outcome.DONE, counts=counts)
        run = replace(run, finished=self._clock())
        if run.outcome is Outcome.DONE:
            changed = any(count for name, count in run.counts.items() if name not in job.looking)
        else:  # a job that fails the same way at every wake-up says so once
            changed = run.message != self._states[run.job].message
        state = JobState(run.job, run.started, str(run.outcome), message=run.message)
        self._states[run.job] = self._unsaved_states[run.job] = self._with_next_run(state)
        if waiting.recorded or changed:
            self._unsaved_runs[run.id] = run
        if waiting.recorded or changed or run.slot:
            self._save()

    def _save(self) -> None:
        """Write down what happened. While the database is away it is kept, and tried again at the next occasion."""
        self._saved = monotonic()
        try:
            for run in list(self._unsaved_runs.values()):
                self._runs.put_run(run)
                del self._unsaved_runs[run.id]
            for state in list(self._unsaved_states.values()):
                self._runs.put_job_state(state)
                del self._unsaved_states[state.job]
        except LeaseLost as error:
            self._unsaved_runs.clear()
            self._unsaved_states.clear()
            self._on_lease_lost(error)
        except Exception as error:
            log.warning("cannot write down what ran: %s", error)

    def _with_next_run(self, state: JobState) -> JobState:
        jobs = (self._timer.get_job(name) for name in (state.job, state.job + _AT))
        # What is added after the timer has stopped has no such attribute.
        times = [time.astimezone(UTC) for job in jobs if (time := getattr(job, "next_run_time", None)) is not None]
        return replace(state, next_run=min(times, default=None))


def _nothing() -> None:
    """APScheduler wants something to run; what matters is that it says when."""

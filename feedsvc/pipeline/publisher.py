"""The publisher's jobs: what the schedule, the watcher and the operator ask for. One thread runs one at a time.

rescan        look at every file, then publish what changed
refresh       look at the files the watcher named, then publish what changed
due           publish what has come due
regenerate    rebuild named categories, or all, changed or not
search        let a slice of what was published be found by its words
housekeeping  forget old runs and clicks
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from feedsvc.errors import LeaseLost
from feedsvc.pipeline.due import mark_due
from feedsvc.pipeline.ingest import Ingest, Progress
from feedsvc.pipeline.regenerate import Regenerate
from feedsvc.pipeline.report import Report
from feedsvc.pipeline.searching import SLICE, Searching
from feedsvc.pipeline.workers import Workers
from feedsvc.publishing.hold import GUARD_RELEASE
from feedsvc.scheduling.lease import Lease
from feedsvc.scheduling.run import Run
from feedsvc.store import Store

ACCEPT_REMOVALS = "accept-removals"  # the reason of a rescan that lets a great many articles go

AGAIN = timedelta(milliseconds=40)  # until a file that was being written is looked at once more; doubles
RETRY = timedelta(seconds=2)  # until a job that failed is tried again; doubles
LONGEST_AGAIN, LONGEST_RETRY = timedelta(seconds=2), timedelta(minutes=5)
BY_HAND = frozenset({"request", "build", ACCEPT_REMOVALS, GUARD_RELEASE})  # reasons of runs that somebody waits for


class Publisher:
    """lease: the lease this process holds now, None when it does not lead: then every job raises LeaseLost."""

    def __init__(
        self,
        store: Store,
        ingest: Ingest,
        regenerate: Regenerate,
        workers: Workers,
        clock: Callable[[], datetime],
        lease: Callable[[], Lease | None],
        keep_runs: timedelta,
        alarm: Callable[[str, datetime], None] = lambda job, at: None,
        editions_only: bool = False,
        next_end: Callable[[datetime], datetime | None] = lambda after: None,
        searching: Searching | None = None,
        keep_clicks: timedelta = timedelta(days=400),
    ) -> None:
        """alarm: how to have a job run at an instant; it replaces the instant given for that job before.

        next_end: the nearest instant later than the given one at which somebody's rights end.

        editions_only: publish when the schedule or a person says so, and at no other time (publisher.mode = schedule).

        searching: None when nothing can be searched for (search.enabled).
        """
        self._store = store
        self._ingest = ingest
        self._regenerate = regenerate
        self._workers = workers
        self._clock = clock
        self._lease = lease
        self._keep_runs = keep_runs
        self._keep_clicks = keep_clicks
        self._lock = threading.Lock()
        self._hints: set[Path] = set()
        self._hinted = threading.Event()  # since the last look at what was named
        self._alarm = alarm
        self._alarms: dict[str, datetime] = {}
        self._editions_only = editions_only
        self._next_end = next_end
        self._searching = searching
        self._tries: dict[str, int] = {}  # failures, or looks in vain, in a row

    def hint(self, paths: Iterable[Path]) -> None:
        """Something happened at these paths; `refresh` will look. Any thread may call."""
        if self._note(paths):
            self._hinted.set()

    def _note(self, paths: Iterable[Path]) -> bool:
        """Whether there are any now."""
        with self._lock:
            self._hints.update(paths)
            return bool(self._hints)

    def rescan(self, run: Run, progress: Progress | None = None) -> Mapping[str, int]:
        with self._tried_again("rescan") as lease:
            self._hinted.clear()
            report = self._ingest.rescan(lease, progress, accept_removals=run.reason == ACCEPT_REMOVALS)
            mark_due(self._store, lease, self._clock())
            return self._finish(lease, report, run, progress=progress)

    def refresh(self, run: Run) -> Mapping[str, int]:
        with self._tried_again("refresh") as lease:
            self._hinted.clear()
            with self._lock:
                paths, self._hints = self._hints, set()
            try:
                report = self._ingest.look(lease, paths)
            except BaseException:
                self._note(paths)  # nothing that was noticed may be forgotten
                raise
            if report.rescan:
                self._wake("rescan", self._clock())
            return self._finish(lease, report, run)

    def due(self, run: Run) -> Mapping[str, int]:
        with self._tried_again("due") as lease:
            number = mark_due(self._store, lease, self._clock())
            if number:
                return {"due": number, **self._publish(lease, run)}
            return self._publish(lease, run) if self._regenerate.rights_changed() else {}

    def regenerate(self, run: Run, progress: Progress | None = None) -> Mapping[str, int]:
        """What an operator asks for: look at everything, then rebuild the named categories, or all, changed or not.

        What he releases is what he has seen: then nothing is looked at anew.
        """
        lease = self._leading()
        if run.reason == GUARD_RELEASE:
            try:
                return self._regenerate.named(lease, run.categories, progress, released=True)
            finally:
                self._workers.rest()
        counts = self._finish(lease, self._ingest.rescan(lease, progress), run, progress=progress)
        rebuilt = self._regenerate.named(lease, run.categories, progress)
        self._workers.rest()
        return {**counts, **{name: counts.get(name, 0) + number for name, number in rebuilt.items()}}

    def edition(self, run: Run, categories: Collection[str] = ()) -> Mapping[str, int]:
        """What a schedule asks for: look at everything, then publish these categories, or all that changed.

        Where only schedules publish, the edition of some categories is none of the others'.
        """
        lease = self._leading()
        report = self._ingest.rescan(lease)
        mark_due(self._store, lease, self._clock())
        counts = self._finish(lease, report, run, edition=not categories)
        known = [slug for slug in categories if self._regenerate.knows(slug)]  # not one whose first post is to come
        return {**counts, **self._regenerate.named(lease, known)} if known else counts

    def search(self, run: Run) -> Mapping[str, int]:
        """A slice, then a pause in which something else may run, until nothing waits. A hint cuts the slice short."""
        if self._searching is None:
            return {}
        with self._tried_again("search") as lease:
            number = self._searching.index(lease, self._hinted.is_set)
            if number == SLICE or (number and self._hinted.is_set()):
                self._wake("search", self._clock())
            return {"searchable": number}

    def housekeeping(self, run: Run) -> Mapping[str, int]:
        with self._store.writing(self._leading()) as tx:
            now = self._clock()
            return {
                "pruned": tx.prune(now - self._keep_runs),
                "clicks_pruned": tx.prune_clicks((now - self._keep_clicks).date()),
            }

    @property
    def waiting_for_writers(self) -> int:
        """Files that were being written when they were looked at, or named by the watcher since."""
        with self._lock:
            return len(self._hints)

    @contextmanager
    def _tried_again(self, job: str) -> Iterator[Lease]:
        """The lease to work under; a failure sets the job's alarm, later with each failure in a row."""
        with self._lock:
            self._alarms.pop(job, None)
        lease = self._leading()
        try:
            yield lease
        except LeaseLost:
            raise
        except Exception:
            self._wake(job, self._clock() + self._pause(job, RETRY, LONGEST_RETRY))
            raise
        self._tries.pop(job, None)

    def _pause(self, what: str, first: timedelta, longest: timedelta) -> timedelta:
        tries = self._tries[what] = self._tries.get(what, -1) + 1
        return min(longest, first * (1 << min(tries, 16)))

    def _leading(self) -> Lease:
        lease = self._lease()
        if lease is None:
            raise LeaseLost("This process does not lead; another publisher does the work.")
        return lease

    def _finish(
        self, lease: Lease, report: Report, run: Run, *, edition: bool = False, progress: Progress | None = None
    ) -> dict[str, int]:
        if report.again:
            self._note(report.again)
            self._wake("refresh", self._clock() + self._pause("settling", AGAIN, LONGEST_AGAIN))
        else:
            self._tries.pop("settling", None)
        if report.next_check:
            self._wake("rescan", report.next_check)
        counts = {**report.counts, **self._publish(lease, run, edition, progress)}
        if self._searching and (run.job != "refresh" or counts.keys() & {"new", "changed"}):
            self._searching.renew()
            self._wake("search", self._clock())
        return counts

    def _publish(
        self, lease: Lease, run: Run, edition: bool = False, progress: Progress | None = None
    ) -> dict[str, int]:
        """Rebuild what is marked, unless only the schedule may (then the marks wait; a first start never waits, nor
        does the end of somebody's rights)."""
        waits = self._editions_only and not edition and run.reason not in BY_HAND and self._store.edition()
        if waits and not self._regenerate.rights_changed():
            if end := self._next_end(self._clock()):
                self._wake("due", end)
            return {}
        try:
            counts = self._regenerate.dirty(lease, progress, run.reason == ACCEPT_REMOVALS)
        finally:
            self._workers.rest()
        now = self._clock()
        with self._store.reading() as reader:
            coming = [moment for moment in (reader.next_due(now), self._next_end(now)) if moment]
        if coming:
            self._wake("due", min(coming))
        return counts

    def _wake(self, job: str, moment: datetime) -> None:
        """Have a job run at an instant, unless it will run earlier anyway."""
        with self._lock:
            if job in self._alarms and self._alarms[job] <= moment:
                return
            self._alarms[job] = moment
        self._alarm(job, moment)

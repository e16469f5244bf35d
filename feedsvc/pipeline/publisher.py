"""The publisher's jobs: what the schedule, the watcher and the operator ask for. One thread runs one at a time.

rescan        look at every file, then publish what changed
refresh       look at the files the watcher named, then publish what changed
due           publish what has come due
regenerate    rebuild named categories, or all, changed or not
housekeeping  forget old runs
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from feedsvc.errors import LeaseLost
from feedsvc.pipeline.due import mark_due
from feedsvc.pipeline.ingest import Ingest, Progress
from feedsvc.pipeline.regenerate import Regenerate
from feedsvc.pipeline.report import Report
from feedsvc.pipeline.workers import Workers
from feedsvc.scheduling.lease import Lease
from feedsvc.scheduling.run import Run
from feedsvc.store import Store

ACCEPT_REMOVALS = "accept-removals"  # the reason of a rescan that lets a great many articles go

AGAIN = timedelta(milliseconds=40)  # until a file that was being written is looked at once more


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
    ) -> None:
        """alarm: how to have a job run at an instant; it replaces the instant given for that job before."""
        self._store = store
        self._ingest = ingest
        self._regenerate = regenerate
        self._workers = workers
        self._clock = clock
        self._lease = lease
        self._keep_runs = keep_runs
        self._lock = threading.Lock()
        self._hints: set[Path] = set()
        self._alarm = alarm
        self._alarms: dict[str, datetime] = {}

    def hint(self, paths: Iterable[Path]) -> None:
        """Something happened at these paths; `refresh` will look. Any thread may call."""
        with self._lock:
            self._hints.update(paths)

    def rescan(self, run: Run, progress: Progress | None = None) -> Mapping[str, int]:
        lease = self._leading("rescan")
        report = self._ingest.rescan(lease, progress, accept_removals=run.reason == ACCEPT_REMOVALS)
        return self._finish(lease, report)

    def refresh(self, run: Run) -> Mapping[str, int]:
        lease = self._leading("refresh")
        with self._lock:
            paths, self._hints = self._hints, set()
        try:
            report = self._ingest.look(lease, paths)
        except BaseException:
            self.hint(paths)  # nothing that was noticed may be forgotten
            raise
        if report.rescan:
            self._wake("rescan", self._clock())
        return self._finish(lease, report)

    def due(self, run: Run) -> Mapping[str, int]:
        lease = self._leading("due")
        number = mark_due(self._store, lease, self._clock())
        return {"due": number, **self._publish(lease)} if number else {}

    def regenerate(self, run: Run, progress: Progress | None = None) -> Mapping[str, int]:
        """What an operator asks for: look at everything, then rebuild the named categories, or all, changed or not."""
        lease = self._leading()
        counts = self._finish(lease, self._ingest.rescan(lease))
        rebuilt = self._regenerate.named(lease, run.categories, progress)
        self._workers.rest()
        return {**counts, **{name: counts.get(name, 0) + number for name, number in rebuilt.items()}}

    def edition(self, run: Run, categories: Collection[str] = ()) -> Mapping[str, int]:
        """What a schedule asks for: look at everything, publish what changed, and these categories in any case."""
        lease = self._leading()
        counts = self._finish(lease, self._ingest.rescan(lease))
        known = [slug for slug in categories if self._known(slug)]  # one whose first post is still to come
        return {**counts, **self._regenerate.named(lease, known)} if known else counts

    def housekeeping(self, run: Run) -> Mapping[str, int]:
        with self._store.writing(self._leading()) as tx:
            return {"pruned": tx.prune(self._clock() - self._keep_runs)}

    def _known(self, slug: str) -> bool:
        with self._store.reading() as reader:
            return reader.category(slug, self._clock()) is not None

    def _leading(self, job: str = "") -> Lease:
        """The lease to work under; the job's alarm, if it had one, has been heard."""
        with self._lock:
            self._alarms.pop(job, None)
        lease = self._lease()
        if lease is None:
            raise LeaseLost("This process does not lead; another publisher does the work.")
        return lease

    def _finish(self, lease: Lease, report: Report) -> dict[str, int]:
        if report.again:
            self.hint(report.again)
            self._wake("refresh", self._clock() + AGAIN)
        if report.next_check:
            self._wake("rescan", report.next_check)
        return {**report.counts, **self._publish(lease)}

    def _publish(self, lease: Lease, progress: Progress | None = None) -> dict[str, int]:
        counts = self._regenerate.dirty(lease, progress)
        self._workers.rest()
        with self._store.reading() as reader:
            coming = reader.next_due(self._clock())
        if coming:
            self._wake("due", coming)
        return counts

    def _wake(self, job: str, moment: datetime) -> None:
        """Have a job run at an instant, unless it will run earlier anyway."""
        with self._lock:
            if job in self._alarms and self._alarms[job] <= moment:
                return
            self._alarms[job] = moment
        self._alarm(job, moment)

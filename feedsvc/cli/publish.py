"""The publisher's process: stand by until the lease is ours, then run the jobs until it is lost or we are to stop."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from feedsvc import bootstrap
from feedsvc.cli.lifeline import end_with_parent
from feedsvc.cli.schedules import triggers_of
from feedsvc.cli.stopping import StopSignal
from feedsvc.content.settled import ignore_lease_breaks
from feedsvc.content.watch import watch
from feedsvc.errors import FeedsvcError, LeaseLost, StoreUnavailable
from feedsvc.health import LEASE
from feedsvc.pipeline.publisher import Publisher
from feedsvc.pipeline.workers import Workers
from feedsvc.scheduling.leader import Leader
from feedsvc.scheduling.lease import Lease
from feedsvc.scheduling.run import JobState, Outcome, Run
from feedsvc.scheduling.scheduler import Job, Scheduler
from feedsvc.scheduling.trigger import Trigger
from feedsvc.settings import Settings
from feedsvc.store import Store

log = logging.getLogger(__name__)

REQUESTS_EVERY = 0.1  # seconds between looks for runs that somebody filed
WATCHER_SECONDS = 1.0  # for the watcher to be in place; where it cannot be, the first look does not wait longer
TELL_EVERY = 0.3  # seconds between words on how far a requested run is
# A slice of the search index is of no interest to anybody either: a first start has a thousand of them.
LOOKING = frozenset(
    {"read", "unchanged", "identical", "unsettled", "missing", "hidden", "noted", "categories", "searchable"}
)


def run_publisher(settings: Settings) -> None:
    """Until SIGTERM: finish or roll back what is running, release the lease, return."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for chatty in ("apscheduler", "watchfiles"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    ignore_lease_breaks()
    stop = StopSignal()
    end_with_parent()
    triggers = triggers_of(settings)
    bootstrap.operator_token(settings.data_dir)
    store = bootstrap.open_store(settings)
    try:
        PublisherProcess(settings, store, triggers, stop).run()
    finally:
        store.close()


class PublisherProcess:
    """One candidate for the lease, and what it does while it has it."""

    def __init__(self, settings: Settings, store: Store, triggers: Mapping[str, Trigger], stop: StopSignal) -> None:
        self._settings = settings
        self._store = store
        self._triggers = triggers
        self._stop = stop
        self._changed = threading.Event()  # leadership was won or lost
        ttl = timedelta(seconds=settings.publisher.lease_seconds)
        changed = lambda lease: self._changed.set()  # noqa: E731
        self._leader = Leader(store, LEASE, bootstrap.holder(), ttl, bootstrap.now, changed, changed)

    def run(self) -> None:
        self._leader.start()
        try:
            while not self._stop.is_set():
                self._changed.clear()
                if self._leader.lease is None:
                    self._changed.wait(0.1)
                    continue
                with contextlib.suppress(LeaseLost, StoreUnavailable):
                    self._lead()
        finally:
            self._leader.stop()

    def _lead(self) -> None:
        """Run the jobs for as long as this lease is ours."""
        lease = self._leader.lease
        if lease is None:
            return
        log.info("leading with token %d", lease.token)
        with Workers(self._settings.publisher.processes) as workers:
            scheduler: Scheduler | None = None
            publisher = bootstrap.publisher(
                self._settings,
                self._store,
                lambda: self._leader.lease,
                workers,
                alarm=lambda job, at: scheduler.wake_at(job, at) if scheduler else None,
            )
            with self._store.reading() as reader:
                states = reader.job_states()
            run_log = StoreRunLog(self._store, lambda: self._leader.lease, self._stop.is_set)
            scheduler = Scheduler(
                self._jobs(publisher, run_log),
                run_log,
                bootstrap.now,
                lambda error: self._leader.lost(lease),
                states,
            )
            scheduler.start()
            try:
                with self._watching(publisher, scheduler):
                    self._serve_requests(scheduler, lease)
            finally:
                scheduler.stop(wait=True)

    def _jobs(self, publisher: Publisher, log: StoreRunLog) -> list[Job]:
        work: dict[str, Callable[[Run], Mapping[str, int]]] = {
            "rescan": lambda run: publisher.rescan(run, log.progress_of(run)),
            "refresh": publisher.refresh,
            "due": publisher.due,
            "regenerate": lambda run: publisher.regenerate(run, log.progress_of(run)),
            "search": publisher.search,
            "housekeeping": publisher.housekeeping,
        }
        jobs = [Job(name, self._triggers.get(name), run, LOOKING) for name, run in work.items()]
        for name, trigger in self._triggers.items():
            kind, _, category = name.partition(":")
            if kind == "edition":
                run = partial(publisher.edition, categories=(category,) if category else ())
                jobs.append(Job(name, trigger, run, LOOKING))
        return jobs

    def _serve_requests(self, scheduler: Scheduler, lease: Lease) -> None:
        """Hand over what operators filed, until we are to stop or do not lead any more."""
        self._abandon_unfinished(lease)
        while not self._stop.is_set() and (now := self._leader.lease) is not None and now.token == lease.token:
            try:
                with self._store.reading() as reader:
                    waiting = reader.waiting_runs()
            except StoreUnavailable as error:
                log.warning("cannot look for requests: %s", error)
                waiting = []
            for run in waiting:
                scheduler.submit(run)
            self._stop.wait(REQUESTS_EVERY)

    def _abandon_unfinished(self, lease: Lease) -> None:
        """Runs that a leader before us began and did not end: what they were about is still marked, and done again."""
        with self._store.writing(lease) as tx:
            for run in tx.runs(200):
                if run.outcome is Outcome.RUNNING and run.started and run.started < bootstrap.now():
                    message = "Its publisher ended before it was done; the work is taken up again."
                    tx.put_run(replace(run, outcome=Outcome.ABANDONED, finished=bootstrap.now(), message=message))

    @contextlib.contextmanager
    def _watching(self, publisher: Publisher, scheduler: Scheduler) -> Iterator[None]:
        """The watcher's hints, while we lead; not in the mode in which only the schedule counts.

        The first look at everything begins when the watcher is in place, so that nothing happens between the two.
        """
        if self._settings.publisher.mode == "schedule":
            scheduler.wake("rescan")
            yield
            return
        end, watching = threading.Event(), threading.Event()

        def wake(paths: frozenset[Path]) -> None:
            publisher.hint(paths)
            scheduler.wake("refresh" if paths else "rescan")
            watching.set()

        roots = [root.path for root in bootstrap.roots(self._settings)]
        thread = threading.Thread(target=watch, args=(roots, end, wake), name="watch", daemon=True)
        thread.start()
        if not watching.wait(WATCHER_SECONDS):
            scheduler.wake("rescan")
        try:
            yield
        finally:
            end.set()
            thread.join(5)


class Stopped(FeedsvcError):
    """A run that ended early because the process is to end; what it did so far is kept, the rest is still marked."""

    code = "stopped"


class StoreRunLog:
    """The store as the scheduler's RunLog, each call one fenced transaction."""

    def __init__(
        self, store: Store, lease: Callable[[], Lease | None], stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self._store = store
        self._lease = lease
        self._stopping = stopping

    def put_run(self, run: Run) -> None:
        with self._store.writing(self._held()) as tx:
            tx.put_run(run)

    def claim_slot(self, job: str, slot: str) -> bool:
        with self._store.writing(self._held()) as tx:
            return tx.claim_slot(job, slot)

    def put_job_state(self, state: JobState) -> None:
        with self._store.writing(self._held()) as tx:
            tx.put_job_state(state)

    def progress_of(self, run: Run) -> Callable[[int, int], None]:
        """Tells whoever waits for a requested run how far it is, a few times a second.

        It is called between two transactions, so it is also where a long run ends early when we are to stop.
        """
        told = time.monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal told
            if self._stopping() and done < total:
                raise Stopped("The publisher was stopped before this was done; the next one takes it up.")
            if run.asked_by != "publisher" and time.monotonic() - told > TELL_EVERY:
                told = time.monotonic()
                self.put_run(replace(run, counts={"done": done, "of": total}))

        return tell

    def _held(self) -> Lease:
        lease = self._lease()
        if lease is None:
            raise LeaseLost("This process does not lead any more.")
        return lease


if __name__ == "__main__":
    try:
        run_publisher(bootstrap.load_settings().settings)
    except FeedsvcError as error:
        sys.exit(f"feedsvc: {error.message}")

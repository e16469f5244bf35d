"""Scheduler: real APScheduler and threads; the run log is kept in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedsvc.errors import LeaseLost, NotFound, StoreUnavailable
from feedsvc.scheduling.run import JobState, Outcome, Run
from feedsvc.scheduling.scheduler import Job, Scheduler
from feedsvc.scheduling.trigger import Trigger, parse_schedule


def now() -> datetime:
    return datetime.now(UTC)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)


class MemoryLog:
    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.states: list[JobState] = []
        self.slots: set[tuple[str, str]] = set()
        self.error: Exception | None = None

    def put_run(self, run: Run) -> None:
        self.answer()
        self.runs.append(run)

    def claim_slot(self, job: str, slot: str) -> bool:
        self.answer()
        new = (job, slot) not in self.slots
        self.slots.add((job, slot))
        return new

    def put_job_state(self, state: JobState) -> None:
        self.answer()
        self.states.append(state)

    def answer(self) -> None:
        if self.error is not None:
            raise self.error

    def outcomes(self, run_id: str) -> list[str]:
        return [str(run.outcome) for run in self.runs if run.id == run_id]


class Work:
    """A job's function: remembers its runs, can be held up, can fail."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.counts: dict[str, int] = {}
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.at_work = 0
        self.most = 0

    def __call__(self, run: Run) -> Mapping[str, int]:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        self.runs.append(run)
        self.gate.wait(10)
        self.at_work -= 1
        if self.error is not None:
            raise self.error
        return self.counts


class Desk:
    def __init__(self) -> None:
        self.log = MemoryLog()
        self.work = Work()
        self.lost: list[LeaseLost] = []
        self.scheduler: Scheduler

    def open(self, trigger: Trigger | None = None, **other: Any) -> Scheduler:
        jobs = [Job("rescan", trigger, self.work), Job("regenerate", None, self.work)]
        self.scheduler = Scheduler(jobs, self.log, now, self.lost.append, **other)
        self.scheduler.start()
        return self.scheduler


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.work.gate.set()
    desk.scheduler.stop(wait=True)


def every_second() -> Trigger:
    return parse_schedule("1s", ZoneInfo("UTC"))


def test_a_requested_run_is_recorded_from_waiting_to_done(desk: Desk) -> None:
    desk.work.counts = {"changed": 0}
    run = desk.open().run_now("regenerate", "request", "api", ("a", "b"), "id-1")
    wait_for(lambda: desk.log.outcomes("id-1") == ["waiting", "running", "done"])
    assert (run.id, run.reason, run.asked_by, run.categories) == ("id-1", "request", "api", ("a", "b"))
    done = desk.log.runs[-1]
    assert desk.work.runs[0].categories == ("a", "b") and done.counts == {"changed": 0}
    assert done.started is not None and done.finished is not None and run.created <= done.started <= done.finished
    wait_for(lambda: any(state.last_outcome == "done" for state in desk.log.states))


def test_a_filed_run_is_done_once_however_often_it_is_handed_over(desk: Desk) -> None:
    scheduler = desk.open()
    filed = Run(id="x", job="regenerate", reason="request", asked_by="cli", created=now())
    desk.work.gate.clear()
    for _ in range(3):
        scheduler.submit(filed)
    wait_for(lambda: desk.work.at_work == 1)
    scheduler.submit(filed)
    desk.work.gate.set()
    wait_for(lambda: desk.log.outcomes("x") == ["running", "done"])
    scheduler.submit(filed)  # read from the database just before it was done
    last = scheduler.run_now("regenerate", "request", "cli")
    wait_for(lambda: "done" in desk.log.outcomes(last.id))
    assert [run.id for run in desk.work.runs] == ["x", last.id]


def test_wake_ups_coalesce(desk: Desk) -> None:
    scheduler = desk.open()
    desk.work.gate.clear()
    scheduler.wake("rescan")
    wait_for(lambda: desk.work.at_work == 1)
    for _ in range(1000):
        scheduler.wake("rescan")
    scheduler.wake("regenerate")
    desk.work.gate.set()
    wait_for(lambda: len(desk.work.runs) == 3 and desk.work.at_work == 0)
    assert [run.job for run in desk.work.runs] == ["rescan", "rescan", "regenerate"]
    scheduler.stop(wait=True)
    assert len(desk.work.runs) == 3


def test_jobs_never_overlap(desk: Desk) -> None:
    scheduler = desk.open(every_second())
    threads = [
        threading.Thread(target=lambda: [scheduler.run_now("regenerate", "request", "cli") for _ in range(20)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for _ in range(50):
        scheduler.wake("rescan")
    for thread in threads:
        thread.join()
    wait_for(lambda: sum(run.job == "regenerate" for run in desk.work.runs) == 60)
    assert desk.work.most == 1


def test_wake_ups_that_change_nothing_leave_no_run_and_few_states(desk: Desk) -> None:
    desk.work.counts = {"seen": 1000, "read": 3, "changed": 0}
    scheduler = desk.open()
    wait_for(lambda: len(desk.log.states) == 2)  # next runs, at the start
    for number in range(1, 101):
        scheduler.wake("rescan")
        wait_for(lambda number=number: len(desk.work.runs) == number and desk.work.at_work == 0)  # type: ignore[misc]
    assert desk.log.runs == [] and len(desk.log.states) <= 4
    wait_for(lambda: desk.log.states[-1].last_outcome == "done")
    wait_for(lambda: desk.log.states[-1].last_run == desk.work.runs[-1].started)  # the last one is not forgotten


def test_wake_ups_that_change_something_are_recorded(desk: Desk) -> None:
    desk.work.counts = {"seen": 1000, "changed": 1}
    desk.open().wake("rescan")
    wait_for(lambda: len(desk.log.runs) == 1)
    run = desk.log.runs[0]
    assert (run.reason, run.asked_by, run.outcome, run.counts) == ("watch", "publisher", "done", desk.work.counts)


def test_a_failure_is_recorded_and_the_scheduler_lives_on(desk: Desk) -> None:
    scheduler = desk.open()
    desk.work.error = OSError("disk gone")
    run = scheduler.run_now("regenerate", "request", "cli")
    wait_for(lambda: desk.log.outcomes(run.id)[-1] == "failed")
    assert desk.log.runs[-1].message == "OSError: disk gone"
    wait_for(lambda: desk.log.states[-1].message == "OSError: disk gone")
    desk.work.error = None
    again = scheduler.run_now("regenerate", "request", "cli")
    wait_for(lambda: desk.log.outcomes(again.id)[-1] == "done")
    wait_for(lambda: (desk.log.states[-1].last_outcome, desk.log.states[-1].message) == ("done", ""))


def test_the_same_failure_at_every_wake_up_is_recorded_once(desk: Desk) -> None:
    scheduler = desk.open()
    for number, message in enumerate(["a", "a", "a", "b"], 1):
        desk.work.error = OSError(message)
        scheduler.wake("rescan")
        wait_for(lambda number=number: len(desk.work.runs) == number and desk.work.at_work == 0)  # type: ignore[misc]
    wait_for(lambda: [run.message for run in desk.log.runs] == ["OSError: a", "OSError: b"])


def test_scheduled_runs_have_their_slot_and_are_claimed(desk: Desk) -> None:
    desk.work.counts = {"changed": 1}
    desk.open(every_second())
    wait_for(lambda: len(desk.log.runs) == 1)
    run = desk.log.runs[0]
    slot = datetime.fromisoformat(run.slot)
    assert slot.microsecond == 0 and slot.utcoffset() == timedelta(0) and now() - slot < timedelta(seconds=10)
    assert run.reason == "schedule" and ("rescan", run.slot) in desk.log.slots
    state = next(state for state in reversed(desk.log.states) if state.job == "rescan")
    assert state.next_run is not None and state.next_run > slot


def test_a_slot_that_another_machine_has_done_is_passed_over(desk: Desk) -> None:
    second = now().replace(microsecond=0)
    for later in range(60):
        desk.log.slots.add(("rescan", (second + timedelta(seconds=later)).isoformat()))
    claims: list[str] = []
    claim = desk.log.claim_slot
    desk.log.claim_slot = lambda job, slot: claims.append(slot) or claim(job, slot)  # type: ignore[method-assign, func-returns-value]
    desk.open(every_second())
    wait_for(lambda: bool(claims))
    marker = desk.scheduler.run_now("regenerate", "request", "cli")
    wait_for(lambda: "done" in desk.log.outcomes(marker.id))
    assert [run.job for run in desk.work.runs] == ["regenerate"]


def test_slots_that_pass_during_a_long_run_become_one(desk: Desk) -> None:
    scheduler = desk.open(every_second())
    desk.work.gate.clear()
    scheduler.run_now("regenerate", "request", "cli")
    waited = time.monotonic() + 2.2
    wait_for(lambda: time.monotonic() > waited)  # two slots or three
    desk.work.gate.set()
    last = scheduler.run_now("regenerate", "request", "cli")
    wait_for(lambda: "done" in desk.log.outcomes(last.id))
    assert [run.job for run in desk.work.runs[:3]] == ["regenerate", "rescan", "regenerate"]
    assert now() - datetime.fromisoformat(desk.work.runs[1].slot) < timedelta(seconds=2)  # the latest


def test_wake_at(desk: Desk) -> None:
    scheduler = desk.open()
    at = now() + timedelta(seconds=0.2)
    scheduler.wake_at("rescan", now() + timedelta(hours=1))
    scheduler.wake_at("rescan", at)  # replaces it
    wait_for(lambda: len(desk.work.runs) == 1)
    assert at <= now() and desk.work.runs[0].job == "rescan" and desk.log.slots == set()
    scheduler.wake_at("rescan", now() - timedelta(hours=1))  # past: at once
    wait_for(lambda: len(desk.work.runs) == 2)
    scheduler.wake_at("rescan", now() + timedelta(seconds=0.1))
    scheduler.wake_at("rescan", None)
    scheduler.wake_at("rescan", None)
    scheduler.wake_at("regenerate", now() + timedelta(seconds=0.3))
    wait_for(lambda: len(desk.work.runs) == 3)
    assert desk.work.runs[2].job == "regenerate"


def test_a_lost_lease_is_told_and_nothing_is_recorded(desk: Desk) -> None:
    scheduler = desk.open()
    desk.work.error = LeaseLost("token 3 is not the newest")
    run = scheduler.run_now("regenerate", "request", "cli")
    wait_for(lambda: len(desk.lost) == 1)
    scheduler.stop(wait=True)
    assert desk.log.outcomes(run.id) == ["waiting", "running"]  # for the next leader to find


def test_a_lost_lease_in_the_run_log_is_told_too(desk: Desk) -> None:
    desk.work.counts = {"changed": 1}
    scheduler = desk.open()
    wait_for(lambda: len(desk.log.states) == 2)
    desk.log.error = LeaseLost("gone")
    scheduler.wake("rescan")
    wait_for(lambda: len(desk.lost) == 1)


def test_a_database_that_is_away_delays_the_record(desk: Desk) -> None:
    desk.work.counts = {"changed": 1}
    scheduler = desk.open()
    wait_for(lambda: len(desk.log.states) == 2)
    desk.log.error = StoreUnavailable("away")
    scheduler.wake("rescan")
    wait_for(lambda: len(desk.work.runs) == 1)
    desk.log.error = None
    wait_for(lambda: [run.outcome for run in desk.log.runs] == [Outcome.DONE])
    wait_for(lambda: desk.log.states[-1].last_outcome == "done")
    with pytest.raises(StoreUnavailable):
        desk.log.error = StoreUnavailable("away")
        scheduler.run_now("regenerate", "request", "cli")
    desk.log.error = None


def test_stop_lets_the_running_job_end_and_begins_no_other(desk: Desk) -> None:
    scheduler = desk.open()
    desk.work.gate.clear()
    first = scheduler.run_now("regenerate", "request", "cli")
    second = scheduler.run_now("regenerate", "request", "cli")
    wait_for(lambda: desk.work.at_work == 1)
    scheduler.stop(wait=False)
    assert desk.work.at_work == 1
    threading.Timer(0.05, desk.work.gate.set).start()
    scheduler.stop(wait=True)
    assert desk.work.at_work == 0 and len(desk.work.runs) == 1
    assert desk.log.outcomes(first.id)[-1] == "done" and desk.log.outcomes(second.id) == ["waiting"]


def test_a_job_that_wakes_itself_while_it_is_stopped_is_recorded(desk: Desk) -> None:
    """As the search index does, slice after slice: what is to come is then nobody's any more, what was done counts."""
    scheduler = desk.open()
    desk.work.gate.clear()
    run = scheduler.run_now("regenerate", "request", "cli")
    wait_for(lambda: desk.work.at_work == 1)
    scheduler.stop(wait=False)
    scheduler.wake_at("regenerate", now())
    desk.work.gate.set()
    scheduler.stop(wait=True)
    assert desk.log.outcomes(run.id)[-1] == "done"
    assert desk.log.states[-1].last_outcome == "done" and desk.log.states[-1].next_run is None


def test_a_job_that_wakes_itself_again_and_again_lets_the_others_be_written_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search index of a large site takes minutes; meanwhile `feedsvc status` tells of the rescan before it."""
    monkeypatch.setattr("feedsvc.scheduling.scheduler._LAZY_SECONDS", 0.01)
    end = threading.Event()

    def slice_after_slice(run: Run) -> dict[str, int]:
        if not end.is_set():
            scheduler.wake("search")
        return {}

    jobs = [Job("rescan", None, desk.work), Job("search", None, slice_after_slice)]
    scheduler = desk.scheduler = Scheduler(jobs, desk.log, now, desk.lost.append)
    scheduler.start()
    scheduler.wake("rescan")
    scheduler.wake("search")
    try:
        wait_for(lambda: ("rescan", "done") in [(state.job, state.last_outcome) for state in desk.log.states])
    finally:
        end.set()


def test_states_of_earlier_processes_are_carried_on(desk: Desk) -> None:
    old = JobState("rescan", now() - timedelta(days=1), "done", None, "")
    desk.open(parse_schedule("1d", ZoneInfo("UTC")), states=[old, JobState("gone")])
    wait_for(lambda: len(desk.log.states) == 2)
    states = {state.job: state for state in desk.log.states}
    assert set(states) == {"rescan", "regenerate"} and states["rescan"].last_run == old.last_run
    assert states["rescan"].next_run is not None and states["regenerate"].next_run is None


def test_unknown_jobs(desk: Desk) -> None:
    scheduler = desk.open()
    with pytest.raises(NotFound):
        scheduler.wake("none")
    with pytest.raises(NotFound):
        scheduler.run_now("none", "request", "cli")
    with pytest.raises(NotFound):
        scheduler.wake_at("none", now())

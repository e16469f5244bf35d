"""Leader: real threads, a fake clock for the database's side, our own short leases for the rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.errors import LeaseLost, StoreUnavailable
from feedsvc.scheduling.leader import Leader
from feedsvc.scheduling.lease import Lease


def now() -> datetime:
    return datetime.now(UTC)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)


class MemoryLeases:
    """The store's three promises, in memory; `away` and `stuck` break it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lease: Lease | None = None
        self.token = 0
        self.renewals = 0
        self.away = False
        self.stuck = threading.Event()
        self.stuck.set()

    def acquire_lease(self, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None:
        self.answer()
        with self.lock:
            held = self.lease
            if held is not None and held.holder != holder and held.expires > now:
                return None
            if held is None or held.holder != holder:
                self.token += 1
            self.lease = Lease(name, holder, self.token, now + ttl)
            return self.lease

    def renew_lease(self, lease: Lease, ttl: timedelta, now: datetime) -> Lease:
        self.answer()
        with self.lock:
            if self.lease is None or self.lease.token != lease.token:
                raise LeaseLost("not yours")
            self.renewals += 1
            self.lease = Lease(lease.name, lease.holder, lease.token, now + ttl)
            return self.lease

    def release_lease(self, lease: Lease) -> None:
        self.answer()
        with self.lock:
            if self.lease is not None and self.lease.token == lease.token:
                self.lease, self.token = None, self.token + 1

    def steal(self) -> None:
        with self.lock:
            self.token += 1
            self.lease = Lease("publisher", "thief", self.token, now() + timedelta(days=1))

    def answer(self) -> None:
        self.stuck.wait()
        if self.away:
            raise StoreUnavailable("away")


class Candidate:
    def __init__(self, leases: MemoryLeases, holder: str, ttl: float) -> None:
        self.gained: list[Lease] = []
        self.lost: list[tuple[Lease, float]] = []
        self.refuse = 0
        span = timedelta(seconds=ttl)
        self.leader = Leader(leases, "publisher", holder, span, now, self.on_gain, self.on_loss)

    def on_gain(self, lease: Lease) -> None:
        if self.refuse:
            self.refuse -= 1
            raise RuntimeError("cannot start")
        self.gained.append(lease)

    def on_loss(self, lease: Lease) -> None:
        self.lost.append((lease, time.monotonic()))


@pytest.fixture
def leases() -> MemoryLeases:
    return MemoryLeases()


@pytest.fixture
def candidate(leases: MemoryLeases) -> Iterator[Callable[[str, float], Candidate]]:
    made: list[Candidate] = []

    def make(holder: str, ttl: float) -> Candidate:
        made.append(Candidate(leases, holder, ttl))
        return made[-1]

    yield make
    leases.away = False
    leases.stuck.set()
    for one in made:
        one.leader.stop()


Make = Callable[[str, float], Candidate]


def test_one_leads_and_renews(leases: MemoryLeases, candidate: Make) -> None:
    one = candidate("one", 0.09)
    assert one.leader.lease is None
    one.leader.start()
    wait_for(lambda: leases.renewals >= 4)  # well over one lease's length
    lease = one.leader.lease
    assert lease is not None and (lease.holder, lease.token) == ("one", 1) and one.lost == []
    assert [gained.token for gained in one.gained] == [1]


def test_stop_frees_the_lease_and_is_no_loss(leases: MemoryLeases, candidate: Make) -> None:
    one = candidate("one", 60)
    one.leader.start()
    wait_for(lambda: bool(one.gained))
    one.leader.stop()
    assert leases.lease is None and one.leader.lease is None and one.lost == []
    two = candidate("two", 60)
    two.leader.start()
    wait_for(lambda: bool(two.gained))
    assert two.gained[0].token > one.gained[0].token
    candidate("three", 60).leader.stop()  # one that never started


def test_the_second_waits_its_turn(leases: MemoryLeases, candidate: Make) -> None:
    one, two = candidate("one", 0.3), candidate("two", 0.3)
    one.leader.start()
    wait_for(lambda: bool(one.gained))
    two.leader.start()
    wait_for(lambda: leases.renewals >= 3)
    assert two.gained == [] and two.leader.lease is None
    one.leader.stop()
    wait_for(lambda: bool(two.gained))


def test_a_stolen_lease_is_noticed_at_the_next_renewal(leases: MemoryLeases, candidate: Make) -> None:
    one = candidate("one", 0.15)
    one.leader.start()
    wait_for(lambda: bool(one.gained))
    leases.steal()
    wait_for(lambda: bool(one.lost))
    assert one.leader.lease is None and one.lost[0][0].token == 1
    leases.lease = None
    wait_for(lambda: len(one.gained) == 2)  # and it stands again
    assert one.gained[1].token > 1


@pytest.mark.parametrize("how", ["away", "stuck"])
def test_loss_is_told_at_the_lease_s_end_when_the_database_is_silent(
    leases: MemoryLeases, candidate: Make, how: str
) -> None:
    """Even while a call hangs; measured by our own clock, from before the last successful renewal."""
    one = candidate("one", 0.3)
    started = time.monotonic()
    one.leader.start()
    wait_for(lambda: leases.renewals >= 1)
    before = time.monotonic()
    if how == "away":
        leases.away = True
    else:
        leases.stuck.clear()
    wait_for(lambda: bool(one.lost))
    assert one.leader.lease is None
    told = one.lost[0][1]
    assert started + 0.3 <= told <= before + 0.3 + 0.25
    leases.away = False
    leases.stuck.set()
    wait_for(lambda: len(one.gained) == 2)
    assert len(one.lost) == 1


def test_a_short_silence_is_no_loss(leases: MemoryLeases, candidate: Make) -> None:
    one = candidate("one", 3)
    one.leader.start()
    wait_for(lambda: bool(one.gained))
    leases.away = True
    time.sleep(0.02)
    leases.away = False
    wait_for(lambda: leases.renewals >= 1)
    assert one.lost == [] and one.leader.lease is not None


def test_a_lease_lost_elsewhere_is_believed(leases: MemoryLeases, candidate: Make) -> None:
    one = candidate("one", 60)
    one.leader.start()
    wait_for(lambda: bool(one.gained))
    one.leader.lost(Lease("publisher", "one", 99, now()))  # of another reign
    assert one.lost == [] and one.leader.lease is not None
    one.leader.lost(one.gained[0])
    one.leader.lost(one.gained[0])
    assert [lease.token for lease, _ in one.lost] == [1] and one.leader.lease is None


def test_who_cannot_start_to_lead_gives_the_lease_back(leases: MemoryLeases, candidate: Make) -> None:
    one = candidate("one", 0.3)
    one.refuse = 1
    one.leader.start()
    wait_for(lambda: bool(one.gained))
    assert one.gained[0].token > 1 and one.lost == []


def test_an_unreachable_database_at_the_start(leases: MemoryLeases, candidate: Make) -> None:
    leases.away = True
    one = candidate("one", 0.3)
    one.leader.start()
    leases.away = False
    wait_for(lambda: bool(one.gained))

"""Leases, any order of events: candidates with clocks that differ, on a real SQLite file."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from feedsvc.errors import LeaseLost
from feedsvc.scheduling.lease import Lease
from feedsvc.sqlstore.store import open_store


@cache
def migrated() -> bytes:
    """An empty database, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.db"
        store = open_store(f"sqlite:///{path}")
        store.migrate()
        store.close()
        return path.read_bytes()


HOLDERS = st.sampled_from(["a", "b", "c"])
TTL = timedelta(seconds=6)


class LeaseRules(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "f.db"
        path.write_bytes(migrated())
        self.store = open_store(f"sqlite:///{path}")
        self.now = datetime(2026, 11, 22, tzinfo=UTC)
        self.held: dict[str, Lease] = {}  # what each candidate believes
        self.given: Lease | None = None  # the one that counts; a crashed candidate's too, until it runs out
        self.owner_of: dict[int, str] = {}  # token -> who got it
        self.newest = 0
        self.written = 0  # newest token that wrote

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(milliseconds=st.sampled_from([1, 1999, 2000, 4000, 6000, 6001, 20000]))
    def time_passes(self, milliseconds: int) -> None:
        self.now += timedelta(milliseconds=milliseconds)

    @rule(holder=HOLDERS)
    def acquire(self, holder: str) -> None:
        given = self.given
        lease = self.store.acquire_lease("publisher", holder, TTL, self.now)
        if given is not None and given.holder != holder and given.expires > self.now:
            assert lease is None, "somebody else holds it"
            return
        assert lease is not None and lease.expires == self.now + TTL and lease.holder == holder
        if lease.token not in self.owner_of:
            assert lease.token > self.newest, "tokens grow with every change of holder"
        assert self.owner_of.setdefault(lease.token, holder) == holder
        assert lease.token >= self.newest
        self.newest = lease.token
        self.held[holder] = self.given = lease

    @rule(holder=HOLDERS)
    def renew(self, holder: str) -> None:
        if (lease := self.held.get(holder)) is None:
            return
        try:
            renewed = self.store.renew_lease(lease, TTL, self.now)
        except LeaseLost:
            assert self.newest > lease.token, "only a newer token takes it away"
            del self.held[holder]
        else:
            assert lease.token == self.newest and renewed.expires == self.now + TTL
            self.held[holder] = self.given = renewed

    @rule(holder=HOLDERS)
    def release(self, holder: str) -> None:
        if (lease := self.held.pop(holder, None)) is not None:
            self.store.release_lease(lease)
            if lease.token == self.newest:
                self.given = None
            with pytest.raises(LeaseLost), self.store.writing(lease):
                pass

    @rule(holder=HOLDERS)
    def crash(self, holder: str) -> None:
        self.held.pop(holder, None)

    @rule(holder=HOLDERS)
    def write(self, holder: str) -> None:
        """Whatever a candidate believes, writes come in the order of tokens."""
        if (lease := self.held.get(holder)) is None:
            return
        try:
            with self.store.writing(lease) as tx:
                assert lease.token >= self.written
                tx.put_meta("by", str(lease.token))
                self.written = lease.token
        except LeaseLost:
            assert lease.token < self.newest

    @invariant()
    def never_two_with_a_lease_that_holds(self) -> None:
        assert len(self.valid()) <= 1

    @invariant()
    def the_database_knows_the_newest(self) -> None:
        with self.store.reading() as reader:
            lease = reader.lease("publisher")
            written = reader.meta("by")
        if lease is not None:
            assert lease.token == self.newest and self.owner_of[lease.token] == lease.holder
        assert int(written or 0) == self.written

    def valid(self) -> dict[str, Lease]:
        return {holder: lease for holder, lease in self.held.items() if lease.expires > self.now}


TestLeases = LeaseRules.TestCase
TestLeases.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)

"""Store contract: the lease, its fencing token, and slots."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from feedsvc.errors import LeaseLost
from feedsvc.scheduling.lease import Lease
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from tests.contract.store_samples import NOW, TTL, child, line

SECOND = timedelta(seconds=1)


def take(store: Store, holder: str, now: object = NOW) -> Lease:
    lease = store.acquire_lease("publisher", holder, TTL, now)  # type: ignore[arg-type]
    assert lease is not None
    return lease


def test_one_holder_at_a_time(store: Store) -> None:
    ours = take(store, "a")
    assert ours == Lease("publisher", "a", ours.token, NOW + TTL)
    assert store.acquire_lease("publisher", "b", TTL, NOW + TTL - SECOND) is None
    assert store.acquire_lease("other", "b", TTL, NOW) is not None
    with store.reading() as reader:
        assert reader.lease("publisher") == ours and reader.lease("none") is None


def test_a_lease_that_ran_out_goes_to_the_next_with_a_higher_token(store: Store) -> None:
    first = take(store, "a")
    second = take(store, "b", NOW + TTL)
    assert second.token > first.token
    with pytest.raises(LeaseLost):
        store.renew_lease(first, TTL, NOW + TTL)
    store.release_lease(first)  # nothing happens
    with store.reading() as reader:
        assert reader.lease("publisher") == second


def test_asking_again_keeps_the_token(store: Store) -> None:
    first = take(store, "a")
    again = take(store, "a", NOW + SECOND)
    assert again.token == first.token and again.expires == NOW + SECOND + TTL
    late = take(store, "a", NOW + 10 * TTL)
    assert late.token == first.token


def test_renewal_moves_the_end(store: Store) -> None:
    lease = take(store, "a")
    renewed = store.renew_lease(lease, TTL, NOW + 2 * SECOND)
    assert renewed == replace(lease, expires=NOW + 2 * SECOND + TTL)
    assert store.acquire_lease("publisher", "b", TTL, NOW + TTL + SECOND) is None
    assert store.renew_lease(renewed, TTL, NOW + 9 * TTL).token == lease.token  # late, but nobody came


def test_release_frees_at_once_and_fences(store: Store) -> None:
    lease = take(store, "a")
    store.release_lease(lease)
    with store.reading() as reader:
        assert reader.lease("publisher") is None
    with pytest.raises(LeaseLost):
        store.renew_lease(lease, TTL, NOW)
    with pytest.raises(LeaseLost), store.writing(lease):
        pass
    assert take(store, "b").token > lease.token


def test_a_late_leader_writes_nothing(store: Store) -> None:
    """Contract of store/: LeaseLost before anything is written."""
    late = take(store, "a")
    new = take(store, "b", NOW + TTL)
    entered = False
    with pytest.raises(LeaseLost) as caught, store.writing(late) as tx:
        entered = True
        tx.put_meta("by", "late")
    assert not entered and caught.value.code == "lease-lost"
    with pytest.raises(LeaseLost), store.writing(Lease("unknown", "a", 1, NOW)):
        pass
    with store.writing(new) as tx:
        tx.put_meta("by", "new")
    with store.reading() as reader:
        assert reader.meta("by") == "new"


def test_an_expired_lease_that_nobody_took_still_writes(store: Store) -> None:
    lease = take(store, "a")
    with store.writing(lease) as tx:
        tx.put_meta("by", "a")  # no clock is asked: only the token counts


def test_nobody_takes_over_inside_a_fenced_transaction(store: Store, url: str) -> None:
    """The new leader waits for the commit, and then sees it."""
    other = open_store(url)
    lease = take(store, "a")
    got: list[Lease | None] = []
    seen: list[str | None] = []

    def take_over() -> None:
        got.append(other.acquire_lease("publisher", "b", TTL, NOW + 2 * TTL))
        with other.reading() as reader:
            seen.append(reader.meta("by"))

    thread = threading.Thread(target=take_over)
    with store.writing(lease) as tx:
        thread.start()
        thread.join(0.15)
        assert thread.is_alive() and not got
        tx.put_meta("by", "a")
    thread.join(15)
    assert got[0] is not None and got[0].token > lease.token and seen == ["a"]
    other.close()


def test_a_long_publication_does_not_starve_its_own_lease(store: Store, url: str) -> None:
    """PostgreSQL only: SQLite lets nobody write meanwhile, so nobody can take over either."""
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time")
    lease = take(store, "a")
    with store.writing(lease) as tx:
        tx.put_meta("by", "a")
        assert store.renew_lease(lease, TTL, NOW + SECOND).expires == NOW + SECOND + TTL
        assert store.acquire_lease("publisher", "b", TTL, NOW + 2 * SECOND) is None


def test_a_killed_leader_is_replaced_and_its_work_gone(store: Store, url: str) -> None:
    leader = child("hold", url)
    assert line(leader) == "holding"
    assert store.acquire_lease("publisher", "b", TTL, NOW + SECOND) is None
    leader.kill()
    leader.wait()
    assert take(store, "b", NOW + TTL).holder == "b"
    with store.reading() as reader:
        assert reader.meta("late") is None


def test_processes_fight_for_the_lease(store: Store, url: str) -> None:
    """Tokens in the order of commits never fall, and each belongs to one holder."""
    fighters = [child("fight", url, name) for name in "xy"]
    for fighter in fighters:
        assert line(fighter) == "ready"
    for fighter in fighters:
        assert fighter.stdin is not None
        fighter.stdin.write("go\n")
        fighter.stdin.flush()
    for fighter in fighters:
        assert fighter.communicate(timeout=60)[0].strip() == "done"
    with store.reading() as reader:
        written = (reader.meta("tokens") or "").split()
    assert len(written) == 60
    turns = [(int(entry[:-1]), entry[-1]) for entry in written]
    assert [token for token, _ in turns] == sorted(token for token, _ in turns)
    holders: dict[int, str] = {}
    assert all(holders.setdefault(token, holder) == holder for token, holder in turns)
    assert set(holders.values()) == {"x", "y"}


def test_a_slot_is_claimed_once(store: Store, url: str) -> None:
    slot = NOW.isoformat()
    claims: list[bool] = []

    def claim() -> None:
        own = open_store(url)
        with own.writing() as tx:
            claims.append(tx.claim_slot("rescan", slot))
        own.close()

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(claims) == [False, False, False, True]
    with store.writing() as tx:
        assert tx.claim_slot("other", slot) and tx.claim_slot("rescan", "")


def test_a_claim_rolled_back_is_free_again(store: Store) -> None:
    with pytest.raises(KeyError), store.writing() as tx:
        assert tx.claim_slot("rescan", "1")
        raise KeyError
    with store.writing() as tx:
        assert tx.claim_slot("rescan", "1")


def test_a_holder_needs_a_name(store: Store) -> None:
    with pytest.raises(ValueError, match="holder"):
        store.acquire_lease("publisher", "", TTL, NOW)

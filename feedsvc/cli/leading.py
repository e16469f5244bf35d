"""To lead for the length of one command, where no publisher runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from feedsvc.bootstrap import holder, now
from feedsvc.errors import FeedsvcError
from feedsvc.health import LEASE
from feedsvc.scheduling.leader import Leader
from feedsvc.scheduling.lease import Lease
from feedsvc.settings import Settings
from feedsvc.store import Store


@contextmanager
def leading(settings: Settings, store: Store, refusal: str) -> Iterator[Callable[[], Lease | None]]:
    """The lease, renewed until the end of the block; FeedsvcError with `refusal` when another publisher has it.

    StoreUnavailable when the database takes no lease from anybody: a full disk, a folder that can only be read.
    """
    leads = threading.Event()
    ttl = timedelta(seconds=settings.publisher.lease_seconds)
    leader = Leader(store, LEASE, holder(), ttl, now, lambda lease: leads.set(), lambda lease: None)
    leader.start()
    try:
        if not leads.wait(settings.publisher.lease_seconds + 1.0):  # as long as a publisher that died may seem to lead
            if late := store.acquire_lease(LEASE, holder(), ttl, now()):
                store.release_lease(late)
            raise FeedsvcError(refusal)
        yield lambda: leader.lease
    finally:
        leader.stop()

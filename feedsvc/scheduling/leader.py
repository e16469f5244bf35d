"""Leader: keeps asking for a lease, keeps it alive, and knows at every moment whether it is still ours.

Two threads: one talks to the database, the other watches our own monotonic clock, so that a database that hangs or a
network that is cut cannot keep a leader from noticing that its time is up. The fencing token makes even a leader
that notices too late harmless; noticing early spares the work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from feedsvc.errors import LeaseLost
from feedsvc.scheduling.lease import Lease

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0  # those in the second row look at least so often


class Leases(Protocol):
    """What a Leader needs of the store (feedsvc/store/ has the promises)."""

    def acquire_lease(self, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None: ...
    def renew_lease(self, lease: Lease, ttl: timedelta, now: datetime) -> Lease: ...
    def release_lease(self, lease: Lease) -> None: ...


class Leader:
    """One candidate. `start()`, look at `lease`, `stop()`; not to be started twice.

    on_gain(lease) and on_loss(lease) are called in turn, never at the same time, from the threads of this object; both
    should return soon, as no renewal happens meanwhile. A failing on_gain gives the lease back. stop() is no loss: it
    calls nothing.
    """

    def __init__(
        self,
        leases: Leases,
        name: str,
        holder: str,
        ttl: timedelta,
        clock: Callable[[], datetime],
        on_gain: Callable[[Lease], None],
        on_loss: Callable[[Lease], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._ttl = ttl
        self._clock = clock
        self._on_gain = on_gain
        self._on_loss = on_loss
        self._monotonic = monotonic
        self._telling = threading.Lock()  # taken before _changed; orders the two callbacks
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._lease: Lease | None = None
        self._until = 0.0  # monotonic end of the lease, counted from before it was asked for
        self._threads = [
            threading.Thread(target=self._keep, name=f"lease-{name}", daemon=True),
            threading.Thread(target=self._watch, name=f"lease-{name}-end", daemon=True),
        ]

    @property
    def lease(self) -> Lease | None:
        """The lease while it is ours for certain, else None."""
        with self._changed:
            return self._lease if self._lease is not None and self._monotonic() < self._until else None

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Give up candidacy and free the lease, so that another may lead at once. Call it when the jobs have ended."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        with self._changed:
            lease, self._lease = self._lease, None
        if lease is not None:
            self._release(lease)

    def lost(self, lease: Lease) -> None:
        """Somebody met LeaseLost with this lease (a fenced transaction, say): believe it at once."""
        self._lose(lambda: self._lease is not None and self._lease.token == lease.token)

    def _keep(self) -> None:
        step = self._ttl.total_seconds() / 3
        while not self._stopping.is_set():
            with self._changed:
                lease = self._lease
            answered = self._renew(lease) if lease is not None else self._acquire()
            self._stopping.wait(step if answered else min(step, _LOOK_SECONDS))

    def _acquire(self) -> bool:
        asked = self._monotonic()
        try:
            lease = self._leases.acquire_lease(self._name, self._holder, self._ttl, self._clock())
        except Exception as error:
            log.warning("lease %s: cannot ask for it: %s", self._name, error)
            return False
        if lease is None:
            return False
        with self._telling:
            self._hold(lease, asked)
            log.info("lease %s: %s leads with token %d", self._name, self._holder, lease.token)
            try:
                self._on_gain(lease)
            except Exception:
                log.exception("lease %s: cannot start to lead", self._name)
                with self._changed:
                    self._lease = None
                self._release(lease)
                return False
        return True

    def _renew(self, lease: Lease) -> bool:
        asked = self._monotonic()
        try:
            renewed = self._leases.renew_lease(lease, self._ttl, self._clock())
        except LeaseLost:
            self.lost(lease)
            return False
        except Exception as error:
            log.warning("lease %s: cannot renew it: %s", self._name, error)
            return False
        with self._changed:
            if self._lease is None:  # its end came while we were asking, and has been told: begin anew
                return False
            self._hold(renewed, asked)
        return True

    def _hold(self, lease: Lease, asked: float) -> None:
        with self._changed:
            self._lease, self._until = lease, asked + self._ttl.total_seconds()
            self._changed.notify_all()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            with self._changed:
                left = None if self._lease is None else self._until - self._monotonic()
                if left is None or left > 0:
                    if not self._stopping.is_set():
                        self._changed.wait(left)
                    continue
            self._lose(lambda: self._lease is not None and self._monotonic() >= self._until)

    def _lose(self, really: Callable[[], bool]) -> None:
        with self._telling:
            with self._changed:
                if not really():
                    return
                lease, self._lease = self._lease, None
            assert lease is not None
            log.warning("lease %s: token %d is lost", self._name, lease.token)
            try:
                self._on_loss(lease)
            except Exception:
                log.exception("lease %s: on_loss failed", self._name)

    def _release(self, lease: Lease) -> None:
        try:
            self._leases.release_lease(lease)
        except Exception as error:
            log.warning("lease %s: cannot release it, it will run out: %s", self._name, error)

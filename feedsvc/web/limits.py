"""How many whole feeds a client address may fetch in a time (contract M06), counted over all workers of a machine.

One number an address: the moment at which it would have used up nothing (the "theoretical arrival time" of the generic
cell rate algorithm). It lies in a small file that all workers map, so that counting is a lock and a few octets; which
address it is can only be tried out, not read. Where the file is full, the addresses idle for longest are forgotten.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from math import ceil
from pathlib import Path
from struct import Struct
from wsgiref.types import WSGIEnvironment

from feedsvc.settings import Settings
from feedsvc.web.proxies import Network, trusted_networks

log = logging.getLogger("feedsvc.web")

FILE_NAME = "limits.counts"
_CELL = Struct("=Qd")  # a mark of the address, its moment
_GROUP = 8  # cells in which one address may be
_GROUPS = 8_192  # a megabyte


class Limits:
    """Safe to use from several threads and processes. The file is opened with the first request that counts."""

    def __init__(self, requests: int, seconds: int, folder: Path, trusted: Sequence[str] = ()) -> None:
        """requests: at the most in `seconds`, at once or spread. trusted: proxies whose X-Forwarded-For is believed."""
        self._apart = seconds / requests  # seconds after which one more request is free
        self._seconds = seconds
        self._folder = folder
        self._trusted: list[Network] = trusted_networks(trusted)
        self._lock = threading.Lock()
        self._cells: mmap.mmap | None = None
        self._file = -1

    def wait(self, environ: WSGIEnvironment, now: float) -> int:
        """Count a request; 0 when it may be answered, else the whole seconds after which it may be made again."""
        number = int.from_bytes(blake2b(self._client(environ).encode(), digest_size=8).digest())
        with self._lock:
            cells = self._cells or self._open()
            with self._alone():
                place, moment = self._place(cells, number, now)
                late = max(moment, now) + self._apart - now - self._seconds
                if late > 1e-6:
                    return ceil(late)
                _CELL.pack_into(cells, place, number, max(moment, now) + self._apart)
        return 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Among the processes that share the file; it is let go however this one ends."""
        if self._file < 0:
            yield
            return
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _place(self, cells: mmap.mmap, number: int, now: float) -> tuple[int, float]:
        """Where the address is, or will be, and its moment."""
        group = number % _GROUPS * _GROUP * _CELL.size
        oldest, oldest_moment = group, float("inf")
        for place in range(group, group + _GROUP * _CELL.size, _CELL.size):
            mark, moment = _CELL.unpack_from(cells, place)
            if mark == number:
                # A clock that was set back must not shut anybody out for longer than the limit itself says.
                return place, min(moment, now + self._seconds)
            if moment < oldest_moment:
                oldest, oldest_moment = place, moment
        return oldest, now

    def _open(self) -> mmap.mmap:
        size = _GROUPS * _GROUP * _CELL.size
        file = -1
        try:
            file = os.open(self._folder / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.posix_fallocate(file, 0, size)  # in a file with holes, a full disk would end the process (SIGBUS)
            self._cells, self._file = mmap.mmap(file, size), file
        except OSError as error:
            if file >= 0:
                os.close(file)
            log.warning("limits are counted by each worker on its own: %s", error)
            self._cells = mmap.mmap(-1, size)
        return self._cells

    def _client(self, environ: WSGIEnvironment) -> str:
        """The client's address, as proxies.py would have it; of IPv6 the network that one customer has."""
        peer: str = environ.get("REMOTE_ADDR", "")
        forwarded: str = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        try:
            if forwarded and any(ip_address(peer) in network for network in self._trusted):
                peer = forwarded
            address = ip_address(peer)
        except ValueError:  # a Unix socket has no address
            return peer
        if isinstance(address, IPv6Address):
            return str(address.ipv4_mapped or address.packed[:8].hex())
        return str(address)


def limits_of(settings: Settings) -> Limits | None:
    """None when there is no limit, which is the default."""
    limits = settings.limits
    if not limits.requests:
        return None
    return Limits(limits.requests, limits.seconds, settings.data_dir, settings.server.trusted_proxies)

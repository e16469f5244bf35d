"""How much a client address may ask for in a time, counted over all workers of a machine: whole feeds (contract M06),
and searches.

One number an address: the moment at which it would have used up nothing (the "theoretical arrival time" of the generic
cell rate algorithm). It lies in cells that all workers share (cells.py), so that counting is a lock and a few octets;
which address it is can only be tried out, not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import ceil
from pathlib import Path
from wsgiref.types import WSGIEnvironment

from feedsvc.errors import FeedsvcError
from feedsvc.settings import Settings
from feedsvc.web.cells import Cells
from feedsvc.web.proxies import Network, client_address, trusted_networks

FILE_NAME = "limits.counts"
SEARCHES = "searches.counts"


class TooMany(FeedsvcError):
    """Too many searches from this address. wait: whole seconds until the next one is answered."""

    code = "too-many"

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many searches came from this address. Try again in {wait} s.")
        self.wait = wait


class Limits:
    """Safe to use from several threads and processes. The file is opened with the first request that counts."""

    def __init__(
        self, requests: int, seconds: int, folder: Path, trusted: Sequence[str] = (), name: str = FILE_NAME
    ) -> None:
        """requests: at the most in `seconds`, at once or spread. trusted: proxies whose X-Forwarded-For is believed.

        name: of the file in which they are counted.
        """
        self._apart = seconds / requests  # seconds after which one more request is free
        self._seconds = seconds
        self._trusted: list[Network] = trusted_networks(trusted)
        self._cells = Cells(folder / name, "limits are counted by each worker on its own")

    def wait(self, environ: WSGIEnvironment, now: float) -> int:
        """Count a request; 0 when it may be answered, else the whole seconds after which it may be made again."""
        client = client_address(environ, self._trusted)
        mark = int.from_bytes(blake2b(client.encode(), digest_size=8).digest())
        with self._cells.alone():
            place, moment = self._cells.find(mark)
            # A clock that was set back must not shut anybody out for longer than the limit itself says.
            begin = max(min(moment, now + self._seconds), now) if moment is not None else now
            late = begin + self._apart - now - self._seconds
            if late > 1e-6:
                return ceil(late)
            self._cells.put(place, mark, begin + self._apart)
        return 0


def limits_of(settings: Settings) -> Limits | None:
    """None when there is no limit, which is the default."""
    limits = settings.limits
    if not limits.requests:
        return None
    return Limits(limits.requests, limits.seconds, settings.data_dir, settings.server.trusted_proxies)


def searches_of(settings: Settings) -> Limits | None:
    """The limit of searches (search.requests); None when there is none."""
    limits = settings.search
    if not limits.requests:
        return None
    return Limits(limits.requests, limits.seconds, settings.data_dir, settings.server.trusted_proxies, SEARCHES)

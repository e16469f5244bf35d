"""Asked to stop: SIGTERM or SIGINT, however often and however fast they come.

A threading.Event cannot be set in a signal handler: a second signal would interrupt the first `set` while it holds the
Event's lock, and wait for that lock for ever. A flag can.
"""

from __future__ import annotations

import signal
import time

STEP = 0.05  # seconds: how late a wish to stop is noticed


class StopSignal:
    """Made in the main thread, which it takes the two signals for. Any thread may ask."""

    def __init__(self) -> None:
        self._asked = False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask)

    def is_set(self) -> bool:
        return self._asked

    def wait(self, seconds: float) -> bool:
        """Sleep, but not on when asked to stop; whether we were."""
        end = time.monotonic() + seconds
        while not self._asked and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, STEP))
        return self._asked

    def _ask(self, *_: object) -> None:
        self._asked = True

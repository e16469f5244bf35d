"""No orphans: a child ends when its parent does, also when the parent was killed and could say nothing.

The parent keeps the writing end of a pipe and gives the reading end to the child (FEEDSVC_LIFELINE). Whatever ends the
parent closes its end; the child reads that and asks itself to stop.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

VARIABLE = "FEEDSVC_LIFELINE"


class Lifeline:
    """The parent's end; children started through it share one pipe."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """A child that ends with us. Interrupts from the terminal are ours to pass on, hence a session of its own."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, VARIABLE: str(self._reading)},
            pass_fds=(self._reading,),
            start_new_session=True,
        )


def end_with_parent() -> None:
    """In a child: SIGTERM to ourselves when the parent is gone. Nothing when there is no such parent."""
    text = os.environ.pop(VARIABLE, "")
    if text.isdigit():
        threading.Thread(target=_wait, args=(int(text),), name="lifeline", daemon=True).start()


def _wait(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(descriptor, 1):
            pass
    os.kill(os.getpid(), signal.SIGTERM)

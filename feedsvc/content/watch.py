"""Waking up when something changes under the roots. Only a hint: the truth is always the next scan.

What the system's notification misses (files put into a folder in the moment it is made, a root that is deleted and made
again, a full queue) costs a delay at most, never a change: after a new folder and after each restart of the watch
comes another wake-up.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from watchfiles import Change
from watchfiles import watch as watch_files

_STEP_MS = 2  # how long a burst must pause to be told of; also how often the watcher looks
_BURST_MS = 25  # a burst that goes on is told of at least so often
_LOOK_MS = 500  # how often the roots themselves are looked at
_RETRY_SECONDS = 5.0  # after the system refused to watch (out of watches, say)

Identity = tuple[int, int]


def watch(roots: Sequence[Path], stop: threading.Event, wake: Callable[[frozenset[Path]], None]) -> None:
    """Call `wake` soon after any change below the roots, until `stop` is set. Blocks; run it in a thread.

    It gets the paths something happened to, links resolved; none at all means that only a scan can tell.

    Roots may be missing, vanish and come back. Never raises on account of files; `wake` must not raise.
    """
    last: dict[Path, Identity] | None = None
    while not stop.is_set():
        there = {path: identity for path in roots if (identity := _identity(path)) is not None}
        if last is not None and there != last:
            wake(frozenset())
        last = there
        if not there:
            stop.wait(_LOOK_MS / 1000)
            continue
        try:
            _watch_these(there, roots, stop, wake)
        except FileNotFoundError:  # vanished between the look and the watch
            continue
        except Exception:  # whatever the watcher's library raises, scheduled rescans still see every change
            stop.wait(_RETRY_SECONDS)


def _watch_these(
    there: dict[Path, Identity], roots: Sequence[Path], stop: threading.Event, wake: Callable[[frozenset[Path]], None]
) -> None:
    """Until stop, or until a root is another folder than it was."""
    again = True  # for what happened before the watch was in place
    watched = {str(path.resolve()) for path in there}
    for changes in watch_files(
        *watched,
        watch_filter=None,
        debounce=_BURST_MS,
        step=_STEP_MS,
        stop_event=stop,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        if changes or again:
            unsure, again = again, any(change is Change.added and Path(path).is_dir() for change, path in changes)
            wake(frozenset() if unsure or again else frozenset(Path(path) for _, path in changes))
        if any(change is Change.deleted and path in watched for change, path in changes):
            return  # it may be there again already, even with the same inode, and this watch would never know
        if any(_identity(path) != there.get(path) for path in roots):
            return


def _identity(path: Path) -> Identity | None:
    try:
        state = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return state.st_dev, state.st_ino

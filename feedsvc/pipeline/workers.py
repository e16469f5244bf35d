"""Where loading and rendering run: in this process for the everyday handful, in several for a large build."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from types import TracebackType
from typing import TypeVar

from feedsvc.content.settled import ignore_lease_breaks
from feedsvc.feeds.rules import FeedRules
from feedsvc.pipeline.edition import Edition, Order, render
from feedsvc.pipeline.load import Loaded, Rules, Task, load

LARGE_LOAD = 1000  # files; fewer are done before a process has started
LARGE_RENDER = 100  # categories
LOAD_CHUNK = 100
RENDER_CHUNK = 4

Work = TypeVar("Work")
Result = TypeVar("Result")


class Workers:
    """A Loader and a Renderer. Processes start with the first large batch and end with `rest` or the `with` block."""

    def __init__(self, processes: int = 0) -> None:
        """processes: 0 means one a core, at most 4; 1 means never another process."""
        self._processes = processes or min(4, os.cpu_count() or 1)
        self._pool: ProcessPoolExecutor | None = None
        self._courtesy = 0.0

    def load(self, tasks: Sequence[Task], rules: Rules) -> Iterator[Loaded]:
        if len(tasks) < LARGE_LOAD or self._processes == 1:
            return (load(task, rules) for task in tasks)
        return self._spread(_load_chunk, iter(tasks), rules, LOAD_CHUNK)

    def render(self, orders: Iterator[Order], number: int, rules: FeedRules) -> Iterator[Edition]:
        if number < LARGE_RENDER or self._processes == 1:
            return (render(order, rules) for order in orders)
        return self._spread(_render_chunk, orders, rules, RENDER_CHUNK)

    def rest(self) -> None:
        """Let the processes end: between large builds they would only hold memory."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
            sys.setswitchinterval(self._courtesy)

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest()

    def _spread(
        self,
        function: Callable[[Sequence[Work], object], list[Result]],
        work: Iterator[Work],
        rules: object,
        size: int,
    ) -> Iterator[Result]:
        """Results in order, with a few chunks ahead of the consumer and never all of them in memory."""
        pool = self._started()
        ahead: deque[Future[list[Result]]] = deque()
        try:
            while True:
                while len(ahead) < 3 * self._processes and (chunk := list(islice(work, size))):
                    ahead.append(pool.submit(function, chunk, rules))
                if not ahead:
                    return
                yield from ahead.popleft().result()
        except BrokenProcessPool:
            self.rest()  # somebody killed a process; the next large batch starts new ones
            raise

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # The thread that takes results in waits for the interpreter once for every 64 KB of them; with Python's
            # usual 5 ms of courtesy the processes would stand still while this one writes rows.
            self._courtesy = sys.getswitchinterval()
            sys.setswitchinterval(0.0005)
            # Not fork: the publisher has threads, and a forked child could inherit a lock that nobody will release.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPoolExecutor(self._processes, mp_context=context, initializer=_begin)
        return self._pool


def _begin() -> None:
    """In each new process: be safe to look at files being written, and never outlive the parent."""
    ignore_lease_breaks()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _load_chunk(tasks: Sequence[Task], rules: object) -> list[Loaded]:
    assert isinstance(rules, Rules)
    return [load(task, rules) for task in tasks]


def _render_chunk(orders: Sequence[Order], rules: object) -> list[Edition]:
    assert isinstance(rules, FeedRules)
    return [render(order, rules) for order in orders]

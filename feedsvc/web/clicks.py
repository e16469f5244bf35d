"""Counting who follows share links (contract S14): never on the path, never in the way, no addresses.

A request leaves a line in this process' memory, which takes some microseconds and no lock. A thread adds the lines up
and hands the sums to the store a few times a second, so that a worker which is killed loses less than a second of them.
What cannot be written is kept, added up further, and written later.

Whether somebody has just been here is known by a hash of his address, his browser and the name, in cells that all
workers of the machine share. It is Python's own hash of texts, SipHash with a key that the interpreter draws at its
start: workers have it from the gunicorn that forked them, it is in no file, and it is gone when the server ends. What
is left in the cells can then not even be tried out. It costs that a repeat after a restart counts as a person.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import urlsplit
from weakref import ref
from wsgiref.types import WSGIEnvironment

from feedsvc.errors import StoreUnavailable
from feedsvc.settings import Settings
from feedsvc.sharing.click import Clicks, Visitor
from feedsvc.sharing.resolve import LONGEST_NAME
from feedsvc.sharing.visitor import visitor
from feedsvc.web.cells import Cells
from feedsvc.web.proxies import client_address, trusted_networks

log = logging.getLogger("feedsvc.web")

FILE_NAME = "clicks.recent"
PAUSE = 0.3  # seconds between two looks for something to write
MOST_KEPT = 50_000  # sums of a kind that are kept while they cannot be written; then only those known grow
MOST_REFERRERS = 5_000  # pairs of name and host that a worker takes in a day: anybody can send any Referer
MOST_LINES = 200_000  # that wait to be added up; the thread stands still while the database hangs
_64_BITS = (1 << 64) - 1
_HOST = re.compile(r"[a-z0-9._:-]{1,255}")
PERSON, REPEAT = Visitor.PERSON, Visitor.REPEAT  # an enumeration's members are slow to look up

T = TypeVar("T")


class Totals(Protocol):
    """As much of the store as is needed here."""

    def add_clicks(self, clicks: Clicks, day: date, now: datetime) -> None: ...


class Sums:
    """What was counted on one day and is not in the store."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, Visitor], int] = {}
        self.referrers: dict[tuple[str, str], int] = {}
        self.misses: dict[tuple[str, bool], int] = {}

    def frozen(self) -> Clicks:
        return Clicks(dict(self.counts), dict(self.referrers), dict(self.misses))


class ClickCounter:
    """Safe to use from several threads; in a forked child it starts anew by itself. Nothing here ever raises."""

    def __init__(
        self,
        store: Totals,
        folder: Path,
        clock: Callable[[], datetime],
        zone: tzinfo,
        *,
        on: bool = True,
        referrers: bool = False,
        repeat_seconds: float = 10,
        own_hosts: Sequence[str] = (),
        trusted: Sequence[str] = (),
        moment: Callable[[], float] = time.time,
        pause: float = PAUSE,
    ) -> None:
        """folder: for the cells. zone: in which days begin. own_hosts: are no referrers, lower case.

        trusted: proxies whose X-Forwarded-For is believed. moment: the same in all processes, for repeats.
        """
        self._store = store
        self._clock = clock
        self._zone = zone
        self._on = on
        self._referrers = referrers
        self._repeat_seconds = repeat_seconds
        self._own_hosts = frozenset(own_hosts)
        self._trusted = trusted_networks(trusted)
        self._moment = moment
        self._pause = pause
        self._cells = Cells(folder / FILE_NAME, "each worker knows only its own visitors")
        # Appending and taking are single steps for other threads: no count is ever lost between the two.
        self._lines: deque[tuple[str, Visitor, str]] = deque(maxlen=MOST_LINES)
        self._missed: deque[tuple[str, bool]] = deque(maxlen=MOST_LINES)
        self._days: dict[date, Sums] = {}
        self._came: tuple[date, set[tuple[str, str]]] = (date.min, set())  # the day's pairs of name and host
        self._flushing = threading.Lock()
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._running = False
        self._thread: threading.Thread | None = None
        self._troubled = False  # and told in the log
        self._told: set[str] = set()  # faults of ours, each in the log once
        os.register_at_fork(after_in_child=partial(_begin_anew, ref(self)))

    def follow(self, code: str, environ: WSGIEnvironment) -> None:
        """Somebody was led to the article with this name."""
        if not self._on:
            return
        try:
            kind = self._kind(code, environ)
            host = ""
            if self._referrers and kind is PERSON and (referer := environ.get("HTTP_REFERER")):
                host = self._host(referer)
            self._lines.append((code, kind, host))
            if not self._running:
                self._start()
        except Exception:
            self._fault("a click was not counted")

    def miss(self, name: str, environ: WSGIEnvironment) -> None:
        """Somebody asked for a name that leads nowhere."""
        if not self._on or not name or len(name) > LONGEST_NAME or "\0" in name:
            return
        try:
            kind = self._kind(name, environ)
            if kind is REPEAT:
                return
            self._missed.append((name, kind is PERSON))
            if not self._running:
                self._start()
        except Exception:
            self._fault("an unknown name was not counted")

    def flush(self) -> None:
        """Hand over what there is; what the store does not take now is kept."""
        with self._flushing:
            try:
                self._add_up()
                self._write()
            except Exception:
                log.exception("clicks were not written")

    def close(self) -> None:
        """Stop the thread and hand over what there is."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None
        if self._lines or self._missed or self._days:
            self.flush()

    def _fault(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            log.exception("%s (told once)", what)

    def _kind(self, code: str, environ: WSGIEnvironment) -> Visitor:
        get = environ.get
        agent: str = get("HTTP_USER_AGENT", "")
        kind = visitor(
            environ["REQUEST_METHOD"],
            agent,
            get("HTTP_SEC_PURPOSE"),
            get("HTTP_PURPOSE"),
            get("HTTP_X_PURPOSE"),
            get("HTTP_X_MOZ"),
        )
        if kind is PERSON and self._repeat_seconds and self._is_repeat(code, agent, environ):
            return REPEAT
        return kind

    def _is_repeat(self, code: str, agent: str, environ: WSGIEnvironment) -> bool:
        """Whether the same visitor was counted here within the time; if not, he is remembered.

        Without a lock: two requests in the same microsecond may both count, or a hash be forgotten early.
        """
        mark = hash((client_address(environ, self._trusted), agent, code)) & _64_BITS
        place, moment = self._cells.find(mark)
        now = self._moment()
        if moment is not None and 0 <= now - moment < self._repeat_seconds:
            return True
        self._cells.put(place, mark, now)
        return False

    def _host(self, referer: str) -> str:
        """Of a Referer of the web, lower case; "" for our own and for anything else."""
        try:
            parts = urlsplit(referer)
            host = parts.hostname or ""
        except ValueError:
            return ""
        if parts.scheme not in ("http", "https") or host in self._own_hosts:
            return ""
        return host if _HOST.fullmatch(host) else ""

    # Off the path

    def _start(self) -> None:
        with self._starting:
            if self._running or self._stop.is_set():
                return
            self._thread = threading.Thread(target=self._follow_clicks, name="feedsvc-clicks", daemon=True)
            self._thread.start()
            # gunicorn ends a worker by SystemExit, whatever signal it got; requests that still run have ended by then.
            atexit.register(_close, ref(self))
            self._running = True

    def _follow_clicks(self) -> None:
        while not self._stop.wait(self._pause):
            if self._lines or self._missed or self._days:
                self.flush()

    def _add_up(self) -> None:
        if not (self._lines or self._missed):
            return
        day = self._clock().astimezone(self._zone).date()
        sums = self._days.setdefault(day, Sums())
        if self._came[0] != day:
            self._came = (day, set())
        came = self._came[1]
        for (code, kind, host), number in Counter(_taken(self._lines)).items():
            _add(sums.counts, (code, kind), number)
            if host and ((code, host) in came or len(came) < MOST_REFERRERS):
                came.add((code, host))
                _add(sums.referrers, (code, host), number)
        for missed, number in Counter(_taken(self._missed)).items():
            _add(sums.misses, missed, number)

    def _write(self) -> None:
        for day, sums in list(self._days.items()):
            try:
                self._store.add_clicks(sums.frozen(), day, self._clock())
            except StoreUnavailable as error:
                if not self._troubled:
                    log.warning("clicks cannot be written and are kept: %s", error)
                self._troubled = True
                return
            except Exception:  # it would not be taken later either
                log.exception("clicks of %s are lost", day)
            del self._days[day]
            self._troubled = False


def _taken(lines: deque[T]) -> list[T]:
    return [lines.popleft() for _ in range(len(lines))]


def _add(sums: dict[T, int], key: T, number: int) -> None:
    if key in sums or len(sums) < MOST_KEPT:
        sums[key] = sums.get(key, 0) + number


def counter_of(settings: Settings, store: Totals, clock: Callable[[], datetime], zone: tzinfo) -> ClickCounter:
    """As the settings have it."""
    share = settings.share
    hosts = {urlsplit(address).hostname or "" for address in (settings.public_base, settings.site_base)}
    return ClickCounter(
        store,
        settings.data_dir,
        clock,
        zone,
        on=share.count,
        referrers=share.referrers,
        repeat_seconds=share.repeat_seconds,
        own_hosts=sorted(hosts),
        trusted=settings.server.trusted_proxies,
    )


def _close(counter: ref[ClickCounter]) -> None:
    if (mine := counter()) is not None:
        mine.close()


def _begin_anew(counter: ref[ClickCounter]) -> None:
    """In a forked child: what the parent has counted is the parent's, and no thread runs here."""
    if (mine := counter()) is not None:
        mine._lines.clear()
        mine._missed.clear()
        mine._days.clear()
        mine._thread = None
        mine._running = False
        mine._flushing = threading.Lock()
        mine._starting = threading.Lock()

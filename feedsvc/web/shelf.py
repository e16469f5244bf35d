"""The shelf: published documents in this process' memory, bounded and never staler than a few tens of milliseconds.

A document that is on the shelf costs a dictionary look-up. One that is not is loaded once, by whichever request comes
first. A background thread asks the store for its edition every POLL seconds; when it has moved, documents on the shelf
are replaced by their new version as one object (bytes, ETag and Last-Modified together, contract H55). While the
database is away, what is on the shelf goes on being served.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections.abc import Callable
from functools import partial
from weakref import ref

from feedsvc.errors import StoreUnavailable
from feedsvc.publishing.document import Document
from feedsvc.store import Store
from feedsvc.web.prepared import HotDocument
from feedsvc.web.spelling import Spellings

POLL = 0.02  # seconds between two looks at the edition
POLL_DOWN = 0.25  # the same while the database does not answer
FIRST_LOOK = 3.0  # seconds the first request waits for the first look; a database may take longer to be unreachable

log = logging.getLogger("feedsvc.web")


class Shelf:
    """Documents by path. Safe to use from several threads; in a forked child it starts anew by itself."""

    def __init__(self, store: Store, prepare: Callable[[Document], HotDocument], limit: int) -> None:
        """limit: octets of documents (all codings counted) kept at the most."""
        self._store = store
        self._prepare = prepare
        self._limit = limit
        self._hot: dict[str, HotDocument] = {}  # changed in place only, see at_hand
        self._size = 0
        self._editions: dict[str, int] = {}  # every published path -> the edition that last wrote it
        self._spellings: Spellings | None = None
        self.next_use = itertools.count(1).__next__
        self._pid = 0
        self._start_lock = threading.Lock()
        self._load_lock = threading.Lock()  # one load at a time: a hot-cold change is rare and short
        self._swap_lock = threading.Lock()  # guards _hot, _size, _editions together
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._informed = False  # whether the list of published paths has ever been read
        self.edition = 0  # the newest edition seen; 0 before the first
        self.reachable = False  # whether the store answered when last asked
        # What get() finds, at a tenth of its cost: empty until the first get(), and in a forked child again.
        self.at_hand: Callable[[str], HotDocument | None] = self._hot.get
        os.register_at_fork(after_in_child=partial(_begin_anew, ref(self)))

    def get(self, path: str) -> HotDocument | None:
        """The document, if it is in memory: no lock, no disk, no database."""
        if self._pid != os.getpid():
            self._start()
        hot = self._hot.get(path)
        if hot is not None:
            hot.used = self.next_use()
        return hot

    def load(self, path: str) -> HotDocument | None:
        """The document, from the store when it is not in memory; None when no such path is published.

        Raises StoreUnavailable, at once while the store is known to be away: a request must not wait for a host that
        may be gone, the background thread does.
        """
        hot = self.get(path)
        if hot is not None or (self._informed and path not in self._editions):
            return hot
        if not self.reachable:
            raise StoreUnavailable("The database does not answer.")
        with self._load_lock:
            while (hot := self.get(path)) is None:
                with self._store.reading() as reader:
                    document = reader.document(path)
                if document is None:
                    return None
                hot = self._prepare(document)
                if self._put(hot):
                    return hot
        return hot

    def canonical(self, raw: str) -> str | None:
        """The published path that this spelling means (spelling.py)."""
        self.get("")
        spellings = self._spellings
        if spellings is None:
            with self._swap_lock:
                paths = list(self._editions)
                spellings = self._spellings = Spellings(paths)
        return spellings.canonical(raw)

    @property
    def empty(self) -> bool:
        """Whether nothing is published. Raises StoreUnavailable when that was never heard of."""
        self.get("")
        if not self._informed:
            raise StoreUnavailable("The database has not answered yet.")
        return not self._editions

    def close(self) -> None:
        """Stop the background thread."""
        self._stop.set()
        if self._thread is not None and self._pid == os.getpid():
            self._thread.join(5)

    # Keeping up

    def catch_up(self) -> bool:
        """Take in what was published since the last look; True when there was something. Raises StoreUnavailable."""
        edition = self._store.edition()
        self.reachable = True
        if edition == self.edition:
            self._informed = True
            return False
        # A smaller number is another database (restored, rebuilt): begin again.
        known = self.edition if edition > self.edition else 0
        fresh: dict[str, HotDocument] = {}
        gone: set[str] = set()
        with self._store.reading() as reader:
            stamps = reader.documents_since(known)
            for stamp in stamps:
                if not stamp.etag:
                    gone.add(stamp.path)
                elif stamp.path in self._hot:
                    document = reader.document(stamp.path)
                    if document is not None:
                        fresh[stamp.path] = self._prepare(document)
        editions = {stamp.path: stamp.edition for stamp in stamps if stamp.etag}
        with self._swap_lock:
            if not known:
                gone |= self._editions.keys() - editions.keys()
            news = gone or not editions.keys() <= self._editions.keys()
            for path in gone:
                self._editions.pop(path, None)
                self._hot.pop(path, None)
            self._editions.update(editions)
            for path in fresh.keys() & self._hot.keys():
                fresh[path].used = self._hot[path].used
            self._hot.update(fresh)  # one step for all readers: the whole edition, or none of it
            self._shrink()
            if news:
                self._spellings = None
            self.edition = max([edition, *editions.values()])
        self._informed = True
        return True

    def _put(self, hot: HotDocument) -> bool:
        """Keep it, unless a newer version is known by now (then it must be read again)."""
        with self._swap_lock:
            if hot.edition < self._editions.get(hot.path, 0):
                return False
            if self._editions.get(hot.path) is not None and hot.size <= self._limit:
                hot.used = self.next_use()
                self._hot[hot.path] = hot
                self._shrink()
            return True

    def _shrink(self) -> None:
        self._size = sum(hot.size for hot in self._hot.values())
        if self._size <= self._limit:
            return
        for hot in sorted(self._hot.values(), key=lambda hot: hot.used):
            if self._size <= self._limit * 0.9:
                break
            del self._hot[hot.path]
            self._size -= hot.size

    def _start(self) -> None:
        """First use in this process: a thread looks and goes on looking; this request waits for its first look."""
        with self._start_lock:
            if self._pid == os.getpid() or self._stop.is_set():
                return
            looked = threading.Event()
            self._thread = threading.Thread(target=self._follow, args=(looked,), name="feedsvc-shelf", daemon=True)
            self._thread.start()
            looked.wait(FIRST_LOOK)
            self._pid = os.getpid()

    def _follow(self, looked: threading.Event) -> None:
        down = False  # known, and told in the log
        while True:
            try:
                self.catch_up()
                down = False
            except StoreUnavailable as error:
                self.reachable = False
                if not down:
                    log.warning("the database does not answer, serving from memory: %s", error)
                down = True
            except Exception:
                log.exception("looking for a new edition failed")
                down = True
            looked.set()
            if self._stop.wait(POLL_DOWN if down else POLL):
                return


def _begin_anew(shelf: ref[Shelf]) -> None:
    """In a forked child: nothing keeps the documents up to date here before the first get()."""
    if (mine := shelf()) is not None:
        mine._hot.clear()

"""The shelf: documents in this process' memory, bounded and never staler than a few tens of milliseconds.

A document that is on the shelf costs a dictionary look-up. A published one that is not is loaded once, by whichever
request comes first. A background thread asks the store for its edition every POLL seconds; when it has moved, documents
on the shelf are replaced by their new version as one object (bytes, ETag and Last-Modified together, contract H55).
While the database is away, what is on the shelf goes on being served.

Other documents are made when somebody asks, one at a time, and share the memory. When a category that one shows is
published anew, it is put aside: the next request has it made again, or gets the very same when nothing changed.
Published documents never wait for one that is being made.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections.abc import Callable, Collection, Iterable
from functools import partial
from itertools import chain
from weakref import ref

from feedsvc.errors import FeedsvcError, StoreUnavailable
from feedsvc.feeds.target import Kind, Target, parse_target
from feedsvc.publishing.document import Document
from feedsvc.publishing.made import Held, Maker, Missing
from feedsvc.store import Store
from feedsvc.web.prepared import HotDocument, prepare_delta
from feedsvc.web.spelling import Spellings

POLL = 0.02  # seconds between two looks at the edition
POLL_DOWN = 0.25  # the same while the database does not answer
FIRST_LOOK = 3.0  # seconds the first request waits for the first look; a database may take longer to be unreachable
PATIENCE = 5.0  # seconds a request waits for documents that others have asked to be made
DELTAS = 200  # the newest that are kept

log = logging.getLogger("feedsvc.web")


class Busy(FeedsvcError):
    """Too much is being made in this process already."""

    code = "busy"


class Broken(FeedsvcError):
    """Making it failed, which is a fault of ours; the log has the traceback."""

    code = "broken"


class Shelf:
    """Documents by address. Safe to use from several threads; in a forked child it starts anew by itself."""

    def __init__(
        self,
        store: Store,
        prepare: Callable[[Document], HotDocument],
        limit: int,
        maker: Maker | None = None,
        spellings: Callable[[Iterable[str]], Spellings] = Spellings,
        waiting: int = 4,
    ) -> None:
        """limit: octets of documents (all codings counted) kept at the most. maker: of what nobody publishes.

        spellings: made from the published paths. waiting: requests that may wait until something else than they ask
        for is made; each holds a thread that could answer others.
        """
        self._store = store
        self._prepare = prepare
        self._limit = limit
        self._maker = maker
        self._make_spellings = spellings
        self._hot: dict[str, HotDocument] = {}  # changed in place only, see at_hand
        self._aside: dict[str, HotDocument] = {}  # made ones that may have changed
        self._touched: dict[str, int] = {}  # category -> the edition that last published it, or held it
        self._deltas: dict[tuple[str, str], tuple[str, HotDocument | None]] = {}
        self._make_lock = threading.Lock()
        self._being_made = ""  # the address
        self._room = threading.BoundedSemaphore(waiting)
        self._size = 0
        self._editions: dict[str, int] = {}  # every published path -> the edition that last wrote it
        self._spellings: Spellings | None = None
        self._next_use = itertools.count(1).__next__
        self.turn = 0  # what a use now is worth, roughly: for who counts uses of what is at hand
        self._pid = 0
        self._start_lock = threading.Lock()
        self._load_lock = threading.Lock()  # one load at a time: a hot-cold change is rare and short
        self._swap_lock = threading.Lock()  # guards _hot, _aside, _size, _editions, _touched together
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
            hot.used = self._next_use()
        return hot

    def publishes(self, path: str) -> bool:
        """Whether somebody publishes this path, for all we know: True while the database never answered."""
        return not self._informed or path in self._editions

    def find(self, address: str) -> HotDocument | None:
        """What `load` gives, None also when it cannot be had now."""
        try:
            return self.load(address)
        except FeedsvcError:
            return None

    def load(self, path: str) -> HotDocument | None:
        """The document, from the store when it is not in memory, or made; None when there is none.

        path: a canonical address; path and query of a document that is made (feeds/target.py).
        Raises StoreUnavailable, at once while the store is known to be away: a request must not wait for a host that
        may be gone, the background thread does. Raises Held, Busy or Broken for what cannot be made now.
        """
        hot = self.get(path)
        if hot is not None:
            return hot
        if self._informed and path not in self._editions:
            return self._load_made(path)
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
        return self.spellings.canonical(raw)

    @property
    def spellings(self) -> Spellings:
        """Of what is published now."""
        self.get("")
        spellings = self._spellings
        if spellings is None:
            with self._swap_lock:
                spellings = self._spellings = self._make_spellings(list(self._editions))
        return spellings

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

    # Made on demand

    def _load_made(self, address: str) -> HotDocument | None:
        target = parse_target(*address.partition("?")[::2])
        if self._maker is None or target is None or target.published or target.address != address:
            return None
        if not self.reachable:
            if (aside := self._aside.get(address)) is not None:
                return aside
            raise StoreUnavailable("The database does not answer.")
        self._take_turn(address)
        try:
            self._being_made = address
            return self.get(address) or self._make(self._maker, target, self._aside.get(address))
        except Missing:
            with self._swap_lock:
                self._aside.pop(address, None)
            return None
        except FeedsvcError:
            raise
        except Exception as error:
            log.exception("making %s failed", address)
            raise Broken("The server failed at this feed.") from error
        finally:
            self._being_made = ""
            self._make_lock.release()

    def _take_turn(self, address: str) -> None:
        """Hold the lock of making, or raise Busy.

        Whoever wants what is just being made will have it at once. But who asks for a hundred different ones at the
        same time must not have every thread wait for them: published documents need one.
        """
        if self._make_lock.acquire(blocking=False):
            return
        counted = address != self._being_made
        if not counted or self._room.acquire(blocking=False):
            try:
                if self._make_lock.acquire(timeout=PATIENCE):
                    return
            finally:
                if counted:
                    self._room.release()
        raise Busy("Too many feeds are being made. Try again in a moment.")

    def _make(self, maker: Maker, target: Target, aside: HotDocument | None) -> HotDocument:
        """Anew, unless it is still what was put aside; that is also served while nobody may see what is newer."""
        edition = self.edition  # the snapshot it is made from is not older
        try:
            made = maker.make(target, aside.version if aside else "")
        except StoreUnavailable:
            if aside is None:
                raise
            return aside
        except Held:
            if aside is None:
                raise
            made = None
        if made is not None:
            hot = self._prepare(made.document)
            hot.target, hot.version = target, made.version
        else:
            assert aside is not None, "the maker knows a version that nobody has told it"
            hot = aside
        with self._swap_lock:
            self._aside.pop(target.address, None)
            if hot.size <= self._limit:
                hot.used = self._next_use()
                news = [slug for slug, touched in self._touched.items() if touched > edition]
                late = self.edition != edition and _concerns(target, news)
                (self._aside if late else self._hot)[target.address] = hot
                self._shrink()
        return hot

    def delta(self, hot: HotDocument, etag: str) -> HotDocument | None:
        """What is new in a published document since the version with this tag (contract D02); None when nobody knows.

        Never worth waiting for: the whole document is at hand.
        """
        current = hot.identity.opaque
        key = hot.path, etag
        known = self._deltas.get(key)
        if known is not None and known[0] == current:
            return known[1]
        if self._maker is None or hot.target is not None or not self._make_lock.acquire(blocking=False):
            return None
        try:
            document = self._maker.delta(hot.path, etag, current)
        except FeedsvcError:
            return None
        except Exception:
            log.exception("the delta of %s failed", hot.path)
            return None
        finally:
            self._make_lock.release()
        news = prepare_delta(document, hot) if document is not None else None
        self._deltas.pop(key, None)
        self._deltas[key] = current, news
        for oldest in list(self._deltas)[:-DELTAS]:
            self._deltas.pop(oldest, None)
        return news

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
            touched = {stamp.slug: stamp.edition for stamp in reader.categories_since(known)}
        editions = {stamp.path: stamp.edition for stamp in stamps if stamp.etag}
        with self._swap_lock:
            if not known:
                gone |= self._editions.keys() - editions.keys()
                gone |= {hot.path for hot in self._hot.values() if hot.target is not None}
                self._aside.clear()
                self._touched.clear()
            news = gone or not editions.keys() <= self._editions.keys()
            for path in gone:
                self._editions.pop(path, None)
                self._hot.pop(path, None)
            self._editions.update(editions)
            for path in fresh.keys() & self._hot.keys():
                fresh[path].used = self._hot[path].used
            self._hot.update(fresh)  # one step for all readers: the whole edition, or none of it
            self._touched.update(touched)
            self._put_aside(touched)
            self._shrink()
            if news:
                self._spellings = None
            self.edition = max([edition, *editions.values(), *touched.values()])
        self._informed = True
        return True

    def _put_aside(self, touched: Collection[str]) -> None:
        """Made documents that may be other ones now."""
        late = [hot for hot in self._hot.values() if hot.target is not None and _concerns(hot.target, touched)]
        for hot in late:
            self._aside[hot.path] = self._hot.pop(hot.path)

    def _put(self, hot: HotDocument) -> bool:
        """Keep it, unless a newer version is known by now (then it must be read again)."""
        with self._swap_lock:
            if hot.edition < self._editions.get(hot.path, 0):
                return False
            if self._editions.get(hot.path) is not None and hot.size <= self._limit:
                hot.used = self._next_use()
                self._hot[hot.path] = hot
                self._shrink()
            return True

    def _shrink(self) -> None:
        self._size = sum(hot.size for hot in chain(self._hot.values(), self._aside.values()))
        if self._size <= self._limit:
            return
        for hot in sorted(chain(self._hot.values(), self._aside.values()), key=lambda hot: hot.used):
            if self._size <= self._limit * 0.9:
                break
            if self._hot.pop(hot.path, None) is None:
                self._aside.pop(hot.path, None)
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
            self.turn = self._next_use()
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


def _concerns(target: Target, categories: Collection[str]) -> bool:
    """Whether a document may be another one after these were published. Labels and lists may show any category.

    What a search finds may be something else in every edition: putting words into the index makes one of its own.
    """
    if target.kind is Kind.SEARCH:
        return True
    if target.kind is Kind.LABEL or (target.kind is Kind.LIST and not target.chosen):
        return bool(categories)
    return not frozenset(target.categories).isdisjoint(categories)


def _begin_anew(shelf: ref[Shelf]) -> None:
    """In a forked child: nothing keeps the documents up to date here before the first get()."""
    if (mine := shelf()) is not None:
        mine._hot.clear()
        mine._aside.clear()

"""Files become articles: find what changed, load it, and put it into the index with dirty marks, batch by batch.

scan or hints
| those whose fingerprint differs            (an unchanged file costs a stat)
| load                                       (an identical rewrite costs a hash; large batches use processes)
| settle who owns which identity             ownership.py
| put articles, links, problems, dirty marks indexing.py, one fenced transaction per batch
then: what vanished is withdrawn after a grace period, unless too much vanished at once: vanish.py
"""

from __future__ import annotations

import dataclasses
import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from feedsvc import __version__
from feedsvc.content.look import Folders
from feedsvc.content.source import FoundFile, Root, scan
from feedsvc.errors import ContentUnavailable, RecordRefused
from feedsvc.pipeline.indexing import Indexer, Loader
from feedsvc.pipeline.load import Loaded, Rules, Task, refused
from feedsvc.pipeline.ownership import Namesakes, Ownership, namesakes
from feedsvc.pipeline.report import Report
from feedsvc.pipeline.vanish import Estate, Vanished, VanishRules
from feedsvc.scheduling.lease import Lease
from feedsvc.store import FileState, Store

BATCH = 500
RULES_META = "ingest.rules"
READING = 2  # another number, and all files are read again: something new is kept of them, such as their names

Progress = Callable[[int, int], None]


@contextmanager
def _without_collector() -> Iterator[None]:
    """A million small objects, all of them kept and none in a circle: looking for garbage among them takes as long as
    making them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # nor are they looked at again while the rest is done; `rescan` thaws them
        if enabled:
            gc.enable()


class Ingest:
    """Brings the index up to date with the content. Only the leader calls it, from one thread."""

    def __init__(
        self,
        store: Store,
        roots: Sequence[Root],
        rules: Rules,
        vanish: VanishRules,
        load: Loader,
        clock: Callable[[], datetime],
        show_drafts: bool = False,
    ) -> None:
        self._store = store
        self._roots = tuple(roots)
        self._rules = rules = rules.looking_in(roots)
        self._load = load
        self._show_drafts = show_drafts
        self._folders = Folders(roots, show_drafts)
        ownership = Ownership(rules.articles.authority, self._folders.find)
        self._indexer = Indexer(rules, load, ownership, clock)
        names = [root.name for root in roots]
        self._vanished = Vanished(store, vanish, self._indexer, self._folders.find, self._take_anew, clock, names)

    def rescan(self, lease: Lease, progress: Progress | None = None, accept_removals: bool = False) -> Report:
        """Look at everything. Roots that cannot be read keep what they published (contract M05)."""
        try:
            return self._rescan(lease, progress, accept_removals)
        finally:
            gc.unfreeze()

    def _rescan(self, lease: Lease, progress: Progress | None, accept_removals: bool) -> Report:
        report = Report()
        with _without_collector():
            with self._store.reading() as reader:
                states = {state.key: state for state in reader.file_states()}
                force = reader.meta(RULES_META) != self._rules_digest()
            found, unreadable = self._scan_all(report)
        tasks = [
            Task(file, b"" if force or state is None else state.digest)
            for file in found.values()
            if force or (state := states.get(file.key)) is None or state.fingerprint != file.fingerprint
        ]
        report.add("unchanged", len(found) - len(tasks))
        back = [
            dataclasses.replace(state, vanished=None)
            for key, state in states.items()
            if state.vanished is not None and key in found
        ]
        if back:
            with self._store.writing(lease) as tx:
                tx.put_file_states(back)
        self._take(lease, tasks, states, found, report, progress)
        missing = [s for key, s in states.items() if key not in found and key.partition("/")[0] not in unreadable]
        self._vanished.miss(lease, missing, report, whole=True, accept=accept_removals)
        if force and not report.again:
            with self._store.writing(lease) as tx:
                tx.put_meta(RULES_META, self._rules_digest())
        return report

    def look(self, lease: Lease, paths: Iterable[Path]) -> Report:
        """Look at some files only, because something happened to them: the quick way between two rescans."""
        report = Report()
        keys, report.rescan = self._folders.at(paths)
        present = {key: file for key, file in keys.items() if file is not None}
        with self._store.reading() as reader:
            states = {state.key: state for state in reader.file_states(list(keys))}
        tasks = []
        for key, file in present.items():
            state = states.get(key)
            if state is not None and state.fingerprint == file.fingerprint and state.vanished is None:
                report.add("unchanged")
            else:
                tasks.append(Task(file, state.digest if state else b""))
        self._take(lease, tasks, states, present, report, None)
        if missing := [state for key, state in states.items() if key not in present]:
            self._vanished.miss(lease, missing, report, whole=False, accept=False)
        return report

    def _scan_all(self, report: Report) -> tuple[dict[str, FoundFile], set[str]]:
        """Every post of every root, and the names of the roots that could not be read."""
        found: dict[str, FoundFile] = {}
        unreadable: set[str] = set()
        problems: list[str] = []
        self._folders.renew()
        for root in self._roots:
            try:
                found.update((file.key, file) for file in list(scan(root, self._show_drafts)))
            except ContentUnavailable as error:
                unreadable.add(root.name)
                problems.append(error.message)
        if problems:
            report.held = " ".join(problems)
            report.add("unreadable_roots", len(problems))
            if len(unreadable) == len(self._roots):
                raise ContentUnavailable(report.held)
        return found, unreadable

    def _take(
        self,
        lease: Lease,
        tasks: Sequence[Task],
        states: Mapping[str, FileState],
        present: Mapping[str, FoundFile],
        report: Report,
        progress: Progress | None,
    ) -> None:
        """Load the tasks and index them in batches; whatever changes hands on the way is loaded again."""
        total, done = len(tasks), 0
        named_alike = namesakes(tasks)
        results = self._load(tasks, self._rules)
        while chunk := list(islice(results, BATCH)):
            report.add("read", len(chunk))
            done += len(chunk)
            chunk = [item for item in chunk if not report.postponed(item)]
            if not chunk:
                continue
            for estate in self._index(lease, chunk, states, present, named_alike, report):
                self._vanished.inherit(lease, estate, report)
            if progress:
                progress(done, total)

    def _index(
        self,
        lease: Lease,
        chunk: Sequence[Loaded],
        states: Mapping[str, FileState],
        present: Mapping[str, FoundFile],
        named_alike: Namesakes,
        report: Report,
    ) -> list[Estate]:
        """Index a chunk in one transaction. If the database refuses something in it, file by file: one bad post must
        not keep the others out (contract F12)."""
        attempt = Report()
        try:
            with self._store.writing(lease) as tx:
                lost = self._indexer.index(tx, chunk, states, present, named_alike, attempt)
                estate = self._vanished.release(tx, lost, attempt)
        except RecordRefused as error:
            if len(chunk) > 1:
                parts = [self._index(lease, [item], states, present, named_alike, report) for item in chunk]
                return [estate for part in parts for estate in part]
            if chunk[0].article is None:
                raise
            return self._index(lease, [refused(chunk[0], error)], states, present, named_alike, report)
        report.join(attempt)
        return [estate]

    def _take_anew(self, lease: Lease, files: Sequence[FoundFile], report: Report) -> None:
        """The same for files of which nothing is known any more."""
        self._take(lease, [Task(file) for file in files], {}, {file.key: file for file in files}, report, None)

    def _rules_digest(self) -> str:
        """Another release may read the same file differently: then everything is read again."""
        return hashlib.sha256(repr((__version__, READING, self._rules)).encode()).hexdigest()[:16]

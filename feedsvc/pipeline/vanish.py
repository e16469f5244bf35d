"""Articles that lose their file: another file takes over, or they are withdrawn; many at once are held back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.articles.article import Status
from feedsvc.articles.category import SITE
from feedsvc.content.source import FoundFile
from feedsvc.health import HOLD_META
from feedsvc.pipeline.indexing import Batch, Indexer, Lost
from feedsvc.pipeline.report import Report
from feedsvc.scheduling.lease import Lease
from feedsvc.store import ArticleStamp, FileState, Store, Transaction

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class VanishRules:
    """When a missing file means a withdrawn article, and when it rather means a missing disk."""

    grace: timedelta
    hold_share: float
    hold_files: int


@dataclass(frozen=True, slots=True)
class Estate:
    """Files that may take over articles whose own file is gone, and those articles."""

    heirs: tuple[FoundFile, ...] = ()
    article_ids: tuple[str, ...] = ()


class Vanished:
    """find: the files with these keys that are there. take: load these files and index them. roots: their names."""

    def __init__(
        self,
        store: Store,
        rules: VanishRules,
        indexer: Indexer,
        find: Callable[[Iterable[str]], list[FoundFile]],
        take: Callable[[Lease, Sequence[FoundFile], Report], None],
        clock: Callable[[], datetime],
        roots: Collection[str],
    ) -> None:
        self._roots = frozenset(roots)
        self._store = store
        self._rules = rules
        self._indexer = indexer
        self._find = find
        self._take = take
        self._clock = clock

    def miss(self, lease: Lease, missing: Sequence[FileState], report: Report, *, whole: bool, accept: bool) -> None:
        """Files that are not there: remember since when, withdraw after the grace period, hold when it is too many."""
        now = self._clock()
        with self._store.reading() as reader:
            said = reader.meta(HOLD_META) or ""
            stamps = reader.article_stamps([state.article_id for state in missing if state.article_id])
            known = list(reader.file_states()) if missing else []
        # A file that moved has no article of its own any more; one that never gave an article is no loss.
        moved = {s.key for s in missing if s.article_id not in stamps or stamps[s.article_id].source_key != s.key}
        lost = [state for state in missing if state.key not in moved]
        absent = {state.key for state in lost} | {s.key for s in known if s.vanished is not None and s.article_id}
        if lost and not accept and self._too_many(len(absent), len(known) - len(moved)):
            report.held = (
                f"{len(absent)} of {len(known)} files have vanished at once{self._elsewhere(absent)}. "
                "Their articles stay published until the files are back, "
                "or until `feedsvc rescan --accept-removals` says that they are meant to go."
            )
            report.add("held", len(absent))
        overdue = [s for s in lost if accept or (now - (s.vanished or now)) >= self._rules.grace]
        parting = [] if report.counts.get("held") else overdue
        self._part(lease, [*parting, *(state for state in missing if state.key in moved)], report)
        gone = {state.key for state in parting}
        waiting = [state for state in lost if state.key not in gone]
        noticed = [dataclasses.replace(state, vanished=now) for state in waiting if state.vanished is None]
        changed = report.held != said and (whole or report.held)  # only a look at everything can say that all is back
        if noticed or changed:
            with self._store.writing(lease) as tx:
                tx.put_file_states(noticed)
                if changed:
                    tx.put_meta(HOLD_META, report.held)
        report.add("missing", len(waiting))
        if waiting and not report.counts.get("held"):
            report.check_at(min(state.vanished or now for state in waiting) + self._rules.grace)

    def release(self, tx: Transaction, lost: Sequence[Lost], report: Report) -> Estate:
        """Withdraw the articles that no file gives any more, but for those that another file may take over.

        The heirs are forgotten in the same transaction: if we die before they are loaded, the next rescan does it.
        """
        orphans = self._orphans(tx, [item.article_id for item in lost])
        if not orphans:
            return Estate()
        base_of = {item.article_id: item.base for item in lost}
        sources = {stamp.source_key for stamp in orphans}
        bases = {base_of[stamp.id] for stamp in orphans} - {""}
        rivals = tx.files_with_base(bases) if bases else []
        waiting = [s for s in rivals if not s.article_id and s.vanished is None and s.key not in sources]
        there = {file.key: file for file in self._find(state.key for state in waiting)}
        inherited = {state.base for state in waiting if state.key in there}
        contested = [stamp for stamp in orphans if base_of[stamp.id] in inherited]
        self._withdraw(tx, [stamp for stamp in orphans if base_of[stamp.id] not in inherited], report)
        tx.forget_files(list(there))
        return Estate(tuple(there.values()), tuple(stamp.id for stamp in contested))

    def inherit(self, lease: Lease, estate: Estate, report: Report) -> None:
        """Let the heirs take over; what none of them could take is withdrawn after all."""
        if not estate.heirs:
            return
        self._take(lease, estate.heirs, report)
        with self._store.writing(lease) as tx:
            self._withdraw(tx, self._orphans(tx, estate.article_ids), report)

    def _orphans(self, tx: Transaction, article_ids: Sequence[str]) -> list[ArticleStamp]:
        """Those of the articles that are published, but whose file does not give them any more."""
        stamps = tx.article_stamps(article_ids) if article_ids else {}
        sources = {state.key: state for state in tx.file_states([stamp.source_key for stamp in stamps.values()])}
        return [
            stamp
            for stamp in stamps.values()
            if stamp.status is Status.PUBLISHED
            and ((state := sources.get(stamp.source_key)) is None or state.article_id != stamp.id)
        ]

    def _withdraw(self, tx: Transaction, stamps: Sequence[ArticleStamp], report: Report) -> None:
        if not stamps:
            return
        tx.set_status([stamp.id for stamp in stamps], Status.WITHDRAWN)
        batch = Batch(withdrawn=[stamp.id for stamp in stamps])
        for stamp in stamps:
            batch.replaces(stamp, {SITE, *stamp.categories} if stamp.in_feeds else ())
        self._indexer.write(tx, batch)
        report.add("withdrawn", len(stamps))

    def _elsewhere(self, keys: Iterable[str]) -> str:
        """The likeliest reason when files lie in folders that are not configured any more."""
        others = sorted({key.partition("/")[0] for key in keys} - self._roots)
        return f": {', '.join(others)} is not among the configured roots any more" if others else ""

    def _too_many(self, absent: int, known: int) -> bool:
        """Whether so many missing files look like a missing disk or a checkout in progress."""
        if absent == known:
            return known > 1
        return absent > self._rules.hold_files and absent > known * self._rules.hold_share

    def _part(self, lease: Lease, states: Sequence[FileState], report: Report) -> None:
        """Forget files; what they gave is withdrawn, or taken over by another file with the same identity."""
        for start in range(0, len(states), BATCH):
            part = states[start : start + BATCH]
            with self._store.writing(lease) as tx:
                # Emptied first: an article is an orphan when the file it came from does not give it any more.
                tx.put_file_states(dataclasses.replace(state, article_id="") for state in part)
                lost = [Lost(state.article_id, state.base) for state in part if state.article_id]
                estate = self.release(tx, lost, report)
                tx.replace_problems({state.key: () for state in part})
                tx.forget_files([state.key for state in part])
            self.inherit(lease, estate, report)

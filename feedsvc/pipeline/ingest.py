"""Files become articles: find what changed, load it, and put it into the index with dirty marks, batch by batch.

scan or hints
| those whose fingerprint differs            (an unchanged file costs a stat)
| load                                       (an identical rewrite costs a hash; large batches use processes)
| settle who owns which identity
| put articles, links, problems, dirty marks (one fenced transaction per batch)
then: what vanished is withdrawn after a grace period, unless too much vanished at once
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol

from feedsvc.articles.article import Article, Status
from feedsvc.articles.category import SITE
from feedsvc.articles.identity import Claim, Verdict, identity_for, public_id, settle
from feedsvc.content.draft import Problem, Severity
from feedsvc.content.look import Hint, Places
from feedsvc.content.source import FoundFile, Root, scan
from feedsvc.errors import ContentUnavailable
from feedsvc.pipeline.load import NEVER, Loaded, Rules, Task, published_of
from feedsvc.scheduling.lease import Lease
from feedsvc.sharing.codes import assign, candidates, share_code
from feedsvc.sharing.link import ShareLink
from feedsvc.store import ArticleStamp, FileState, Store, Transaction

BATCH = 500
RULES_META = "ingest.rules"
HOLD_META = "ingest.hold"
ROOT_PROBLEM = "root:"  # Problems about a whole root are filed under this key and the root's name

Progress = Callable[[int, int], None]


class Loader(Protocol):
    """Loads many files, in this process or in several; results in the order of the tasks."""

    def __call__(self, tasks: Sequence[Task], rules: Rules) -> Iterator[Loaded]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VanishRules:
    """When a missing file means a withdrawn article, and when it rather means a missing disk."""

    grace: timedelta
    hold_share: float
    hold_files: int


@dataclass(slots=True)
class Report:
    """What a look at the content did.

    again: files to look at once more soon. next_check: when a grace period ends and a rescan is due.
    rescan: the hints did not tell everything. held: why removals are not carried out, as a sentence.
    """

    counts: dict[str, int] = field(default_factory=dict)
    again: list[Path] = field(default_factory=list)
    next_check: datetime | None = None
    rescan: bool = False
    held: str = ""

    def add(self, name: str, number: int = 1) -> None:
        if number:
            self.counts[name] = self.counts.get(name, 0) + number

    def check_at(self, moment: datetime) -> None:
        self.next_check = min(moment, self.next_check or moment)


@dataclass(slots=True)
class _Batch:
    """The marks a transaction leaves, gathered so that each is written once."""

    articles: list[Article] = field(default_factory=list)
    states: list[FileState] = field(default_factory=list)
    problems: dict[str, Sequence[Problem]] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)  # ids of articles whose file does not give them any more


@dataclass(frozen=True, slots=True)
class _Estate:
    """Files that may take over articles whose own file is gone, and those articles."""

    heirs: tuple[FoundFile, ...] = ()
    article_ids: tuple[str, ...] = ()


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
        self._rules = rules
        self._vanish = vanish
        self._load = load
        self._clock = clock
        self._show_drafts = show_drafts
        self._places = [Places(root, show_drafts) for root in self._roots]

    def rescan(self, lease: Lease, progress: Progress | None = None, accept_removals: bool = False) -> Report:
        """Look at everything. Roots that cannot be read keep what they published (contract M05)."""
        report = Report()
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
        self._miss(lease, missing, report, whole=True, accept=accept_removals)
        if force and not report.again:
            with self._store.writing(lease) as tx:
                tx.put_meta(RULES_META, self._rules_digest())
        return report

    def look(self, lease: Lease, paths: Iterable[Path]) -> Report:
        """Look at some files only, because something happened to them: the quick way between two rescans."""
        report = Report()
        keys: dict[str, FoundFile | None] = {}
        for path in sorted(set(paths)):
            for places in self._places:
                key = places.key(path) if places.root.path.is_dir() else None
                if isinstance(key, str):
                    keys[key] = places.find(path)
                elif key is Hint.FOLDER:
                    report.rescan = True
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
            self._miss(lease, missing, report, whole=False, accept=False)
        return report

    def _scan_all(self, report: Report) -> tuple[dict[str, FoundFile], set[str]]:
        """Every post of every root, and the names of the roots that could not be read."""
        found: dict[str, FoundFile] = {}
        unreadable: set[str] = set()
        problems: list[str] = []
        self._places = [Places(root, self._show_drafts) for root in self._roots]
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
        rivals = _rivals(tasks)
        results = self._load(tasks, self._rules)
        while chunk := list(islice(results, BATCH)):
            batch = _Batch()
            with self._store.writing(lease) as tx:
                self._index(tx, chunk, states, present, rivals, batch, report)
                self._write(tx, batch)
                estate = self._release(tx, batch.lost, report)
            done += len(chunk)
            if progress:
                progress(done, total)
            self._inherit(lease, estate, report)

    def _index(
        self,
        tx: Transaction,
        chunk: Sequence[Loaded],
        states: Mapping[str, FileState],
        present: Mapping[str, FoundFile],
        rivals: Mapping[tuple[tuple[str, ...], str], Sequence[FoundFile]],
        batch: _Batch,
        report: Report,
    ) -> None:
        """Decide what each loaded file means, and gather it in the batch."""
        report.add("read", len(chunk))
        verdicts = self._identities(tx, chunk, states, present, rivals, batch)
        loser_of = {key: verdict.loses_to for key, verdict in verdicts.items() if not verdict.identity}
        chunk = [self._under(item, v.identity) if (v := verdicts.get(item.found.key)) else item for item in chunk]
        ids = {loaded.article.id for loaded in chunk if loaded.article}
        ids |= {state.article_id for item in chunk if (state := states.get(item.found.key)) and state.article_id}
        stamps = tx.article_stamps(ids)
        for loaded in (self._dated_as_before(item, stamps) for item in chunk):
            key = loaded.found.key
            state = states.get(key)
            if loaded.unsettled:
                report.add("unsettled")
                report.again.append(loaded.found.path)
            elif loaded.gone:
                report.again.append(loaded.found.path)
            elif loaded.unchanged and state is not None:
                report.add("identical")
                batch.states.append(dataclasses.replace(state, fingerprint=loaded.found.fingerprint, vanished=None))
            elif loaded.article is not None and key not in loser_of:
                self._keep(loaded, loaded.article, state, stamps, batch, report)
            else:
                self._refuse(loaded, loser_of.get(key, ""), state, batch, report)

    def _keep(
        self,
        loaded: Loaded,
        article: Article,
        state: FileState | None,
        stamps: Mapping[str, ArticleStamp],
        batch: _Batch,
        report: Report,
    ) -> None:
        """The file's article goes into the index, if a reader would see any difference."""
        stamp = stamps.get(article.id)
        rewritten = state is None or state.digest != loaded.digest
        if stamp is None:
            report.add("new")
        elif stamp.digest != article.digest or stamp.status is Status.WITHDRAWN:
            report.add("changed")
        if stamp is not None and not loaded.explicit_updated:
            # `updated` tells when the author changed something: never a new rule of ours, never the first look.
            edited = rewritten and stamp.digest != article.digest
            moved = self._clock().replace(microsecond=0) if edited else stamp.updated
            article = dataclasses.replace(article, updated=max(moved, article.published))
        if stamp is None or (stamp.digest, stamp.status, stamp.source_key, stamp.updated) != (
            article.digest,
            article.status,
            article.source_key,
            article.updated,
        ):
            batch.articles.append(article)
            batch.dirty |= {SITE, *article.categories}
        if stamp is not None:
            left = set(stamp.categories) - set(article.categories)
            batch.dirty |= left
            batch.left |= left
        if state is not None and state.article_id and state.article_id != article.id:
            batch.lost.append(state.article_id)  # it gave another article before its id was edited
        if loaded.problems:
            report.add("repaired" if any(p.severity is Severity.WARNING for p in loaded.problems) else "noted")
        self._remember(loaded, article.id, state, batch)

    def _refuse(self, loaded: Loaded, rival: str, state: FileState | None, batch: _Batch, report: Report) -> None:
        """Hidden, quarantined, or the loser of two files with one identity."""
        article_id = ""
        if rival:
            report.add("duplicates")
            loaded = dataclasses.replace(
                loaded, problems=(*loaded.problems, duplicate(loaded.found.key, loaded.base, rival))
            )
        elif loaded.hidden:
            report.add("hidden")
        else:
            report.add("quarantined")
            article_id = state.article_id if state else ""  # the last good version stays published
        self._remember(loaded, article_id, state, batch)
        if state is not None and state.article_id and not article_id:
            batch.lost.append(state.article_id)

    def _remember(self, loaded: Loaded, article_id: str, state: FileState | None, batch: _Batch) -> None:
        found = loaded.found
        batch.states.append(
            FileState(
                found.key,
                found.fingerprint,
                loaded.digest,
                article_id,
                loaded.base or (state.base if state else ""),
                found.name.file_date,
                found.tier,
                explicit=loaded.explicit if loaded.base else bool(state and state.explicit),
            )
        )
        batch.problems[found.key] = loaded.problems

    def _identities(
        self,
        tx: Transaction,
        chunk: Sequence[Loaded],
        states: Mapping[str, FileState],
        present: Mapping[str, FoundFile],
        rivals: Mapping[tuple[tuple[str, ...], str], Sequence[FoundFile]],
        batch: _Batch,
    ) -> dict[str, Verdict]:
        """Which identity each loaded file gets, by key; indexed files that lose theirs are noted in the batch."""
        fresh = {item.found.key: item for item in chunk if item.article is not None}
        bases = {item.base for item in fresh.values()}
        others = {
            state.key: state
            for state in (tx.files_with_base(bases) if bases else [])
            if state.key not in fresh and state.vanished is None and self._still_there(state.key, present)
        }
        stamps = tx.article_stamps({state.article_id for state in others.values() if state.article_id})
        claims = [self._claim(item, states.get(key)) for key, item in fresh.items()]
        claims += [
            Claim(
                state.key,
                state.base,
                state.file_date,
                state.tier,
                stamps[state.article_id].published if state.article_id in stamps else NEVER,
                self._held(state),
                state.explicit,
            )
            for state in others.values()
        ]
        claimed = {claim.key for claim in claims}
        for item in fresh.values():
            # Files of this pass that will claim the same name later: so that the order of loading decides nothing.
            named = () if item.explicit else rivals.get((item.found.name.folders, item.found.name.slug), ())
            for rival in named:
                if rival.key not in claimed and rival.key not in states:
                    claimed.add(rival.key)
                    claims.append(Claim(rival.key, item.base, rival.name.file_date, rival.tier, NEVER, ""))
        verdicts = settle(claims)
        for key, state in others.items():
            if state.article_id and not verdicts[key].identity:
                batch.states.append(dataclasses.replace(state, article_id=""))
                batch.problems[key] = [duplicate(key, state.base, verdicts[key].loses_to)]
        return verdicts

    def _claim(self, item: Loaded, state: FileState | None) -> Claim:
        held = self._held(state) if state and state.base == item.base else ""
        found = item.found
        return Claim(found.key, item.base, found.name.file_date, found.tier, published_of(item), held, item.explicit)

    def _held(self, state: FileState) -> str:
        """The identity a file holds already."""
        for identity in (state.base, identity_for(state.base, state.file_date)):
            if state.article_id and state.article_id == public_id(identity, self._rules.articles.authority):
                return identity
        return ""

    def _still_there(self, key: str, present: Mapping[str, FoundFile]) -> bool:
        """A file that claims an identity must exist, or a move would look like a duplicate."""
        return key in present or bool(self._find([key]))

    def _under(self, loaded: Loaded, identity: str) -> Loaded:
        """The file made under the identity it got, when that is not the one it was loaded under."""
        article = loaded.article
        if article is None or not identity or article.identity == identity:
            return loaded
        again = next(self._load([Task(loaded.found, b"", identity)], self._rules))
        return dataclasses.replace(loaded, article=again.article or None, unsettled=again.article is None)

    def _dated_as_before(self, loaded: Loaded, stamps: Mapping[str, ArticleStamp]) -> Loaded:
        """An edit of a file without a date does not move its article (contract ID05)."""
        article = loaded.article
        stamp = stamps.get(article.id) if article else None
        if article is None or stamp is None or not loaded.undated or stamp.published == article.published:
            return loaded
        again = next(self._load([Task(loaded.found, b"", article.identity, stamp.published)], self._rules))
        return again if again.article else dataclasses.replace(loaded, article=None, unsettled=True)

    def _write(self, tx: Transaction, batch: _Batch) -> None:
        if batch.articles:
            tx.put_articles(batch.articles)
            ids = [article.id for article in batch.articles]
            coded = tx.code_of(ids)
            new = [article_id for article_id in ids if article_id not in coded]
            if new:
                wanted = [share_code(article_id) for article_id in new]
                taken = tx.codes_taken(wanted)
                if taken:  # rare: then their longer forms may be somebody's too
                    taken |= tx.codes_taken({code for article_id in new for code in candidates(article_id)})
                codes = assign(new, taken)
                tx.put_links(ShareLink(code, article_id) for article_id, code in codes.items())
        tx.put_file_states(batch.states)
        tx.replace_problems(batch.problems)
        now = self._clock()
        for slug in sorted(batch.left):
            tx.set_category(slug, changed=now)
        if batch.left:
            tx.set_category(SITE, changed=now)
        tx.raise_dirty(batch.dirty)

    def _release(self, tx: Transaction, article_ids: Sequence[str], report: Report) -> _Estate:
        """Withdraw the articles that no file gives any more, but for those that another file may take over.

        The heirs are forgotten in the same transaction: if we die before they are loaded, the next rescan does it.
        """
        orphans = self._orphans(tx, article_ids)
        if not orphans:
            return _Estate()
        sources = {state.key: state for state in tx.file_states([stamp.source_key for stamp in orphans])}
        base_of = {stamp.id: sources[stamp.source_key].base for stamp in orphans if stamp.source_key in sources}
        bases = {base for base in base_of.values() if base}
        rivals = tx.files_with_base(bases) if bases else []
        waiting = [state for state in rivals if not state.article_id and state.key not in sources]
        there = {file.key: file for file in self._find([state.key for state in waiting if state.vanished is None])}
        inherited = {state.base for state in waiting if state.key in there}
        contested = [stamp for stamp in orphans if base_of.get(stamp.id) in inherited]
        self._withdraw(tx, [stamp for stamp in orphans if stamp not in contested], report)
        tx.forget_files(list(there))
        return _Estate(tuple(there.values()), tuple(stamp.id for stamp in contested))

    def _inherit(self, lease: Lease, estate: _Estate, report: Report) -> None:
        """Let the heirs take over; what none of them could take is withdrawn after all."""
        if not estate.heirs:
            return
        present = {file.key: file for file in estate.heirs}
        self._take(lease, [Task(file) for file in estate.heirs], {}, present, report, None)
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
        batch = _Batch(left={SITE, *(slug for stamp in stamps for slug in stamp.categories)})
        batch.dirty |= batch.left
        self._write(tx, batch)
        report.add("withdrawn", len(stamps))

    def _find(self, keys: Sequence[str]) -> list[FoundFile]:
        """The files with these keys that are there."""
        paths = [(places, path) for places in self._places for key in keys if (path := places.path_of(key))]
        return [file for places, path in paths if (file := places.find(path)) is not None]

    def _miss(self, lease: Lease, missing: Sequence[FileState], report: Report, *, whole: bool, accept: bool) -> None:
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
                f"{len(absent)} of {len(known)} files have vanished at once. Their articles stay published until the "
                "files are back, or until `feedsvc rescan --accept-removals` says that they are meant to go."
            )
            report.add("held", len(absent))
        overdue = [s for s in lost if accept or (now - (s.vanished or now)) >= self._vanish.grace]
        parting = [] if report.counts.get("held") else overdue
        self._part(lease, [*parting, *(state for state in missing if state.key in moved)], report)
        waiting = [state for state in lost if state not in parting]
        noticed = [dataclasses.replace(state, vanished=now) for state in waiting if state.vanished is None]
        changed = report.held != said and (whole or report.held)  # only a look at everything can say that all is back
        if noticed or changed:
            with self._store.writing(lease) as tx:
                tx.put_file_states(noticed)
                if changed:
                    tx.put_meta(HOLD_META, report.held)
        report.add("missing", len(waiting))
        if waiting and not report.counts.get("held"):
            report.check_at(min(state.vanished or now for state in waiting) + self._vanish.grace)

    def _too_many(self, absent: int, known: int) -> bool:
        """Whether so many missing files look like a missing disk or a checkout in progress."""
        if absent == known:
            return known > 1
        return absent > self._vanish.hold_files and absent > known * self._vanish.hold_share

    def _part(self, lease: Lease, states: Sequence[FileState], report: Report) -> None:
        """Forget files; what they gave is withdrawn, or taken over by another file with the same identity."""
        for start in range(0, len(states), BATCH):
            part = states[start : start + BATCH]
            with self._store.writing(lease) as tx:
                # Emptied first, forgotten last: _release finds the heirs through the bases of these files.
                tx.put_file_states(dataclasses.replace(state, article_id="") for state in part)
                estate = self._release(tx, [state.article_id for state in part if state.article_id], report)
                tx.replace_problems({state.key: () for state in part})
                tx.forget_files([state.key for state in part])
            self._inherit(lease, estate, report)

    def _rules_digest(self) -> str:
        return hashlib.sha256(repr(self._rules).encode()).hexdigest()[:16]


def _rivals(tasks: Sequence[Task]) -> dict[tuple[tuple[str, ...], str], list[FoundFile]]:
    """Files of one pass that share folders and slug, hence perhaps an identity."""
    by_name: dict[tuple[tuple[str, ...], str], list[FoundFile]] = {}
    for task in tasks:
        by_name.setdefault((task.found.name.folders, task.found.name.slug), []).append(task.found)
    return {name: files for name, files in by_name.items() if len(files) > 1}


def duplicate(key: str, base: str, rival: str) -> Problem:
    return Problem(
        key,
        "identity.duplicate",
        f"{key} and {rival} have the same identity {base!r}; {rival} is published. "
        "Give one of them an `id:` of its own, or remove it.",
        params={"other": rival, "identity": base},
    )

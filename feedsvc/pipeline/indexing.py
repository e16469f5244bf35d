"""Loaded files become rows: what a reader would see differently is written, and marks what must be rebuilt."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypedDict

from feedsvc.articles.article import Article, Status
from feedsvc.articles.category import SITE
from feedsvc.articles.labels import labels_of
from feedsvc.content.draft import Fingerprint, Problem, Severity
from feedsvc.content.source import FoundFile
from feedsvc.pipeline.load import Loaded, Rules, Task
from feedsvc.pipeline.marks import Mark, day_marks, label_marks
from feedsvc.pipeline.naming import freed_names, put_names, shown_names, taken
from feedsvc.pipeline.ownership import Namesakes, Ownership, duplicate
from feedsvc.pipeline.report import Report
from feedsvc.pipeline.succession import pass_names_on
from feedsvc.sharing.link import LinkKind
from feedsvc.store import ArticleStamp, FileState, Transaction

NO_FILE = Fingerprint(-1, 0, 0)


class Loader(Protocol):
    """Loads many files, in this process or in several; results in the order of the tasks."""

    def __call__(self, tasks: Sequence[Task], rules: Rules) -> Iterator[Loaded]: ...


@dataclass(frozen=True, slots=True)
class Lost:
    """An article that its file does not give any more, and the base under which another file may claim it."""

    article_id: str
    base: str


@dataclass(slots=True)
class Batch:
    """What a transaction leaves, gathered so that each thing is written once.

    left, removals: categories that lost articles, and which. marks: see pipeline/marks.py. labels: of every article
    that was looked at. before: articles whose labels, as they were, must be marked too.
    """

    articles: list[Article] = field(default_factory=list)
    states: list[FileState] = field(default_factory=list)
    problems: dict[str, Sequence[Problem]] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    removals: set[tuple[str, str]] = field(default_factory=set)
    marks: set[Mark] = field(default_factory=set)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    names: dict[str, Mapping[str, LinkKind]] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)

    def puts(self, article: Article) -> None:
        """The article goes in, new or changed."""
        self.articles.append(article)
        self.dirty |= {SITE, *article.categories}
        self.marks |= day_marks(article.categories, article.published)

    def replaces(self, stamp: ArticleStamp, left: Collection[str]) -> None:
        """What is indexed of an article goes, and the article leaves these categories (SITE: all feeds)."""
        self.marks |= day_marks(stamp.categories, stamp.published)
        self.before.append(stamp.id)
        self.dirty |= set(left)
        self.left |= set(left)
        self.removals |= {(slug, stamp.id) for slug in left}


class _Kinds(TypedDict):
    """Which labels there are feeds for."""

    tags: bool
    authors: bool


class Indexer:
    """Decides inside a transaction what each loaded file means, and writes it."""

    def __init__(self, rules: Rules, load: Loader, ownership: Ownership, clock: Callable[[], datetime]) -> None:
        self._rules = rules
        self._kinds = _Kinds(tags=rules.articles.label_tags, authors=rules.articles.label_authors)
        self._labelled = any(self._kinds.values())
        self._load = load
        self._ownership = ownership
        self._clock = clock

    def index(
        self,
        tx: Transaction,
        chunk: Sequence[Loaded],
        states: Mapping[str, FileState],
        present: Mapping[str, FoundFile],
        namesakes: Namesakes,
        report: Report,
    ) -> list[Lost]:
        """Put a chunk of loaded files into the index; returned are the articles that lost their file on the way.

        states: what is known of the files. present: all files known to be there.
        """
        batch = Batch()
        verdicts, deposed = self._ownership.settle(tx, chunk, states, present, namesakes)
        for loser, problem in deposed:
            batch.states.append(loser)
            batch.problems[loser.key] = [problem]
        loser_of = {key: verdict.loses_to for key, verdict in verdicts.items() if not verdict.identity}
        chunk = [self._under(item, v.identity) if (v := verdicts.get(item.found.key)) else item for item in chunk]
        ids = {loaded.article.id for loaded in chunk if loaded.article}
        ids |= {state.article_id for item in chunk if (state := states.get(item.found.key)) and state.article_id}
        stamps = tx.article_stamps(ids)
        for loaded in (self._dated_as_before(item, stamps) for item in chunk):
            key = loaded.found.key
            state = states.get(key)
            if report.postponed(loaded):
                continue
            if loaded.unreadable:
                report.add("unreadable")
                batch.states.append(_to_try_again(loaded, state))
                batch.problems[key] = loaded.problems
            elif loaded.unchanged and state is not None:
                report.add("identical")
                batch.states.append(dataclasses.replace(state, fingerprint=loaded.found.fingerprint, vanished=None))
            elif loaded.article is not None and key not in loser_of:
                self._keep(loaded, loaded.article, state, stamps, batch, report)
            else:
                self._refuse(loaded, loser_of.get(key, ""), state, batch, report)
        self.write(tx, batch)
        return batch.lost

    def _keep(
        self,
        loaded: Loaded,
        article: Article,
        state: FileState | None,
        stamps: Mapping[str, ArticleStamp],
        batch: Batch,
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
            # `updated` tells when the author changed something that is read (articles/significance.py): never a new
            # rule of ours, never the first look, never white space or markup.
            edited = rewritten and stamp.text_digest not in ("", article.text_digest)
            moved = self._clock().replace(microsecond=0) if edited else stamp.updated
            article = dataclasses.replace(article, updated=max(moved, article.published))
        if stamp is None or _seen(stamp) != (
            article.digest,
            article.status,
            article.source_key,
            article.updated,
            article.text_digest,
        ):
            batch.puts(article)
            if stamp is not None:
                batch.replaces(stamp, _left(stamp, article))
        batch.names[article.id] = loaded.names
        if self._labelled:
            batch.labels[article.id] = labels_of(article, **self._kinds)
        if state is not None and state.article_id and state.article_id != article.id:
            batch.lost.append(Lost(state.article_id, state.base))  # it gave another article before its id was edited
        if loaded.problems:
            report.add("repaired" if any(p.severity is Severity.WARNING for p in loaded.problems) else "noted")
        self._remember(loaded, article.id, state, batch)

    def _refuse(self, loaded: Loaded, rival: str, state: FileState | None, batch: Batch, report: Report) -> None:
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
            batch.lost.append(Lost(state.article_id, state.base))

    def _remember(self, loaded: Loaded, article_id: str, state: FileState | None, batch: Batch) -> None:
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

    def write(self, tx: Transaction, batch: Batch) -> None:
        if self._labelled:
            batch.marks |= label_marks(tx.articles(batch.before).values(), **self._kinds)
            batch.marks |= label_marks(batch.articles, **self._kinds)
        if batch.articles:
            tx.put_articles(batch.articles)
        if batch.names or batch.withdrawn:
            names = put_names(tx, batch.names, [article.id for article in batch.articles])
            names |= freed_names(tx, batch.withdrawn) | shown_names(batch.articles)
            names |= pass_names_on(tx, batch.withdrawn, batch.articles)
            batch.problems |= taken(tx, names, batch.problems)
        if batch.labels:
            tx.put_labels(batch.labels)
        tx.put_file_states(batch.states)
        tx.replace_problems(batch.problems)
        now = self._clock()
        for slug in sorted(batch.left):
            tx.set_category(slug, changed=now)
        if batch.left:
            tx.set_category(SITE, changed=now)
        tx.put_removals(sorted(batch.removals), now)
        tx.put_marks(sorted(batch.marks), now)
        tx.raise_dirty(batch.dirty)


def _seen(stamp: ArticleStamp) -> tuple[object, ...]:
    return stamp.digest, stamp.status, stamp.source_key, stamp.updated, stamp.text_digest


def _left(stamp: ArticleStamp, article: Article) -> set[str]:
    """The categories a published article is no more in, all of them and SITE when it is in no feed any more."""
    if stamp.status is Status.WITHDRAWN or not stamp.in_feeds:
        return set()
    return set(stamp.categories) - set(article.categories) if article.in_feeds else {SITE, *stamp.categories}


def _to_try_again(loaded: Loaded, state: FileState | None) -> FileState:
    """What is known of a file that cannot be read now, with a fingerprint no file has: so every scan tries it again."""
    found = loaded.found
    known = state or FileState(found.key, NO_FILE, b"", file_date=found.name.file_date, tier=found.tier)
    return dataclasses.replace(known, fingerprint=NO_FILE, vanished=None)

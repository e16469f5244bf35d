"""Everything that can be written, in one step or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from feedsvc.articles.article import Article, Status
from feedsvc.content.draft import Problem
from feedsvc.publishing.document import Document
from feedsvc.publishing.hold import Hold
from feedsvc.scheduling.run import JobState, Run
from feedsvc.sharing.link import ShareLink
from feedsvc.store.reader import Reader
from feedsvc.store.records import FileState


class Transaction(Reader, Protocol):
    """A Reader that can also write; reads see its own writes."""

    def put_file_states(self, states: Iterable[FileState]) -> None: ...
    def forget_files(self, keys: Collection[str]) -> None: ...

    def put_articles(self, articles: Sequence[Article]) -> None:
        """Insert or replace by id, with the category membership; makes unknown categories known."""
        ...

    def put_labels(self, labels: Mapping[str, Sequence[str]]) -> None:
        """article id -> its labels, in place of those it had; the articles must be there."""
        ...

    def set_status(self, article_ids: Collection[str], status: Status) -> None: ...

    def put_links(self, links: Iterable[ShareLink]) -> None:
        """Each says that its article claims the name, whoever else does. A claim that exists gets the new kind."""
        ...

    def forget_misses(self, names: Collection[str]) -> None: ...

    def put_words(self, words: Mapping[str, Collection[str]], tell: bool = True) -> None:
        """article id -> all words that find it (articles/words.py), in place of what it had; () for none.

        tell: under a new edition number, so that web workers look again.
        """
        ...

    def set_category(self, slug: str, *, title: str | None = None, changed: datetime | None = None) -> None:
        """Set what is not None; makes the category known."""
        ...

    def touch(self, categories: Collection[str], now: datetime) -> None:
        """Say that these were published, under a new edition number; makes them known."""
        ...

    def put_marks(self, marks: Collection[tuple[str, str]], now: datetime) -> None:
        """(scope, name): something changed there. A day of a category is (slug, "2026-11-22"), a label (label, "")."""
        ...

    def put_removals(self, removals: Iterable[tuple[str, str]], now: datetime) -> None:
        """(category, article id): it has left."""
        ...

    def put_outlines(self, outlines: Mapping[str, str]) -> None:
        """What is in each category's feed as published; the text means nothing to the store."""
        ...

    def put_holds(self, holds: Sequence[Hold]) -> None:
        """Remember them, by category, under a new edition number; `since` of one that exists is kept."""
        ...

    def release_holds(self, categories: Collection[str]) -> None:
        """Forget them, under a new edition number if there were any."""
        ...

    def put_past(self, path: str, etag: str, outline: str, now: datetime) -> None:
        """Remember what was in a version of a document."""
        ...

    def raise_dirty(self, categories: Collection[str]) -> None:
        """Mark as needing a rebuild; a mark that exists gets a higher version."""
        ...

    def clear_dirty(self, versions: Mapping[str, int]) -> None:
        """Remove each mark whose version is still the given one."""
        ...

    def put_documents(self, documents: Sequence[Document]) -> int:
        """Insert or replace by path under one new edition number, which is returned; the input's is ignored."""
        ...

    def delete_documents(self, paths: Collection[str]) -> int:
        """Remove under one new edition number, which is returned; documents_since tells of them."""
        ...

    def replace_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """For each key given: forget its problems and store these."""
        ...

    def put_run(self, run: Run) -> None:
        """Insert or replace by id."""
        ...

    def claim_slot(self, job: str, slot: str) -> bool:
        """True for exactly one caller per (job, slot), over all processes and for as long as runs are kept."""
        ...

    def put_job_state(self, state: JobState) -> None: ...
    def put_meta(self, name: str, value: str) -> None: ...
    def prune(self, before: datetime) -> int:
        """Forget finished runs, slots, deletion marks, removals and past versions older than `before`; how many rows
        went."""
        ...

    def prune_clicks(self, before: date) -> int:
        """Forget day totals of earlier days, and names that led nowhere and were last asked for before; how many."""
        ...

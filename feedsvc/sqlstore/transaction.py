"""The Transaction of feedsvc/store/ on one connection. Each method's work is in the file of its noun."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from feedsvc.articles.article import Article, Status
from feedsvc.content.draft import Problem
from feedsvc.publishing.document import Document
from feedsvc.publishing.hold import Hold
from feedsvc.scheduling.run import JobState, Run
from feedsvc.sharing.link import ShareLink
from feedsvc.sqlstore import articles as articles_sql
from feedsvc.sqlstore import categories as categories_sql
from feedsvc.sqlstore import clicks as clicks_sql
from feedsvc.sqlstore import counters as counters_sql
from feedsvc.sqlstore import documents as documents_sql
from feedsvc.sqlstore import editions as editions_sql
from feedsvc.sqlstore import files as files_sql
from feedsvc.sqlstore import links as links_sql
from feedsvc.sqlstore import problems as problems_sql
from feedsvc.sqlstore import runs as runs_sql
from feedsvc.sqlstore import search as search_sql
from feedsvc.sqlstore.reader import SqlReader
from feedsvc.store import FileState


class SqlTransaction(SqlReader):
    """Transaction on one connection, alone among writers."""

    def put_file_states(self, states: Iterable[FileState]) -> None:
        files_sql.put_file_states(self._conn, states)

    def forget_files(self, keys: Collection[str]) -> None:
        files_sql.forget_files(self._conn, keys)

    def put_articles(self, articles: Sequence[Article]) -> None:
        articles_sql.put_articles(self._conn, articles)

    def put_labels(self, labels: Mapping[str, Sequence[str]]) -> None:
        articles_sql.put_labels(self._conn, labels)

    def touch(self, categories: Collection[str], now: datetime) -> None:
        editions_sql.touch(self._conn, categories, now)

    def put_marks(self, marks: Collection[tuple[str, str]], now: datetime) -> None:
        editions_sql.put_marks(self._conn, marks, now)

    def put_removals(self, removals: Iterable[tuple[str, str]], now: datetime) -> None:
        editions_sql.put_removals(self._conn, removals, now)

    def put_outlines(self, outlines: Mapping[str, str]) -> None:
        editions_sql.put_outlines(self._conn, outlines)

    def put_holds(self, holds: Sequence[Hold]) -> None:
        editions_sql.put_holds(self._conn, holds)

    def release_holds(self, categories: Collection[str]) -> None:
        editions_sql.release_holds(self._conn, categories)

    def put_past(self, path: str, etag: str, outline: str, now: datetime) -> None:
        editions_sql.put_past(self._conn, path, etag, outline, now)

    def set_status(self, article_ids: Collection[str], status: Status) -> None:
        articles_sql.set_status(self._conn, article_ids, status)

    def put_links(self, links: Iterable[ShareLink]) -> None:
        links_sql.put_links(self._conn, links)

    def forget_misses(self, names: Collection[str]) -> None:
        clicks_sql.forget_misses(self._conn, names)

    def put_words(self, words: Mapping[str, Collection[str]], tell: bool = True) -> None:
        search_sql.put_words(self._conn, words, tell)

    def set_category(self, slug: str, *, title: str | None = None, changed: datetime | None = None) -> None:
        categories_sql.set_category(self._conn, slug, title, changed)

    def raise_dirty(self, categories: Collection[str]) -> None:
        categories_sql.raise_dirty(self._conn, categories)

    def clear_dirty(self, versions: Mapping[str, int]) -> None:
        categories_sql.clear_dirty(self._conn, versions)

    def put_documents(self, documents: Sequence[Document]) -> int:
        return documents_sql.put_documents(self._conn, documents)

    def delete_documents(self, paths: Collection[str]) -> int:
        return documents_sql.delete_documents(self._conn, paths)

    def replace_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        problems_sql.replace_problems(self._conn, problems)

    def put_run(self, run: Run) -> None:
        runs_sql.put_run(self._conn, run)

    def claim_slot(self, job: str, slot: str) -> bool:
        return runs_sql.claim_slot(self._conn, job, slot)

    def put_job_state(self, state: JobState) -> None:
        runs_sql.put_job_state(self._conn, state)

    def put_meta(self, name: str, value: str) -> None:
        counters_sql.put_meta(self._conn, name, value)

    def prune(self, before: datetime) -> int:
        return runs_sql.prune(self._conn, before)

    def prune_clicks(self, before: date) -> int:
        return clicks_sql.prune(self._conn, before)

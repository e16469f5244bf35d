"""The Store of feedsvc/store.py on SQLite or PostgreSQL. Each method's work is in the file of its noun."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, PoolProxiedConnection, select
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from feedsvc.articles.article import Article, Headline, Status
from feedsvc.articles.category import Category
from feedsvc.articles.glance import Glance
from feedsvc.articles.words import Wanted
from feedsvc.content.draft import Problem, Severity
from feedsvc.errors import RecordRefused, StoreUnavailable
from feedsvc.publishing.document import Document
from feedsvc.publishing.hold import Hold
from feedsvc.scheduling.lease import Lease
from feedsvc.scheduling.run import JobState, Run
from feedsvc.sharing.click import ClickDay, Clicks, Miss
from feedsvc.sharing.link import ShareLink
from feedsvc.sqlstore import articles as articles_sql
from feedsvc.sqlstore import categories as categories_sql
from feedsvc.sqlstore import clicks as clicks_sql
from feedsvc.sqlstore import counters as counters_sql
from feedsvc.sqlstore import documents as documents_sql
from feedsvc.sqlstore import editions as editions_sql
from feedsvc.sqlstore import files as files_sql
from feedsvc.sqlstore import glances as glances_sql
from feedsvc.sqlstore import leases as leases_sql
from feedsvc.sqlstore import links as links_sql
from feedsvc.sqlstore import neighbours as neighbours_sql
from feedsvc.sqlstore import problems as problems_sql
from feedsvc.sqlstore import runs as runs_sql
from feedsvc.sqlstore import search as search_sql
from feedsvc.sqlstore import sitemap as sitemap_sql
from feedsvc.sqlstore.engine import WRITES, make_engine
from feedsvc.sqlstore.migrate import migrate
from feedsvc.sqlstore.schema import counters
from feedsvc.store import ArticleStamp, CategoryStamp, DocumentStamp, FileState, Listed, Store

# SQLSTATE classes: data exceptions, constraints, program limits (an index row of PostgreSQL holds 2,704 octets)
_VALUE_ERRORS = frozenset({"22", "23", "54"})


def open_store(url: str) -> Store:
    """The store at `sqlite:///path` or `postgresql://…`; nothing is connected before the first use.

    SettingsError for a URL we cannot serve. migrate() makes the tables.
    """
    return SqlStore(url)


class SqlReader:
    """Reader on one connection inside one transaction."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def file_states(self, keys: Collection[str] | None = None) -> Iterator[FileState]:
        return files_sql.file_states(self._conn, keys)

    def files_with_base(self, bases: Collection[str]) -> list[FileState]:
        return files_sql.files_with_base(self._conn, bases)

    def article_stamps(self, article_ids: Collection[str]) -> dict[str, ArticleStamp]:
        return articles_sql.article_stamps(self._conn, article_ids)

    def twins(self, texts: Collection[tuple[str, datetime]], status: Status) -> list[ArticleStamp]:
        return articles_sql.twins(self._conn, texts, status)

    def articles(self, article_ids: Collection[str]) -> dict[str, Article]:
        return articles_sql.articles_by_id(self._conn, article_ids)

    def listed(self, category: str, limit: int, now: datetime, offset: int = 0) -> list[Listed]:
        return articles_sql.listed(self._conn, category, limit, now, offset)

    def oldest_articles(
        self, category: str, start: datetime, end: datetime, limit: int, offset: int = 0
    ) -> list[Article]:
        return articles_sql.oldest_articles(self._conn, category, start, end, limit, offset)

    def count_between(self, category: str, start: datetime, end: datetime) -> int:
        return articles_sql.count_between(self._conn, category, start, end)

    def nearest(
        self, category: str, *, before: datetime | None = None, after: datetime | None = None
    ) -> datetime | None:
        return articles_sql.nearest(self._conn, category, before, after)

    def labelled(self, label: str, limit: int, now: datetime) -> list[Article]:
        return articles_sql.labelled(self._conn, label, limit, now)

    def newest_articles(self, category: str, limit: int, now: datetime) -> list[Article]:
        return articles_sql.newest_articles(self._conn, category, limit, now)

    def headlines(self, category: str, limit: int, now: datetime, offset: int = 0) -> list[Headline]:
        return articles_sql.headlines(self._conn, category, limit, now, offset)

    def headline_by_identity(self, identity: str) -> Headline | None:
        return articles_sql.headline_by_identity(self._conn, identity)

    def headlines_by_identity(self, identities: Collection[str]) -> dict[str, Headline]:
        return articles_sql.headlines_by_identity(self._conn, identities)

    def article_by_path(self, path: str) -> Article | None:
        return articles_sql.article_by_path(self._conn, path)

    def link(self, code: str) -> tuple[ShareLink, Headline] | None:
        return links_sql.link(self._conn, code)

    def links_of(self, article_ids: Collection[str]) -> dict[str, list[ShareLink]]:
        return links_sql.links_of(self._conn, article_ids)

    def code_of(self, article_ids: Collection[str]) -> dict[str, str]:
        return links_sql.code_of(self._conn, article_ids)

    def claims(self, codes: Collection[str]) -> dict[str, list[ShareLink]]:
        return links_sql.claims(self._conn, codes)

    def claims_of(self, article_ids: Collection[str]) -> dict[str, list[ShareLink]]:
        return links_sql.claims_of(self._conn, article_ids)

    def called(self, names: Collection[str]) -> dict[str, str]:
        return links_sql.called(self._conn, names)

    def pages_at(self, addresses: Collection[str]) -> dict[str, str]:
        return links_sql.pages_at(self._conn, addresses)

    def links(self, kinds: Collection[int], after: tuple[str, str] = ("", ""), limit: int = 1000) -> list[ShareLink]:
        return links_sql.of_kinds(self._conn, kinds, after, limit)

    def clicks(self, codes: Collection[str], since: date, until: date) -> list[ClickDay]:
        return clicks_sql.clicks(self._conn, codes, since, until)

    def top_links(self, since: date, until: date, limit: int) -> list[tuple[str, int]]:
        return clicks_sql.top_links(self._conn, since, until, limit)

    def referrers(self, codes: Collection[str], since: date, until: date, limit: int) -> list[tuple[str, int]]:
        return clicks_sql.referrers(self._conn, codes, since, until, limit)

    def misses(self, limit: int, offset: int = 0) -> list[Miss]:
        return clicks_sql.misses(self._conn, limit, offset)

    def search(self, wanted: Wanted, limit: int, now: datetime, offset: int = 0) -> list[Headline]:
        return search_sql.search(self._conn, wanted, limit, now, offset)

    def unindexed(self, limit: int) -> list[str]:
        return search_sql.waiting(self._conn, limit)

    def glances(self, now: datetime, days: int, zone: tzinfo, visible: datetime | None = None) -> list[Glance]:
        return glances_sql.glances(self._conn, now, days, zone, visible)

    def neighbours(self, article_id: str, category: str, now: datetime) -> tuple[Headline | None, Headline | None]:
        return neighbours_sql.neighbours(self._conn, article_id, category, now)

    def related(self, category: str, limit: int, now: datetime) -> list[str]:
        return glances_sql.related(self._conn, category, limit, now)

    def pages(self, limit: int, now: datetime, after: str = "") -> list[tuple[str, str, datetime]]:
        return sitemap_sql.pages(self._conn, limit, now, after)

    def due_between(self, after: datetime, until: datetime) -> list[ArticleStamp]:
        return articles_sql.due_between(self._conn, after, until)

    def next_due(self, after: datetime) -> datetime | None:
        return articles_sql.next_due(self._conn, after)

    def article_count(self, now: datetime) -> int:
        return articles_sql.article_count(self._conn, now)

    def categories(self, now: datetime) -> list[Category]:
        return categories_sql.categories(self._conn, now)

    def category(self, slug: str, now: datetime) -> Category | None:
        return categories_sql.category(self._conn, slug, now)

    def category_stamps(self, slugs: Collection[str]) -> dict[str, CategoryStamp]:
        return editions_sql.category_stamps(self._conn, slugs)

    def categories_since(self, edition: int) -> list[CategoryStamp]:
        return editions_sql.categories_since(self._conn, edition)

    def mark(self, scope: str, name: str) -> int | None:
        return editions_sql.mark(self._conn, scope, name)

    def newest_mark(self, scope: str, first: str, last: str) -> int | None:
        return editions_sql.newest_mark(self._conn, scope, first, last)

    def removals(self, category: str, since: datetime) -> list[tuple[str, datetime]]:
        return editions_sql.removed(self._conn, category, since)

    def outlines(self, categories: Collection[str]) -> dict[str, str]:
        return editions_sql.known_outlines(self._conn, categories)

    def holds(self) -> list[Hold]:
        return editions_sql.holds(self._conn)

    def past(self, path: str, etag: str) -> str | None:
        return editions_sql.past_outline(self._conn, path, etag)

    def dirty(self) -> dict[str, int]:
        return categories_sql.dirty(self._conn)

    def document(self, path: str) -> Document | None:
        return documents_sql.document(self._conn, path)

    def document_stamps(self, paths: Collection[str]) -> dict[str, DocumentStamp]:
        return documents_sql.document_stamps(self._conn, paths)

    def documents_since(self, edition: int) -> list[DocumentStamp]:
        return documents_sql.documents_since(self._conn, edition)

    def document_paths(self) -> list[str]:
        return documents_sql.document_paths(self._conn)

    def problems(self, key: str | None = None, limit: int = 1000) -> list[Problem]:
        return problems_sql.problems(self._conn, key, limit)

    def problem_counts(self) -> dict[Severity, int]:
        return problems_sql.problem_counts(self._conn)

    def run(self, run_id: str) -> Run | None:
        return runs_sql.run(self._conn, run_id)

    def runs(self, limit: int = 50) -> list[Run]:
        return runs_sql.runs(self._conn, limit)

    def waiting_runs(self) -> list[Run]:
        return runs_sql.waiting_runs(self._conn)

    def job_states(self) -> list[JobState]:
        return runs_sql.job_states(self._conn)

    def lease(self, name: str) -> Lease | None:
        return leases_sql.lease(self._conn, name)

    def meta(self, name: str) -> str | None:
        return counters_sql.meta(self._conn, name)


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


class SqlStore:
    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self._postgres = self._engine.dialect.name == "postgresql"
        self._writes = self._engine.execution_options(**{WRITES: True})
        self._reads = self._engine
        if self._postgres:
            self._reads = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writes = self._engine.execution_options(isolation_level="READ COMMITTED")
            self._asks = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._gate = threading.Lock()
        self._gate_conn: PoolProxiedConnection | None = None
        self._gate_version = -1
        self._edition = 0

    @contextmanager
    def reading(self) -> Iterator[SqlReader]:
        with _unavailable(), self._reads.connect() as conn:
            yield SqlReader(conn)

    @contextmanager
    def writing(self, lease: Lease | None = None) -> Iterator[SqlTransaction]:
        with _unavailable(), self._writes.begin() as conn:
            if self._postgres:  # SQLite's writers have queued up at BEGIN IMMEDIATE
                queue = select(counters.c.value).where(counters.c.name == "edition").with_for_update()
                conn.execute(queue)
            if lease is not None:
                leases_sql.fence(conn, lease)
            yield SqlTransaction(conn)

    def edition(self) -> int:
        """SQLite: 3 us while nothing was committed since the last call, by anyone. PostgreSQL: one small SELECT."""
        with _unavailable():
            if self._postgres:
                with self._asks.connect() as conn:
                    return counters_sql.number(conn, "edition")
            with self._gate:
                return self._edition_of_file()

    def _edition_of_file(self) -> int:
        try:
            if self._gate_conn is None:
                # Kept for this alone: `data_version` tells of the commits of all other connections.
                self._gate_conn = self._engine.raw_connection()
            ask: Any = self._gate_conn.driver_connection
            version = ask.execute("PRAGMA data_version").fetchone()[0]
            if version != self._gate_version:
                row = ask.execute("SELECT value FROM counters WHERE name = 'edition'").fetchone()
                self._edition, self._gate_version = row[0], version
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise OperationalError("edition", None, error) from error
        return self._edition

    def add_clicks(self, clicks: Clicks, day: date, now: datetime) -> None:
        with _unavailable(), self._writes.begin() as conn:
            clicks_sql.add_clicks(conn, clicks, day, now)

    def acquire_lease(self, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None:
        with _unavailable():
            with self._reads.connect() as conn:
                if leases_sql.taken(conn, name, holder, now):
                    return None
            with self._writes.begin() as conn:
                return leases_sql.acquire(conn, name, holder, ttl, now)

    def renew_lease(self, lease: Lease, ttl: timedelta, now: datetime) -> Lease:
        with _unavailable(), self._writes.begin() as conn:
            return leases_sql.renew(conn, lease, ttl, now)

    def release_lease(self, lease: Lease) -> None:
        with _unavailable(), self._writes.begin() as conn:
            leases_sql.release(conn, lease)

    def migrate(self) -> None:
        with _unavailable():
            migrate(self._engine)

    def close(self) -> None:
        with self._gate:
            if self._gate_conn is not None:
                self._gate_conn.close()
                self._gate_conn = None
        self._engine.dispose()


@contextmanager
def _unavailable() -> Iterator[None]:
    """A database that is away, locked for too long or without our tables: StoreUnavailable.

    One that is there and does not like a value: RecordRefused.
    """
    try:
        yield
    except DBAPIError as error:
        refused = (getattr(error.orig, "sqlstate", None) or "")[:2] in _VALUE_ERRORS
        if refused or isinstance(error, IntegrityError | DataError):
            raise RecordRefused(f"The database does not take this: {_reason(error)}") from error
        _told(error)
        raise
    except PoolTimeout as error:
        raise StoreUnavailable(f"The database does not answer: {_reason(error)}") from error


def _told(error: DBAPIError) -> None:
    """StoreUnavailable, if that is what the error means."""
    away = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    # SQLite says DatabaseError, no subclass of it, of a file that is damaged or no database at all.
    if away or type(error) is DatabaseError or _no_table(error):
        raise StoreUnavailable(f"The database does not answer: {_reason(error)}") from error


def _no_table(error: DBAPIError) -> bool:
    return type(error.orig).__name__ == "UndefinedTable"  # PostgreSQL's; for SQLite it is an OperationalError


def _reason(error: Exception) -> str:
    """The database's own first line: without the SQL, and without the password that a URL may hold."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]

"""The Reader of feedsvc/store/ on one connection. Each method's work is in the file of its noun."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, tzinfo

from sqlalchemy import Connection

from feedsvc.articles.article import Article, Headline, Status
from feedsvc.articles.category import Category
from feedsvc.articles.glance import Glance
from feedsvc.articles.words import Wanted
from feedsvc.content.draft import Problem, Severity
from feedsvc.publishing.document import Document
from feedsvc.publishing.hold import Hold
from feedsvc.scheduling.lease import Lease
from feedsvc.scheduling.run import JobState, Run
from feedsvc.sharing.click import ClickDay, Miss
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
from feedsvc.store import ArticleStamp, CategoryStamp, DocumentStamp, FileState, Listed


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

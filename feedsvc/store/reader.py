"""One consistent look at the database: everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, tzinfo
from typing import Protocol

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
from feedsvc.store.records import ArticleStamp, CategoryStamp, DocumentStamp, FileState, Listed


class Reader(Protocol):
    """One consistent look at the database."""

    # files
    def file_states(self, keys: Collection[str] | None = None) -> Iterator[FileState]:
        """Every known file, or those of the keys that are known; 100,000 of them in about a quarter of a second."""
        ...

    def files_with_base(self, bases: Collection[str]) -> list[FileState]: ...

    # articles
    def article_stamps(self, article_ids: Collection[str]) -> dict[str, ArticleStamp]: ...
    def twins(self, texts: Collection[tuple[str, datetime]], status: Status) -> list[ArticleStamp]:
        """Articles with this status and one of these pairs of text digest and publication."""
        ...

    def articles(self, article_ids: Collection[str]) -> dict[str, Article]:
        """By id, withdrawn ones too; unknown ones are left out."""
        ...

    def newest_articles(self, category: str, limit: int, now: datetime) -> list[Article]:
        """Published, due (published <= now), in_feeds; newest first, ties by order_key ascending by code point.

        category: articles/category.py SITE means all.
        """
        ...

    def listed(self, category: str, limit: int, now: datetime, offset: int = 0) -> list[Listed]:
        """What newest_articles gives, without reading any text."""
        ...

    def oldest_articles(
        self, category: str, start: datetime, end: datetime, limit: int, offset: int = 0
    ) -> list[Article]:
        """Of those with start <= published < end, in the opposite order of newest_articles."""
        ...

    def count_between(self, category: str, start: datetime, end: datetime) -> int:
        """How many articles of the category are listed with start <= published < end."""
        ...

    def nearest(
        self, category: str, *, before: datetime | None = None, after: datetime | None = None
    ) -> datetime | None:
        """The latest publication earlier than `before`, or the earliest not before `after`; None when there is none."""
        ...

    def labelled(self, label: str, limit: int, now: datetime) -> list[Article]:
        """newest_articles of a label ("tag:economy", "author:Jane Doe"), see put_labels."""
        ...

    def headlines(self, category: str, limit: int, now: datetime, offset: int = 0) -> list[Headline]:
        """Like newest_articles without the text (but with the summary)."""
        ...

    def headline_by_identity(self, identity: str) -> Headline | None:
        """By identity, withdrawn ones too; else by the identity's last part, when only one article has it."""
        ...

    def headlines_by_identity(self, identities: Collection[str]) -> dict[str, Headline]:
        """Those of the identities that exist, as a whole, withdrawn ones too."""
        ...

    def article_by_path(self, path: str) -> Article | None:
        """By the page's percent-encoded path; of several the published one with the newest date."""
        ...

    def link(self, code: str) -> tuple[ShareLink, Headline] | None:
        """Whose name this is, exactly; withdrawn articles too. Of several claims of one name the best wins:

        a derived one, unless its article is withdrawn and a published one claims the name in another way; then those of
        published articles before those of withdrawn ones; then the smaller kind, the earlier publication, the smaller
        article id. So the order in which they came does not matter. Where a claimed name is another published article's
        whole identity, that article has it, as if derived.
        """
        ...

    def links_of(self, article_ids: Collection[str]) -> dict[str, list[ShareLink]]:
        """The names that lead to each article (those it claims and another article gets are left out), by kind, then
        by name."""
        ...

    def code_of(self, article_ids: Collection[str]) -> dict[str, str]:
        """The share code each article shows: its custom one, else the derived one, that leads to it."""
        ...

    def claims(self, codes: Collection[str]) -> dict[str, list[ShareLink]]:
        """Every claim of those names that are claimed, best first as in `link`."""
        ...

    def claims_of(self, article_ids: Collection[str]) -> dict[str, list[ShareLink]]:
        """Every claim that these articles make, whoever gets the name; by kind, then by name."""
        ...

    def called(self, names: Collection[str]) -> dict[str, str]:
        """The article whose id, claimed name, identity, or identity's last part (when only one has it) each of these
        is, in this order; those that are none of it are left out."""
        ...

    def pages_at(self, addresses: Collection[str]) -> dict[str, str]:
        """The published article whose page is there, the one with the newest date; a path, or a canonical address.

        Paths are looked up, of each five hundred addresses all articles are read.
        """
        ...

    def links(self, kinds: Collection[int], after: tuple[str, str] = ("", ""), limit: int = 1000) -> list[ShareLink]:
        """All links of these kinds by (code, article id), those later than `after`."""
        ...

    def clicks(self, codes: Collection[str], since: date, until: date) -> list[ClickDay]:
        """Totals of the days since <= day <= until, by day, code, visitor."""
        ...

    def top_links(self, since: date, until: date, limit: int) -> list[tuple[str, int]]:
        """The article ids whose links people followed most in those days, over all their names, and how often."""
        ...

    def referrers(self, codes: Collection[str], since: date, until: date, limit: int) -> list[tuple[str, int]]:
        """Hosts from which people came, and how often, most first."""
        ...

    def misses(self, limit: int, offset: int = 0) -> list[Miss]:
        """Names that led nowhere, those most people asked for first, then robots, then the name."""
        ...

    # search and overview
    def search(self, wanted: Wanted, limit: int, now: datetime, offset: int = 0) -> list[Headline]:
        """Published articles, due and in feeds, that have all of it; newest first."""
        ...

    def unindexed(self, limit: int) -> list[str]:
        """Article ids whose words put_words has not told since they changed."""
        ...

    def glances(self, now: datetime, days: int, zone: tzinfo, visible: datetime | None = None) -> list[Glance]:
        """Every category that has published articles, by slug, without SITE. days: the length of `pace`.

        visible: articles dated until then are due; `now`, if not given.
        """
        ...

    def neighbours(self, article_id: str, category: str, now: datetime) -> tuple[Headline | None, Headline | None]:
        """The next newer and the next older article in the category, in the order of newest_articles."""
        ...

    def related(self, category: str, limit: int, now: datetime) -> list[str]:
        """Slugs of categories that share recent articles with this one, most shared first."""
        ...

    def pages(self, limit: int, now: datetime, after: str = "") -> list[tuple[str, str, datetime]]:
        """(article id, canonical address, updated) of articles that are published, due and in feeds, by id, later than
        `after`."""
        ...

    def due_between(self, after: datetime, until: datetime) -> list[ArticleStamp]:
        """Published-status articles with after < published <= until."""
        ...

    def next_due(self, after: datetime) -> datetime | None:
        """The nearest publication date later than `after`."""
        ...

    def article_count(self, now: datetime) -> int:
        """Published and due."""
        ...

    # categories and dirty marks
    def categories(self, now: datetime) -> list[Category]:
        """Every category ever seen, by slug in code-point order, with count and latest as of `now`."""
        ...

    def category(self, slug: str, now: datetime) -> Category | None: ...
    def category_stamps(self, slugs: Collection[str]) -> dict[str, CategoryStamp]:
        """Of those (SITE as well) that were ever published."""
        ...

    def categories_since(self, edition: int) -> list[CategoryStamp]:
        """Those touched or held by later editions, ascending by edition."""
        ...

    def mark(self, scope: str, name: str) -> int | None:
        """When put_marks last named it: whole Unix seconds, later than all marks before."""
        ...

    def newest_mark(self, scope: str, first: str, last: str) -> int | None:
        """The latest of the marks with first <= name <= last, by code point; None when there is none."""
        ...

    def removals(self, category: str, since: datetime) -> list[tuple[str, datetime]]:
        """Articles that left the category since then and are not back, with the moment, newest first."""
        ...

    def outlines(self, categories: Collection[str]) -> dict[str, str]:
        """What put_outlines said of those categories that have one."""
        ...

    def holds(self) -> list[Hold]:
        """Held editions, by category."""
        ...

    def dirty(self) -> dict[str, int]:
        """category slug (SITE for the site's feed) -> version of its dirty mark."""
        ...

    # documents
    def document(self, path: str) -> Document | None: ...
    def document_stamps(self, paths: Collection[str]) -> dict[str, DocumentStamp]: ...
    def documents_since(self, edition: int) -> list[DocumentStamp]:
        """All documents written or deleted by later editions, ascending by edition; a deleted one has etag ""."""
        ...

    def past(self, path: str, etag: str) -> str | None:
        """The outline of an earlier version of a document, None when it is not remembered."""
        ...

    def document_paths(self) -> list[str]:
        """All published paths, sorted."""
        ...

    # problems, runs, jobs, meta
    def problems(self, key: str | None = None, limit: int = 1000) -> list[Problem]:
        """Errors first, then by key and line."""
        ...

    def problem_counts(self) -> dict[Severity, int]: ...
    def run(self, run_id: str) -> Run | None: ...
    def runs(self, limit: int = 50) -> list[Run]:
        """Newest first."""
        ...

    def waiting_runs(self) -> list[Run]:
        """Oldest first."""
        ...

    def job_states(self) -> list[JobState]: ...
    def lease(self, name: str) -> Lease | None: ...
    def meta(self, name: str) -> str | None: ...

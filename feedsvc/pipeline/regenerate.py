"""Dirty categories become documents: build, render, compare, publish; each batch is seen by readers all at once."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from feedsvc import __version__
from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category, display_title
from feedsvc.errors import NotFound
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.render import render_all
from feedsvc.publishing.document import Document
from feedsvc.publishing.publish import changed, documents_for
from feedsvc.scheduling.lease import Lease
from feedsvc.store import Reader, Store

EDITION_BATCH = 100  # categories that change together for readers in a large build
EVER = datetime.max.replace(tzinfo=UTC)
READ_BATCH = 10  # categories whose articles are in memory at once, beside those being rendered
RULES_META = "regenerate.rules"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """One category to render, with everything that takes. version: of its dirty mark when the articles were read."""

    category: Category
    articles: tuple[Article, ...]
    version: int


@dataclass(frozen=True, slots=True)
class TitleRules:
    """How a category gets its display name."""

    overrides: Mapping[str, str]
    suffix: str


class Renderer(Protocol):
    """Renders orders, in this process or in several; results in the order of the orders. number: how many there are."""

    def __call__(self, orders: Iterator[Order], number: int, rules: FeedRules) -> Iterator[tuple[Document, ...]]: ...


def render(order: Order, rules: FeedRules) -> tuple[Document, ...]:
    """All formats of one category, compressed. Pure."""
    feed = build_feed(order.category, order.articles, rules)
    return documents_for(feed, render_all(feed, rules.max_bytes), order.category.slug)


class Regenerate:
    """Brings the documents up to date with the index. Only the leader calls it, from one thread."""

    def __init__(
        self,
        store: Store,
        rules: FeedRules,
        titles: TitleRules,
        renderer: Renderer,
        clock: Callable[[], datetime],
        timed: Collection[str] = (),
        future: bool = False,
    ) -> None:
        """timed: categories that have a schedule of their own and are published only when named.

        future: publish articles before they are due (setting content.future).
        """
        self._store = store
        self._rules = rules
        self._titles = titles
        self._render = renderer
        self._clock = clock
        self._timed = frozenset(timed)
        self._visible: Callable[[], datetime] = (lambda: EVER) if future else clock

    def dirty(self, lease: Lease, progress: Progress | None = None) -> dict[str, int]:
        """Rebuild what is marked, but for categories with a schedule of their own. Counts what was done."""
        self._mark_all_for_new_rules(lease)
        with self._store.reading() as reader:
            slugs = [slug for slug in reader.dirty() if slug not in self._timed or self._unpublished(reader, slug)]
        return self._publish(lease, slugs, progress)

    def named(self, lease: Lease, slugs: Collection[str], progress: Progress | None = None) -> dict[str, int]:
        """Rebuild these, marked or not; all when none is named. NotFound for an unknown category."""
        with self._store.writing(lease) as tx:
            known = {SITE, *(category.slug for category in tx.categories(self._clock()))}
            for slug in slugs:
                if slug not in known:
                    raise NotFound("category", slug)
            wanted = set(slugs) or known
            tx.raise_dirty(wanted)
        return self._publish(lease, sorted(wanted), progress)

    def _unpublished(self, reader: Reader, slug: str) -> bool:
        """A category that was never published is not kept waiting for its hour: an address must exist first."""
        category = reader.category(slug, self._clock())
        return category is not None and not category.title

    def _mark_all_for_new_rules(self, lease: Lease) -> None:
        digest = hashlib.sha256(repr((__version__, self._rules, self._titles)).encode()).hexdigest()[:16]
        with self._store.reading() as reader:
            if reader.meta(RULES_META) == digest:
                return
        with self._store.writing(lease) as tx:
            tx.raise_dirty({SITE, *(category.slug for category in tx.categories(self._clock()))})
            tx.put_meta(RULES_META, digest)

    def _publish(self, lease: Lease, slugs: Sequence[str], progress: Progress | None) -> dict[str, int]:
        counts = {"categories": 0, "documents": 0}
        read: deque[Order] = deque()
        rendered = self._render(self._orders(slugs, read), len(slugs), self._rules)
        while part := list(islice(rendered, EDITION_BATCH)):
            orders = [read.popleft() for _ in part]
            self._commit(lease, orders, [document for documents in part for document in documents], counts)
            counts["categories"] += len(orders)
            if progress:
                progress(counts["categories"], len(slugs))
        return {name: number for name, number in counts.items() if number}

    def _orders(self, slugs: Sequence[str], read: deque[Order]) -> Iterator[Order]:
        """What to render, as it is wanted; the same goes to `read`. Mark and articles come from one snapshot."""
        for start in range(0, len(slugs), READ_BATCH):
            now = self._visible()
            orders = []
            with self._store.reading() as reader:
                versions = reader.dirty()
                for slug in slugs[start : start + READ_BATCH]:
                    articles = tuple(reader.newest_articles(slug, self._rules.max_items, now))
                    category = reader.category(slug, now) or Category(slug=slug)
                    orders.append(Order(self._titled(category, articles), articles, versions.get(slug, 0)))
            read.extend(dataclasses.replace(order, articles=()) for order in orders)
            yield from orders

    def _titled(self, category: Category, articles: Sequence[Article]) -> Category:
        if category.slug == SITE:
            return category
        tags = [article.tags for article in articles]
        title = display_title(category.slug, tags, self._titles.overrides, self._titles.suffix)
        if not articles and category.title and category.slug not in self._titles.overrides:
            title = category.title  # an empty category keeps the name it had
        return dataclasses.replace(category, title=title)

    def _commit(
        self, lease: Lease, orders: Sequence[Order], documents: Sequence[Document], counts: dict[str, int]
    ) -> None:
        """Publish what differs, and take the marks away; fenced, all or nothing."""
        with self._store.writing(lease) as tx:
            stamps = tx.document_stamps([document.path for document in documents])
            fresh = changed(documents, stamps, int(self._clock().timestamp()))
            if fresh:
                tx.put_documents(fresh)
            for order in orders:
                if order.category.slug != SITE:
                    tx.set_category(order.category.slug, title=order.category.title)
            tx.clear_dirty({order.category.slug: order.version for order in orders})
        counts["documents"] += len(fresh)

"""Dirty categories become documents: build, render, compare, publish; each batch is seen by readers all at once.

read the category's newest articles, with its dirty mark, in one snapshot
| build, rights first, and render every format     edition.py (large builds: in several processes)
| compare with the edition it would replace        publishing/guard.py; what looks like an accident is held
| put what differs, take the mark away             one fenced transaction per batch
then: the list of all feeds is written again, if it is another one: listing.py
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from feedsvc import __version__
from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category, display_title
from feedsvc.errors import NotFound
from feedsvc.feeds.address import feed_path
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.pairs import named, pairs
from feedsvc.feeds.rules import FeedRules
from feedsvc.pipeline.edition import Edition, Order, Renderer
from feedsvc.pipeline.listing import Listing
from feedsvc.pipeline.marks import RULES_MARK
from feedsvc.pipeline.newest import EVER, left, newest
from feedsvc.publishing.guard import (
    VANISHED,
    GuardRules,
    Verdict,
    beginning,
    is_empty,
    judge,
    meant,
    read_outline,
    remember,
)
from feedsvc.publishing.publish import changed
from feedsvc.scheduling.lease import Lease
from feedsvc.store import Reader, Store, Transaction

EDITION_BATCH = 100  # categories that change together for readers in a large build
READ_BATCH = 10  # categories whose articles are in memory at once, beside those being rendered
RULES_META = "regenerate.rules"
RIGHTS_META = "regenerate.rights"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TitleRules:
    """How a category gets its display name."""

    overrides: Mapping[str, str]
    suffix: str


class CategoryMoved(NotFound):
    """A category that has no feed of its own any more. end: where its posts are, "" when it was removed."""

    def __init__(self, slug: str, end: str) -> None:
        super().__init__("category", slug)
        self.message = (
            f"The category {slug!r} has moved to {end!r} (settings categories.renamed and merged); name that one."
            if end
            else f"The category {slug!r} has no feed any more (setting categories.removed)."
        )
        self.args = (self.message,)


class Regenerate:
    """Brings the documents up to date with the index. Only the leader calls it, from one thread."""

    def __init__(
        self,
        store: Store,
        rules_at: Callable[[datetime], FeedRules],
        titles: TitleRules,
        renderer: Renderer,
        clock: Callable[[], datetime],
        guard: GuardRules,
        moved: Mapping[str, str] | None = None,
        timed: Collection[str] = (),
        future: bool = False,
    ) -> None:
        """rules_at: the rules in force at an instant: rights end.

        moved: categories without a feed of their own any more -> where their posts are now, "" for nowhere.
        timed: categories that have a schedule of their own and are published only when named.
        future: publish articles before they are due (setting content.future).
        """
        self._store = store
        self._rules_at = rules_at
        self._titles = titles
        self._render = renderer
        self._clock = clock
        self._guard = guard
        self._moved = dict(moved or {})
        self._timed = frozenset(timed)
        self._digested: tuple[FeedRules | None, str] = (None, "")
        self._listing = Listing(store, clock, self._moved)
        self._visible: Callable[[], datetime] = (lambda: EVER) if future else clock

    def dirty(self, lease: Lease, progress: Progress | None = None, accept_removals: bool = False) -> dict[str, int]:
        """Rebuild what is marked, but for categories with a schedule of their own. Counts what was done.

        accept_removals: entries that vanish are meant to; what is held for that is published.
        Rights that end wait for no schedule.
        """
        rules = self._rules_now(lease)
        urgent = self.rights_changed()
        with self._store.reading() as reader:
            marks = reader.dirty()
            slugs = [s for s in marks if urgent or s not in self._timed or self._unpublished(reader, s)]
            if accept_removals:
                slugs += [h.category for h in reader.holds() if h.reason == VANISHED and h.category not in marks]
        if self._moved and (gone := {slug: marks[slug] for slug in marks.keys() & self._moved.keys()}):
            with self._store.writing(lease) as tx:
                tx.clear_dirty(gone)
            slugs = [slug for slug in slugs if slug not in gone]
        counts = self._publish(lease, slugs, rules, progress, _removals if accept_removals else _nothing)
        if urgent:
            with self._store.writing(lease) as tx:
                tx.put_meta(RIGHTS_META, _digest(rules.rights))
        return counts

    def rights_changed(self) -> bool:
        """Whether other rights are in force than those under which everything was published."""
        with self._store.reading() as reader:
            published = reader.meta(RIGHTS_META) or ""
        return published != _digest(self._rules_at(self._clock()).rights)

    def named(
        self, lease: Lease, slugs: Collection[str], progress: Progress | None = None, released: bool = False
    ) -> dict[str, int]:
        """Rebuild these, marked or not; all when none is named. NotFound for an unknown category.

        released: whatever the guard says of them.
        """
        rules = self._rules_now(lease)
        with self._store.writing(lease) as tx:
            known = {SITE, *(category.slug for category in tx.categories(self._clock()))}
            for slug in slugs:
                if slug in self._moved:
                    raise CategoryMoved(slug, self._moved[slug])
                if slug not in known:
                    raise NotFound("category", slug)
            wanted = set(slugs) or known - self._moved.keys()
            tx.raise_dirty(wanted)
        return self._publish(lease, sorted(wanted), rules, progress, _anything if released else _nothing)

    def knows(self, slug: str) -> bool:
        """Whether there is such a category, with a feed of its own."""
        with self._store.reading() as reader:
            return slug not in self._moved and reader.category(slug, self._clock()) is not None

    def _unpublished(self, reader: Reader, slug: str) -> bool:
        """A category that was never published is not kept waiting for its hour: an address must exist first."""
        category = reader.category(slug, self._clock())
        return category is not None and not category.title

    def _rules_now(self, lease: Lease) -> FeedRules:
        """The rules in force; when they are not those of the last time, everything is marked."""
        rules = self._rules_at(self._clock())
        digest = self._everything(rules)
        with self._store.reading() as reader:
            if reader.meta(RULES_META) == digest:
                return rules
        with self._store.writing(lease) as tx:
            known = {SITE, *(category.slug for category in tx.categories(self._clock()))}
            self._take_down(tx, known & self._moved.keys())
            tx.raise_dirty(known - self._moved.keys())
            tx.put_meta(RULES_META, digest)
            tx.put_marks([RULES_MARK], self._clock())
            self._listing.outdated(tx)
        return rules

    def _everything(self, rules: FeedRules) -> str:
        """Another digest whenever everything is to be published anew."""
        known, digest = self._digested
        if known is not rules:
            digest = _digest(__version__, rules, self._titles, self._guard, sorted(self._moved.items()))
            self._digested = rules, digest
        return digest

    def _take_down(self, tx: Transaction, slugs: Collection[str]) -> None:
        """What is left of categories that moved or were removed (contract M01, M04)."""
        if slugs:
            tx.delete_documents([feed_path(slug) + form.suffix for slug in slugs for form in FORMATS])
            tx.put_outlines(dict.fromkeys(slugs, ""))
            tx.release_holds(slugs)
            tx.clear_dirty({slug: version for slug, version in tx.dirty().items() if slug in slugs})

    def _publish(
        self,
        lease: Lease,
        slugs: Sequence[str],
        rules: FeedRules,
        progress: Progress | None,
        accepted: Callable[[Verdict], bool],
    ) -> dict[str, int]:
        counts = {"categories": 0, "documents": 0, "held_categories": 0}
        read: deque[Order] = deque()
        rendered = self._render(self._orders(slugs, read, rules), len(slugs), rules)
        while editions := list(islice(rendered, EDITION_BATCH)):
            orders = [read.popleft() for _ in editions]
            self._commit(lease, orders, editions, rules, accepted, counts)
            counts["categories"] += len(orders)
            if progress:
                progress(counts["categories"], len(slugs))
        self._listing.write(lease, rules, self._visible())
        return {name: number for name, number in counts.items() if number}

    def _orders(self, slugs: Sequence[str], read: deque[Order], rules: FeedRules) -> Iterator[Order]:
        """What to render, as it is wanted; the same goes to `read`. Mark and articles come from one snapshot."""
        for start in range(0, len(slugs), READ_BATCH):
            now = self._visible()
            with self._store.reading() as reader:
                versions = reader.dirty()
                orders = [
                    self._order(reader, slug, versions.get(slug, 0), rules, now)
                    for slug in slugs[start : start + READ_BATCH]
                ]
            read.extend(dataclasses.replace(order, articles=()) for order in orders)
            yield from orders

    def _order(self, reader: Reader, slug: str, version: int, rules: FeedRules, now: datetime) -> Order:
        category, articles = newest(reader, reader.category(slug, now) or Category(slug=slug), rules, now)
        names = {SITE, slug, *(name for article in articles for name in article.categories)} if rules.rights else ()
        return Order(
            self._titled(category, articles),
            tuple(articles),
            version,
            category.title,
            left(reader, slug, rules, self._clock()),
            pairs({name: right for name in names if (right := named(rules.rights, name))}),
            self._joined(slug),
        )

    def _joined(self, slug: str) -> tuple[str, ...]:
        return tuple(sorted(old for old, end in self._moved.items() if end == slug != SITE))

    def _titled(self, category: Category, articles: Sequence[Article]) -> Category:
        if category.slug == SITE:
            return category
        tags = [article.tags for article in articles]
        title = display_title(category.slug, tags, self._titles.overrides, self._titles.suffix)
        if not articles and category.title and category.slug not in self._titles.overrides:
            title = category.title  # an empty category keeps the name it had
        return dataclasses.replace(category, title=title)

    def _commit(
        self,
        lease: Lease,
        orders: Sequence[Order],
        editions: Sequence[Edition],
        rules: FeedRules,
        accepted: Callable[[Verdict], bool],
        counts: dict[str, int],
    ) -> None:
        """Publish what differs and is no accident, and take the marks away; fenced, all or nothing."""
        with self._store.writing(lease) as tx:
            now = self._clock()
            before = tx.outlines([order.category.slug for order in orders])
            held = {hold.category: hold for hold in tx.holds()}
            good: dict[str, Edition] = {}
            outlines: dict[str, str] = {}
            holds = []
            for order, edition in zip(orders, editions, strict=True):
                slug = order.category.slug
                was = before.get(slug, "")
                # What is held is compared with what it was held for, however long that waits.
                begun = beginning(was, held[slug].since if slug in held else now)
                verdict = self._judged(slug, was, begun, edition.outline)
                if verdict and not accepted(verdict) and not self._meant(tx, slug, (was, begun), rules):
                    holds.append(verdict.hold(slug, now))
                    continue
                good[slug] = edition
                outlines[slug] = remember(edition.outline, was, now, anew=verdict is not None)
                renamed = order.category.title != order.named
                if renamed:
                    tx.set_category(slug, title=order.category.title)
                if renamed or is_empty(edition.outline) != is_empty(was):
                    self._listing.outdated(tx)
            documents = [document for edition in good.values() for document in edition.documents]
            stamps = tx.document_stamps([document.path for document in documents])
            fresh = changed(documents, stamps, int(now.timestamp()))
            if rules.deltas:
                for document in fresh:
                    if (stamp := stamps.get(document.path)) and (outline := before.get(document.category)):
                        tx.put_past(document.path, stamp.etag, outline.partition("\n")[0], now)
            tx.put_documents(fresh)
            tx.put_outlines({slug: text for slug, text in outlines.items() if before.get(slug) != text})
            tx.touch(list(good), now)
            tx.release_holds(held.keys() & good.keys())
            tx.put_holds(holds)
            tx.clear_dirty({order.category.slug: order.version for order in orders})
        counts["documents"] += len(fresh)
        counts["held_categories"] += len(holds)

    def _judged(self, slug: str, was: str, begun: str, outline: str) -> Verdict | None:
        rules = self._guard
        if slug in rules.exempt:
            return None
        return judge(was, outline, rules) or judge(begun, outline, rules, steps=True)

    def _meant(self, tx: Transaction, slug: str, before: Iterable[str], rules: FeedRules) -> bool:
        for was in filter(None, map(read_outline, before)):
            stamps = tx.article_stamps([entry.id for entry in was.entries])
            its = {article_id: stamp.categories for article_id, stamp in stamps.items()}
            if meant(was, its, rules.rights, self._joined(slug)):
                return True
        return False


def _digest(*values: object) -> str:
    """Another one whenever one of the values prints otherwise; "" when all are empty."""
    if not any(values):
        return ""
    return hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _nothing(verdict: Verdict) -> bool:
    return False


def _removals(verdict: Verdict) -> bool:
    return verdict.reason == VANISHED


def _anything(verdict: Verdict) -> bool:
    return True

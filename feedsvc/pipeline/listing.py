"""The list of all feeds, /feeds.opml (contract OP01): written again only when it is another list.

Reading every category takes long where there are many, so a publication only notes that the list may have changed (a
new name, a category that became empty or is so no longer), in the same transaction; at the end it is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from feedsvc.articles.category import SITE, Category
from feedsvc.feeds.address import feed_path, home_path
from feedsvc.feeds.build import NEVER
from feedsvc.feeds.opml import Outline, opml
from feedsvc.feeds.pairs import named
from feedsvc.feeds.rules import FeedRules
from feedsvc.feeds.target import LIST_PATH
from feedsvc.publishing.publish import changed, make_document
from feedsvc.scheduling.lease import Lease
from feedsvc.store import Reader, Store, Transaction

MEDIA_TYPE = "text/x-opml; charset=utf-8"  # contract OP03
LIST_META = "regenerate.list"  # "stale" until it has been written
_STALE = "stale"
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Listing:
    """Only the leader calls it. moved: categories that have no feed of their own any more."""

    def __init__(self, store: Store, clock: Callable[[], datetime], moved: Collection[str]) -> None:
        self._store = store
        self._clock = clock
        self._moved = frozenset(moved)

    def outdated(self, tx: Transaction) -> None:
        """Note that the list may be another one."""
        if tx.meta(LIST_META) != _STALE:
            tx.put_meta(LIST_META, _STALE)

    def write(self, lease: Lease, rules: FeedRules, visible: datetime) -> None:
        """Publish it, if it was noted to be outdated and differs."""
        with self._store.reading() as reader:
            if reader.meta(LIST_META) != _STALE:
                return
            known = [category for category in reader.categories(visible) if category.slug not in self._moved]
            held = {hold.category for hold in reader.holds()}
            shown = listed_in(known, held)
            body = list_of(shown, list_changed(reader, known, shown), rules)
        document = make_document(LIST_PATH, MEDIA_TYPE, body, SITE, rules.cache_seconds)
        with self._store.writing(lease) as tx:
            fresh = changed([document], tx.document_stamps([LIST_PATH]), int(self._clock().timestamp()))
            tx.put_documents(fresh)
            tx.put_meta(LIST_META, "")


def listed_in(known: list[Category], held: Collection[str]) -> list[Category]:
    """One that is held is served as it was, so it stays in the list; one without a name was never published."""
    return [category for category in known if category.title and (category.count or category.slug in held)]


def list_of(shown: list[Category], when: datetime, rules: FeedRules, suffix: str = ".rss", site: bool = True) -> bytes:
    """The site's feed, unless it is left out, then the categories by name. suffix: of the format to subscribe to."""
    outlines = [
        Outline(
            category.title,
            feed_path(category.slug),
            rules.public_base + home_path(category.slug),
            named(rules.languages, category.slug) or rules.language,
        )
        for category in (
            *([Category(slug=SITE, title=rules.title)] if site else ()),
            *sorted(shown, key=lambda it: (it.title.casefold(), it.title, it.slug)),
        )
    ]
    return opml(rules.title, outlines, when, rules.public_base, suffix)


def list_changed(reader: Reader, known: list[Category], shown: list[Category]) -> datetime:
    """When this list came about, by the content alone (contract F06): when the newest feed in it began, or the last
    one that is not in it any more ended."""
    begun = [reader.nearest(category.slug, after=_BEGINNING) for category in shown]
    listed = {category.slug for category in shown}
    ended = [category.changed for category in known if category.slug not in listed]
    return max((moment for moment in (*begun, *ended) if moment), default=NEVER)

"""Documents that nobody makes before somebody asks: pages, archives, variants, combinations, labels, searches, lists.

They are made from the index in one snapshot, by whichever worker is asked, and are the same everywhere: bytes by the
index alone, Last-Modified by what the publisher said when it published the categories, or changed the days, that
they are made of. What is held back is not made (publishing/guard.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from itertools import chain

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category
from feedsvc.articles.words import wanted
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.dates import micros
from feedsvc.feeds.feed import Feed, FeedFormat
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.kinds import (
    Variant,
    archive_feed,
    combined_feed,
    delta_of,
    labelled_feed,
    page_feed,
    search_feed,
    variant_feed,
)
from feedsvc.feeds.paging import last_page
from feedsvc.feeds.render import whole
from feedsvc.feeds.rights import right_of
from feedsvc.feeds.selection import Selection, admits
from feedsvc.feeds.target import Kind, Target, parse_target
from feedsvc.feeds.window import lifetime_of, window_of
from feedsvc.pipeline.archive import Place, place_of
from feedsvc.pipeline.listing import MEDIA_TYPE, list_changed, list_of, listed_in
from feedsvc.pipeline.marks import RULES_MARK
from feedsvc.pipeline.newest import DEEPEST, EVER, left, newest
from feedsvc.pipeline.searching import found_since
from feedsvc.publishing.document import Document
from feedsvc.publishing.guard import read_outline
from feedsvc.publishing.made import Held, Made, Missing
from feedsvc.publishing.publish import header_links, make_document
from feedsvc.store import Listed, Reader, Store

CLOSED_MAX_AGE = 86_400  # seconds: a month that has ended hardly changes, but it may (contract P06)


class OnDemand:
    """A publishing/made.py Maker. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        rules_at: Callable[[datetime], FeedRules],
        clock: Callable[[], datetime],
        *,
        hidden: Collection[str] = (),
        future: bool = False,
    ) -> None:
        """rules_at: the rules in force at an instant. hidden: categories that moved or were removed.

        future: articles are shown before they are due (setting content.future).
        """
        self._store = store
        self._rules_at = rules_at
        self._clock = clock
        self._hidden = frozenset(hidden)
        self._visible: Callable[[], datetime] = (lambda: EVER) if future else clock

    def make(self, target: Target, known: str = "") -> Made | None:
        """See Maker. Raises Missing also for what the publisher makes."""
        if target.published or self._hidden.intersection(target.categories):
            raise Missing(f"{target.address} is not made on demand.")
        rules, now = self._rules_at(self._clock()), self._visible()
        digest = blake2b(repr(rules).encode("utf-8", "replace"), digest_size=8).hexdigest()
        with self._store.reading() as reader:
            _must_not_be_held(reader, target)
            place = place_of(reader, target, rules.archive_items, now) if target.kind is Kind.ARCHIVE else None
            stamp = _stamp(reader, target, now, place)
            version = f"{stamp} {digest}"
            if place:  # its title is no article's
                version += f" {_known(reader, target.category, now).title}"
            if version == known:
                return None
            if target.kind is Kind.LIST:
                document = self._list(reader, target, rules, now)
            elif place:
                feed = _archive(reader, target, rules, now, place)
            else:
                feed = _FEEDS[target.kind](reader, target, rules, now)
        if target.kind is not Kind.LIST:
            document = _document(feed, target, rules)
        if place and place.over:
            document = replace(document, max_age=CLOSED_MAX_AGE)
        return Made(replace(document, path=target.address, modified=stamp), version)

    def delta(self, path: str, etag: str, current: str) -> Document | None:
        """See Maker. Only told while the index still gives exactly what is published."""
        target = parse_target(path)
        if target is None or target.kind is not Kind.FEED:
            return None
        rules, slug = self._rules_at(self._clock()), target.category
        with self._store.reading() as reader:
            before = read_outline(reader.past(path, etag) or "")
            shown = read_outline(reader.outlines([slug]).get(slug, ""))
            stamp = reader.document_stamps([path]).get(path)
            if before is None or shown is None or stamp is None or stamp.etag != current:
                return None
            category, articles = newest(reader, _known(reader, slug, self._visible()), rules, self._visible())
            feed = build_feed(category, articles, rules, left(reader, slug, rules, self._clock()))
        updated = {entry.id: entry.updated for entry in shown.entries}
        feed = replace(feed, entries=tuple(entry for entry in feed.entries if entry.id in updated))
        if {entry.id: micros(entry.updated) for entry in feed.entries} != updated:
            return None
        news = delta_of(feed, {entry.id: entry.updated for entry in before.entries})
        _, rendered = whole(news, window_of(slug, rules).bytes, _form(target))
        return make_document(path, rendered.media_type, rendered.body, slug, feed.ttl_seconds)

    def _list(self, reader: Reader, target: Target, rules: FeedRules, now: datetime) -> Document:
        """OPML of the chosen categories; or of the site and all that have articles, in another format (OP01)."""
        if target.chosen:
            known = shown = [_known(reader, slug, now) for slug in target.chosen if slug != SITE]
        else:
            known = [category for category in reader.categories(now) if category.slug not in self._hidden]
            shown = listed_in(known, {hold.category for hold in reader.holds()})
        site = not target.chosen or SITE in target.chosen
        body = list_of(shown, list_changed(reader, known, shown), rules, target.suffix, site)
        return make_document(target.address, MEDIA_TYPE, body, SITE, rules.cache_seconds)


def _must_not_be_held(reader: Reader, target: Target) -> None:
    shown = target.selection.include if target.kind is Kind.COMBINED else target.categories
    if target.kind is Kind.LIST:
        return
    if held := sorted({hold.category for hold in reader.holds()}.intersection(shown)):
        raise Held(f"An edition of {held[0] or 'the whole site'} is being looked at.")


def _stamp(reader: Reader, target: Target, now: datetime, place: Place | None) -> int:
    """Last-Modified in Unix seconds: grows whenever the document may have changed (contract H05, H51)."""
    if target.kind is Kind.LABEL:
        mark = reader.mark(":".join(target.label), "")
        if mark is None:
            raise Missing(f"No article is labelled {target.label[1]!r}.")
        return max(mark, reader.mark(*RULES_MARK) or 0)
    if target.kind is Kind.SEARCH:
        if (found := found_since(reader)) is None:
            raise Missing("Nothing is published yet.")
        return found
    slugs = target.categories
    if target.kind is Kind.LIST and not target.chosen:
        slugs = (SITE, *(category.slug for category in reader.categories(now)))
    stamps = reader.category_stamps(slugs)
    for slug in target.selection.exclude or ():
        if slug not in stamps:
            _known(reader, slug, now)
    if unknown := set(target.selection.include or target.chosen or slugs[:1]) - stamps.keys():
        raise Missing(f"There is no feed of {min(unknown)!r}.")
    touched = max(stamp.touched for stamp in stamps.values())
    if place:  # without a mark it was indexed by a version that made none
        mark = reader.newest_mark(target.category, place.first, place.last)
        return max(touched if mark is None else mark, reader.mark(*RULES_MARK) or 0)
    return touched


def _known(reader: Reader, slug: str, now: datetime) -> Category:
    category = reader.category(slug, now)
    if category is None:
        raise Missing(f"There is no category {slug!r}.")
    return category


def _variant(reader: Reader, target: Target, rules: FeedRules, now: datetime) -> Feed:
    category, articles = newest(reader, _known(reader, target.category, now), rules, now)
    return variant_feed(category, articles, rules, _amount(target) or "full")


def _amount(target: Target) -> Variant | None:
    match target.content:
        case "full" | "brief" as content:
            return content
    return None


def _page(reader: Reader, target: Target, rules: FeedRules, now: datetime) -> Feed:
    """Pages go on where the published first one ends, whatever it had to leave out (contract P01)."""
    category = _known(reader, target.category, now)
    size = window_of(category.slug, rules).items
    start = _first_page_end(reader, category.slug, now)
    last = last_page(category.count, start, size) if start else 1
    if target.page > last:
        raise Missing(f"There is no page {target.page}.")
    lines = reader.listed(category.slug, size, now, start + (target.page - 2) * size)
    return page_feed(category, _whole_articles(reader, lines), rules, number=target.page, last=last)


def _first_page_end(reader: Reader, slug: str, now: datetime) -> int:
    """How many articles, newest first, lie before the second page: those that the published first one shows or
    passed over, and newer ones that are about to be published."""
    outline = read_outline(reader.outlines([slug]).get(slug, ""))
    if outline is None or not outline.entries:
        return 0
    last, depth = outline.entries[-1], len(outline.entries)
    while True:
        lines = reader.listed(slug, depth, now)
        for number, line in enumerate(lines, start=1):
            if line.id == last.id:
                return number
        if len(lines) < depth or depth >= 2 * DEEPEST * len(outline.entries):
            return len(outline.entries)  # it was taken out just now
        depth *= 2


def _archive(reader: Reader, target: Target, rules: FeedRules, now: datetime, place: Place) -> Feed:
    category = _known(reader, target.category, now)
    articles = reader.oldest_articles(category.slug, place.start, place.until, rules.archive_items, place.offset)
    return archive_feed(
        category,
        articles,
        rules,
        month=target.month,
        part=target.part,
        earlier=place.earlier,
        later=place.later,
    )


def _combined(reader: Reader, target: Target, rules: FeedRules, now: datetime) -> Feed:
    chosen = target.selection
    categories = [_known(reader, slug, now) for slug in (*chosen.include, *chosen.exclude)]
    lines = _selected(reader, chosen, rules, now)
    return combined_feed(
        chosen,
        {category.slug: category.title for category in categories},
        _whole_articles(reader, lines),
        rules,
        max((category.changed for category in categories if category.changed), default=None),
        _amount(target),
    )


def _selected(reader: Reader, chosen: Selection, rules: FeedRules, now: datetime) -> list[Listed]:
    """The newest that the selection admits, as many as a feed has.

    Looked for in steps, each twice as deep as the one before, but only so deep: an exclusion that leaves hardly
    anything must not read the whole index.
    """
    depth = number = window_of(SITE, rules).items
    while True:
        lists = [reader.listed(slug, depth, now) for slug in chosen.include]
        # Older than the last of a list that goes on, another article of that list might come in between.
        sure = min((_order(lines[-1]) for lines in lists if len(lines) == depth), default=None)
        found = {line.id: line for line in chain(*lists) if admits(chosen, line) and _may_be_shown(line, rules)}
        newest = sorted(found.values(), key=_order)
        if sure is not None:
            newest = [line for line in newest if _order(line) <= sure]
        if len(newest) >= number or sure is None or depth >= DEEPEST * number:
            return newest[:number]
        depth = min(2 * depth, DEEPEST * number)


def _may_be_shown(line: Listed, rules: FeedRules) -> bool:
    return not rules.rights or right_of(line.categories, rules.rights).text != "none"


def _order(line: Listed) -> tuple[float, str, str]:
    """Newest first, ties as Reader.newest_articles has them."""
    return -line.published.timestamp(), line.order_key, line.id


def _labelled(reader: Reader, target: Target, rules: FeedRules, now: datetime) -> Feed:
    kind, name = target.label
    articles = reader.labelled(":".join(target.label), window_of(SITE, rules).items, now)
    return labelled_feed("author" if kind == "author" else "tag", name, articles, rules)


def _searched(reader: Reader, target: Target, rules: FeedRules, now: datetime) -> Feed:
    """As many as a feed has of those that may be shown, looked for no deeper than a combination's."""
    asked = wanted(target.words)
    if asked is None:
        raise Missing("There is no word in this search.")
    depth = number = window_of(SITE, rules).items
    while True:
        ids = [headline.id for headline in reader.search(asked, depth, now)]
        stamps = reader.article_stamps(ids) if rules.rights else {}
        shown = [one for one in ids if not stamps or right_of(stamps[one].categories, rules.rights).text != "none"]
        if len(shown) >= number or len(ids) < depth or depth >= DEEPEST * number:
            break
        depth = min(2 * depth, DEEPEST * number)
    found = reader.articles(shown[:number])
    return search_feed(target.words, [found[one] for one in shown[:number] if one in found], rules)


_FEEDS: dict[Kind, Callable[[Reader, Target, FeedRules, datetime], Feed]] = {
    Kind.PAGE: _page,
    Kind.VARIANT: _variant,
    Kind.COMBINED: _combined,
    Kind.LABEL: _labelled,
    Kind.SEARCH: _searched,
}


def _document(feed: Feed, target: Target, rules: FeedRules) -> Document:
    slug = target.category if target.kind in (Kind.PAGE, Kind.VARIANT, Kind.ARCHIVE) else SITE
    _, rendered = whole(feed, window_of(slug, rules).bytes, _form(target))
    links = header_links(feed, target.suffix)
    return make_document(target.address, rendered.media_type, rendered.body, slug, lifetime_of(slug, rules), links)


def _form(target: Target) -> FeedFormat:
    return next(form for form in FORMATS if form.suffix == target.suffix)


def _whole_articles(reader: Reader, lines: Iterable[Listed]) -> list[Article]:
    ids = [line.id for line in lines]
    found = reader.articles(ids)
    return [found[name] for name in ids if name in found]

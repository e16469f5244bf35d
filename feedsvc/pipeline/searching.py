"""Articles become findable: their words go into the search index, after they were published and never before.

Small slices, the newest articles first: a large backlog (a first start, another version of the cutting) takes minutes,
and a new post must not wait for it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE
from feedsvc.articles.summary import plain_text
from feedsvc.articles.words import words_of
from feedsvc.errors import RecordRefused
from feedsvc.scheduling.lease import Lease
from feedsvc.store import Reader, Store, Transaction

SLICE = 100  # articles in one transaction: about a sixth of a second
TELL_EVERY = 50  # slices of a backlog, of which web workers are told: whatever they remember, they then look at anew
LEAST = 10  # of them, however much somebody is in a hurry: also beside a folder that is never quiet the index grows
AHEAD = 50 * SLICE  # ids that are read at once, for to put them in order takes longer than to index a slice

_MARK = "search", ""
# When the site's feed was last published before the latest mark, and how many seconds later than at its own second the
# next publication is told: later than the mark, which may be ahead of the clock.
_NOTED_META = "search.noted"

log = logging.getLogger(__name__)


class Searching:
    """Brings the search index up to date. Only the leader calls it, from one thread."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._queue: deque[str] = deque()
        self._untold = TELL_EVERY

    def renew(self) -> None:
        """There are new articles: those come first, and are told of at once."""
        self._queue.clear()
        self._untold = TELL_EVERY

    def index(self, lease: Lease, hurry: Callable[[], bool] = lambda: False) -> int:
        """Index a slice of what waits; how many articles that were, 0 when nothing waits.

        hurry: asked between two articles, whether something more important is to be done; then the slice ends.
        """
        with self._store.reading() as reader:
            if not self._queue:
                self._queue.extend(reader.unindexed(AHEAD))
            ids = [self._queue.popleft() for _ in range(min(SLICE, len(self._queue)))]
            found = reader.articles(ids)
        everything = len(ids) < SLICE
        words: dict[str, Collection[str]] = {}
        for key in ids:
            if len(words) >= LEAST and hurry():
                self._queue.extendleft(reversed(ids[len(words) :]))
                everything = False
                break
            words[key] = searchable_words(found[key]) if key in found else ()
        self._untold += 1
        tell = self._untold > TELL_EVERY or everything
        if tell:
            self._untold = 0
        try:
            self._put(lease, tell, words)
        except BaseException:
            self.renew()  # they wait in the database still
            raise
        return len(words)

    def _put(self, lease: Lease, tell: bool, words: Mapping[str, Collection[str]]) -> None:
        """All at once; one by one when the database refuses something: one odd post must not keep the others out."""
        if not words:
            return
        try:
            with self._store.writing(lease) as tx:
                tx.put_words(words, tell)
                _say_so(tx, self._clock())
        except RecordRefused as error:
            if len(words) == 1:
                [(key, its)] = words.items()
                if not its:
                    raise
                log.warning("the article %s cannot be searched for: %s", key, error)
                words = {key: ()}
            for key, its in words.items():
                self._put(lease, tell, {key: its})


def searchable_words(article: Article) -> frozenset[str]:
    """Title, summary and text; in this order, for of an endless text only the beginning counts."""
    return words_of("\n".join((article.title, article.summary, plain_text(article.content_html))))


def found_since(reader: Reader) -> int | None:
    """Since when searches find what they find now: whole Unix seconds; None before anything was published.

    It grows with each publication, and once more when the words of what was published are in the index, which is
    mostly within the same second (contract H51).
    """
    site = reader.category_stamps([SITE]).get(SITE)
    if site is None:
        return None
    mark, noted = reader.mark(*_MARK), reader.meta(_NOTED_META)
    if mark is None or noted is None:
        return max(site.touched, mark or 0)
    before, ahead = map(int, noted.split())
    return mark if site.touched <= before else max(mark + 1, site.touched + ahead)


def _say_so(tx: Transaction, now: datetime) -> None:
    """There are other words in the index."""
    before = found_since(tx)
    tx.put_marks([_MARK], max(now, datetime.fromtimestamp((before or 0) + 1, UTC)))
    if before is not None:
        site, mark = tx.category_stamps([SITE])[SITE].touched, tx.mark(*_MARK) or 0
        tx.put_meta(_NOTED_META, f"{site} {mark - int(now.timestamp()) + 1}")

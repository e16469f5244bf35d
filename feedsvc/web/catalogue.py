"""The catalogue: all categories at one look, in this process' memory, for every list, search and choice of them.

One snapshot serves all languages, sorts and searches. It is made anew by the first request that finds it late; the
others get the former one meanwhile. The very first, which spells all names, is made before anybody asks (`foresee`).
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import cast

from flask import Flask, current_app, request
from flask.sansio.app import App

from feedsvc.articles.article import Headline
from feedsvc.articles.category import SITE
from feedsvc.articles.glance import Glance
from feedsvc.errors import StoreUnavailable
from feedsvc.feeds.address import feed_path, home_path
from feedsvc.store import Reader
from feedsvc.web.finding import Names
from feedsvc.web.page_memory import LIFETIME_KEY
from feedsvc.web.pinyin import LETTERS, Spelled, spelled
from feedsvc.web.services import KEY, Services
from feedsvc.web.shown import permitted, withheld

log = logging.getLogger("feedsvc.web")

DAYS = 14  # of pace
NEWEST = 6  # headlines of the whole site
SHORTEST = 2.0  # seconds a snapshot lasts, whatever is published
REST = 20  # and so many times what it took to make: where news never stop, a twentieth of a core at the most
LONGEST = 60.0  # and at the most: days pass, rights end, articles become due

_OURS = "feedsvc.catalogue"
_STEP, _HEIGHT, _LEAST = 5, 15, 3  # of a sparkline: units a day, its height, articles that make a full bar at least


@dataclass(frozen=True, slots=True)
class Entry:
    """A category as lists show it. name: what people read, the slug when it has no other.

    letter: A to Z or "#". order: sorts by what the name sounds like. newest: None when nothing of it may be shown.
    pace: articles of each of the last DAYS, oldest first. path: of its page; feed: of its feed, without suffix; both
    percent-encoded, as this server has them.
    """

    slug: str
    name: str
    names: Names
    letter: str
    order: tuple[int, str, str, str]
    description: str
    language: str
    closed: bool
    count: int
    latest: datetime | None
    newest: Headline | None
    pace: tuple[int, ...]
    lately: int  # their sum
    path: str
    feed: str

    @property
    def spark(self) -> str:
        """The pace as the path of an SVG of SPARK_BOX."""
        return sparkline(self.pace)


SPARK_BOX = f"0 0 {DAYS * _STEP - 1} {_HEIGHT}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """entries: by name, those under "#" last. letters: how many under each, 0 too. newest: of the whole site, as far as
    it may be shown. articles: how many there are in all.
    """

    entries: tuple[Entry, ...]
    letters: dict[str, int]
    newest: tuple[Headline, ...]
    articles: int


def catalogue() -> Catalogue:
    """The present one. StoreUnavailable when there is none yet and cannot be."""
    keeper = cast(Keeper, current_app.extensions[_OURS])
    known = keeper.look()
    request.environ[LIFETIME_KEY] = keeper.lasts
    return known


def install(app: App) -> None:
    app.extensions[_OURS] = Keeper(app.extensions[KEY])


def foresee(app: Flask) -> None:
    """Make the first one in a thread, so that nobody waits for it. To be called where requests will be answered."""

    def make() -> None:
        try:
            with app.app_context():
                cast(Keeper, app.extensions[_OURS]).look()
        except StoreUnavailable:
            return  # the first request tries again
        except Exception:
            log.exception("the directory was not made ahead")

    threading.Thread(target=make, name="feedsvc-foresee", daemon=True).start()


class Keeper:
    """Holds the present catalogue of one application."""

    def __init__(self, app: Services, timer: Callable[[], float] = monotonic) -> None:
        self._app = app
        self._timer = timer
        self._lock = threading.Lock()
        self._known: Catalogue | None = None
        self._edition = 0  # not older than what the catalogue shows
        self._made = 0.0  # when that began, by the timer
        self._took = 0.0  # seconds

    def look(self) -> Catalogue:
        """Within a request: whether it is late is looked up here, and who finds it so makes it anew."""
        self._app.shelf.get("")  # from now on, the shelf keeps up with editions in this process
        if self._known is not None:
            if self._late() and self._lock.acquire(blocking=False):
                try:
                    self._make()
                except StoreUnavailable:
                    pass  # the former one is better than none
                finally:
                    self._lock.release()
            return self._known
        with self._lock:
            return self._known or self._make()

    @property
    def lasts(self) -> float:
        """Seconds for which pages that show it may be kept: not beyond the next snapshot, when there is news."""
        if self._app.shelf.edition == self._edition:
            return LONGEST
        return max(0.05, self._made + SHORTEST - self._timer())

    def _late(self) -> bool:
        if self._known is not None and not self._known.entries and self._app.shelf.edition != self._edition:
            return True  # a new site's first news are shown at once, whatever it took to find none
        age = self._timer() - self._made
        if age < min(LONGEST, max(SHORTEST, REST * self._took)):
            return False
        return age >= LONGEST or self._app.shelf.edition != self._edition

    def _make(self) -> Catalogue:
        edition, started = self._app.shelf.edition, self._timer()
        former = {entry.slug: entry for entry in self._known.entries} if self._known else {}
        with self._app.store.reading() as reader:
            made = _catalogue(self._app, reader, former)
        self._known, self._edition, self._made, self._took = made, edition, started, self._timer() - started
        return made


def _catalogue(app: Services, reader: Reader, former: dict[str, Entry]) -> Catalogue:
    visible = app.visible()
    hidden = app.settings.categories.former  # they may still be in the index, until it is read anew
    glances = [glance for glance in reader.glances(app.clock(), DAYS, app.zone, visible) if glance.slug not in hidden]
    untold = withheld(reader, [glance.newest for glance in glances if glance.newest])
    spellings = spelled([glance.title or glance.slug for glance in glances])
    entries = [
        _entry(
            app,
            glance,
            spellings[glance.title or glance.slug].as_written(glance.slug),
            untold,
            former.get(glance.slug),
        )
        for glance in glances
    ]
    entries.sort(key=lambda entry: entry.order)
    counted = Counter(entry.letter for entry in entries)
    return Catalogue(
        entries=tuple(entries),
        letters={letter: counted[letter] for letter in LETTERS},
        newest=tuple(map(_bare, permitted(reader, reader.headlines(SITE, NEWEST, visible)))),
        articles=reader.article_count(visible),
    )


def _entry(app: Services, glance: Glance, spelling: Spelled, untold: set[str], former: Entry | None) -> Entry:
    said, slug, name = app.settings.categories, glance.slug, glance.title or glance.slug
    same = former is not None and former.name == name
    letter = spelling.letter
    return Entry(
        slug=slug,
        name=name,
        names=former.names if former is not None and same else Names(slug, name, spelling.syllables),
        letter=letter,
        order=(LETTERS.index(letter), spelling.full, name, slug),
        description=said.descriptions.get(slug, ""),
        language=said.languages.get(slug, ""),
        closed=slug in said.closed,
        count=glance.count,
        latest=glance.latest,
        newest=None if glance.newest is None or glance.newest.id in untold else _bare(glance.newest),
        pace=glance.pace,
        lately=sum(glance.pace),
        path=home_path(slug),
        feed=feed_path(slug),
    )


def _bare(headline: Headline) -> Headline:
    """Without the summary, which is not shown: two thousand of them are kept."""
    return replace(headline, summary="")


def sparkline(pace: Sequence[int]) -> str:
    """The path of upright bars, one a day; a day without anything is a dot, so that a quiet week is seen as one."""
    most = max(_LEAST, *pace)
    return "".join(
        f"M{number * _STEP + 2} {_HEIGHT}v-{max(1, round(count * _HEIGHT / most))}" for number, count in enumerate(pace)
    )

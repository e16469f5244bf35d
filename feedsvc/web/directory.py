"""The directory of categories (contract L01, V06): all of them by letter, by a few sorts, and by what somebody types.

One address for each view: `/`, `/?page=2`, `/?letter=S`, `/?sort=newest`, `/?q=…`; whatever else means the same is
moved there. `category=` (repeated) are ticks: they stay from view to view, until one of the buttons takes them on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState

from feedsvc.articles.category import SITE
from feedsvc.feeds.address import feed_path
from feedsvc.feeds.target import LIST_PATH, SUFFIXES
from feedsvc.web import language
from feedsvc.web.catalogue import DAYS, SPARK_BOX, Catalogue, Entry, catalogue, install
from feedsvc.web.finding import LONGEST_QUERY, find
from feedsvc.web.language import gettext
from feedsvc.web.pages import message, not_found, page, page_number
from feedsvc.web.pinyin import LETTERS
from feedsvc.web.services import services
from feedsvc.web.subscribing import offer

PER_PAGE = 100
FEW = 8  # with fewer categories there is nothing to look for: no search, no sorts
MANY = 30  # from so many on they stand under letters; fewer would be headings with a line each
BY_NAME = "name"

# As the address has them; within equals, by name.
SORTS: dict[str, Callable[[Entry], float]] = {
    BY_NAME: lambda entry: 0,
    "newest": lambda entry: -entry.latest.timestamp() if entry.latest else 0,
    "pace": lambda entry: -entry.lately,
    "articles": lambda entry: -entry.count,
}

blueprint = Blueprint("directory", __name__)


@blueprint.record
def keep(state: BlueprintSetupState) -> None:
    install(state.app)


@blueprint.get("/")
def directory() -> Response:
    """A page of those categories that have articles."""
    app = services()
    if app.shelf.empty:
        response = message(503, gettext("Nothing is published yet"), gettext("Please come back in a moment."))
        response.headers["Retry-After"] = "5"
        return response
    known = catalogue()
    view = View(known)
    if not view.valid:
        return not_found()
    if not view.is_canonical:
        response = Response(status=301, content_type="text/plain; charset=utf-8")
        response.headers["Location"] = view.link(page=view.number)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response
    base = app.settings.public_base
    response = page(
        "directory.html",
        view=view,
        catalogue=known,
        days=DAYS,
        spark_box=SPARK_BOX,
        opml=app.root + LIST_PATH,
        offer=offer(feed_path(SITE) + SUFFIXES[0], app.settings),
        canonical=base + ("/" if view.narrowed or view.number == 1 else f"/?page={view.number}"),
        robots="noindex, follow" if view.narrowed else "",
    )
    if view.query or view.ticked:  # as many as people type: not for caches, nor for our own memory
        response.headers["Cache-Control"] = "private, max-age=60"
    return response


class View:
    """What the request asks to see of the catalogue."""

    def __init__(self, known: Catalogue) -> None:
        asked = request.args
        self.query = " ".join(asked.get("q", "")[:LONGEST_QUERY].split())
        self.letter = "" if self.query else asked.get("letter", "").upper()
        self.sort = BY_NAME if self.query else asked.get("sort", BY_NAME)
        self.number = page_number(asked.get("page"))
        self.few, self.many = len(known.entries) < FEW, len(known.entries) >= MANY
        wanted = set(asked.getlist("category"))
        self.ticked = [entry for entry in known.entries if entry.slug in wanted] if wanted else []
        self.valid = self.number is not None and self.sort in SORTS and self.letter in ("", *LETTERS)
        if self.valid:
            self._choose(known)

    def _choose(self, known: Catalogue) -> None:
        found = find(known.entries, self.query)
        if self.letter:
            found = [entry for entry in found if entry.letter == self.letter]
        if self.sort != BY_NAME:
            found = sorted(found, key=SORTS[self.sort])
        self.total = len(found)
        self.last = max(1, -(-self.total // PER_PAGE))
        assert self.number is not None
        self.start = (self.number - 1) * PER_PAGE
        self.entries = found[self.start : self.start + PER_PAGE]
        self.valid = self.number <= self.last

    @property
    def narrowed(self) -> bool:
        """Whether it is another view of what `/` and its pages show."""
        return bool(self.query or self.letter or self.ticked or self.sort != BY_NAME)

    @property
    def is_canonical(self) -> bool:
        given = [(name, text) for name, text in request.args.items(multi=True) if name in self._parameters(1)]
        return sorted(given) == sorted(_pairs(self._parameters(self.number)))

    @property
    def groups(self) -> Iterable[tuple[str, list[Entry]]]:
        """(letter, entries); one without a letter when the order is another one."""
        if not self.many or self.query or self.sort != BY_NAME:
            return [("", self.entries)]
        return [(letter, list(its)) for letter, its in groupby(self.entries, key=lambda entry: entry.letter)]

    @property
    def elsewhere(self) -> list[Entry]:
        """Ticked ones that are not among those shown."""
        shown = {entry.slug for entry in self.entries}
        return [entry for entry in self.ticked if entry.slug not in shown]

    def is_ticked(self, entry: Entry) -> bool:
        return entry in self.ticked

    def link(
        self, query: str | None = None, letter: str | None = None, sort: str | None = None, page: int | None = None
    ) -> str:
        """This view with something else about it, always from its first page on; the ticks stay."""
        parameters = self._parameters(page)
        if query is not None:
            parameters["q"] = [query]
        if letter is not None:
            parameters["letter"] = [letter]
        if sort is not None:
            parameters["sort"] = [sort if sort != BY_NAME else ""]
        pairs = _pairs(parameters)
        if picked := language.chosen():
            pairs.append(("lang", picked))
        return services().root + "/" + (f"?{urlencode(pairs)}" if pairs else "")

    def _parameters(self, number: int | None) -> dict[str, list[str]]:
        return {
            "q": [self.query],
            "letter": [self.letter],
            "sort": [self.sort if self.sort != BY_NAME else ""],
            "page": [str(number) if number and number > 1 else ""],
            "category": [entry.slug for entry in self.ticked],
        }


def _pairs(parameters: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in parameters.items() for text in texts if text]

"""A page for each category: headlines and feed addresses (contract L01, V06)."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from feedsvc.articles.category import SITE, Category
from feedsvc.feeds.address import feed_path, home_path
from feedsvc.feeds.target import LIST_PATH, SUFFIXES
from feedsvc.store import Reader
from feedsvc.web.dated import Month, after, by_day, months_of, parse_month, years_of
from feedsvc.web.discovery import feed_links
from feedsvc.web.language import gettext
from feedsvc.web.pages import here, message, moved, not_found, page, page_number
from feedsvc.web.services import services
from feedsvc.web.shown import described, permitted
from feedsvc.web.spelling import decoded, squeezed
from feedsvc.web.subscribing import offer

PER_PAGE = 30
PACE_DAYS = 14
RELATED = 8
_DAY = 86_400  # seconds
_FOLDER = "/categories/"

blueprint = Blueprint("categories", __name__)


class Anything(BaseConverter):
    """The rest of a path. Unlike Flask's own `path` it may begin with a slash, as names of categories may."""

    regex = ".+?"
    part_isolating = False


@blueprint.get("/categories/")
def no_category() -> Response:
    return moved("/")


@blueprint.get("/categories/<anything:name>")
def category(name: str) -> Response:
    """The category's headlines, `?page=2` and on for older ones; `?month=2026-11` those of a month.

    name is read from the raw path.
    """
    app = services()
    raw: str = request.environ["feedsvc.path"]
    text = decoded(squeezed(raw))
    if text is None or not text.startswith(_FOLDER):
        return not_found()
    number = page_number(request.args.get("page"))
    asked = request.args.get("month", "")
    month = parse_month(asked)
    if number is None or (asked and month is None):
        return not_found()
    now = app.visible()
    wanted = text.removeprefix(_FOLDER)
    if elsewhere := moved_or_removed(wanted):
        return elsewhere
    with app.store.reading() as reader:
        found = reader.category(wanted, now) or only_like(wanted, reader.categories(now))
        if found is None or found.slug == SITE:
            return not_found()
        if elsewhere := moved_or_removed(found.slug):
            return elsewhere
        path = home_path(found.slug)
        if raw != path or request.args.get("page") == "1":
            return moved(path)
        skipped, total = (0, found.count) if month is None else _span(reader, found.slug, month, now)
        last = max(1, -(-total // PER_PAGE))
        if number > last or (month is not None and not total):
            return not_found()
        start = (number - 1) * PER_PAGE
        headlines = reader.headlines(found.slug, min(PER_PAGE, total - start), now, skipped + start)
        shown = permitted(reader, headlines)
        months = months_of(reader, found.slug, now, app.zone)
        related = _related(reader, found.slug, now)
        recent = reader.count_between(found.slug, app.clock() - PACE_DAYS * timedelta(days=1), after(app.clock()))
    base = app.settings.public_base

    def link(page: int) -> str:
        return here(path, {"month": asked, "page": str(page) if page > 1 else ""})

    address = path + _query(asked, number)
    return page(
        "category.html",
        feeds=feed_links(found.slug, base),
        category=described(found),
        title=found.title or found.slug,
        offer=offer(feed_path(found.slug) + SUFFIXES[0], app.settings),
        days=by_day(shown, app.zone),
        month=month,
        years=years_of(months),
        related=related,
        opml=app.root + LIST_PATH,
        recent=recent,
        pace_days=PACE_DAYS,
        total=total,
        number=number,
        last=last,
        link=link,
        path=path,
        canonical=base + address,
        robots="noindex" if month else "",
    )


def _span(reader: Reader, slug: str, month: Month, visible: datetime) -> tuple[int, int]:
    """How many articles are newer than the month, and how many are of it."""
    begin, end = month.limits(services().zone)
    limit = after(visible)
    newer = reader.count_between(slug, end, limit) if end < limit else 0
    return newer, reader.count_between(slug, begin, min(end, limit)) if begin < limit else 0


def _query(month: str, number: int) -> str:
    parameters = {"month": month, "page": str(number) if number > 1 else ""}
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"?{query}" if query else ""


def _related(reader: Reader, slug: str, now: datetime) -> list[tuple[str, str, str]]:
    """(slug, display name, path) of categories with a feed of their own that share recent articles with this one."""
    former = services().settings.categories.former
    others = [other for other in reader.related(slug, RELATED + len(former), now) if other not in former][:RELATED]
    known = [reader.category(other, now) for other in others]
    return [(one.slug, one.title or one.slug, home_path(one.slug)) for one in known if one is not None]


def moved_or_removed(slug: str) -> Response | None:
    """301 to a renamed or merged category's new page, 410 for one without a feed any more, None for the others."""
    end = services().settings.categories.former.get(slug)
    if end is None:
        return None
    if not end:
        return message(410, gettext("Removed"), gettext("This category is no longer published."))
    return moved(home_path(end), _DAY)


def only_like(wanted: str, categories: list[Category]) -> Category | None:
    """The one category that differs in letter case only."""
    alike = [entry for entry in categories if entry.slug.casefold() == wanted.casefold()]
    return alike[0] if len(alike) == 1 else None

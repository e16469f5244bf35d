"""A page for each category: headlines and feed addresses (contract L01, V06)."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from feedsvc.articles.category import SITE, Category
from feedsvc.feeds.address import feed_path, home_path
from feedsvc.feeds.target import LIST_PATH
from feedsvc.web.discovery import FEED_FORMATS, FeedLink, feed_links
from feedsvc.web.language import gettext
from feedsvc.web.pages import here, message, moved, not_found, page, page_number
from feedsvc.web.services import services
from feedsvc.web.shown import described, permitted
from feedsvc.web.spelling import decoded, squeezed

PER_PAGE = 30
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
    """The category's newest headlines, `?page=2` and on for older ones. name is read from the raw path."""
    app = services()
    raw: str = request.environ["feedsvc.path"]
    text = decoded(squeezed(raw))
    if text is None or not text.startswith(_FOLDER):
        return not_found()
    number = page_number(request.args.get("page"))
    if number is None:
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
        headlines = reader.headlines(found.slug, PER_PAGE + 1, now, (number - 1) * PER_PAGE)
        shown = permitted(reader, headlines[:PER_PAGE])
    if number > 1 and not headlines:
        return not_found()
    base = app.settings.public_base
    return page(
        "category.html",
        feeds=feed_links(found.slug, base),
        category=described(found),
        title=found.title or found.slug,
        opml=base + LIST_PATH,
        variants=variants(found.slug, base),
        headlines=shown,
        newer=here(path, {"page": str(number - 1) if number > 2 else ""}) if number > 1 else "",
        older=here(path, {"page": str(number + 1)}) if len(headlines) > PER_PAGE else "",
        canonical=base + path + (f"?page={number}" if number > 1 else ""),
    )


def variants(category: str, base: str) -> tuple[tuple[str, tuple[FeedLink, ...]], ...]:
    """(what is different about it, its feeds): full texts, and summaries only, whatever the settings prefer."""
    stem = base + feed_path(category)
    return tuple(
        (name, tuple(FeedLink(one, f"{stem}/{variant}{suffix}", kind) for one, suffix, kind in FEED_FORMATS))
        for variant, name in (("full", gettext("With full texts")), ("brief", gettext("With summaries only")))
    )


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

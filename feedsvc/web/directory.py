"""The directory of categories, and a page for each: headlines and feed addresses (contract L01, V06)."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from feedsvc.articles.article import Headline
from feedsvc.articles.category import SITE, Category
from feedsvc.feeds.address import feed_path, home_path
from feedsvc.feeds.rights import in_force
from feedsvc.feeds.rights import permitted as permitted_article
from feedsvc.feeds.target import LIST_PATH
from feedsvc.store import Reader
from feedsvc.web.discovery import FEED_FORMATS, FeedLink, feed_links
from feedsvc.web.language import gettext
from feedsvc.web.pages import here, message, page, remembered
from feedsvc.web.services import services
from feedsvc.web.spelling import decoded, squeezed

PER_PAGE = 30
_DAY = 86_400  # seconds
_FOLDER = "/categories/"

blueprint = Blueprint("directory", __name__)


class Anything(BaseConverter):
    """The rest of a path. Unlike Flask's own `path` it may begin with a slash, as names of categories may."""

    regex = ".+?"
    part_isolating = False


@blueprint.get("/")
@remembered
def directory() -> Response:
    """All categories that have articles, with their feeds."""
    app = services()
    if app.shelf.empty:
        response = message(503, gettext("Nothing is published yet"), gettext("Please come back in a moment."))
        response.headers["Retry-After"] = "5"
        return response
    now = app.visible()
    hidden = {SITE, *app.settings.categories.former}  # those may still be in the index, until it is read anew
    with app.store.reading() as reader:
        categories = [entry for entry in reader.categories(now) if entry.slug not in hidden and entry.count]
        newest = permitted(reader, reader.headlines(SITE, 10, now))
        total = reader.article_count(now)
    categories.sort(key=lambda entry: (-entry.count, entry.slug))
    base = app.settings.public_base
    rows = [(entry, home_path(entry.slug), feed_links(entry.slug, base)) for entry in categories]
    return page(
        "directory.html",
        rows=rows,
        newest=newest,
        total=total,
        opml=base + LIST_PATH,
        variants=variants(SITE, base),
        canonical=base + "/",
    )


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


def permitted(reader: Reader, headlines: list[Headline]) -> list[Headline]:
    """With what may be passed on of them (feeds/rights.py); with everything where this server is the site itself."""
    app = services()
    said = app.settings.categories
    rights = in_force(said.rights, app.clock(), said.moves)
    if app.canonical or not rights:
        return headlines
    articles = reader.articles([headline.id for headline in headlines])
    shown = []
    for headline in headlines:
        article = permitted_article(articles[headline.id], rights) if headline.id in articles else None
        if article is not None:
            shown.append(replace(headline, summary=article.summary))
    return shown


def described(category: Category) -> Category:
    """With what the settings say of it; the store knows nothing of that."""
    said = services().settings.categories
    return replace(
        category,
        description=said.descriptions.get(category.slug, ""),
        language=said.languages.get(category.slug, ""),
        image=said.images.get(category.slug, ""),
        closed=category.slug in said.closed,
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


def page_number(text: str | None) -> int | None:
    """1 and up; None for anything else (contract P02)."""
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        return None
    return int(text) or None


def only_like(wanted: str, categories: list[Category]) -> Category | None:
    """The one category that differs in letter case only."""
    alike = [entry for entry in categories if entry.slug.casefold() == wanted.casefold()]
    return alike[0] if len(alike) == 1 else None


def moved(path: str, max_age: int = 3600) -> Response:
    """301 to the canonical path on this server. max_age: seconds a cache may keep it."""
    query = request.args.to_dict()
    if query.get("page") == "1":
        del query["page"]
    response = Response(status=301, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = here(path, query)
    response.headers["Cache-Control"] = f"public, max-age={max_age}"
    return response


def not_found() -> Response:
    return message(404, gettext("Page not found"), gettext("There is no page at this address."))

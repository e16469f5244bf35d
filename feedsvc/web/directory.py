"""The directory of categories (contract L01, V06)."""

from __future__ import annotations

from flask import Blueprint, Response

from feedsvc.articles.category import SITE
from feedsvc.feeds.address import home_path
from feedsvc.feeds.target import LIST_PATH
from feedsvc.web.categories import variants
from feedsvc.web.discovery import feed_links
from feedsvc.web.language import gettext
from feedsvc.web.pages import message, page, remembered
from feedsvc.web.services import services
from feedsvc.web.shown import permitted

blueprint = Blueprint("directory", __name__)


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

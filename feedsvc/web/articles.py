"""Article pages, at each article's own path, when this server is the canonical site."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request

from feedsvc.articles.article import Article, Status
from feedsvc.articles.category import SITE
from feedsvc.feeds.address import home_path
from feedsvc.store import Reader
from feedsvc.web.discovery import feed_links
from feedsvc.web.language import gettext
from feedsvc.web.links import PREFIX
from feedsvc.web.pages import message, moved, not_found, page
from feedsvc.web.services import services
from feedsvc.web.spelling import decoded, squeezed


def answer() -> Response:
    """The article whose path was asked for; 301 from other spellings, 410 when withdrawn, 404 otherwise."""
    app = services()
    raw: str = request.environ["feedsvc.path"]
    if not app.canonical:
        return not_found()
    base = app.site_path
    if decoded(raw) is None or len(raw) > 4_000 or not raw.startswith(base + "/"):
        return not_found()
    now = app.visible()
    with app.store.reading() as reader:
        article = find(reader, raw.removeprefix(base))
        if article is None or article.published > now:
            return not_found()
        if base + article.path != raw:
            return moved(base + article.path)
        if article.status is not Status.PUBLISHED:
            return message(410, gettext("Withdrawn"), gettext("This article has been withdrawn."))
        code = reader.code_of([article.id]).get(article.id, "")
        slugs = [slug for slug in article.categories if slug not in app.settings.categories.removed]
        categories = [entry for slug in slugs if (entry := reader.category(slug, now))]
    public = app.settings.public_base
    return page(
        "article.html",
        feeds=feed_links(slugs[0] if slugs else SITE, public),
        article=article,
        categories=[(entry.title or entry.slug, home_path(entry.slug)) for entry in categories],
        share=public + PREFIX + quote(code or article.identity, safe="/"),
        canonical=article.canonical_url,
    )


def find(reader: Reader, raw: str) -> Article | None:
    """By the raw path; else by another spelling of it (escapes, doubled slashes, a slash too many or too few)."""
    if article := reader.article_by_path(raw):
        return article
    text = decoded(squeezed(raw)) or "/"
    # Jekyll escapes what URIs demand and leaves sub-delimiters alone.
    plain = quote(text, safe="/!$&'()*+,;=:@-._~")
    for path in (plain, plain + "/", quote(text, safe="/"), quote(text, safe="/") + "/"):
        if path != raw and (article := reader.article_by_path(path)):
            return article
    return None

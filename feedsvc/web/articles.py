"""Article pages, and what is said of articles that were withdrawn (contract S11, L01).

Where this server is the canonical site, each article has its page at its own path. Elsewhere it is to be had under
/articles/<identity>, naming the canonical page as the one to be found, with what may be passed on of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from flask import Response, request

from feedsvc.articles.article import Article, Headline, Status
from feedsvc.articles.category import SITE
from feedsvc.articles.summary import plain_text
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.address import home_path
from feedsvc.feeds.rights import permitted
from feedsvc.store import Reader
from feedsvc.web import shown
from feedsvc.web.cards import card_of, title_of
from feedsvc.web.discovery import feed_links
from feedsvc.web.linked_data import news_article
from feedsvc.web.links import PAGES, PREFIX, identity_in
from feedsvc.web.pages import here, moved, not_found, page
from feedsvc.web.services import services
from feedsvc.web.spelling import decoded, squeezed

MORE = 5  # further headlines of the category


@dataclass(frozen=True, slots=True)
class Place:
    """A category that an article is in. path: of its page on this server."""

    name: str
    slug: str
    path: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """What a page says of an enclosure. name: the last part of its address; kind: "audio", "video" or ""."""

    url: str
    name: str
    media_type: str
    length: int | None
    kind: str


def answer() -> Response:
    """The article whose path was asked for; 301 from other spellings, 410 when withdrawn, 404 otherwise."""
    app = services()
    raw: str = request.environ["feedsvc.path"]
    if decoded(raw) is None or len(raw) > 4_000:
        return not_found()
    now = app.visible()
    with app.store.reading() as reader:
        article = _asked_for(reader, raw)
        if article is None or article.published > now:
            return not_found()
        own = _path(article)
        if own != raw:
            return moved(own)
        if article.status is not Status.PUBLISHED:
            return withdrawn(reader, article)
        visible = allowed(article)
        if visible is None:
            return not_found()
        places = places_of(reader, visible)
        first = places[0] if places else None
        newer, older = _beside(reader, article, first.slug) if first else (None, None)
        more = _more(reader, article, first.slug) if first else []
        beyond = [] if more else _more(reader, article, SITE)
        code = reader.code_of([article.id]).get(article.id) or article.identity
    names = tuple(place.name for place in places)
    card = card_of(visible, names)
    link = PREFIX + quote(code, safe="/")
    return page(
        "article.html",
        feeds=feed_links(first.slug if first else SITE, app.settings.public_base),
        article=visible,
        title=title_of(visible),
        language=visible.language or app.settings.site.language,
        card=card,
        linked_data=news_article(visible, card, names),
        places=places,
        files=[_file(enclosure) for enclosure in visible.enclosures],
        size_of=size_of,
        share=app.settings.public_base + link,
        qr=app.root + link,
        newer=newer,
        older=older,
        lead=_lead(visible),
        more=more,
        beyond=beyond,
        away="" if app.canonical else urlsplit(article.canonical_url).netloc,
        whole=bool(visible.content_html.strip()),
        canonical=article.canonical_url,
    )


def withdrawn(reader: Reader, article: Article | None) -> Response:
    """410: the site's title, the categories that it was in, and nothing of the article (contract S11)."""
    places = places_of(reader, article) if article else ()
    return page("gone.html", status=410, max_age=3600, robots="noindex", places=places)


def allowed(article: Article) -> Article | None:
    """With what may be shown of it here; None when that is nothing. The canonical site shows its own articles whole."""
    if services().canonical:
        return article
    found = permitted(article, shown.rights())
    return replace(found, content_html="", enclosures=()) if found and found.excerpt_only else found


def places_of(reader: Reader, article: Article) -> tuple[Place, ...]:
    """Its categories, as far as they have pages with articles."""
    app = services()
    former, now = app.settings.categories.former, app.visible()
    places: dict[str, Place] = {}
    for slug in article.categories:
        end = former.get(slug, slug)
        if end and (known := reader.category(end, now)) and known.count:
            described = shown.described(known)
            places[end] = Place(known.title or end, end, home_path(end), described.language)
    return tuple(places.values())


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


def _asked_for(reader: Reader, raw: str) -> Article | None:
    """By its own path here, if it has one; else by its identity under /articles/."""
    app = services()
    at_its_path = app.canonical and raw.startswith(app.site_path + "/")
    if at_its_path and (article := find(reader, raw.removeprefix(app.site_path))):
        return article
    if not raw.startswith(PAGES):
        return None
    headline = reader.headline_by_identity(identity_in(raw))
    return reader.articles([headline.id]).get(headline.id) if headline else None


def _path(article: Article | Headline) -> str:
    """Of its page on this server, percent-encoded."""
    app = services()
    return app.site_path + article.path if app.canonical else PAGES + quote(article.identity, safe="/")


def _beside(reader: Reader, article: Article, category: str) -> tuple[Headline | None, Headline | None]:
    """The next newer and the next older article, as far as they may be shown; addresses as in `_more`."""
    newer, older = reader.neighbours(article.id, category, services().visible())
    visible = {it.id: it for it in _linked(reader, [it for it in (newer, older) if it])}
    return visible.get(newer.id) if newer else None, visible.get(older.id) if older else None


def _more(reader: Reader, article: Article, category: str) -> list[Headline]:
    """The newest articles of the category, or of SITE, but for this one."""
    newest = reader.headlines(category, MORE + 1, services().visible())
    return _linked(reader, [it for it in newest if it.id != article.id])[:MORE]


def _linked(reader: Reader, headlines: Sequence[Headline]) -> list[Headline]:
    """What may be shown of them, without summaries, leading to their pages on this server: who reads here goes on."""
    visible = shown.permitted(reader, list(headlines))
    return [replace(it, summary="", canonical_url=here(_path(it))) for it in visible]


def _lead(article: Article) -> str:
    """A summary that its author wrote; one that is cut from the text would be said twice."""
    summary = article.summary.strip()
    opening = "".join(summary.removesuffix("…").split())
    return "" if opening in "".join(plain_text(article.content_html).split()) else summary


def _file(enclosure: Enclosure) -> File:
    name = unquote(urlsplit(enclosure.url).path.rstrip("/").rpartition("/")[2]) or enclosure.url
    kind = enclosure.media_type.partition("/")[0]
    return File(enclosure.url, name, enclosure.media_type, enclosure.length, kind if kind in ("audio", "video") else "")


def size_of(octets: int) -> str:
    """For people: 640 kB, 2.1 MB."""
    amount, unit = float(octets), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.1f} {unit}" if amount < 10 and unit != "B" else f"{amount:.0f} {unit}"

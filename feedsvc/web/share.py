"""Share links that do not redirect: explained to people (contract S07, S10, S11), drawn, or shown as a card (S13).

Redirects are made in links.py.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, unquote

from flask import Response, request

from feedsvc.articles.article import Article, Headline, Status
from feedsvc.sharing.link import LinkKind
from feedsvc.sharing.nearest import core, near
from feedsvc.sharing.resolve import Gone, Redirect, Resolution, Unknown, name_in
from feedsvc.store import Reader
from feedsvc.web import cards, qr
from feedsvc.web.articles import allowed, withdrawn
from feedsvc.web.asked import PREVIEW_KEY
from feedsvc.web.links import PREFIX, find
from feedsvc.web.pages import page
from feedsvc.web.services import services
from feedsvc.web.shown import permitted

SUGGESTED = 5  # articles at the most
_LOOKED_AT = 3 * SUGGESTED  # some may not be shown
_CUT_OFF = 6  # characters a beginning needs to say enough
_SHOWN = 80  # characters of what was asked for


def answer(raw: str) -> Response:
    """404, 405, 410, a card, a QR code, or the redirect when the article came back in this very moment."""
    if request.method not in ("GET", "HEAD"):
        response = Response("A share link can only be followed.\n", 405, content_type="text/plain; charset=utf-8")
        response.headers["Allow"] = "GET, HEAD"
        return response
    app, query = services(), request.environ.get("QUERY_STRING", "")
    if raw.startswith(PREFIX) and (ending := qr.ending_of(raw.removeprefix(PREFIX))):
        return _drawn(name_in(raw.removeprefix(PREFIX).removesuffix(ending)), ending)
    name = app.links.name(raw, query)
    found = app.links.resolve(name)
    if isinstance(found, Redirect):
        if request.environ.get(PREVIEW_KEY) and (card := _card(name)):
            return card
        if link := app.links.redirect(name, app.shelf.edition, query):
            return Response(link.body[0], link.status, headers=link.headers)
    if isinstance(found, Unknown):
        app.clicks.miss(name, request.environ)
    return explain(_asked(raw) or name, name, found)


def explain(asked: str, name: str, found: Resolution) -> Response:
    """Why this name leads nowhere. asked: as somebody wrote it. name: what was looked up, "" when nothing could be."""
    app = services()
    if isinstance(found, Gone):
        with app.store.reading() as reader:
            response = withdrawn(reader, _article(reader, name))
    else:
        with app.store.reading() as reader:
            suggested = list(_suggested(reader, asked))
        response = page("unknown.html", status=404, robots="noindex", asked=_readable(asked), suggested=suggested)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def address_of(code: str) -> str:
    """The share link with this name, absolute (contract S09: from the settings only)."""
    return services().settings.public_base + PREFIX + quote(code, safe="/")


def _suggested(reader: Reader, asked: str) -> Iterator[tuple[Headline, str]]:
    """(headline, share link) of articles whose names are nearest."""
    found = list(_looked_up(reader, unicodedata.normalize("NFC", asked)))
    articles = reader.articles(found)
    now = services().visible()
    headlines = [
        Headline(it.id, it.identity, cards.title_of(it), it.published, it.canonical_url, it.path, it.status)
        for article_id in found
        if (it := articles.get(article_id)) and it.in_feeds and it.status is Status.PUBLISHED and it.published <= now
    ]
    shown = permitted(reader, headlines)[:SUGGESTED]
    codes = reader.code_of([headline.id for headline in shown])
    for headline in shown:
        yield headline, address_of(codes.get(headline.id) or headline.identity)


def _looked_up(reader: Reader, asked: str) -> list[str]:
    """The ids of at most _LOOKED_AT articles: those with other spellings of the name, then those it is cut off from."""
    names = near(asked)
    if not names:
        return []
    claims = reader.claims(names)
    identities = reader.headlines_by_identity(names)
    found: dict[str, None] = {}
    for name in names:
        if claimed := claims.get(name):
            found[claimed[0].article_id] = None
        if headline := identities.get(name):
            found[headline.id] = None
    beginning = core(asked)
    if len(beginning) >= _CUT_OFF:
        for kind in (LinkKind.DERIVED, LinkKind.CUSTOM):
            following = reader.links((kind,), (beginning, ""), SUGGESTED)
            found |= {link.article_id: None for link in following if link.code.startswith(beginning)}
    return list(found)[:_LOOKED_AT]


def _asked(raw: str) -> str:
    """What stands where the name should, whatever it is; "" for old paths, which are names as they are."""
    if raw.startswith(PREFIX):
        return unquote(raw.removeprefix(PREFIX))
    wanted = services().settings.share.legacy_paths.get(raw, "").lower()
    return next((value for key, value in request.args.items(multi=True) if wanted and key.lower() == wanted), "")


def _drawn(name: str, ending: str) -> Response:
    """The QR code of the share link that the article shows, whichever of its names was used."""
    found = services().links.resolve(name)
    if not isinstance(found, Redirect):
        status, text = (410, "Withdrawn.\n") if isinstance(found, Gone) else (404, "Unknown link.\n")
        response = Response(text, status, content_type="text/plain; charset=utf-8")
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Cache-Control"] = "no-store"
        return response
    with services().store.reading() as reader:
        article = _article(reader, name)
        code = reader.code_of([article.id]).get(article.id, "") if article else ""
    return qr.answer(address_of(code or name), ending)


def _card(name: str) -> Response | None:
    """None when nothing of the article may be shown here."""
    with services().store.reading() as reader:
        article = _article(reader, name)
    shown = allowed(article) if article else None
    return cards.answer(shown) if shown else None


def _article(reader: Reader, name: str) -> Article | None:
    found = find(reader, name, services().visible()) if name else None
    return reader.articles([found[1].id]).get(found[1].id) if found else None


def _readable(asked: str) -> str:
    """In one short line, without what would change the direction or the look of the rest."""
    line = "".join(letter if letter.isprintable() else " " for letter in asked)
    return cards.shortened(line, _SHOWN)

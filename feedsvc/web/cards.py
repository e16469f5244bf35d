"""The card that chats and timelines make of a link: what OpenGraph says of an article (contract S13, ogp.me).

Article pages carry it in their head. Where the canonical site's pages lack it, share links give it to preview robots
by themselves, in a page that has nothing else (settings.share.cards).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template

from feedsvc.articles.article import Article
from feedsvc.articles.person import person
from feedsvc.feeds.pairs import named, pairs
from feedsvc.web.services import services

CARD_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_LONGEST = 300  # characters of a description: more is shown by nobody
_TERRITORIES = {"zh": "zh_CN", "en": "en_US"}  # of languages that are named alone
_LOCALE = re.compile(r"([a-z]{2,3})(?:-[A-Z][a-z]{3})?-([A-Z]{2})(?:-.*)?")


@dataclass(frozen=True, slots=True)
class Card:
    """Plain texts and absolute addresses, "" where there is none; published, modified: RFC 3339 in the site's zone.

    image: the category's or the site's, where the article has none of its own; pictured: whether it has.
    """

    title: str
    description: str
    url: str
    image: str
    pictured: bool
    site: str
    locale: str
    published: str
    modified: str
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]


def card_of(article: Article, categories: Sequence[str] = ()) -> Card:
    """article: with what may be shown of it. categories: display names."""
    app = services()
    settings = app.settings
    images = pairs(settings.categories.images)
    own = next((image for slug in article.categories if (image := named(images, slug))), "")
    changed = article.updated > article.published
    return Card(
        title=title_of(article),
        description=shortened(article.summary),
        url=article.canonical_url,
        image=article.image or own or settings.feeds.image,
        pictured=bool(article.image),
        site=app.title,
        locale=locale_of(article.language or settings.site.language),
        published=article.published.astimezone(app.zone).isoformat(timespec="seconds"),
        modified=article.updated.astimezone(app.zone).isoformat(timespec="seconds") if changed else "",
        authors=tuple(dict.fromkeys(person(author).name for author in article.authors)),
        section=categories[0] if categories else "",
        tags=article.tags,
    )


def title_of(article: Article) -> str:
    """The title; of an article without one the beginning of its text."""
    return article.title or shortened(article.summary, 60) or article.slug


def shortened(text: str, longest: int = _LONGEST) -> str:
    """In one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def locale_of(tag: str) -> str:
    """BCP 47 as OpenGraph writes it: zh-CN and zh-Hans-CN -> zh_CN; "" without a territory."""
    found = _LOCALE.fullmatch(tag)
    return f"{found[1]}_{found[2]}" if found else _TERRITORIES.get(tag.lower(), "")


def answer(article: Article) -> Response:
    """The page for preview robots, at the share link itself. article: with what may be shown of it."""
    body = render_template("card.html", card=card_of(article), language=article.language)
    response = Response(body, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"  # at this address people get a redirect
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Security-Policy"] = CARD_POLICY
    return response

"""What an article page says to search engines: a NewsArticle in JSON-LD (schema.org).

It stands in a script element that is data: browsers do not run it, so a policy without inline script lets it pass.
"""

from __future__ import annotations

import json

from markupsafe import Markup

from feedsvc.articles.article import Article
from feedsvc.web.cards import Card
from feedsvc.web.services import services

# Nothing in a string can end the element or open a comment in it (HTML 13.2.5.20); JSON means the same by them.
_ESCAPED = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"})


def news_article(article: Article, card: Card, categories: tuple[str, ...]) -> Markup:
    """The JSON text. article: with what may be shown of it. categories: display names."""
    app = services()
    settings = app.settings
    publisher: dict[str, object] = {"@type": "Organization", "name": app.title, "url": settings.site_base + "/"}
    if settings.feeds.image:
        publisher["logo"] = {"@type": "ImageObject", "url": settings.feeds.image}
    names = [name for name in card.authors if name != article.source]
    authors = [{"@type": "Person", "name": name} for name in names] or [
        {"@type": "Organization", "name": article.source or app.title}
    ]
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": article.canonical_url,
        "mainEntityOfPage": {"@type": "WebPage", "@id": article.canonical_url},
        "url": article.canonical_url,
        "headline": card.title,
        "description": card.description,
        "image": [card.image] if card.image else [],
        "datePublished": card.published,
        "dateModified": card.modified or card.published,
        "author": authors,
        "publisher": publisher,
        "articleSection": list(categories),
        "keywords": list(article.tags),
        "inLanguage": article.language or settings.site.language,
        "isAccessibleForFree": True,
    }
    present = {name: value for name, value in said.items() if value not in ("", [])}
    return Markup(json.dumps(present, ensure_ascii=False).translate(_ESCAPED))

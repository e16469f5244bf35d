"""What pages may show of articles and categories: rights first, then what the settings say."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.articles.article import Headline
from feedsvc.articles.category import Category
from feedsvc.feeds.rights import in_force
from feedsvc.feeds.rights import permitted as permitted_article
from feedsvc.store import Reader
from feedsvc.web.services import services


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

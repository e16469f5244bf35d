"""What pages may show of articles and categories: rights first, then what the settings say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from feedsvc.articles.article import Headline
from feedsvc.articles.category import Category
from feedsvc.feeds.rights import InForce, in_force, right_of
from feedsvc.feeds.rights import permitted as permitted_article
from feedsvc.store import Reader
from feedsvc.web.services import services


def rights() -> InForce:
    """What may be passed on of each category, now."""
    app = services()
    said = app.settings.categories
    return in_force(said.rights, app.clock(), said.moves)


def permitted(reader: Reader, headlines: list[Headline]) -> list[Headline]:
    """With what may be passed on of them (feeds/rights.py); with everything where this server is the site itself."""
    said = rights()
    if services().canonical or not said:
        return headlines
    articles = reader.articles([headline.id for headline in headlines])
    shown = []
    for headline in headlines:
        article = permitted_article(articles[headline.id], said) if headline.id in articles else None
        if article is not None:
            shown.append(replace(headline, summary=article.summary))
    return shown


def withheld(reader: Reader, headlines: Iterable[Headline]) -> set[str]:
    """The ids of those of which nothing may be shown, not even their titles."""
    said = rights()
    if services().canonical or all(right.text != "none" for _, right in said):
        return set()
    stamps = reader.article_stamps([headline.id for headline in headlines])
    return {stamp.id for stamp in stamps.values() if right_of(stamp.categories, said).text == "none"}


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

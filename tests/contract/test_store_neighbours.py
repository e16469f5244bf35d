"""The articles before and after one in its category, on both databases."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from feedsvc.articles.article import Status
from feedsvc.articles.category import SITE
from feedsvc.store import Store
from tests.contract.store_samples import HOUR, NOW, an_article

DAY = timedelta(days=1)


@pytest.mark.parametrize("category", ["evening", SITE])
def test_neighbours_walk_through_the_order_of_the_list(store: Store, category: str) -> None:
    """Whatever ties there are: of the instant, and of the order key as well."""
    dice = Random(4)
    articles = [
        an_article(f"A{n}", published=NOW - HOUR * dice.randrange(5), order_key=f"_posts/{dice.choice('aZé王')}.md")
        for n in range(40)
    ]
    with store.writing() as tx:
        tx.put_articles(dice.sample(articles, 40))
    with store.reading() as reader:
        listed = reader.headlines(category, 99, NOW)
        assert len(listed) == 40
        for before, one, after in zip([None, *listed], listed, [*listed[1:], None], strict=False):
            assert reader.neighbours(one.id, category, NOW) == (before, after)


def test_neighbours_are_what_the_category_shows(store: Store) -> None:
    """Not those of other categories, withdrawn ones, drafts, or what is not due yet."""
    shown = [an_article(f"S{n}", published=NOW - n * DAY) for n in range(1, 4)]
    with store.writing() as tx:
        tx.put_articles(
            [
                *shown,
                an_article("other", published=NOW - 2 * DAY, categories=("morning",)),
                an_article("draft", published=NOW - 2 * DAY, in_feeds=False),
                an_article("gone", published=NOW - 2 * DAY, status=Status.WITHDRAWN),
                an_article("later", published=NOW + DAY),
            ]
        )
    ids = [article.id for article in shown]
    with store.reading() as reader:

        def around(article_id: str, category: str = "evening") -> list[str | None]:
            return [it.id if it else None for it in reader.neighbours(article_id, category, NOW)]

        assert [around(it) for it in ids] == [[None, ids[1]], [ids[0], ids[2]], [ids[1], None]]
        for stranger in ("other", "draft", "gone", "later", "nobody"):
            assert around(f"tag:example.com,2026:{stranger}") == [None, None], stranger
        assert around(ids[1], "no such") == [None, None]
        assert reader.neighbours(ids[0], "evening", NOW + 2 * DAY)[0] is not None, "once it is due"

"""The names under which the index finds articles by tag and by author."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.articles.labels import labels_of
from feedsvc.articles.make import make_article
from tests.unit.test_articles_significance import DRAFT, RULES


def test_labels() -> None:
    draft = replace(
        DRAFT,
        tags=("风", "a,b", "风", "长" * 167, "长" * 165),
        authors=("Lin <lin@kites.example>", "bo@kites.example", "Lin"),
    )
    article = make_article(draft, "NW1", RULES).article
    assert labels_of(article, tags=False, authors=False) == ()
    assert labels_of(article, tags=True, authors=False) == ("tag:风", "tag:a,b", "tag:" + "长" * 165)
    assert labels_of(article, tags=False, authors=True) == ("author:Lin", "author:bo")
    assert labels_of(article, tags=True, authors=True)[-1] == "author:bo"

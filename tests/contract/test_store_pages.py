"""Store contract: the addresses of all articles, part by part."""

from __future__ import annotations

from feedsvc.articles.article import Status
from feedsvc.store import Store
from tests.contract.store_samples import HOUR, NOW, an_article


def test_pages_are_those_of_articles_that_readers_see(store: Store) -> None:
    shown = [an_article(name, updated=NOW - number * HOUR) for number, name in enumerate(("a", "B", "新", "b"))]
    others = [
        an_article("c", status=Status.WITHDRAWN),
        an_article("d", in_feeds=False),
        an_article("e", published=NOW + HOUR),
    ]
    with store.writing() as tx:
        tx.put_articles([*others, *shown])
    with store.reading() as reader:
        found = reader.pages(10, NOW)
        wanted = sorted((it.id, it.canonical_url, it.updated) for it in shown)  # by code point in both databases
        assert found == wanted
        assert reader.pages(10, NOW + HOUR)[-1][0] == "tag:example.com,2026:新"
        assert len(reader.pages(10, NOW + HOUR)) == 5


def test_pages_go_on_behind_the_last_one(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles([an_article(f"n{number:03}") for number in range(25)])
    with store.reading() as reader:
        everything = reader.pages(100, NOW)
        assert len(everything) == 25
        parts, after = [], ""
        while part := reader.pages(10, NOW, after):
            parts.append(len(part))
            assert part == everything[sum(parts[:-1]) : sum(parts)]
            after = part[-1][0]
        assert parts == [10, 10, 5]
        assert reader.pages(10, NOW, "zzz") == []

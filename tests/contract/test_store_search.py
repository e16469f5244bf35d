"""The search index, on both databases."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import pytest

from feedsvc.articles.article import Article, Status
from feedsvc.articles.words import wanted, words_of
from feedsvc.sqlstore import search
from feedsvc.store import Store
from tests.contract.store_samples import NOW, an_article

MINUTE = timedelta(minutes=1)


def put(store: Store, *articles: Article) -> None:
    with store.writing() as tx:
        tx.put_articles(articles)


def index(store: Store) -> list[str]:
    """As the publisher does it; the ids, in the order in which they were taken."""
    with store.writing() as tx:
        ids = tx.unindexed(1000)
        found = tx.articles(ids)
        tx.put_words(
            {key: words_of(f"{found[key].title}\n{found[key].content_html}") if key in found else () for key in ids}
        )
    return ids


def found(store: Store, query: str, limit: int = 100, now: datetime = NOW, offset: int = 0) -> list[str]:
    asked = wanted(query)
    assert asked is not None
    with store.reading() as reader:
        return [headline.identity for headline in reader.search(asked, limit, now, offset)]


def unindexed(store: Store) -> set[str]:
    with store.reading() as reader:
        return set(reader.unindexed(1000))


def aged(name: str, minutes: int, title: str = "渡轮时刻", **other: object) -> Article:
    return an_article(name, published=NOW - minutes * MINUTE, title=title, **other)


def test_words_find_the_newest_first(store: Store) -> None:
    put(store, aged("old", 30), aged("new", 1), aged("middle", 10, "渡轮与灯塔"))
    put(store, aged("older", 60), aged("other", 5, "灯塔"))
    index(store)
    assert found(store, "渡轮") == ["new", "middle", "old", "older"]
    assert found(store, "灯塔") == ["other", "middle"]
    assert found(store, "渡轮 灯塔") == ["middle"]
    assert found(store, "渡轮 茶") == []
    assert found(store, "渡轮", limit=2) == ["new", "middle"]
    assert found(store, "渡轮", limit=2, offset=2) == ["old", "older"]


def test_beginnings_find(store: Store) -> None:
    put(store, aged("a", 1, "Catalogue of quays"), aged("b", 2, "A cat"), aged("c", 3, "喝茶"), aged("d", 4, "Concat"))
    index(store)
    assert found(store, "cat") == ["a", "b"]
    assert found(store, "cat quays") == []  # only the last word may go on
    assert found(store, "catalogue qu") == ["a"]
    assert found(store, "茶") == found(store, "喝") == ["c"]


@pytest.mark.parametrize(
    "query",
    [
        '"渡轮" OR',
        "渡轮) AND (",
        "tokens:渡轮",
        "渡轮*",
        "NEAR(渡轮)",
        "^渡轮",
        "渡轮 -",
        "'渡轮' & !",
        "渡轮\\",
        "{渡轮}:*|<->",
    ],
)
def test_no_sign_of_a_query_means_anything_to_the_database(store: Store, query: str) -> None:
    put(store, aged("a", 1, "渡轮 OR and near tokens"))
    index(store)
    assert found(store, query) == ["a"]


@pytest.mark.parametrize(
    "text", ["naïve Straße ÅNGSTRÖM", "हिन्दी समाचार", "한국어 뉴스", "ข่าวเรือ", "１２３ＡＢＣ", "ﾃｽﾄ カタカナ", "𠮷野家"]
)
def test_every_script_is_found_by_itself(store: Store, text: str) -> None:
    put(store, aged("a", 1, text), aged("b", 2, "else"))
    index(store)
    assert found(store, text) == ["a"]
    assert found(store, text.upper()) == ["a"]


def test_only_what_readers_are_shown_is_found(store: Store) -> None:
    put(store, aged("a", 1), aged("draft", 2, in_feeds=False), aged("tomorrow", -60), aged("gone", 3))
    index(store)
    with store.writing() as tx:
        tx.set_status(["tag:example.com,2026:gone"], Status.WITHDRAWN)
    assert found(store, "渡轮") == ["a"]
    assert found(store, "渡轮", now=NOW + 61 * MINUTE) == ["tomorrow", "a"]
    with store.writing() as tx:
        tx.set_status(["tag:example.com,2026:gone"], Status.PUBLISHED)
    assert found(store, "渡轮") == ["a", "gone"]


def test_many_that_are_not_shown_hide_none_that_is(store: Store) -> None:
    put(store, *(aged(f"later{number}", -number, in_feeds=number % 2 == 0) for number in range(1, 150)), aged("a", 5))
    index(store)
    assert found(store, "渡轮", limit=1) == found(store, "渡轮") == ["a"]
    assert found(store, "渡轮", offset=1) == []


def test_new_and_changed_articles_wait_to_be_indexed_newest_first(store: Store) -> None:
    put(store, aged("old", 30), aged("new", 1))
    assert index(store) == ["tag:example.com,2026:new", "tag:example.com,2026:old"]
    assert not unindexed(store)
    put(store, aged("old", 30, source_key="content/elsewhere.md"))
    assert not unindexed(store), "the same article from another file"
    put(store, aged("old", 30, "灯塔", digest="another"))
    assert unindexed(store) == {"tag:example.com,2026:old"}
    assert found(store, "渡轮") == ["new", "old"], "by what it was, until it is indexed anew"
    index(store)
    assert found(store, "渡轮") == ["new"]
    assert found(store, "灯塔") == ["old"]


def test_another_date_is_another_place(store: Store) -> None:
    put(store, aged("a", 30), aged("b", 10))
    index(store)
    put(store, aged("a", 5, digest="another"))
    index(store)
    assert found(store, "渡轮") == ["a", "b"]


def test_an_article_without_words_is_found_by_nothing(store: Store) -> None:
    put(store, aged("a", 1))
    index(store)
    with store.writing() as tx:
        tx.put_words({"tag:example.com,2026:a": (), "tag:example.com,2026:unknown": {"渡轮"}})
    assert found(store, "渡轮") == []


def test_many_of_one_second_have_each_their_place(store: Store) -> None:
    """An import without dates: all of one second, some before and after."""
    put(store, aged("before", 11), aged("after", 9))
    put(store, *(aged(f"n{number:03}", 10) for number in range(150)))
    index(store)
    put(store, *(aged(f"m{number:03}", 10) for number in range(150)))
    index(store)
    names = found(store, "渡轮", limit=1000)
    assert len(set(names)) == len(names) == 302
    assert names[-1] == "before"


def test_indexing_is_an_edition_of_its_own(store: Store) -> None:
    """So that web workers look again (store/, put_words)."""
    put(store, aged("a", 1))
    before = store.edition()
    index(store)
    assert store.edition() > before
    before = store.edition()
    with store.writing() as tx:
        tx.put_words({})
    assert store.edition() == before


def test_the_index_begins_anew_when_most_of_it_is_of_no_use(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite cannot take a row out; PostgreSQL never comes to that."""
    monkeypatch.setattr(search, "FEW_ORPHANS", 5)
    put(store, *(aged(f"n{number}", number) for number in range(4)))
    index(store)
    for version in range(4):
        put(store, *(aged(f"n{number}", number, f"渡轮{version}", digest=str(version)) for number in range(2)))
        index(store)
        while unindexed(store):
            index(store)
        assert found(store, "渡轮") == ["n0", "n1", *(["n2", "n3"])], version
        assert found(store, f"渡轮 {version}") == ["n0", "n1"]


def test_a_large_text_is_kept_within_bounds(store: Store) -> None:
    words: Collection[str] = words_of("".join(chr(0x4E00 + number % 20_000) for number in range(60_000)))
    put(store, aged("a", 1))
    with store.writing() as tx:
        tx.put_words({"tag:example.com,2026:a": words})
    assert found(store, "一丁") == ["a"]

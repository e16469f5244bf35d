"""Store contract: articles, lists, links and categories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedsvc.articles.article import Headline, Status
from feedsvc.articles.category import SITE, Category
from feedsvc.content.draft import Enclosure
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.store import Store
from tests.contract.store_samples import HOUR, NOW, an_article

LATER = NOW + 10 * HOUR


def test_an_article_comes_back_as_it_was(store: Store) -> None:
    article = an_article(
        "zh/你好-𝄞",
        title="标题 <b>&amp; \"quotes\" 😀\u2028 'x'",
        published=datetime(21, 5, 9, 1, 2, 3, 456789, tzinfo=UTC),
        updated=datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        content_html="<p>" + "正文 text " * 5000 + "</p>",
        date_only=True,
        authors=("王, 五", 'O"Neil'),
        categories=("晚报", "a b", "c/d"),
        tags=("一", ""),
        language="zh-Hant",
        image="https://example.com/%E5%9B%BE.png",
        enclosures=(Enclosure("https://e.com/a.mp3", "audio/mpeg", 2**40), Enclosure("https://e.com/b")),
        in_feeds=False,
        excerpt_only=True,
        status=Status.WITHDRAWN,
    )
    with store.writing() as tx:
        tx.put_articles([article, an_article("empty", content_html="", summary="", categories=())])
    with store.reading() as reader:
        names = [article.id, "tag:example.com,2026:empty", "tag:example.com,2026:none"]
        found = reader.articles(names)
    assert sorted(found) == sorted(names[:2]), "one that is not there is left out"
    assert found[article.id] == article
    empty = found["tag:example.com,2026:empty"]
    assert empty.content_html == "" and empty.categories == ()


def test_instants_come_back_in_utc(store: Store) -> None:
    shanghai = datetime(1969, 12, 31, 7, 59, 59, 1, tzinfo=timezone(timedelta(hours=8)))
    with store.writing() as tx:
        tx.put_articles([an_article(published=shanghai)])
    with store.reading() as reader:
        [found] = reader.articles([an_article().id]).values()
    assert found.published == shanghai and found.published.tzinfo is UTC


def test_replacing_an_article_replaces_its_places(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles([an_article(categories=("old", "both"))])
        tx.put_articles([an_article(categories=("new", "both"), content_html="<p>2</p>", title="2")])
        tx.put_articles([an_article("twice", title="first"), an_article("twice", title="second", categories=("last",))])
    with store.reading() as reader:
        assert reader.newest_articles("old", 9, NOW) == []
        assert [it.title for it in reader.newest_articles("both", 9, NOW)] == ["2"]
        assert [it.content_html for it in reader.newest_articles("new", 9, NOW)] == ["<p>2</p>"]
        assert [it.title for it in reader.headlines("last", 9, NOW)] == ["second"]
        assert reader.newest_articles("evening", 9, NOW) == []
        assert [it.slug for it in reader.categories(NOW)] == ["both", "last", "new", "old"]


def test_newest_first_and_ties_by_code_point(store: Store) -> None:
    ties = ["_posts/B.md", "_posts/a.md", "_posts/é.md", "_posts/王.md", "_posts/\U0001f600.md", "_posts/Z-1.md"]
    ties += ["_posts/Z.md", "_posts/\uff21.md", "_posts/a-b.md", "_posts/ab.md"]
    articles = [an_article(f"T{i}", order_key=key) for i, key in enumerate(ties)]
    articles += [an_article("newer", published=NOW), an_article("older", published=NOW - 9 * HOUR)]
    with store.writing() as tx:
        tx.put_articles(articles)
    with store.reading() as reader:
        keys = [it.order_key for it in reader.newest_articles("evening", 99, NOW)]
        assert keys[1:-1] == sorted(ties)
        assert [it.identity for it in reader.headlines(SITE, 1, NOW)] == ["newer"]
        assert [it.identity for it in reader.headlines(SITE, 5, NOW, offset=11)] == ["older"]
        assert len(reader.newest_articles(SITE, 3, NOW)) == 3


def test_lists_show_what_is_published_due_and_in_feeds(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles(
            [
                an_article("due", published=NOW),
                an_article("future", published=NOW + timedelta(microseconds=1)),
                an_article("draft", in_feeds=False),
                an_article("withdrawn", status=Status.WITHDRAWN),
                an_article("nowhere", categories=()),
            ]
        )
    with store.reading() as reader:
        assert [it.identity for it in reader.newest_articles("evening", 9, NOW)] == ["due"]
        assert [it.identity for it in reader.newest_articles(SITE, 9, NOW)] == ["due", "nowhere"]
        assert [it.identity for it in reader.headlines(SITE, 9, LATER)] == ["future", "due", "nowhere"]
        assert reader.article_count(NOW) == 3  # a draft has a page
        assert reader.article_count(LATER) == 4


def test_a_headline_has_the_summary_but_not_the_text(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles([an_article()])
    with store.reading() as reader:
        assert reader.headlines("evening", 1, NOW) == [
            Headline(
                "tag:example.com,2026:NW1",
                "NW1",
                "标题 NW1",
                NOW - HOUR,
                "https://example.com/NW1.html",
                "/NW1.html",
                Status.PUBLISHED,
                "摘要 NW1",
            )
        ]


def test_status_moves_an_article_in_and_out_of_lists(store: Store) -> None:
    articles = [an_article(f"NW{i}") for i in range(3)] + [an_article("draft", in_feeds=False)]
    ids = [article.id for article in articles]
    with store.writing() as tx:
        tx.put_articles(articles)
        tx.set_status(ids, Status.WITHDRAWN)
        assert tx.headlines(SITE, 9, NOW) == [] and tx.headlines("evening", 9, NOW) == []
        assert {stamp.status for stamp in tx.article_stamps(ids).values()} == {Status.WITHDRAWN}
        tx.set_status([ids[0], ids[3], "unknown"], Status.PUBLISHED)
    with store.reading() as reader:
        assert [it.id for it in reader.headlines("evening", 9, NOW)] == [ids[0]]
        assert [it.id for it in reader.newest_articles(SITE, 9, NOW)] == [ids[0]]


def test_stamps_of_thousands(store: Store) -> None:
    articles = [an_article(f"S{i}", categories=("x", "y")) for i in range(1203)]
    with store.writing() as tx:
        tx.put_articles(articles)
    with store.reading() as reader:
        stamps = reader.article_stamps([article.id for article in articles] + ["unknown"])
        assert reader.article_stamps([]) == {}
    assert set(stamps) == {article.id for article in articles}
    for article in articles:
        stamp = stamps[article.id]
        assert (stamp.digest, stamp.published, stamp.updated) == (article.digest, article.published, article.updated)
        assert (stamp.categories, stamp.source_key) == (article.categories, article.source_key)
        assert (stamp.status, stamp.in_feeds) == (Status.PUBLISHED, True)


def test_headlines_by_identity(store: Store) -> None:
    """Whole identities only; of several with one identity the published one, then the newest."""
    with store.writing() as tx:
        tx.put_articles(
            [
                an_article("en/hello"),
                an_article("NW1"),
                an_article("old", id="tag:example.com,2026:a", identity="twice", published=NOW - 9 * HOUR),
                an_article("new", id="tag:example.com,2026:b", identity="twice", published=NOW - 2 * HOUR),
                an_article("gone", id="tag:example.com,2026:c", identity="twice", status=Status.WITHDRAWN),
            ]
        )
    with store.reading() as reader:
        found = reader.headlines_by_identity(["twice", "NW1", "hello", "nw1", "", "'", *map(str, range(900))])
        assert {name: it.id for name, it in found.items()} == {
            "twice": "tag:example.com,2026:b",
            "NW1": "tag:example.com,2026:NW1",
        }
        assert found["NW1"] == reader.headline_by_identity("NW1")


def test_headline_by_identity(store: Store) -> None:
    """Contract S-rules: exact first; a bare slug only when one article is meant."""
    with store.writing() as tx:
        tx.put_articles(
            [
                an_article("en/hello"),
                an_article("zh/hello"),
                an_article("hello", status=Status.WITHDRAWN),
                an_article("deep/only"),
                an_article("gone/back", status=Status.WITHDRAWN),
                an_article("live/back"),
                an_article("a/lost", status=Status.WITHDRAWN),
                an_article("b/lost", status=Status.WITHDRAWN),
                an_article("c/single", status=Status.WITHDRAWN),
                an_article("en/double"),
                an_article("zh/double"),
            ]
        )

    def identity(asked: str) -> str | None:
        with store.reading() as reader:
            found = reader.headline_by_identity(asked)
        return None if found is None else found.identity

    assert identity("en/hello") == "en/hello"
    assert identity("hello") == "hello"  # exact, though withdrawn
    assert identity("only") == "deep/only"
    assert identity("back") == "live/back"
    assert identity("single") == "c/single"
    assert identity("lost") is None and identity("double") is None
    assert identity("HELLO") is None and identity("en/only") is None and identity("") is None


def test_article_by_path_prefers_the_published_and_newest(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles(
            [
                an_article("a", path="/%E7%8E%8B.html", published=NOW - 3 * HOUR),
                an_article("b", path="/%E7%8E%8B.html", published=NOW - 2 * HOUR),
                an_article("c", path="/%E7%8E%8B.html", status=Status.WITHDRAWN, published=NOW),
                an_article("d", path="/gone.html", status=Status.WITHDRAWN),
            ]
        )
    with store.reading() as reader:
        found = reader.article_by_path("/%E7%8E%8B.html")
        assert found is not None and found.identity == "b" and found.content_html == "<p>正文 b</p>"
        gone = reader.article_by_path("/gone.html")
        assert gone is not None and gone.status is Status.WITHDRAWN
        assert reader.article_by_path("/%e7%8e%8b.html") is None


def test_due(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles(
            [
                an_article("past", published=NOW),
                an_article("soon", published=NOW + HOUR),
                an_article("later", published=NOW + 2 * HOUR),
                an_article("never", published=NOW + HOUR / 2, status=Status.WITHDRAWN),
            ]
        )
    with store.reading() as reader:
        due = reader.due_between(NOW, NOW + 2 * HOUR)
        assert [stamp.id.rpartition(":")[2] for stamp in due] == ["soon", "later"]
        assert reader.due_between(NOW + 2 * HOUR, LATER) == []
        assert reader.next_due(NOW - HOUR) == NOW
        assert reader.next_due(NOW) == NOW + HOUR
        assert reader.next_due(NOW + 2 * HOUR) is None


def test_share_codes(store: Store) -> None:
    """Contract S01: a code leads to one article for ever."""
    with store.writing() as tx:
        tx.put_articles([an_article("NW1"), an_article("NW2", status=Status.WITHDRAWN)])
        one, two = an_article("NW1").id, an_article("NW2").id
        tx.put_links([ShareLink("first", one), ShareLink("abc", two)])
        tx.put_links([ShareLink("a-second", one, LinkKind.CUSTOM), ShareLink("orphan", "no-article")])
    with store.reading() as reader:
        found = reader.link("abc")
        assert found is not None and found[1].id == two and found[1].status is Status.WITHDRAWN
        assert reader.link("ABC") is None and reader.link("orphan") is None
        assert reader.code_of([one, two, "none"]) == {one: "a-second", two: "abc"}
        assert reader.claims(["abc", "first", "free"]) == {
            "abc": [ShareLink("abc", two)],
            "first": [ShareLink("first", one)],
        }


def test_categories(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles(
            [
                an_article("1", categories=("TechDaily", "王报"), published=NOW - 2 * HOUR),
                an_article("2", categories=("TechDaily",), published=NOW - HOUR),
                an_article("3", categories=("TechDaily",), published=NOW + HOUR),
                an_article("4", categories=("techdaily",), status=Status.WITHDRAWN),
                an_article("5", categories=("王报",), in_feeds=False, published=NOW),
            ]
        )
        tx.set_category("TechDaily", title="科技日报")
        tx.set_category("TechDaily", changed=NOW - 3 * HOUR)
        tx.set_category("announced", title="Soon")
        tx.set_category(SITE, changed=NOW)
    tech = Category(slug="TechDaily", title="科技日报", changed=NOW - 3 * HOUR, count=2, latest=NOW - HOUR)
    with store.reading() as reader:
        assert reader.categories(NOW) == [
            tech,
            Category(slug="announced", title="Soon"),
            Category(slug="techdaily"),
            Category(slug="王报", count=1, latest=NOW - 2 * HOUR),
        ]
        assert reader.category("TechDaily", NOW) == tech
        later = reader.category("TechDaily", LATER)
        assert later is not None and later.count == 3 and later.latest == NOW + HOUR
        assert reader.category("TECHDAILY", NOW) is None
        assert reader.category(SITE, NOW) == Category(slug=SITE, changed=NOW, count=2, latest=NOW - HOUR)


def test_dirty_marks(store: Store) -> None:
    with store.writing() as tx:
        tx.raise_dirty(["a", "b", SITE])
        first = tx.dirty()
        tx.raise_dirty(["a"])
        second = tx.dirty()
    assert set(first) == {"a", "b", SITE}
    assert second["a"] > first["a"] and second["b"] == first["b"]
    with store.writing() as tx:
        tx.clear_dirty(first)  # "a" has moved on meanwhile
        assert tx.dirty() == {"a": second["a"]}
        tx.clear_dirty(second)
        tx.raise_dirty(["a"])
        assert tx.dirty()["a"] > second["a"]  # cleared and raised again is another mark
        tx.raise_dirty([])
        tx.clear_dirty({})


def test_lists_use_their_index(store: Store, url: str) -> None:
    """A category of a large store must not be sorted to find its newest articles."""
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL's plan depends on its statistics")
    import sqlite3

    from sqlalchemy.dialects import sqlite

    from feedsvc.sqlstore.articles import _newest, _stamp
    from feedsvc.sqlstore.bulk import _text, _text_in
    from feedsvc.sqlstore.schema import articles

    query, order, _ = _text(sqlite.dialect(), _newest)
    listed = _text_in(sqlite.dialect(), _stamp, articles.c.id)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as conn:
        plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {query}", ("",) * len(order))]
        plan_of_listed = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {listed}", ('["1"]',))]
    page = plan.index("SCAN part")  # found first; the rest is done with its few rows
    assert any("COVERING INDEX listings_newest" in step for step in plan[:page]), plan
    assert not any("TEMP B-TREE" in step or "SCAN" in step for step in [*plan[:page], *plan[page + 1 : -1]]), plan
    assert "SEARCH articles" in plan_of_listed[0], plan_of_listed

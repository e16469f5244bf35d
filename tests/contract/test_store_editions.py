"""Store contract: what was published when, what is held, what left, and the lists that archives are made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.articles.article import Status
from feedsvc.articles.category import SITE, Category
from feedsvc.publishing.hold import Hold
from feedsvc.store import CategoryStamp, Listed, Store
from tests.contract.store_samples import HOUR, NOW, TTL, a_document, an_article

SECOND = int(NOW.timestamp())
MICROSECOND = timedelta(microseconds=1)


def hold(category: str = "evening", **other: object) -> Hold:
    values: dict[str, object] = {"category": category, "since": NOW, "reason": "vanished"}
    return Hold(**(values | other))  # type: ignore[arg-type]


def test_touched_grows_with_every_publication(store: Store) -> None:
    """Contract H05, H51: also twice in one second, and when the clock was set back."""
    with store.writing() as tx:
        tx.put_articles([an_article()])
        assert tx.category_stamps(["evening", SITE]) == {}, "known is not published"
        tx.touch(["evening", SITE, "新"], NOW)
    with store.reading() as reader:
        first = reader.category_stamps(["evening", SITE, "新", "none"])
    edition = store.edition()
    assert first == {slug: CategoryStamp(slug, edition, SECOND) for slug in ("evening", SITE, "新")}
    with store.writing() as tx:
        tx.touch(["evening"], NOW)
        assert tx.category_stamps(["evening"])["evening"].touched == SECOND + 1
        tx.touch(["evening", "evening"], NOW - HOUR)
        assert tx.category_stamps(["evening"])["evening"].touched == SECOND + 2
        tx.touch(["evening"], NOW + HOUR)
        tx.touch([], NOW + 2 * HOUR)
    with store.reading() as reader:
        now = reader.category_stamps(["evening", SITE])
        assert now["evening"].touched == SECOND + 3600
        assert now["evening"].edition == store.edition() > edition
        assert now[SITE] == first[SITE]


def test_a_later_publication_is_dated_later_than_every_other(store: Store) -> None:
    """Contract H51: what is made of several categories is dated by the newest of them, so that one must be newer."""
    for slugs in (["a", "b"], ["b"], ["a"]):
        with store.writing() as tx:
            tx.touch(slugs, NOW)
    with store.reading() as reader:
        found = reader.category_stamps(["a", "b"])
    assert (found["a"].touched, found["b"].touched) == (SECOND + 2, SECOND + 1)


def test_touching_leaves_names_alone_and_makes_categories_known(store: Store) -> None:
    with store.writing() as tx:
        tx.set_category("evening", title="晚报", changed=NOW)
        tx.touch(["evening", "new"], NOW)
    with store.reading() as reader:
        assert reader.categories(NOW) == [
            Category(slug="evening", title="晚报", changed=NOW),
            Category(slug="new"),
        ]


def test_categories_since_tells_of_the_published_and_the_held(store: Store) -> None:
    with store.writing() as tx:
        tx.touch(["b", "a"], NOW)
        first = tx.category_stamps(["a"])["a"].edition
        tx.touch(["c"], NOW)
        second = tx.category_stamps(["c"])["c"].edition
        tx.put_holds([hold("a")])
        third = tx.category_stamps(["a"])["a"].edition
    assert first < second < third == store.edition()
    with store.reading() as reader:
        assert reader.categories_since(0) == [
            CategoryStamp("b", first, SECOND),
            CategoryStamp("c", second, SECOND + 1),
            CategoryStamp("a", third, SECOND),
        ]
        assert [stamp.slug for stamp in reader.categories_since(second)] == ["a"]
        assert reader.categories_since(third) == []


def test_an_edition_is_shared_by_documents_and_categories(store: Store) -> None:
    """Whoever has seen edition n has seen everything up to it."""
    with store.writing() as tx:
        documents = tx.put_documents([a_document()])
        tx.touch([SITE], NOW)
        assert tx.category_stamps([SITE])[SITE].edition == documents + 1
    assert store.edition() == documents + 1


def test_marks_grow(store: Store) -> None:
    with store.writing() as tx:
        tx.put_marks([("evening", "2026-11"), ("evening", "2026-11"), (SITE, "2026-11"), ("tag:新", "")], NOW)
        assert tx.mark("evening", "2026-11") == tx.mark("tag:新", "") == SECOND
        tx.put_marks([("evening", "2026-11")], NOW)
        tx.put_marks([("evening", "2026-10")], NOW - HOUR)
        tx.put_marks([], NOW)
    with store.reading() as reader:
        assert reader.mark("evening", "2026-11") == SECOND + 1
        assert reader.mark("evening", "2026-10") == SECOND + 2  # the newest of several must grow too
        assert reader.mark(SITE, "2026-11") == SECOND
        assert reader.newest_mark("evening", "2026-10", "2026-11") == SECOND + 2
        assert reader.newest_mark("evening", "2026-11", "2026-11-99") == SECOND + 1
        assert reader.newest_mark("evening", "2026-11-01", "2026-12") is None
        assert reader.mark("evening", "") is None and reader.mark("Evening", "2026-11") is None


def test_many_marks_and_categories_at_once(store: Store) -> None:
    slugs = [f"c{number}" for number in range(1203)]
    with store.writing() as tx:
        tx.put_marks([(slug, "2026-11") for slug in slugs], NOW)
        tx.touch(slugs, NOW)
        tx.put_outlines({slug: f"outline of {slug}" for slug in slugs})
        tx.put_holds([hold(slug) for slug in slugs])
    with store.reading() as reader:
        assert reader.mark("c1202", "2026-11") == SECOND
        assert len(reader.category_stamps(slugs)) == len(reader.holds()) == 1203
        assert reader.outlines(slugs)["c1202"] == "outline of c1202"
    with store.writing() as tx:
        tx.release_holds(slugs)
        assert tx.holds() == []


def test_removals_are_told_until_the_article_is_back(store: Store) -> None:
    """Contract D06."""
    article = an_article("NW1", categories=("evening", "morning"))
    with store.writing() as tx:
        tx.put_articles([article, an_article("NW2")])
        tx.put_removals([("morning", article.id)], NOW - 2 * HOUR)
        assert tx.removals("morning", NOW - 9 * HOUR) == [], "it is in the list, whatever was said"
        tx.put_articles([replace(article, categories=("evening",))])
        tx.set_status([an_article("NW2").id], Status.WITHDRAWN)
        tx.put_removals([("evening", an_article("NW2").id), (SITE, an_article("NW2").id)], NOW - HOUR)
        tx.put_removals([("evening", "tag:other")], NOW)
    with store.reading() as reader:
        assert reader.removals("morning", NOW - 2 * HOUR) == [(article.id, NOW - 2 * HOUR)]
        assert reader.removals("morning", NOW - HOUR) == []
        assert reader.removals("evening", NOW - HOUR) == [
            ("tag:other", NOW),
            (an_article("NW2").id, NOW - HOUR),
        ], "newest first"
        assert reader.removals(SITE, NOW - HOUR) == [(an_article("NW2").id, NOW - HOUR)]
    with store.writing() as tx:
        tx.set_status([an_article("NW2").id], Status.PUBLISHED)
        assert tx.removals(SITE, NOW - 9 * HOUR) == []
        tx.set_status([an_article("NW2").id], Status.WITHDRAWN)
        tx.put_removals([(SITE, an_article("NW2").id)], NOW + HOUR)
        assert tx.removals(SITE, NOW - 9 * HOUR) == [(an_article("NW2").id, NOW + HOUR)], "the last time counts"


def test_outlines(store: Store) -> None:
    with store.writing() as tx:
        assert tx.outlines(["a"]) == {}
        tx.put_outlines({"a": '[0,"",[["tag:x","标题 \\u2028",1,2]]]' * 900, SITE: "site"})
        tx.put_outlines({"a": "new 新", "b": ""})
        tx.put_outlines({})
    with store.reading() as reader:
        assert reader.outlines(["a", "b", SITE, "none"]) == {"a": "new 新", "b": "", SITE: "site"}
        assert reader.outlines([]) == {}


def test_holds_keep_their_beginning(store: Store) -> None:
    whole = hold("王报", reason="renamed", counts={"before": 50, "affected": 49}, examples=("标题 'x'", "b"))
    with store.writing() as tx:
        tx.put_holds([whole, hold(SITE)])
        tx.put_holds([replace(whole, since=NOW + HOUR, reason="vanished", examples=())])
        tx.put_holds([])
        tx.put_outlines({"王报": "as it was"})
    with store.reading() as reader:
        assert reader.holds() == [hold(SITE), replace(whole, reason="vanished", examples=())]
        assert {type(it.counts) for it in reader.holds()} == {dict}
    edition = store.edition()
    with store.writing() as tx:
        tx.release_holds(["none"])
        tx.release_holds([])
    assert store.edition() == edition, "nothing was released"
    with store.writing() as tx:
        tx.release_holds(["王报", "none"])
        assert tx.holds() == [hold(SITE)]
        tx.put_holds([replace(whole, since=NOW + HOUR)])
    with store.reading() as reader:
        assert reader.holds()[1].since == NOW + HOUR, "another hold begins anew"
        assert [stamp.slug for stamp in reader.categories_since(edition)] == ["王报"]
        assert reader.categories_since(edition)[0].touched == 0


def test_past_versions_are_pruned_with_marks_of_what_left(store: Store) -> None:
    """Contract D02, D06."""
    store.acquire_lease("publisher", "me", TTL, NOW)
    with store.writing() as tx:
        tx.put_past("/feed.rss", "old", "what was in it 新" * 400, NOW - 2 * HOUR)
        tx.put_past("/feed.rss", "new", "newer", NOW)
        tx.put_past("/feed.rss", "new", "newest", NOW)
        tx.put_removals([("a", "tag:x")], NOW - 2 * HOUR)
        tx.put_removals([("a", "tag:y")], NOW)
    with store.reading() as reader:
        assert reader.past("/feed.rss", "old") == "what was in it 新" * 400
        assert reader.past("/feed.rss", "new") == "newest"
        assert reader.past("/feed.atom", "old") is None and reader.past("/feed.rss", "older") is None
    with store.writing() as tx:
        assert tx.prune(NOW - HOUR) == 2
    with store.reading() as reader:
        assert reader.past("/feed.rss", "old") is None and reader.past("/feed.rss", "new") == "newest"
        assert reader.removals("a", NOW - 9 * HOUR) == [("tag:y", NOW)]


def month_of_articles(store: Store) -> None:
    """Nine a day apart, two of them at the same instant, and what no list shows."""
    ties = {"order_key": "b"}, {"order_key": "a"}
    with store.writing() as tx:
        tx.put_articles(
            [
                *(an_article(f"D{day}", published=datetime(2026, 11, day, tzinfo=UTC)) for day in range(1, 8)),
                *(an_article(f"T{n}", published=datetime(2026, 11, 8, tzinfo=UTC), **ties[n]) for n in (0, 1)),
                an_article("hidden", published=datetime(2026, 11, 3, tzinfo=UTC), in_feeds=False),
                an_article("gone", published=datetime(2026, 11, 3, tzinfo=UTC), status=Status.WITHDRAWN),
                an_article("else", published=datetime(2026, 11, 3, tzinfo=UTC), categories=("morning",)),
                an_article("future", published=NOW + 9 * HOUR),
            ]
        )


def at(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


def test_lists_without_texts(store: Store) -> None:
    month_of_articles(store)
    with store.reading() as reader:
        lines = reader.listed("evening", 4, NOW)
        assert [line.id for line in lines] == [it.id for it in reader.newest_articles("evening", 4, NOW)]
        assert lines[0] == Listed("tag:example.com,2026:T1", "标题 T1", at(8), "a", ("evening",))
        assert [line.id.rpartition(":")[2] for line in reader.listed("evening", 3, NOW, 2)] == ["D7", "D6", "D5"]
        assert reader.listed("evening", 9, NOW, 9) == [] and reader.listed("none", 9, NOW) == []
        assert len(reader.listed(SITE, 99, NOW)) == 10
        assert reader.listed("evening", 1, NOW + 9 * HOUR)[0].title == "标题 future"


def test_a_span_from_its_oldest_on(store: Store) -> None:
    """Contract P04: parts of a month are counted from the oldest, in the opposite order of lists."""
    month_of_articles(store)

    def found(start: datetime, end: datetime, limit: int = 99, offset: int = 0) -> list[str]:
        with store.reading() as reader:
            return [it.identity for it in reader.oldest_articles("evening", start, end, limit, offset)]

    assert found(at(1), at(30)) == [*(f"D{day}" for day in range(1, 8)), "T0", "T1", "future"]
    assert found(at(2), at(4)) == ["D2", "D3"], "from the start on, before the end"
    assert found(at(2), at(30), 3, 1) == ["D3", "D4", "D5"]
    assert found(at(8), at(8) + MICROSECOND, 1, 1) == ["T1"]
    assert found(at(4), at(2)) == [] and found(at(1), at(30), 0) == []
    with store.reading() as reader:
        newest = [it.identity for it in reader.newest_articles("evening", 99, NOW)]
        assert found(at(1), NOW) == newest[::-1]
        assert reader.oldest_articles("evening", at(1), at(2), 1)[0].content_html == "<p>正文 D1</p>"


@pytest.mark.parametrize(
    ("start", "end", "number"),
    [(at(1), at(30), 10), (at(2), at(4), 2), (at(8), at(8), 0), (at(8), at(8) + MICROSECOND, 2), (at(20), at(1), 0)],
)
def test_counting_a_span(store: Store, start: datetime, end: datetime, number: int) -> None:
    month_of_articles(store)
    with store.reading() as reader:
        assert reader.count_between("evening", start, end) == number
        assert reader.count_between("none", start, end) == 0


def test_the_nearest_publication(store: Store) -> None:
    month_of_articles(store)
    with store.reading() as reader:
        assert reader.nearest("evening", before=at(3)) == at(2)
        assert reader.nearest("evening", before=at(1)) is None
        assert reader.nearest("evening", before=at(8) + MICROSECOND) == at(8)
        assert reader.nearest("evening", after=at(3)) == at(3)
        assert reader.nearest("evening", after=at(3) + MICROSECOND) == at(4)
        assert reader.nearest("evening", after=NOW + 10 * HOUR) is None
        assert reader.nearest("evening", after=datetime.min.replace(tzinfo=UTC)) == at(1)
        assert reader.nearest(SITE, before=at(9)) == at(8)
        assert reader.nearest("none", before=NOW) is None


def test_labels_follow_their_articles(store: Store) -> None:
    month_of_articles(store)
    ids = {name: an_article(name).id for name in ("D1", "D2", "T0", "T1", "hidden", "gone", "future")}

    def found(label: str, limit: int = 99, now: datetime = NOW) -> list[str]:
        with store.reading() as reader:
            return [it.identity for it in reader.labelled(label, limit, now)]

    with store.writing() as tx:
        tx.put_labels({article_id: ["tag:经济", "author:Jane Doe", "tag:经济"] for article_id in ids.values()})
    assert found("tag:经济") == ["T1", "T0", "D2", "D1"]
    assert found("tag:经济", now=NOW + 10 * HOUR)[0] == "future"
    assert found("author:Jane Doe", 2) == ["T1", "T0"]
    assert found("tag:经") == []
    with store.writing() as tx:
        tx.put_labels({ids["D1"]: ["tag:trade"], ids["D2"]: []})
        tx.set_status([ids["T0"]], Status.WITHDRAWN)
        tx.put_labels({})
    assert found("tag:经济") == ["T1"]
    assert found("tag:trade") == ["D1"]
    with store.writing() as tx:
        tx.set_status([ids["T0"]], Status.PUBLISHED)
        moved = an_article("T1", published=at(1), order_key="z")
        tx.put_articles([moved])
        tx.put_labels({moved.id: ["tag:经济"]})
    assert found("tag:经济") == ["T0", "T1"]


def test_labels_of_many_articles(store: Store) -> None:
    articles = [an_article(f"S{number}", order_key=f"{number:05}") for number in range(1203)]
    with store.writing() as tx:
        tx.put_articles(articles)
        tx.put_labels({article.id: ["tag:all", f"tag:{article.slug}"] for article in articles})
    with store.reading() as reader:
        assert [it.identity for it in reader.labelled("tag:S1202", 9, NOW)] == ["S1202"]
        assert [it.identity for it in reader.labelled("tag:all", 2, NOW)] == ["S0", "S1"]


def test_lists_by_label_and_span_use_their_indexes(store: Store, url: str) -> None:
    """An archive of a large store must not be sorted or counted through."""
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL's plan depends on its statistics")
    import sqlite3

    from sqlalchemy.dialects import sqlite

    from feedsvc.sqlstore.articles import _counted, _earliest, _labelled, _latest, _newest_listed, _oldest
    from feedsvc.sqlstore.bulk import _text

    with sqlite3.connect(url.removeprefix("sqlite:///")) as conn:
        for statement, index in (
            (_newest_listed, "listings_newest"),
            (_counted, "listings_newest"),
            (_latest, "listings_newest"),
            (_earliest, "listings_newest"),
            (_oldest, "listings_newest"),
            (_labelled, "labels_newest"),
        ):
            query, order, _ = _text(sqlite.dialect(), statement)
            plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {query}", ("",) * len(order))]
            page = plan.index("SCAN part") if "SCAN part" in plan else len(plan)  # the rows of one page, found first
            assert any(index in step for step in plan[:page]), plan
            assert not any("SCAN" in step for step in [*plan[:page], *plan[page + 1 :]]), plan
            # Ties at one instant may be sorted, and the page, never the whole list.
            assert not any(step == "USE TEMP B-TREE FOR ORDER BY" for step in plan[:page]), plan

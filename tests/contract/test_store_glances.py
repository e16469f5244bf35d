"""What the store tells of categories at one look, and which of them belong together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from feedsvc.articles.article import Status
from feedsvc.articles.glance import Glance
from feedsvc.store import Store
from tests.contract.store_samples import HOUR, NOW, an_article

SHANGHAI = ZoneInfo("Asia/Shanghai")  # NOW is 16:30 there
DAY = 24 * HOUR


def put(store: Store, *articles: Any) -> None:
    with store.writing() as transaction:
        transaction.put_articles(articles)


def seen(store: Store, days: int = 3, now: datetime = NOW, **other: Any) -> dict[str, Glance]:
    with store.reading() as reader:
        found = reader.glances(now, days, SHANGHAI, **other)
    assert [glance.slug for glance in found] == sorted(glance.slug for glance in found)
    return {glance.slug: glance for glance in found}


def related(store: Store, category: str, limit: int = 9) -> list[str]:
    with store.reading() as reader:
        return reader.related(category, limit, NOW)


def test_nothing_is_published(store: Store) -> None:
    with store.writing() as transaction:
        transaction.set_category("empty", title="Empty")
    assert seen(store) == {}
    assert related(store, "empty") == []


def test_a_glance_holds_what_is_shown(store: Store) -> None:
    put(
        store,
        an_article("A1", published=NOW - HOUR, categories=("evening", "港口")),
        an_article("A2", published=NOW - 3 * HOUR),
        an_article("A3", published=NOW + HOUR),
        an_article("A4", published=NOW - HOUR / 2, in_feeds=False),
        an_article("A5", published=NOW - HOUR / 3, status=Status.WITHDRAWN),
        an_article("A6", published=NOW + HOUR, categories=("tomorrow",)),
    )
    with store.writing() as transaction:
        transaction.set_category("evening", title="晚报")
        newest = transaction.headlines("evening", 1, NOW)[0]
    found = seen(store)
    assert list(found) == ["evening", "港口"]
    assert found["evening"] == Glance("evening", "晚报", 2, NOW - HOUR, newest, (0, 0, 2))
    assert found["港口"] == Glance("港口", "", 1, NOW - HOUR, newest, (0, 0, 1))


def test_what_is_visible_may_lie_ahead(store: Store) -> None:
    put(store, an_article("A1"), an_article("A2", published=NOW + 400 * DAY, categories=("evening", "next-year")))
    found = seen(store, visible=datetime.max.replace(tzinfo=UTC))
    assert found["evening"].count == 2 and found["evening"].pace == (0, 0, 1)
    assert found["next-year"].latest == NOW + 400 * DAY and found["next-year"].pace == (0, 0, 0)


def test_equal_dates_give_the_newest_as_lists_have_it(store: Store) -> None:
    put(
        store,
        an_article("A2", order_key="b"),
        an_article("A1", order_key="c"),
        an_article("A3", order_key="a", published=NOW - 2 * HOUR),
    )
    newest = seen(store)["evening"].newest
    with store.reading() as reader:
        assert newest == reader.headlines("evening", 1, NOW)[0]
        assert newest is not None and newest.identity == "A2"


def test_days_begin_at_midnight_of_the_zone(store: Store) -> None:
    """16:30 in Shanghai: today began 16 and a half hours ago, at 16:00 UTC of yesterday."""
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    moments = [midnight, midnight - tick, midnight - DAY, midnight - DAY - tick, midnight - 2 * DAY - tick, NOW]
    put(store, *(an_article(f"A{n}", published=moment) for n, moment in enumerate(moments)))
    assert seen(store)["evening"].pace == (1, 2, 2)
    assert seen(store, days=1)["evening"].pace == (2,)
    assert seen(store, days=4)["evening"].pace == (1, 1, 2, 2)


def test_a_day_of_25_hours_is_one_day(store: Store) -> None:
    zone = ZoneInfo("Europe/Berlin")  # where clocks went back on 25 October 2026, at 03:00
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    put(store, an_article("A1", published=start), an_article("A2", published=start + 25 * HOUR - HOUR / 60))
    with store.reading() as reader:
        [glance] = reader.glances(start + 26 * HOUR, 2, zone)
    assert glance.pace == (2, 0)


def test_a_withdrawn_article_leaves(store: Store) -> None:
    put(store, an_article("A1"), an_article("A2", published=NOW - 2 * HOUR))
    with store.writing() as transaction:
        transaction.set_status(["tag:example.com,2026:A1"], Status.WITHDRAWN)
    glance = seen(store)["evening"]
    assert glance.count == 1 and glance.newest is not None and glance.newest.identity == "A2"


def test_related_categories_share_articles(store: Store) -> None:
    put(
        store,
        an_article("A1", categories=("evening", "b", "c")),
        an_article("A2", categories=("evening", "c")),
        an_article("A3", categories=("evening", "a")),
        an_article("A4", categories=("elsewhere", "c")),
        an_article("A5", categories=("evening", "ahead"), published=NOW + HOUR),
    )
    assert related(store, "evening") == ["c", "a", "b"]
    assert related(store, "evening", limit=2) == ["c", "a"]
    assert related(store, "elsewhere") == ["c"]
    assert related(store, "unknown") == []
    assert related(store, "") == ["c", "evening", "a", "b", "elsewhere"]


def test_related_categories_are_those_of_recent_articles(store: Store) -> None:
    put(
        store,
        *(an_article(f"N{n}", categories=("evening", "new")) for n in range(200)),
        *(an_article(f"O{n}", categories=("evening", "old"), published=NOW - DAY) for n in range(300)),
    )
    assert related(store, "evening") == ["new"]

"""Store contract: day totals of share links, where people came from, and names that led nowhere (contract S14)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from feedsvc.articles.article import Status
from feedsvc.errors import StoreUnavailable
from feedsvc.sharing.click import ClickDay, Clicks, Miss, Visitor
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.sqlstore import clicks as clicks_sql
from feedsvc.store import Store
from tests.contract.store_samples import HOUR, NOW, an_article

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
PERSON, ROBOT, PREVIEW = Visitor.PERSON, Visitor.ROBOT, Visitor.PREVIEW


def people(**counts: int) -> Clicks:
    return Clicks({(code, PERSON): count for code, count in counts.items()})


def asked(names: Mapping[str, int], by_people: bool = True) -> Clicks:
    return Clicks(misses={(name, by_people): count for name, count in names.items()})


def test_totals_add_up(store: Store) -> None:
    """Contract S14: day totals per code, each kind of visitor apart."""
    store.add_clicks(Clicks({("a", PERSON): 2, ("a", ROBOT): 1, ("新闻", PREVIEW): 5}), TODAY, NOW)
    store.add_clicks(people(a=3), TODAY, NOW + HOUR)
    store.add_clicks(people(a=10), TODAY - DAY, NOW)
    store.add_clicks(Clicks(), TODAY, NOW)
    with store.reading() as reader:
        assert reader.clicks(["a", "新闻", "unknown"], TODAY - DAY, TODAY) == [
            ClickDay("a", TODAY - DAY, PERSON, 10),
            ClickDay("a", TODAY, PERSON, 5),
            ClickDay("a", TODAY, ROBOT, 1),
            ClickDay("新闻", TODAY, PREVIEW, 5),
        ]
        assert reader.clicks(["a"], TODAY - DAY, TODAY - DAY) == [ClickDay("a", TODAY - DAY, PERSON, 10)]
        assert reader.clicks([], TODAY, TODAY) == reader.clicks(["a"], TODAY + DAY, TODAY + 2 * DAY) == []
        many = [f"c{number}" for number in range(1_200)]
    store.add_clicks(Clicks({(code, PERSON): 1 for code in many}), TODAY, NOW)
    with store.reading() as reader:
        assert sum(day.count for day in reader.clicks(many, TODAY, TODAY)) == 1_200


def test_counting_tells_of_no_new_edition(store: Store) -> None:
    before = store.edition()
    store.add_clicks(people(a=1), TODAY, NOW)
    assert store.edition() == before


def test_what_people_followed_most(store: Store) -> None:
    """Over all names of an article; the name counts for whom it leads to, whoever else claims it."""
    one, other, third = an_article("N1"), an_article("N2", published=NOW - 2 * HOUR), an_article("N3")
    with store.writing() as tx:
        tx.put_articles([one, other, third])
        tx.put_links(
            [
                ShareLink("one", one.id),
                ShareLink("ferry", one.id, LinkKind.CUSTOM),
                ShareLink("/old.html", one.id, LinkKind.IMPORTED),
                ShareLink("two", other.id),
                ShareLink("shared", one.id, LinkKind.ALIAS),
                ShareLink("shared", other.id, LinkKind.ALIAS),  # the earlier publication wins
                ShareLink("three", third.id),
            ]
        )
    store.add_clicks(people(one=1, ferry=2, two=1, shared=3, nobodys=99, three=4), TODAY, NOW)
    store.add_clicks(Clicks({("/old.html", PERSON): 2, ("two", ROBOT): 500}), TODAY - DAY, NOW)
    with store.reading() as reader:
        assert reader.top_links(TODAY - DAY, TODAY, 10) == [(one.id, 5), (other.id, 4), (third.id, 4)]
        assert reader.top_links(TODAY, TODAY, 2) == [(other.id, 4), (third.id, 4)]
        assert reader.top_links(TODAY + DAY, TODAY + DAY, 10) == []
    with store.writing() as tx:
        tx.set_status([other.id], Status.WITHDRAWN)
        assert tx.top_links(TODAY, TODAY, 1) == [(one.id, 6)], "the shared name leads there now"


def test_where_people_came_from(store: Store) -> None:
    """Contract S14: the referring host, and no more of it."""
    store.add_clicks(
        Clicks(referrers={("a", "x.example"): 2, ("b", "y.example"): 2, ("b", "x.example"): 1}), TODAY, NOW
    )
    store.add_clicks(Clicks(referrers={("a", "x.example"): 1}), TODAY - DAY, NOW)
    with store.reading() as reader:
        assert reader.referrers(["a", "b"], TODAY - DAY, TODAY, 10) == [("x.example", 4), ("y.example", 2)]
        assert reader.referrers(["b"], TODAY, TODAY, 1) == [("y.example", 2)]
        assert reader.referrers(["b"], TODAY, TODAY, 1) == [("y.example", 2)]
        assert reader.referrers(["a"], TODAY, TODAY, 10) == [("x.example", 2)]
        assert reader.referrers([], TODAY, TODAY, 10) == []


def test_names_that_led_nowhere_are_ranked(store: Store) -> None:
    store.add_clicks(asked({"typo": 2, "/old": 1}), TODAY, NOW)
    store.add_clicks(asked({"typo": 1, "wp-login": 900}, by_people=False), TODAY, NOW + HOUR)
    store.add_clicks(asked({"typo": 1, "b": 1}), TODAY, NOW + 2 * HOUR)
    with store.reading() as reader:
        assert reader.misses(10) == [
            Miss("typo", 3, 1, NOW, NOW + 2 * HOUR),
            Miss("/old", 1, 0, NOW, NOW),
            Miss("b", 1, 0, NOW + 2 * HOUR, NOW + 2 * HOUR),
            Miss("wp-login", 0, 900, NOW + HOUR, NOW + HOUR),
        ]
        assert [miss.name for miss in reader.misses(2, offset=1)] == ["/old", "b"]
    with store.writing() as tx:
        tx.forget_misses(["typo", "b", "unknown"])
        tx.forget_misses([])
        assert [miss.name for miss in tx.misses(10)] == ["/old", "wp-login"]


def test_only_so_many_unknown_names_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What robots try out does not keep people's from being remembered, and what is known goes on being counted."""
    monkeypatch.setattr(clicks_sql, "MOST_MISSES", 10)
    monkeypatch.setattr(clicks_sql, "MOST_BY_ROBOTS", 6)
    store.add_clicks(asked({f"scan{number:02}": 1 for number in range(50)}, by_people=False), TODAY, NOW)
    store.add_clicks(asked({f"scan{number:02}": 1 for number in range(50, 99)}, by_people=False), TODAY, NOW)
    store.add_clicks(asked({f"typo{number:02}": 1 for number in range(50)}), TODAY, NOW)
    store.add_clicks(asked({"scan00": 1, "later": 1}), TODAY, NOW)
    with store.reading() as reader:
        names = [miss.name for miss in reader.misses(100)]
    assert names == ["scan00", *(f"typo{n:02}" for n in range(4)), *(f"scan{n:02}" for n in range(1, 6))]


def test_who_tries_out_thousands_of_names_does_not_hide_others_for_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked for once, a while ago, makes room; what several asked for stays."""
    monkeypatch.setattr(clicks_sql, "MOST_MISSES", 10)
    monkeypatch.setattr(clicks_sql, "MOST_BY_ROBOTS", 3)
    store.add_clicks(asked({"poster": 2}), TODAY, NOW)
    store.add_clicks(asked({"scan1": 1, "scan2": 1}, by_people=False), TODAY, NOW)
    store.add_clicks(asked({f"flood{number}": 1 for number in range(9)}), TODAY, NOW)
    store.add_clicks(asked({"printed": 1}), TODAY, NOW + timedelta(minutes=59))
    later = NOW + timedelta(minutes=61)
    store.add_clicks(asked({"flood0": 1, "leaflet": 1, "letter": 1}), TODAY, later)
    with store.reading() as reader:
        names = [miss.name for miss in reader.misses(100)]
    assert names == ["flood0", "poster", "flood3", "flood4", "flood5", "flood6", "leaflet", "letter", "scan1", "scan2"]


def test_what_is_old_is_forgotten(store: Store) -> None:
    store.add_clicks(people(a=1), TODAY - 2 * DAY, NOW)
    store.add_clicks(people(a=1), TODAY - DAY, NOW)
    store.add_clicks(Clicks(referrers={("a", "x.example"): 1}), TODAY - 2 * DAY, NOW)
    store.add_clicks(asked({"long ago": 1}), TODAY, NOW - 3 * DAY)
    store.add_clicks(asked({"again": 1}), TODAY, NOW - 3 * DAY)
    store.add_clicks(asked({"again": 1}), TODAY, NOW)
    with store.writing() as tx:
        assert tx.prune_clicks(TODAY - DAY) == 3
        assert tx.prune_clicks(TODAY - DAY) == 0
        assert [day.day for day in tx.clicks(["a"], TODAY - 9 * DAY, TODAY)] == [TODAY - DAY]
        assert [miss.name for miss in tx.misses(10)] == ["again"]
        assert tx.referrers(["a"], TODAY - 9 * DAY, TODAY, 10) == []


def test_no_worker_waits_for_a_publisher(store: Store, url: str) -> None:
    """While one writes, and for as long as it likes. SQLite has one writer: there it waits, and then succeeds."""
    done = threading.Event()

    def count() -> None:
        store.add_clicks(people(a=1), TODAY, NOW)
        done.set()

    worker = threading.Thread(target=count)
    with store.writing() as tx:
        tx.put_articles([an_article()])
        worker.start()
        assert done.wait(10 if url.startswith("postgresql") else 0.2) is url.startswith("postgresql")
    worker.join(10)
    with store.reading() as reader:
        assert reader.clicks(["a"], TODAY, TODAY) == [ClickDay("a", TODAY, PERSON, 1)]


def test_many_workers_at_once_lose_nothing(store: Store) -> None:
    """The same rows, named in other orders, with housekeeping between: nobody waits for one who waits for him."""
    names = [f"name{number}" for number in range(40)]
    failed: list[BaseException] = []

    def work(turn: int) -> None:
        order = names if turn % 2 else names[::-1]
        clicks = Clicks(
            {(name, PERSON): 1 for name in order},
            {(name, "x.example"): 1 for name in order},
            {(name, True): 1 for name in order},
        )
        try:
            for _ in range(10):
                store.add_clicks(clicks, TODAY, NOW)
        except StoreUnavailable as error:
            failed.append(error)

    workers = [threading.Thread(target=work, args=(turn,)) for turn in range(6)]
    for worker in workers:
        worker.start()
    for _ in range(5):
        with store.writing() as tx:
            tx.prune_clicks(TODAY - DAY)
    for worker in workers:
        worker.join(60)
    assert failed == []
    with store.reading() as reader:
        assert {day.count for day in reader.clicks(names, TODAY, TODAY)} == {60}
        assert reader.referrers(names, TODAY, TODAY, 1) == [("x.example", 60 * len(names))]
        assert {miss.people for miss in reader.misses(100)} == {60}

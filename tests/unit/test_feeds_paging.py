"""A feed's links to its other pages and its archives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedsvc.articles.category import SITE, Category
from feedsvc.feeds.build import build_feed
from feedsvc.feeds.paging import archive_path, last_page, linked, month_of
from tests.unit.feed_samples import NEWS, NOON, RULES, article, links

TWO = [article("a"), article("b", 60 * 24 * 30)]


def test_p01_p04_the_first_page_links_the_next_the_last_and_the_archive() -> None:
    """Contract P01, P04: prev-archive is the month of the last entry shown."""
    feed = linked(build_feed(replace(NEWS, count=70), TWO, replace(RULES, max_items=20)))
    assert links(feed, ".rss") == {
        "next": "/feeds/news.rss?page=2",
        "last": "/feeds/news.rss?page=5",  # 2, 20, 20, 20, 8
        "prev-archive": "/feeds/news/archive/2026-10.rss",
    }
    assert not feed.complete


def test_the_sites_feed_has_addresses_of_its_own() -> None:
    feed = linked(build_feed(Category(slug=SITE, count=51), [article()] * 50, RULES))
    assert links(feed) == {
        "next": "/feed.atom?page=2",
        "last": "/feed.atom?page=2",
        "prev-archive": "/feed/archive/2026-11.atom",
    }


def test_chinese_names_are_escaped() -> None:
    feed = linked(build_feed(Category(slug="新", count=9), TWO, RULES))
    assert links(feed, ".json")["next"] == "/feeds/%E6%96%B0.json?page=2"
    assert links(feed, ".json")["prev-archive"] == "/feeds/%E6%96%B0/archive/2026-10.json"


@pytest.mark.parametrize("articles", [TWO, TWO[:1], []])
def test_p05_what_shows_all_there_is_says_so_and_links_nothing(articles: list[object]) -> None:
    """Contract P05; an empty category holds all there is as well."""
    feed = linked(build_feed(replace(NEWS, count=len(articles)), TWO[: len(articles)], RULES))
    assert feed.complete and feed.links == ()


def test_who_does_not_know_says_neither() -> None:
    unknown = build_feed(replace(NEWS, count=1), TWO, RULES)
    assert linked(unknown) == unknown and not unknown.complete
    nothing_shown = replace(build_feed(replace(NEWS, count=9), [], RULES), total=9)
    assert linked(nothing_shown) == nothing_shown and not nothing_shown.complete


@pytest.mark.parametrize(
    ("total", "shown", "size", "last"),
    [(0, 0, 50, 1), (50, 50, 50, 1), (51, 50, 50, 2), (100, 50, 50, 2), (101, 50, 50, 3), (10, 3, 5, 3), (3, 9, 5, 1)],
)
def test_p01_the_last_page(total: int, shown: int, size: int, last: int) -> None:
    assert last_page(total, shown, size) == last


def test_p04_months_are_those_of_utc() -> None:
    new_year = datetime(2027, 1, 1, 7, tzinfo=timezone(timedelta(hours=8)))
    assert month_of(new_year) == "2026-12"
    assert month_of(datetime(999, 3, 1, tzinfo=UTC)) == "0999-03"
    assert archive_path("/feeds/news", (month_of(NOON), None)) == "/feeds/news/archive/2026-11"
    assert archive_path("/feed", (month_of(NOON), 2)) == "/feed/archive/2026-11/2"

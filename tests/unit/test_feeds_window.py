"""How many of the newest articles a feed shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.kinds import variant_feed
from feedsvc.feeds.window import MOST, Window, lifetime_of, needed, since, window_of, within
from feedsvc.settings import FeedSettings, Settings
from tests.unit.feed_samples import NEWS, NOON, RULES, article, names


def hourly(number: int) -> list[Article]:
    """One article an hour, newest first."""
    return [article(str(n), 60 * n) for n in range(number)]


def test_each_feed_may_have_a_lifetime_of_its_own() -> None:
    """Contract H32, RS08."""
    own = {"news": {"cache_seconds": 60}, "bulletin": {"cache_seconds": 0}, "other": {"items": 3}}
    settings = Settings.model_validate({"feeds": {"cache_seconds": 900, "windows": own}})
    rules = FeedRules.from_settings(settings, "example.com,2026")
    assert [lifetime_of(slug, rules) for slug in ("news", "bulletin", "other", SITE)] == [60, 0, 900, 900]
    assert build_feed(NEWS, [], rules).ttl_seconds == 60


def test_a_category_has_the_general_limits_where_it_has_none_of_its_own() -> None:
    settings = Settings.model_validate(
        {
            "feeds": {
                "max_items": 40,
                "hours": 12,
                "max_bytes": 500_000,
                "windows": {"news": {"items": 7}, "": {"hours": 48, "bytes": 90_000}, "新": {"items": 3, "hours": 1}},
            }
        }
    )
    rules = FeedRules.from_settings(settings, "example.com,2026")
    assert window_of("news", rules) == Window(7, 12, 500_000)
    assert window_of(SITE, rules) == Window(40, 48, 90_000)
    assert window_of("新", rules) == Window(3, 1, 500_000)
    assert window_of("other", rules) == Window(40, 12, 500_000)
    assert window_of("news", FeedRules.from_settings(Settings(feeds=FeedSettings()), "a.example,2026")).hours == 0


@pytest.mark.parametrize(("hours", "shown"), [(0, 5), (1, 5), (3, 5), (5, 6), (6, 7), (100, 20)])
def test_everything_of_the_newest_hours_even_above_the_number(hours: int, shown: int) -> None:
    """Counted from the newest article, both ends included; never fewer than the number."""
    feed = build_feed(NEWS, hourly(20)[::-1], replace(RULES, max_items=5, hours=hours))
    assert names(feed) == [str(n) for n in range(shown)]


def test_the_caller_knows_how_many_to_read() -> None:
    window = Window(items=5, hours=6, bytes=0)
    assert since(window, NOON) == NOON - timedelta(hours=6)
    assert since(window, None) is None and since(replace(window, hours=0), NOON) is None
    assert [needed(window, number) for number in (0, 5, 6, 999, 5000)] == [5, 5, 6, 999, MOST]
    assert needed(Window(3000, 6, 0), 5000) == 3000  # a number that was asked for is no surprise
    articles = hourly(20)
    start = since(window, articles[0].published)
    assert start is not None
    in_hours = sum(article.published >= start for article in articles)
    assert within(window, articles[: needed(window, in_hours)]) == within(window, articles)


def test_hours_make_no_feed_of_thousands() -> None:
    busy = [article(f"{n:05}") for n in range(MOST + 20)]
    assert len(build_feed(NEWS, busy, replace(RULES, hours=1)).entries) == MOST


def test_hours_beyond_the_calendar_are_all_of_time() -> None:
    window = Window(1, 10**15, 0)
    assert since(window, NOON) == datetime.min.replace(tzinfo=UTC)
    assert len(within(window, hourly(9))) == 9


def test_a_feeds_own_window_counts_for_it_and_its_variants_alone() -> None:
    settings = Settings.model_validate({"feeds": {"max_items": 9, "windows": {"news": {"items": 2, "hours": 3}}}})
    rules = FeedRules.from_settings(settings, "example.com,2026")
    assert names(build_feed(NEWS, hourly(20), rules)) == ["0", "1", "2", "3"]
    assert names(variant_feed(NEWS, hourly(20), rules, "brief")) == ["0", "1", "2", "3"]
    assert len(build_feed(replace(NEWS, slug="other"), hourly(20), rules).entries) == 9
    assert build_feed(NEWS, hourly(20), rules).page_size == 2


def test_age_cuts_whatever_the_window() -> None:
    days = [article(str(n), 1440 * n) for n in range(9)]
    assert names(build_feed(NEWS, days, replace(RULES, hours=24 * 8, max_items=2, max_age_days=3))) == list("0123")

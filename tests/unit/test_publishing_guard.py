"""The change guard by itself: what two outlines tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.rights import Right
from feedsvc.publishing.guard import (
    GuardRules,
    Outline,
    Shown,
    beginning,
    changes,
    is_empty,
    judge,
    meant,
    outline_of,
    read_outline,
    remember,
)
from feedsvc.settings import Settings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = GuardRules()


def entry(number: int, **other: object) -> Entry:
    """The larger the number, the newer."""
    when = NOON + timedelta(hours=number)
    values: dict[str, object] = {
        "id": f"tag:example.com,2026:n{number}",
        "title": f"News {number}",
        "link": f"https://example.com/n{number}",
        "published": when,
        "updated": when,
    }
    return Entry(**(values | other))  # type: ignore[arg-type]


def feed(*entries: Entry, total: int | None = None) -> Feed:
    return Feed(
        id="tag:example.com,2026:feed/news",
        title="News",
        description="News",
        path="/feeds/news",
        base_url="https://feeds.example.com",
        home_url="https://feeds.example.com/categories/news/",
        language="en",
        updated=NOON,
        entries=tuple(sorted(entries, key=lambda one: one.published, reverse=True)),
        total=len(entries) if total is None else total,
    )


def verdict(old: Feed, new: Feed, rules: GuardRules = RULES) -> str:
    """The reason and the number of entries behind it, "" for none."""
    found = judge(outline_of(old), outline_of(new), rules)
    return f"{found.reason} {found.counts['affected']} of {found.counts['before']}" if found else ""


TEN = [entry(number) for number in range(10)]


def test_an_outline_says_what_is_shown() -> None:
    shown = feed(entry(2, title='标题 "x" \u2028 </a>'), entry(1, updated=NOON + timedelta(microseconds=7)), total=9)
    found = read_outline(outline_of(shown))
    start = int(NOON.timestamp()) * 1_000_000
    hour = 3_600_000_000
    assert found == Outline(
        (
            Shown("tag:example.com,2026:n2", '标题 "x" \u2028 </a>', start + 2 * hour, start + 2 * hour),
            Shown("tag:example.com,2026:n1", "News 1", start + hour, start + 7),
        ),
        more=True,
    )
    assert read_outline("") is None
    assert is_empty("") and is_empty(outline_of(feed())) and not is_empty(outline_of(shown))


@pytest.mark.parametrize(("gone", "said"), [(0, ""), (5, ""), (6, "vanished 6 of 10"), (10, "vanished 10 of 10")])
def test_more_than_the_set_share_must_vanish(gone: int, said: str) -> None:
    assert verdict(feed(*TEN), feed(*TEN[gone:])) == said


@pytest.mark.parametrize(("number", "said"), [(3, ""), (4, "renamed 4 of 10"), (10, "renamed 10 of 10")])
def test_more_than_the_set_share_must_get_other_ids(number: int, said: str) -> None:
    other = [replace(one, id=f"{one.id}x") for one in TEN[:number]]
    assert verdict(feed(*TEN), feed(*other, *TEN[number:])) == said


@pytest.mark.parametrize(("number", "said"), [(1, ""), (9, ""), (10, "updated 10 of 10")])
def test_more_than_the_set_share_must_be_updated(number: int, said: str) -> None:
    other = [replace(one, updated=NOON + timedelta(days=3)) for one in TEN[:number]]
    assert verdict(feed(*TEN), feed(*other, *TEN[number:])) == said


def test_entries_that_come_a_second_time_under_another_id_are_renamed() -> None:
    """While the old ones are still there: readers would see everything twice."""
    again = [replace(one, id=f"{one.id}x") for one in TEN]
    assert verdict(feed(*TEN), feed(*TEN, *again)) == "renamed 10 of 10"


def test_entries_that_are_gone_are_renamed_by_their_title_alone() -> None:
    moved = [replace(one, id=f"{one.id}x", published=one.published + timedelta(days=9)) for one in TEN]
    assert verdict(feed(*TEN), feed(*moved)) == "renamed 10 of 10"


def test_a_column_with_the_same_titles_every_day_is_no_renaming() -> None:
    column = [entry(number, title="The weather") for number in range(20)]
    assert verdict(feed(*column[:10]), feed(*column)) == ""
    assert verdict(feed(*column[:10]), feed(*column[10:], total=20)) == ""


def test_what_newer_entries_push_off_the_end_has_not_vanished() -> None:
    newer = [entry(number) for number in range(10, 20)]
    assert verdict(feed(*TEN, total=30), feed(*newer, total=40)) == ""
    assert verdict(feed(*TEN), feed(*newer)) == "vanished 10 of 10", "there is nothing older: they were taken out"


def test_of_entries_of_one_instant_some_may_be_pushed_off() -> None:
    same = [replace(one, published=NOON) for one in TEN]
    newer = [entry(number) for number in range(10, 19)]
    assert verdict(feed(*same, total=20), feed(same[0], *newer, total=29)) == ""


def test_one_entry_is_renamed_once_however_many_are_like_it() -> None:
    like_it = [replace(TEN[0], id=f"tag:x{number}") for number in range(5)]
    assert verdict(feed(*TEN), feed(*TEN, *like_it)) == ""


def updated_at(*minutes: float) -> str:
    """Outline of the ten, updated so many minutes after a day has passed."""
    day = NOON + timedelta(days=1)
    return outline_of(
        feed(*[replace(one, updated=day + timedelta(minutes=at)) for one, at in zip(TEN, minutes, strict=True)])
    )


@pytest.mark.parametrize(
    ("minutes", "steps", "said"),
    [
        ([0.1 * number for number in range(10)], True, "updated"),
        ([0.5 * number for number in range(10)], True, ""),
        ([0.5 * number for number in range(10)], False, "updated"),  # what a build says of its files, all at once
        ([-60, *(0.1 * number for number in range(9))], True, ""),
    ],
)
def test_in_small_steps_only_what_is_updated_in_one_go_counts(minutes: list[float], steps: bool, said: str) -> None:
    found = judge(outline_of(feed(*TEN)), updated_at(*minutes), RULES, steps=steps)
    assert (found.reason if found else "") == said


def test_updates_of_the_few_that_a_busy_morning_leaves_are_no_accident() -> None:
    left = [replace(one, updated=NOON + timedelta(days=3)) for one in TEN[8:]]
    newer = [entry(number) for number in range(10, 18)]
    assert verdict(feed(*TEN, total=20), feed(*left, *newer, total=28)) == ""


def test_a_smaller_window_is_no_loss() -> None:
    assert verdict(feed(*TEN), feed(*TEN[8:], total=10)) == ""


def test_entries_missing_among_those_that_are_still_shown_have_vanished() -> None:
    """Older ones have moved up from below."""
    older = [entry(number) for number in range(-20, 0)]
    assert verdict(feed(*TEN, total=40), feed(TEN[0], *older[-9:], total=31)) == "vanished 9 of 10"


def test_small_feeds_are_never_held() -> None:
    assert verdict(feed(*TEN[:9]), feed()) == ""
    assert verdict(feed(*TEN[:9]), feed(), replace(RULES, min_entries=9)) == "vanished 9 of 9"


def test_nothing_before_nothing_held() -> None:
    assert judge("", outline_of(feed(*TEN)), RULES) is None


def test_a_change_by_the_settings_themselves_is_meant() -> None:
    """Only where something shown is concerned: an accident elsewhere must not slip through with it."""
    lent = (("ports", Right("summary", ("© Lender",))),)
    was = read_outline(outline_of(feed(*TEN), lent, ["quays"]))
    assert was is not None and (was.rights, was.joined) == (lent, ("quays",))
    its = {one.id: ("ports", "rail") for one in TEN}
    assert not meant(was, its, lent, ["quays"])
    assert meant(was, its, lent, [])
    assert meant(was, its, (("ports", Right("none")),), ["quays"])
    assert meant(was, its, (), ["quays"])
    assert meant(was, its, (*lent, ("rail", Right("none"))), ["quays"])
    assert not meant(was, its, (*lent, ("roads", Right("none"))), ["quays"])


def test_what_is_remembered_reaches_ten_minutes_back() -> None:
    minute = timedelta(minutes=1)
    first = remember("one", "", NOON)
    assert first == "one" and beginning(first, NOON) == ""
    second = remember("two", first, NOON + minute)
    assert beginning(second, NOON + 11 * minute) == "one"
    assert beginning(second, NOON + 12 * minute) == ""
    third = remember("three", second, NOON + 2 * minute)
    assert beginning(third, NOON + 3 * minute) == "one"
    later = remember("four", third, NOON + 12 * minute)
    assert beginning(later, NOON + 13 * minute) == "three"
    assert remember("five", later, NOON + 13 * minute, anew=True) == "five"
    assert beginning(remember("six", later, NOON), NOON) == "four", "a clock set back"
    assert beginning(later, NOON) == "", "what began later than now began at another time"
    whole = outline_of(feed(*TEN))
    assert read_outline(remember(whole, second, NOON + minute)) == read_outline(whole)
    assert is_empty(remember(outline_of(feed()), whole, NOON)) and not is_empty(
        remember(whole, outline_of(feed()), NOON)
    )


def test_switched_off() -> None:
    assert verdict(feed(*TEN), feed(), replace(RULES, enabled=False)) == ""


def test_the_examples_are_a_few_different_titles() -> None:
    many = [entry(number, title=f"News {number // 2}") for number in range(40)]
    found = judge(outline_of(feed(*many)), outline_of(feed()), RULES)
    assert found is not None
    assert found.examples == tuple(f"News {number}" for number in range(19, 9, -1))
    hold = found.hold("news", NOON)
    assert (hold.category, hold.since, hold.reason) == ("news", NOON, "vanished")
    assert hold.counts == {"before": 40, "affected": 40}


def test_changes_are_told_apart() -> None:
    old = read_outline(outline_of(feed(*TEN)))
    changed = [replace(TEN[3], id="tag:x"), replace(TEN[4], updated=NOON + timedelta(days=1)), *TEN[5:], entry(11)]
    new = read_outline(outline_of(feed(*changed)))
    assert old and new
    found = changes(old, new)
    assert (found.before, found.kept) == (10, 6)
    assert [one.title for one in found.vanished] == ["News 2", "News 1", "News 0"]
    assert [(was.id, now.id) for was, now in found.renamed] == [(TEN[3].id, "tag:x")]
    assert [one.title for one in found.updated] == ["News 4"]
    assert [one.title for one in found.fresh] == ["News 11", "News 3"]


def test_rules_come_from_the_settings() -> None:
    settings = Settings.model_validate({"guard": {"min_entries": 3, "vanished_share": 0.25, "exempt": ["Cafe\u0301"]}})
    assert GuardRules.from_settings(settings) == GuardRules(True, 3, 0.25, 0.9, 0.3, ("Café",))
    assert GuardRules.from_settings(Settings()) == RULES, "the defaults are the same"

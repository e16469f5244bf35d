"""Characters, dates and persons as feeds carry them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.person import Person, person
from feedsvc.feeds.dates import rfc822, rfc3339
from feedsvc.feeds.feed import Entry, Source
from feedsvc.feeds.legal import legal, legal_entry, legal_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x01b\x85c", "abc"),  # the contract's own example
        ("tab\there\nthere", "tab\there\nthere"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\x00\x08\x0b\x0c\x0e\x1f\x7f\x80\x9f", ""),
        ("\ufffd\ufffe\uffff\ud800\udfff", ""),
        ("\xa0\u200f\u2028\U0001f600\U00010ffd", "\xa0\u200f\u2028\U0001f600\U00010ffd"),
    ],
)
def test_f03_illegal_characters_go_and_all_others_stay(text: str, expected: str) -> None:
    assert legal(text) == expected


def test_a_line_has_no_line_ends_but_keeps_the_full_width_blank() -> None:
    assert legal_line(" 标题　副标题\n\tnext\r\n") == "标题　副标题 next"


def test_rs06_dates_are_english_utc_and_have_four_digit_years() -> None:
    nepal = timezone(timedelta(hours=5, minutes=45))
    assert rfc822(datetime(2026, 11, 20, 2, 15, 7, 999, tzinfo=nepal)) == "Thu, 19 Nov 2026 20:30:07 +0000"
    assert rfc822(datetime(21, 1, 2, tzinfo=UTC)) == "Sat, 02 Jan 0021 00:00:00 +0000"


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(minutes=630))])))
def test_rs06_dates_are_those_of_the_standard_library(instant: datetime) -> None:
    try:
        expected = format_datetime(instant.astimezone(UTC))
    except OverflowError:  # before the year 1, or after 9999, in UTC
        return
    assert rfc822(instant) == expected


def test_at07_rfc3339_with_zone() -> None:
    nepal = timezone(timedelta(hours=5, minutes=45))
    assert rfc3339(datetime(2026, 11, 20, 2, 15, tzinfo=nepal)) == "2026-11-19T20:30:00Z"
    assert rfc3339(datetime(2026, 11, 20, 0, 0, 0, 17, tzinfo=UTC)) == "2026-11-20T00:00:00.000017Z"


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAPER = Source("tag:e.example,2026:source/paper", "Paper", NOON, "https://paper.example/feed.xml")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (None, None),
        (PAPER, PAPER),
        (Source(PAPER.id + "\x01", " Pa\x02per\n", NOON, PAPER.url + " "), PAPER),
        (Source(PAPER.id, "\x00 ", NOON), None),
        (Source(PAPER.id, "", NOON, PAPER.url), None),
    ],
    ids=["none", "tidy", "untidy", "no title left", "no title"],
)
def test_f03_at10_a_source_is_cleaned_or_left_out(source: Source | None, expected: Source | None) -> None:
    entry = Entry(id="a", title="a", link="a", published=NOON, updated=NOON, source=source)
    assert legal_entry(entry).source == expected


def test_f03_the_type_of_a_picture_is_cleaned() -> None:
    entry = Entry(id="a", title="a", link="a", published=NOON, updated=NOON, image="b", image_type="image/\x1fpng ")
    assert legal_entry(entry).image_type == "image/png"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jane Doe", Person("Jane Doe")),
        ("林一", Person("林一")),
        ("Jane Doe <jane@example.com>", Person("Jane Doe", "jane@example.com")),
        ('"Doe, Jane" <jane@example.com>', Person("Doe, Jane", "jane@example.com")),
        ("jane@example.com (Jane Doe)", Person("Jane Doe", "jane@example.com")),
        ("jane@example.com", Person("jane", "jane@example.com")),
        ("<jane@example.com>", Person("jane", "jane@example.com")),
        ("Jane, jane@example.com, and Joe", Person("Jane, jane, and Joe")),
        ("Jane @ Example", Person("Jane @ Example")),
    ],
)
def test_person(text: str, expected: Person) -> None:
    assert person(text) == expected


def test_rs12_no_rss_form_without_a_mail_address() -> None:
    assert person("Jane Doe <jane@example.com>").rss == "jane@example.com (Jane Doe)"
    assert person("Jane Doe").rss == ""

"""Characters, dates and persons as feeds carry them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedsvc.feeds.dates import rfc822, rfc3339
from feedsvc.feeds.legal import legal, legal_line
from feedsvc.feeds.person import Person, person


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


def test_at07_rfc3339_with_zone() -> None:
    nepal = timezone(timedelta(hours=5, minutes=45))
    assert rfc3339(datetime(2026, 11, 20, 2, 15, tzinfo=nepal)) == "2026-11-19T20:30:00Z"
    assert rfc3339(datetime(2026, 11, 20, 0, 0, 0, 17, tzinfo=UTC)) == "2026-11-20T00:00:00.000017Z"


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

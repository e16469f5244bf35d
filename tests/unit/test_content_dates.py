"""The date table of jekyll-compat.md section 4, and what is no date."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from feedsvc.content.dates import local_midnight, parse_date, rolled

SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(text: str, quoted: bool = False, naive: Literal["jekyll", "local"] = "jekyll") -> str | None:
    parsed = parse_date(text, quoted, SHANGHAI, naive)
    return parsed.instant.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S") if parsed else None


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2021-12-23 07:25:33 +0800", "2021-12-23T07:25:33"),
        ("2021-12-23 07:25:33 +08:00", "2021-12-23T07:25:33"),
        ("2021-12-08 12:49:39", "2021-12-08T20:49:39"),
        ("2021-12-08 18:49:39", "2021-12-09T02:49:39"),
        ("2021-12-08T18:49:39", "2021-12-09T02:49:39"),
        ("2021-12-08 18:49", "2021-12-08T18:49:00"),
        ("2021/12/08 18:49:39", "2021-12-08T18:49:39"),
        ("2021-12-08", "2021-12-08T00:00:00"),
        ("20211208", "2021-12-08T00:00:00"),
        ("20211208T184939Z", "2021-12-09T02:49:39"),
        ("June 15, 2015", "2015-06-15T00:00:00"),
        ("15 June 2015 10:00 PM", "2015-06-15T22:00:00"),
        ("12:00 am June 15, 2015", "2015-06-15T00:00:00"),
        ("Wed, 08 Dec 2021 18:49:39 GMT", "2021-12-09T02:49:39"),
        ("08.12.2021", "2021-12-08T00:00:00"),
        ("2015-08-09 12:00 EDT", "2015-08-10T00:00:00"),
        ("2021-12-08 18:49:39 CST", "2021-12-09T08:49:39"),
        ("2021-12-08 18:49 JST", "2021-12-08T18:49:00"),
        ("2016-08-12 12:00-500", "2016-08-12T12:00:00"),
        ("2021-02-30", "2021-03-02T00:00:00"),
        ("2021-02-30 10:00:00 +0800", "2021-03-02T10:00:00"),
        ("2021-12-31 23:59:60 +0800", "2022-01-01T00:00:00"),
        ("2021-12-31 24:00:00 +0800", "2022-01-01T00:00:00"),
        ("2021-12-08T18:49:39.999Z", "2021-12-09T02:49:39"),
        ("2015-05-01 (optional)", "2015-05-01T00:00:00"),
        ("2021年12月8日 07:25", "2021-12-08T07:25:00"),
    ],
)
def test_plain_dates(text: str, local: str) -> None:
    assert read(text) == local


def test_quotes_and_the_switch_decide_what_no_zone_means() -> None:
    assert read("2021-12-08 18:49:39", quoted=True) == "2021-12-08T18:49:39"
    assert read("2021-12-08 18:49:39", naive="local") == "2021-12-08T18:49:39"
    assert read("2021-12-08 18:49:39 +0000", quoted=True, naive="local") == "2021-12-09T02:49:39"


NO_DATES = [
    " +0800",
    "12:30:00",
    "2021",
    "1640215533",
    "tomorrow",
    "2021-13-01",
    "2021-12-32",
    "0000-01-01",
    "0001-01-01",
]
NO_TIMES = ["2021-12-23 25:00:00 +0800", "2021-12-23 07:61:00 +0800", "13:00 PM 2021-12-08"]


@pytest.mark.parametrize("text", ["", *NO_DATES, *NO_TIMES, "20211323", "2021-W51-4", "9" * 200])
def test_no_dates(text: str) -> None:
    assert read(text) is None
    assert read(text, quoted=True) is None


def test_a_gap_of_summer_time_is_jumped_forward() -> None:
    parsed = parse_date("2021-03-14 02:30", False, ZoneInfo("America/New_York"), "jekyll")
    assert parsed is not None
    assert parsed.instant == datetime(2021, 3, 14, 7, 30, tzinfo=UTC)


def test_days_without_a_time_are_told_apart_and_chinese_dates_are_unusual() -> None:
    day, moment = (parse_date(text, False, SHANGHAI, "jekyll") for text in ("2021-12-08", "2021-12-08 00:00"))
    chinese = parse_date("2021年12月8日", False, SHANGHAI, "jekyll")
    assert day is not None
    assert moment is not None
    assert chinese is not None
    assert (day.date_only, moment.date_only, chinese.date_only) == (True, False, True)
    assert (day.unusual, chinese.unusual) == (False, True)


def test_midnight_and_rolling() -> None:
    assert local_midnight(date(2021, 12, 23), SHANGHAI) == datetime(2021, 12, 22, 16, tzinfo=UTC)
    assert rolled(2021, 4, 31) == date(2021, 5, 1)
    with pytest.raises(ValueError, match="day"):
        rolled(2021, 4, 32)

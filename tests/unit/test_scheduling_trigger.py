"""Schedules as operators write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedsvc.scheduling.trigger import next_time, parse_schedule

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def times(line: str, number: int, after: datetime = SUNDAY, zone: ZoneInfo = SHANGHAI) -> list[str]:
    trigger, found = parse_schedule(line, zone), []
    for _ in range(number):
        moment = next_time(trigger, after)
        assert moment is not None and moment > after
        after = moment
        found.append(moment.astimezone(zone).strftime("%a %Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("15m", 900), ("2h", 7200), ("1d", 86400), (" 10 M ", 600), ("366d", 31622400)]
)
def test_intervals(text: str, seconds: int) -> None:
    trigger = parse_schedule(text, SHANGHAI)
    first = next_time(trigger, SUNDAY)
    assert first is not None and SUNDAY < first <= SUNDAY + timedelta(seconds=seconds)
    assert next_time(trigger, first) == first + timedelta(seconds=seconds)


def test_intervals_agree_on_every_machine() -> None:
    """Two machines that start at different moments name the same slots."""
    one = next_time(parse_schedule("7m", SHANGHAI), SUNDAY)
    two = next_time(parse_schedule("7m", BERLIN), SUNDAY + timedelta(seconds=1))
    assert one == two and one is not None and one.timestamp() % 420 == 0


def test_sunday_is_0_and_7_as_in_cron() -> None:
    expected = ["Sun 2026-11-29 00:00", "Sun 2026-12-06 00:00"]
    for line in ("0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * SUN"):
        assert times(line, 2) == expected


def test_weekdays() -> None:
    week = ["Mon 2026-11-23", "Tue 2026-11-24", "Wed 2026-11-25", "Thu 2026-11-26", "Fri 2026-11-27", "Mon 2026-11-30"]
    assert times("0 6 * * 1-5", 6) == [f"{day} 06:00" for day in week]
    assert times("0 6 * * mon-fri", 6) == [f"{day} 06:00" for day in week]
    assert [time[:3] for time in times("0 6 * * 5-7", 4)] == ["Fri", "Sat", "Sun", "Fri"]
    assert [time[:3] for time in times("0 6 * * 0-2", 4)] == ["Mon", "Tue", "Sun", "Mon"]
    assert [time[:3] for time in times("0 6 * * */2", 4)] == ["Tue", "Thu", "Sat", "Sun"]
    assert [time[:3] for time in times("0 6 * * 1,3", 3)] == ["Mon", "Wed", "Mon"]


def test_lines_are_in_the_zone() -> None:
    assert times("15 8,20 * * *", 3) == ["Sun 2026-11-22 20:15", "Mon 2026-11-23 08:15", "Mon 2026-11-23 20:15"]
    winter, summer = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 5, tzinfo=UTC)
    trigger = parse_schedule("0 6 * * *", BERLIN)
    assert next_time(trigger, winter) == datetime(2026, 1, 5, 5, tzinfo=UTC)
    assert next_time(trigger, summer) == datetime(2026, 7, 5, 4, tzinfo=UTC)


def test_steps_and_ranges() -> None:
    assert [time[-5:] for time in times("*/20 9-10 * * *", 4)] == ["09:00", "09:20", "09:40", "10:00"]
    assert [time[-5:] for time in times("5/25 9 * * *", 4)] == ["09:05", "09:30", "09:55", "09:05"]
    assert times("0 0 1 jan,jul *", 2) == ["Fri 2027-01-01 00:00", "Thu 2027-07-01 00:00"]


def test_both_days_restricted_means_either() -> None:
    """crontab(5): the 13th and every Friday."""
    assert times("0 0 13 * 5", 4) == [
        "Fri 2026-11-27 00:00",
        "Fri 2026-12-04 00:00",
        "Fri 2026-12-11 00:00",
        "Sun 2026-12-13 00:00",
    ]
    assert times("0 0 31 2 5", 2)[0] == "Fri 2027-02-05 00:00"


def test_leap_days_come() -> None:
    assert times("0 0 29 2 *", 1) == ["Tue 2028-02-29 00:00"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "neither"),
        ("soon", "neither"),
        ("15", "neither"),
        ("1.5h", "neither"),
        ("-5m", "neither"),
        ("* * * *", "neither"),
        ("* * * * * *", "neither"),
        ("0s", "between 1s and 366d"),
        ("367d", "between 1s and 366d"),
        ("999999999d", "between 1s and 366d"),
        ("60 * * * *", "minute '60' is not between 0 and 59"),
        ("0 24 * * *", "hour '24' is not between 0 and 23"),
        ("0 0 0 * *", "day of the month '0' is not between 1 and 31"),
        ("0 0 * 13 *", "month '13' is not between 1 and 12"),
        ("0 0 * * 8", "day of the week '8' is not between 0 and 7"),
        ("0 0 * * monday", "day of the week 'monday' is not between"),
        ("0 mon * * *", "hour 'mon' is not between"),
        ("5-1 * * * *", "minute '5-1' holds nothing"),
        ("*/0 * * * *", "holds nothing"),
        ("a-b * * * *", "minute 'a' is not between"),
        ("*-5 * * * *", "cannot be read"),
        ("1,,2 * * * *", "cannot be read"),
        ("0 0 L * *", "is not between"),
        ("0 0 ? * *", "cannot be read"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6 *", "never comes"),
        ("٣ * * * *", "cannot be read"),
    ],
)
def test_wrong_schedules_say_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="is wrong") as caught:
        parse_schedule(text, SHANGHAI)
    assert reason in str(caught.value) and repr(text) in str(caught.value)

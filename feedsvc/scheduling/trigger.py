"""When: the two ways an operator writes a schedule, as APScheduler triggers.

Cron means here what it means in cron(8), which is not what APScheduler takes it for: its Monday is 0, cron's Sunday is
0 (and 7); and where both days, of the month and of the week, are restricted, cron wants either and APScheduler both.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

Trigger: TypeAlias = BaseTrigger

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 366 * 86400
_INTERVAL = re.compile(r"(\d{1,9})\s*([smhd])")
_PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d{1,4}))?", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def parse_schedule(text: str, zone: ZoneInfo) -> Trigger:
    """`30s`, `15m`, `2h`, `1d`, or a cron line of five fields in `zone`. ValueError with a sentence for anything else.

    Intervals are counted from 1970-01-01 00:00 UTC, not from the start of the process, so that all machines agree on
    the instants and a restart moves nothing.
    """
    words = text.split()
    if interval := _INTERVAL.fullmatch(text.strip().lower()):
        seconds = int(interval[1]) * _UNITS[interval[2]]
        if not 1 <= seconds <= _LONGEST:
            raise _wrong(text, "an interval lies between 1s and 366d.")
        return IntervalTrigger(seconds=seconds, start_date=_EPOCH, timezone=UTC)
    if len(words) == 5:
        return _cron(text, words, zone)
    raise _wrong(text, "it is neither an interval (30s, 15m, 2h, 1d) nor a cron line of five fields (0 6 * * 1-5).")


def next_time(trigger: Trigger, after: datetime) -> datetime | None:
    """The first instant of a trigger later than `after`, in UTC."""
    found: datetime | None = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    return None if found is None else found.astimezone(UTC)


def _cron(text: str, words: list[str], zone: ZoneInfo) -> Trigger:
    minute, hour, day, month, weekday = (
        _numbers(text, word.lower(), *field) for word, field in zip(words, _FIELDS, strict=True)
    )
    weekday = {number % 7 for number in weekday}
    days_free, weekdays_free = words[2].startswith("*"), words[4].startswith("*")
    months = [number for number in month if min(day) <= _LONGEST_MONTH.get(number, 31)]
    if not months and weekdays_free:
        raise _wrong(text, "that day of the month never comes.")
    time = {"minute": _list(minute), "hour": _list(hour), "month": _list(month), "timezone": zone}
    weekday_names = ",".join(_DAYS[number] for number in sorted(weekday))
    if not days_free and not weekdays_free:  # cron's "either"
        by_week = CronTrigger(day_of_week=weekday_names, **time)
        return OrTrigger([CronTrigger(day=_list(day), **time), by_week]) if months else by_week
    return CronTrigger(day=_list(day), day_of_week=weekday_names, **time)


def _numbers(text: str, word: str, name: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    """The numbers a cron field stands for."""
    numbers: set[int] = set()
    for part in word.split(","):
        match = _PART.fullmatch(part)
        if match is None or (match["first"] == "*" and match["last"]):
            raise _wrong(text, f"{name} {part!r} cannot be read.")
        if match["first"] == "*":
            first, last = low, high
        else:
            first = _number(text, match["first"], name, low, high, names)
            last = _number(text, match["last"], name, low, high, names) if match["last"] else first
            if match["step"] and not match["last"]:
                last = high  # 5/15 is 5-59/15
        if match["first"] == "*" and high == 7:
            last = 6  # Sunday once
        step = int(match["step"] or 1)
        if step == 0 or first > last:
            raise _wrong(text, f"{name} {part!r} holds nothing.")
        numbers.update(range(first, last + 1, step))
    return numbers


def _number(text: str, word: str, name: str, low: int, high: int, names: dict[str, int]) -> int:
    number = names.get(word[:3]) if word.isalpha() and len(word) == 3 else None
    if number is None:
        number = int(word) if word.isdigit() else -1
    if not low <= number <= high:
        raise _wrong(text, f"{name} {word!r} is not between {low} and {high}.")
    return number


def _list(numbers: set[int]) -> str:
    return ",".join(map(str, sorted(numbers)))


def _wrong(text: str, reason: str) -> ValueError:
    return ValueError(f"The schedule {text!r} is wrong: {reason}")

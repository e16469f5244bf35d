"""Dates as Jekyll reads them (jekyll-compat.md section 4): YAML's own timestamps, then Ruby's Time.parse, leniently.

Whether the scalar was quoted matters: a plain date-time with seconds and no zone is a YAML timestamp, which is UTC;
the same in quotes is text, which is the site's local time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

_LONGEST = 128  # characters; Ruby gives up beyond it as well
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"

# Ruby's Time::ZoneOffset, hours; CST is US Central, not China. Other names mean local time there, so here as well.
_ZONES = {
    "UTC": 0, "UT": 0, "GMT": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip

_YAML_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]|[ \t]+)(\d{1,2}):(\d\d):(\d\d)(?:\.\d*)?(?:\s*(Z|[-+]\d{1,2}:?(?:\d\d)?))?",
    re.ASCII,
)
_CLOCK = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?![\d:])"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    rf"(?:\s*(?P<zone>[-+]\d{{1,2}}:?\d\d(?!\d)|[-+]\d{{1,2}}(?!\d)|(?!{'|'.join(_MONTHS)})[a-z]+\b))?",
    re.ASCII | re.IGNORECASE,
)
_DAYS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})-(?P<mon>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})[/.](?P<mon>\d{1,2})[/.](?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})([-/.])(?P<mon>\d{1,2})\2(?P<year>\d{4})(?!\d)",
        rf"\b{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<year>\d{{4}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH}[\s,-]+(?P<year>\d{{4}})(?!\d)",
        r"\A(?P<year>\d{4})(?P<mon>\d\d)(?P<day>\d\d)(?:[T ]?(?P<packed>\d{6})(?P<at>Z|[-+]\d{4})?)?(?!\d)",
        r"(?<!\d)(?P<year>\d{4})\s*年\s*(?P<mon>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号號]?",
    )
)


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """instant: aware UTC, whole seconds. date_only: a day without a time, its local midnight is meant.

    unusual: read, though Jekyll would have stopped its build at it (Chinese dates).
    """

    instant: datetime
    date_only: bool
    unusual: bool = False


def parse_date(text: str, quoted: bool, zone: ZoneInfo, naive: Literal["jekyll", "local"]) -> ParsedDate | None:
    """The instant a front-matter scalar names, None when it names none. quoted: it stood in quotes (or a block)."""
    if len(text) == 25 and text[7] == "-" and text[10] == " " and text[19] == " " and text[20] in "+-":
        try:  # the sample site's own form, `YYYY-MM-DD HH:MM:SS +ZZZZ`
            return ParsedDate(datetime.fromisoformat(text[:19] + text[20:]).astimezone(UTC), False)
        except (ValueError, OverflowError):
            pass
    try:
        return _parse(text.strip(), quoted, zone, naive)
    except (ValueError, OverflowError):
        return None


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Where `day` starts in the zone, as aware UTC. OverflowError before the year 1 in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def rolled(year: int, month: int, day: int) -> date:
    """A date whose day may run past its month's end, as in Ruby: 2021-02-30 is 2 March. ValueError otherwise."""
    if not 1 <= day <= 31:
        raise ValueError("day out of range")
    return date(year, month, 1) + timedelta(days=day - 1)


def _parse(text: str, quoted: bool, zone: ZoneInfo, naive: Literal["jekyll", "local"]) -> ParsedDate | None:
    if len(text) > _LONGEST:
        return None
    stamp = None if quoted else _YAML_TIME.fullmatch(text)
    if stamp:
        year, month, day, hour, minute, second = (int(part) for part in stamp.groups()[:6])
        offset = stamp[7]
        where = _offset(offset) if offset else (UTC if naive == "jekyll" else zone)
        return ParsedDate(_instant(rolled(year, month, day), hour, minute, second, where), False)

    clock = _CLOCK.search(text)
    rest = f"{text[: clock.start()]} {text[clock.end() :]}" if clock else text
    for pattern in _DAYS:
        found = pattern.search(rest)
        if found:
            break
    else:
        return None
    parts = found.groupdict()
    month = int(parts["mon"]) if parts.get("mon") else _MONTHS.index(parts["month"].lower()) + 1
    first_day = rolled(int(parts["year"]), month, int(parts["day"]))
    unusual = "年" in rest
    packed = parts.get("packed")
    if packed and not clock:
        where_at = _offset(parts["at"] or "") or zone
        instant = _instant(first_day, int(packed[:2]), int(packed[2:4]), int(packed[4:]), where_at)
        return ParsedDate(instant, False, unusual)
    if not clock:
        return ParsedDate(local_midnight(first_day, zone), True, unusual)
    hour = int(clock["hour"])
    if clock["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    where_at = _offset(clock["zone"] or "") or zone
    instant = _instant(first_day, hour, int(clock["minute"]), int(clock["second"] or 0), where_at)
    return ParsedDate(instant, False, unusual)


def _offset(text: str) -> timezone | None:
    """`+0800`, `+08:00`, `+8`, `Z`, `EDT`; None for names Ruby does not know (they mean local time)."""
    if text[:1] not in ("+", "-"):
        hours = _ZONES.get(text.upper())
        return None if hours is None else timezone(timedelta(hours=hours))
    digits = text[1:].replace(":", "")
    if len(digits) == 3:
        return None
    amount = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(amount if text[0] == "+" else -amount)


def _instant(day: date, hour: int, minute: int, second: int, where: ZoneInfo | timezone | None) -> datetime:
    """Aware UTC. 24:00:00 and a leap second run over into what follows; a gap of summer time is jumped forward."""
    if where is None or minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        raise ValueError("time out of range")
    start = datetime.combine(day, time(), where)
    return (start + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)

"""Headlines by day, and the months in which a category has any: calendar days and months of the site's zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from feedsvc.articles.article import Headline
from feedsvc.store import Reader

MOST_MONTHS = 240  # a link for each; two database look-ups for each, too

_EVER = datetime.max.replace(tzinfo=UTC)
_MONTH = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Day:
    """lines: each headline with its time of day, "" when it has none but the day's first instant."""

    date: date
    lines: tuple[tuple[Headline, str], ...]


def by_day(headlines: Iterable[Headline], zone: ZoneInfo) -> tuple[Day, ...]:
    """In the order given, which is that of time."""
    local = ((headline.published.astimezone(zone), headline) for headline in headlines)
    return tuple(
        Day(day, tuple((headline, "" if _first_instant(moment) else f"{moment:%H:%M}") for moment, headline in group))
        for day, group in groupby(local, key=lambda pair: pair[0].date())
    )


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    month: int

    @property
    def name(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    def limits(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first instant and that of the next month, in UTC."""
        following = self.first.replace(day=28) + timedelta(days=4)
        return _start(self.first, zone), _start(following, zone)


def parse_month(text: str) -> Month | None:
    """ "2026-11"; None for anything else. Years before 1000 and after 9998 are no use to anybody."""
    found = _MONTH.fullmatch(text)
    return Month(int(found[1]), int(found[2])) if found and found[1] != "9999" else None


def months_of(reader: Reader, category: str, visible: datetime, zone: ZoneInfo) -> list[Month]:
    """Those with articles that are visible (published until then), newest first, at most MOST_MONTHS."""
    return list(islice(_months(reader, category, after(visible), zone), MOST_MONTHS))


def _months(reader: Reader, category: str, before: datetime, zone: ZoneInfo) -> Iterator[Month]:
    while (published := reader.nearest(category, before=before)) is not None:
        local = published.astimezone(zone)
        month = Month(local.year, local.month)
        yield month
        before = min(month.limits(zone)[0], published)


def years_of(months: Iterable[Month]) -> list[tuple[int, list[Month]]]:
    """In the order given."""
    return [(year, list(its)) for year, its in groupby(months, key=lambda month: month.year)]


def after(visible: datetime) -> datetime:
    """The end of a span that includes what is published at this very instant."""
    return _EVER if visible >= _EVER else visible + timedelta(microseconds=1)


def _start(day: date, zone: ZoneInfo) -> datetime:
    """Of the day's month."""
    return datetime(day.year, day.month, 1, tzinfo=zone).astimezone(UTC)


def _first_instant(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)

"""Where the parts of a category's archive lie, and which days they depend on (contract P04, P06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from feedsvc.feeds.paging import Month, month_of
from feedsvc.feeds.target import Target
from feedsvc.pipeline.marks import day_of
from feedsvc.pipeline.newest import EVER, INSTANT
from feedsvc.publishing.made import Missing
from feedsvc.store import Reader


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a month lies: after `offset` articles of those with start <= published < until, oldest first.

    over: the month has ended. earlier, later: the neighbours.
    first, last: the days whose changes may change it. Days after the part are none of them, once the next one is whole.
    """

    start: datetime
    until: datetime
    over: bool
    offset: int
    earlier: Month | None
    later: Month | None
    first: str
    last: str


def place_of(reader: Reader, target: Target, size: int, now: datetime) -> Place:
    """Where the articles of an ARCHIVE target are; Missing when there are none. size: of a whole part.

    Whole parts are counted from the month's oldest article, so that they stay what they are; the month's own address
    has the newest articles: those beyond the whole parts, or the last whole one (contract P04).
    """
    slug, (start, end) = target.category, _span(target.month)
    until = min(end, _after(now))
    number = reader.count_between(slug, start, until) if start <= now else 0
    parts = (number - 1) // size  # with addresses of their own
    part = target.part or parts + 1
    if not number or part > parts + 1 or (target.part and part > parts):
        raise Missing(f"Nothing of {target.month} is there.")
    earlier: Month | None = (target.month, part - 1)
    first = day_of(start)
    if part == 1:
        before = reader.nearest(slug, before=start)
        earlier = (month_of(before), None) if before else None
        first = day_of(before) if before else ""
    later: Month | None
    if target.part is not None:
        later = target.month, part + 1 if part < parts else None
        last = _day_of_number(reader, slug, start, until, (part + 1) * size) or _end_of(target.month)
    else:
        after = reader.nearest(slug, after=end) if end <= now else None
        later, last = _following(reader, slug, after, size, now) if after else (None, _end_of(target.month))
    return Place(start, until, end <= now, (part - 1) * size, earlier, later, first, last)


def _following(reader: Reader, slug: str, after: datetime, size: int, now: datetime) -> tuple[Month | None, str]:
    """The part of a later month that has this article, its oldest; and the last day that can make it another one."""
    month = month_of(after)
    if after > now:
        return None, _end_of(month)
    start, end = _span(month)
    day = _day_of_number(reader, slug, start, min(end, _after(now)), size)
    return (month, 1 if day else None), day or _end_of(month)


def _day_of_number(reader: Reader, slug: str, start: datetime, until: datetime, number: int) -> str:
    """Of the article that has so many older ones in this time; "" without one."""
    found = reader.oldest_articles(slug, start, until, 1, number)
    return day_of(found[0].published) if found else ""


def _end_of(month: str) -> str:
    """After every day of the month."""
    return f"{month}-99"


def _span(month: str) -> tuple[datetime, datetime]:
    """A month in UTC: its first instant, and that of the next one."""
    year, number = map(int, month.split("-"))
    start = datetime(year, number, 1, tzinfo=UTC)
    if (year, number) == (9999, 12):
        return start, EVER
    return start, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _after(now: datetime) -> datetime:
    """The end of a span that has `now` in it."""
    return now if now == EVER else now + INSTANT

"""When a post was published: its `date`, else what its name says, else its file's time (jekyll-compat.md 4 and 6.1).

Jekyll stops the whole build at a date it cannot read; here the next best date is taken and the line is named.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from feedsvc.content.coerce import flat
from feedsvc.content.dates import ParsedDate, local_midnight, parse_date, rolled
from feedsvc.content.draft import FileName, Severity
from feedsvc.content.problems import Problems
from feedsvc.content.yaml_text import Value, line_of

_ID_DATE = re.compile(r"(?:NW)?(\d{4})(\d\d)(\d\d)\d*", re.ASCII)
_YEARS = range(1990, 2101)  # of dates believed to be in an id; contract F08: nothing before 1990 is plausible


class DateReader:
    """Reads the dates of one file. zone, naive: as in ParseRules."""

    def __init__(self, zone: ZoneInfo, naive: Literal["jekyll", "local"], found: Problems) -> None:
        self.zone = zone
        self.naive = naive
        self.found = found

    def written(self, value: Value | None, key: str) -> ParsedDate | None:
        """The date under `key`; a list stands for its first item."""
        scalars = flat(value)
        if not scalars:
            return None
        first = scalars[0]
        parsed = parse_date(first.text, first.quoted, self.zone, self.naive)
        if parsed and parsed.unusual:
            message = f"`{key}: {first.text}` was understood, but other programs will not."
            repair = f"{key}: {self.shown(parsed)}"
            self.found.add("date.unusual", message, line=first.line, field=key, repair=repair, text=first.text)
        return parsed

    def published(self, values: dict[str, Value], name: FileName, explicit_id: str, mtime: datetime) -> ParsedDate:
        """Always a date, and a problem whenever it is a guess."""
        parsed = self.written(values.get("date"), "date")
        if parsed is None:
            parsed = self._guess(values, name, explicit_id, mtime)
        if parsed.instant.year <= _YEARS.start and (year := int(self.shown(parsed)[:4])) < _YEARS.start:
            message = f"The post is dated {year}; feed validators hold anything before 1990 implausible."
            line = line_of(values["date"]) if "date" in values else 0
            self.found.add("date.implausible", message, line=line, field="date", severity=Severity.NOTE, year=str(year))
        return parsed

    def updated(self, values: dict[str, Value]) -> datetime | None:
        """`last_modified_at`, as jekyll-feed takes it; `updated` and `modified` mean nothing there, so here neither."""
        key = "last_modified_at"
        if key not in values:
            return None
        parsed = self.written(values[key], key)
        if parsed is None:
            message = f"`{key}` is no date and was left out."
            self.found.add("date.unreadable", message, line=line_of(values[key]), field=key)
        return parsed.instant if parsed else None

    def shown(self, parsed: ParsedDate) -> str:
        """As it should be written: `2021-12-23 07:25:33 +0800`, or the day alone."""
        local = parsed.instant.astimezone(self.zone)
        return local.date().isoformat() if parsed.date_only else f"{local:%Y-%m-%d %H:%M:%S %z}"

    def _guess(self, values: dict[str, Value], name: FileName, explicit_id: str, mtime: datetime) -> ParsedDate:
        source, parsed = "the file's name", self._midnight(name.file_date)
        if parsed is None:
            ids = (_ID_DATE.fullmatch(text) for text in (name.slug, explicit_id))
            source, parsed = "its id", next(filter(None, (self._midnight(_date_in(found)) for found in ids)), None)
        if parsed is None:
            source, parsed = "the file's time", ParsedDate(mtime, False)
        if "date" in values:
            text = flat(values["date"])
            what = f"`date: {text[0].text}` is no date" if text and text[0].text.strip() else "`date` is empty"
            self._tell("date.unreadable", what, source, parsed, line_of(values["date"]))
        elif name.file_date is None and not name.draft_folder:
            self._tell("date.missing", "The post has no date", source, parsed, 0)
        return parsed

    def _tell(self, code: str, what: str, source: str, parsed: ParsedDate, line: int) -> None:
        repair = self.shown(parsed)
        message = f"{what}; {repair} was taken from {source}."
        self.found.add(code, message, line=line, field="date", repair=f"date: {repair}", source=source, taken=repair)

    def _midnight(self, day: date | None) -> ParsedDate | None:
        try:
            return ParsedDate(local_midnight(day, self.zone), True) if day else None
        except OverflowError:
            return None


def _date_in(found: re.Match[str] | None) -> date | None:
    """The day an id starts with (`NW2021122322…`), if it is a believable one."""
    if found is None or int(found[1]) not in _YEARS:
        return None
    try:
        return rolled(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def when_written(mtime_ns: int) -> datetime:
    """A file's time as aware UTC, whole seconds; the epoch when the disk's clock is beyond reason."""
    try:
        return datetime.fromtimestamp(mtime_ns // 1_000_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)

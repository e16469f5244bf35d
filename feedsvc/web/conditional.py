"""Conditional requests (RFC 9110 section 13), as pure functions of header values. Contract H06-H18, H48, H49."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import IntEnum


class Verdict(IntEnum):
    """The status a conditional GET or HEAD leads to."""

    SEND = 200
    NOT_MODIFIED = 304
    FAILED = 412


# One member of a list: an entity tag up to the next comma, or anything else up to it. A comma inside quotes belongs
# to the tag (H09). Commas are left to finditer, which passes them over one by one: no header may take long (M07).
_MEMBER = re.compile(r'[ \t]*(?:(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?=,|\Z)|[^,]+)')

# What compressing proxies append to a tag (Apache: -gzip, -br; Jetty: --gzip) and we ourselves (-gz).
_SUFFIX = re.compile(r"(?:--?gzip|-gz|-br|-zstd|;gzip)\Z")
_MOST_CODINGS = 4  # that one tag can have gathered on its way


def parse_tags(value: str) -> Iterator[tuple[bool, str]]:
    """(weak, opaque) of each well-formed entity tag in a list; malformed members are passed over."""
    for member in _MEMBER.finditer(value):
        if member[2] is not None:
            yield member[1] is not None, member[2]


def matches_weakly(value: str, opaque: str) -> bool:
    """If-None-Match: does any member name this version, in any coding (H09-H12, H49)? opaque: without quotes."""
    if value.strip(" \t") == "*":
        return True
    # One of our tags in 64 ends in a dash: `x--gzip` may be `x` by Jetty, or `x-` by Apache.
    base = bare(opaque).rstrip("-")
    return any(tag == opaque or bare(tag).rstrip("-") == base for _, tag in parse_tags(value) if tag)


def matches_strongly(value: str, opaque: str) -> bool:
    """If-Match: is any member this very representation (RFC 9110 section 13.1.1)?"""
    if value.strip(" \t") == "*":
        return True
    return any(tag == opaque and not weak for weak, tag in parse_tags(value))


def bare(opaque: str) -> str:
    """The tag of the plain form, without what stands for its coding."""
    for _ in range(_MOST_CODINGS):
        shorter = _SUFFIX.sub("", opaque)
        if shorter in ("", opaque):
            break
        opaque = shorter
    return opaque


def accepts_feed_delta(value: str) -> bool:
    """A-IM: may the answer be only the new entries of a feed (RFC 3229 section 10.5.3)?"""
    for member in value.lower().split(","):
        name, *parameters = (part.strip(" \t") for part in member.split(";"))
        if name == "feed":
            return not any(re.fullmatch(r"q[ \t]*=[ \t]*0(?:\.0*)?", parameter) for parameter in parameters)
    return False


def evaluate(
    *,
    if_match: str | None,
    if_unmodified_since: str | None,
    if_none_match: str | None,
    if_modified_since: str | None,
    opaque: str,
    modified: int | None,
    now: int,
) -> Verdict:
    """The order of RFC 9110 section 13.2.2 (H48), for GET and HEAD.

    opaque: the current entity tag without quotes. modified: whole Unix seconds, None when there is no such date.
    now: Unix seconds, only needed to place the two-digit years of the oldest date form.
    """
    if if_match is not None:
        if not matches_strongly(if_match, opaque):
            return Verdict.FAILED
    elif if_unmodified_since is not None and modified is not None:
        since = parse_http_date(if_unmodified_since, now)
        if since is not None and modified > since:
            return Verdict.FAILED
    if if_none_match is not None:
        return Verdict.NOT_MODIFIED if matches_weakly(if_none_match, opaque) else Verdict.SEND
    if if_modified_since is not None and modified is not None:
        since = parse_http_date(if_modified_since, now)
        if since is not None and modified <= since:
            return Verdict.NOT_MODIFIED
    return Verdict.SEND


_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name.lower(): number for number, name in enumerate(_MONTH_NAMES, start=1)}

_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_ZONE = r"(?:GMT|UTC|UT|Z|[+-]0000)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        # IMF-fixdate: Fri, 20 Nov 2026 08:00:00 GMT
        rf"[a-z]{{3}}, (?P<day>\d\d?) (?P<month>[a-z]{{3}}) (?P<year>\d{{4}}) {_TIME} {_ZONE}",
        # RFC 850: Friday, 20-Nov-26 08:00:00 GMT (some send four digits)
        rf"[a-z]{{3,9}}, (?P<day>\d\d?)-(?P<month>[a-z]{{3}})-(?P<year>\d\d|\d{{4}}) {_TIME} {_ZONE}",
        # asctime: Fri Nov 20 08:00:00 2026
        rf"[a-z]{{3}} (?P<month>[a-z]{{3}}) (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    )
)


def parse_http_date(value: str, now: int) -> int | None:
    """Unix seconds of an HTTP date in any of its three forms (RFC 9110 section 5.6.7); None when unreadable (H17)."""
    text = value.partition(";")[0].strip(" \t")  # "; length=123" was once added by browsers
    for form in _FORMS:
        if found := form.fullmatch(text):
            break
    else:
        return None
    month = _MONTHS.get(found["month"].lower())
    year = int(found["year"])
    if month is None:
        return None
    if len(found["year"]) == 2:
        # More than 50 years ahead means the past century.
        this_year = datetime.fromtimestamp(now, UTC).year
        year += this_year - this_year % 100
        if year > this_year + 50:
            year -= 100
    second = min(int(found["second"]), 59)  # a leap second
    try:
        moment = datetime(year, month, int(found["day"]), int(found["hour"]), int(found["minute"]), second, tzinfo=UTC)
    except ValueError:
        return None
    return timegm(moment.utctimetuple())


def http_date(seconds: int) -> str:
    """IMF-fixdate of Unix seconds, in English whatever the locale."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return (
        f"{_DAY_NAMES[moment.weekday()]}, {moment.day:02} {_MONTH_NAMES[moment.month - 1]} {moment.year:04} "
        f"{moment:%H:%M:%S} GMT"
    )

"""Dates: nothing raises, and an instant written down is the instant read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc.content.dates import parse_date

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
LONG_AGO, FAR_OFF = datetime.fromisoformat("0001-01-03"), datetime.fromisoformat("9999-12-29")
INSTANTS = st.datetimes(LONG_AGO, FAR_OFF, timezones=OFFSETS).map(lambda instant: instant.replace(microsecond=0))
PIECES = st.sampled_from(
    [
        "2021",
        "-",
        "/",
        "12",
        "31",
        " ",
        "T",
        ":",
        "59",
        "60",
        "24",
        "+0800",
        "Z",
        "CST",
        "PM",
        "June",
        "年",
        "月",
        "日",
        "0",
        ".",
    ]
)


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join)), st.booleans())
@example("0001-01-01 00:00:00 +0800", False)
@example("9999-12-31 23:59:59 -0800", False)
@example("0001-01-01", True)
@example("2021-12-23 07:25:33 +9999", False)
def test_no_text_raises(text: str, quoted: bool) -> None:
    for zone in (SHANGHAI, NEW_YORK):
        parsed = parse_date(text, quoted, zone, "jekyll")
        if parsed:
            assert parsed.instant.tzinfo is UTC
            assert parsed.instant.microsecond == 0


@given(INSTANTS, st.booleans())
def test_an_instant_with_its_offset_is_itself_in_every_form(instant: datetime, quoted: bool) -> None:
    stamp = instant.isoformat(sep=" ")
    date, offset = stamp[:19], instant.strftime("%z")
    forms = [f"{date} {offset}", stamp, f"{date}.25 {offset}", instant.isoformat(), f" {date}  {offset} "]
    for form in forms:
        parsed = parse_date(form, quoted, SHANGHAI, "jekyll")
        assert parsed is not None, form
        assert (parsed.instant, parsed.date_only) == (instant, False), form


@given(st.datetimes(LONG_AGO, FAR_OFF).map(lambda moment: moment.replace(microsecond=0)))
def test_without_zone_quotes_decide(moment: datetime) -> None:
    text = moment.isoformat(sep=" ")
    plain, quoted = parse_date(text, False, SHANGHAI, "jekyll"), parse_date(text, True, SHANGHAI, "jekyll")
    local = parse_date(text, False, SHANGHAI, "local")
    assert plain is not None
    assert plain.instant == moment.replace(tzinfo=UTC)
    assert quoted is not None
    assert quoted.instant == moment.replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert local == quoted

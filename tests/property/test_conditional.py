"""Conditional requests and codings, on any header a client may send."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from email.utils import format_datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web.conditional import (
    Verdict,
    evaluate,
    http_date,
    matches_strongly,
    matches_weakly,
    parse_http_date,
    parse_tags,
)
from feedsvc.web.negotiate import wants_gzip

TAG_SIGNS = st.sampled_from([chr(code) for code in [0x21, *range(0x23, 0x7F), *range(0x80, 0x100)]])
OPAQUE = st.text(alphabet=TAG_SIGNS, min_size=1, max_size=12)
HEADER = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=60)
SECONDS = st.integers(0, 4_102_444_800)  # 1970 to 2100
NOW = 1_795_000_000  # November 2026
TAG = "k3jd-_9"


def verdict(**given_headers: str | int) -> Verdict:
    values: dict[str, object] = {
        "if_match": None,
        "if_unmodified_since": None,
        "if_none_match": None,
        "if_modified_since": None,
        "opaque": TAG,
        "modified": NOW - 1000,
        "now": NOW,
    }
    return evaluate(**{**values, **given_headers})  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.booleans(), OPAQUE), min_size=1, max_size=6), st.sampled_from([",", ", ", " ,\t", ",,"]))
def test_a_list_reads_back(tags: list[tuple[bool, str]], comma: str) -> None:
    """Contract H09: also with commas inside the quotes."""
    value = comma.join(("W/" if weak else "") + f'"{tag}"' for weak, tag in tags)
    assert list(parse_tags(value)) == tags
    assert all(matches_weakly(value, tag) for _, tag in tags)
    assert all(matches_strongly(value, tag) for weak, tag in tags if not weak)


@given(HEADER, HEADER, HEADER, HEADER)
def test_no_header_breaks_it(one: str, two: str, three: str, four: str) -> None:
    """Contract M07."""
    assert verdict(if_match=one, if_unmodified_since=two, if_none_match=three, if_modified_since=four) in Verdict
    assert verdict(if_none_match=one, if_modified_since=two) in (Verdict.SEND, Verdict.NOT_MODIFIED)


@pytest.mark.parametrize("piece", [",", " ", '"', '",', ' ,"', "-gz", "-", "W/", '"a" x,', " \t", '"-gzip'])
@pytest.mark.parametrize(("start", "end"), [("", ""), ('"', '"'), ("", ","), ("", "x"), ('"', "")])
def test_no_header_takes_long(piece: str, start: str, end: str) -> None:
    """Contract M07: sixteen thousand octets are read in a few milliseconds, whatever they are."""
    value = start + piece * (16_000 // len(piece)) + end
    begun = process_time()
    matches_weakly(value, TAG)
    matches_strongly(value, TAG)
    assert process_time() - begun < 0.1


@given(HEADER, OPAQUE)
def test_only_a_quoted_tag_or_a_star_matches(value: str, opaque: str) -> None:
    """Contract H12."""
    if matches_strongly(value, opaque):
        assert value.strip() == "*" or f'"{opaque}"' in value


@given(OPAQUE, OPAQUE)
def test_other_tags_do_not_match(one: str, other: str) -> None:
    if not (one.startswith(other) or other.startswith(one)):
        assert not matches_weakly(f'"{one}"', other)


@pytest.mark.parametrize("suffix", ["", "-gz", "-gzip", "-br", "--gzip", "-gz-gzip", ";gzip"])
@pytest.mark.parametrize("weak", ["", "W/"])
@pytest.mark.parametrize("tag", [TAG, "k3jd-_-", "k3jd--"])
def test_suffixes_of_proxies(suffix: str, weak: str, tag: str) -> None:
    """Contract H11, H49."""
    assert matches_weakly(f'{weak}"{tag}{suffix}"', tag)
    assert matches_weakly(f'{weak}"{tag}{suffix}"', tag + "-gz")


@pytest.mark.parametrize(
    "value", ['""', '"nope"', TAG, f'"{TAG}', f'{TAG}"', f'"{TAG}x"', f'"a"{TAG}"b"', '"*"', "**", ""]
)
def test_values_that_do_not_match(value: str) -> None:
    """Contract H12."""
    assert verdict(if_none_match=value) is Verdict.SEND
    assert verdict(if_match=value) is Verdict.FAILED


def test_stars() -> None:
    """Contract H10."""
    assert verdict(if_none_match=" * ") is Verdict.NOT_MODIFIED
    assert verdict(if_match="*") is Verdict.SEND


def test_if_match_compares_strongly() -> None:
    assert verdict(if_match=f'W/"{TAG}"') is Verdict.FAILED
    assert verdict(if_match=f'"x,y", "{TAG}"') is Verdict.SEND


@given(SECONDS, SECONDS)
def test_dates_are_compared_not_matched(modified: int, since: int) -> None:
    """Contract H14, H15, H16."""
    wanted = Verdict.NOT_MODIFIED if modified <= since else Verdict.SEND
    assert verdict(if_modified_since=http_date(since), modified=modified) is wanted
    wanted = Verdict.FAILED if modified > since else Verdict.SEND
    assert verdict(if_unmodified_since=http_date(since), modified=modified) is wanted


def test_order() -> None:
    """Contract H13, H48: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since."""
    old, new, tag = http_date(NOW - 2000), http_date(NOW), f'"{TAG}"'
    assert verdict(if_match='"nope"', if_none_match=tag) is Verdict.FAILED
    assert verdict(if_match=tag, if_unmodified_since=old) is Verdict.SEND
    assert verdict(if_match=tag, if_none_match=tag) is Verdict.NOT_MODIFIED
    assert verdict(if_unmodified_since=old, if_none_match=tag) is Verdict.FAILED
    assert verdict(if_none_match='"nope"', if_modified_since=new) is Verdict.SEND
    assert verdict(if_none_match=tag, if_modified_since=old) is Verdict.NOT_MODIFIED


@given(SECONDS)
def test_three_date_forms(seconds: int) -> None:
    """Contract H18."""
    moment = datetime.fromtimestamp(seconds, UTC)
    assert http_date(seconds) == format_datetime(moment, usegmt=True)
    assert parse_http_date(http_date(seconds), NOW) == seconds
    asctime = f"{moment:%a %b} {moment.day:2} {moment:%H:%M:%S %Y}"
    assert parse_http_date(asctime, NOW) == seconds
    if 1977 <= moment.year <= 2076:
        assert parse_http_date(f"{moment:%A, %d-%b-%y %H:%M:%S} GMT", NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "",
        "0",
        "Fri, 31 Feb 2026 08:00:00 GMT",
        "Fri, 20 Nov 2026 25:00:00 GMT",
        "Fri, 20 Nov 2026 08:00:00 EST",
        "Fri, 20 Now 2026 08:00:00 GMT",
        "2026-11-20T08:00:00Z",
        "Fri, 20 Nov 2026 08:00:00 GMT, Fri, 20 Nov 2026 08:00:00 GMT",
    ],
)
def test_unreadable_dates_are_ignored(value: str) -> None:
    """Contract H17."""
    assert parse_http_date(value, NOW) is None
    assert verdict(if_modified_since=value) is Verdict.SEND
    assert verdict(if_unmodified_since=value) is Verdict.SEND


@pytest.mark.parametrize("value", ["Fri, 20 Nov 2026 08:00:00 GMT; length=4711", "fri, 20 nov 2026 08:00:00 gmt"])
def test_sloppy_dates_are_read(value: str) -> None:
    assert parse_http_date(value, NOW) == parse_http_date("Fri, 20 Nov 2026 08:00:00 GMT", NOW)


# Codings


@pytest.mark.parametrize(
    ("header", "coded"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip;q=0, identity", False),
        ("gzip;q=0.000, *", False),
        ("gzip;q=0.001, *;q=0", True),
        ("identity;q=0, *", True),
        ("identity;q=0", False),
        ("*", False),
        ("*;q=0", False),
        ("identity", False),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("br", False),
        ("gzip;q=banana", False),
        ("gzip; q = 0.5", True),
        ("gzippy", False),
        ("gzip, gzip;q=0", False),
    ],
)
def test_codings(header: str | None, coded: bool) -> None:
    """Contract H19, H23, H24."""
    assert wants_gzip(header) is coded


@given(HEADER)
def test_no_coding_header_breaks_it(header: str) -> None:
    assert wants_gzip(header) in (True, False)


@given(st.text(alphabet="gzipdeflatbr*;q=0.1, ", max_size=40))
def test_gzip_is_only_sent_to_who_named_it_or_refused_the_rest(header: str) -> None:
    if wants_gzip(header):
        assert "gzip" in header or "*" in header


@given(st.binary(max_size=2000))
def test_packed_bodies_come_back_whole(body: bytes) -> None:
    """The identity form is derived from the stored one (contract H19)."""
    from feedsvc.publishing.publish import make_document
    from feedsvc.web.prepared import prepare

    hot = prepare(make_document("/feed.rss", "application/rss+xml", body, "", 300), "http://x.example")
    assert hot.identity.body == (body,)
    assert gzip.decompress(hot.gzip.body[0]) == body
    assert dict(hot.identity.ok)["Content-Length"] == str(len(body))

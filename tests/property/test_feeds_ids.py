"""Ids that we make are written in one way only (contract AT09; RFC 4287 section 4.2.6.1, RFC 3986 section 6.2.2)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.feeds.address import feed_id

AUTHORITY = "example.com,2026"
# what feedsvc.articles.category takes for names: any text that is no lone surrogate
names = st.one_of(
    st.text(st.sampled_from("ab%25:0fF /é新.~"), min_size=1, max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
)
_TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}:(?:[A-Za-z0-9/?:@!$&'()*+,;=._~-]|%[0-9A-F]{2})+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def is_canonical(uri: str) -> bool:
    """Lower-case scheme and authority, no needless escape, capitals in the others, however often it is decoded."""
    escaped = [chr(int(digits, 16)) for digits in _ESCAPE.findall(uri)]
    once = unquote(uri)
    return (
        _TAG.fullmatch(uri) is not None
        and not any(_UNRESERVED.fullmatch(sign) for sign in escaped)
        and not _ESCAPE.search(once)
    )


@given(names)
@example("g%20h")
@example("%25")
@example("%2541")
@example("..")
def test_at09_feed_ids_are_canonical(name: str) -> None:
    assert is_canonical(feed_id(name, AUTHORITY))


@given(names, names)
@example("a%20", "a%:20")
@example("a%20", "a ")
@example("%25", "%")
def test_at09_at02_no_two_categories_share_an_id(one: str, other: str) -> None:
    assert (feed_id(one, AUTHORITY) == feed_id(other, AUTHORITY)) == (one == other)


def test_at02_ordinary_names_keep_the_id_they_always_had() -> None:
    kept = {
        "": "tag:example.com,2026:feed",
        "news": "tag:example.com,2026:feed/news",
        "新 a": "tag:example.com,2026:feed/%E6%96%B0%20a",
        "50% off": "tag:example.com,2026:feed/50%25%20off",
        "A&B/(c)": "tag:example.com,2026:feed/A%26B%2F%28c%29",
    }
    assert {name: feed_id(name, AUTHORITY) for name in kept} == kept


def test_what_is_not_canonical_is_seen() -> None:
    for wrong in ("%41", "%7E", "%e6", "%2520", "a b", "新", "%"):
        assert not is_canonical(f"tag:example.com,2026:{wrong}")
    assert not is_canonical("TAG:example.com,2026:a") and not is_canonical("tag:Example.com,2026:a")

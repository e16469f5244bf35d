"""Campaign parameters: added to a target's query and never twice (contract S15)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.sharing.campaign import MOST_PASSED, pairs_of, passed_on, with_campaign

SHARE = pairs_of({"utm_source": "share"})


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://x.example/a.html?id=1#top", "https://x.example/a.html?id=1&utm_source=share#top"),
        ("https://x.example/a.html", "https://x.example/a.html?utm_source=share"),
        ("https://x.example/a.html#top?no=query", "https://x.example/a.html?utm_source=share#top?no=query"),
        ("https://x.example/?", "https://x.example/?utm_source=share"),
        ("https://x.example/?a=1&", "https://x.example/?a=1&utm_source=share"),
        ("https://x.example/?utm_source=news", "https://x.example/?utm_source=news"),
        ("https://x.example/?utm%5Fsource=news#x", "https://x.example/?utm%5Fsource=news#x"),
        ("https://x.example/?my_utm_source=1", "https://x.example/?my_utm_source=1&utm_source=share"),
    ],
)
def test_s15_the_target_keeps_its_own(target: str, expected: str) -> None:
    """Contract S15."""
    assert with_campaign(target, SHARE) == expected
    assert with_campaign(expected, SHARE) == expected, "never twice"
    assert with_campaign(target, ()) == target


def test_s15_what_was_passed_on_comes_first() -> None:
    """Contract S15: who made the link knows better than the settings; the target itself knows best."""
    pairs = (*passed_on("utm_source=wechat&utm_medium=chat&utm_source=other"), *SHARE)
    assert with_campaign("https://x.example/", pairs) == "https://x.example/?utm_source=wechat&utm_medium=chat"
    assert with_campaign("https://x.example/?utm_source=own", pairs).endswith("?utm_source=own&utm_medium=chat")


def test_settings_are_escaped() -> None:
    assert pairs_of({"utm_source": "分享 & more", "from": "a=b"}) == (
        "utm_source=%E5%88%86%E4%BA%AB%20%26%20more",
        "from=a%3Db",
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("utm_source=a+b&x=1&utm_term=%E6%B5%B7", ("utm_source=a%20b", "utm_term=%E6%B5%B7")),
        ("utm_source=%0d%0aLocation:%20x&utm_medium=%00", ()),
        ("utm_source=https://evil.example/", ("utm_source=https%3A%2F%2Fevil.example%2F",)),
        ("utm_source&utm_medium=&utm_term=+", ()),
        ("UTM_SOURCE=x&utm_=x&utm_source%5b%5d=x&autm_source=x&url=x", ()),
        ("utm_source=" + "x" * 400, ()),
        ("", ()),
    ],
)
def test_s15_s08_only_plain_campaigns_are_passed_on(query: str, expected: tuple[str, ...]) -> None:
    """Contract S15, S08."""
    assert passed_on(query) == expected


def test_not_too_many_are_passed_on() -> None:
    query = "&".join(f"utm_{'x' * number}=1" for number in range(1, 30))
    assert len(passed_on(query)) == MOST_PASSED


@given(st.text("utm_source=&%2#?/;+ a\x00é", max_size=60), st.text("utm_id=&%41 x", max_size=40))
def test_s08_no_query_changes_where_it_leads(query: str, own: str) -> None:
    """Contract S08, S15: whatever is asked, address and fragment stay, the target's own query stays in front."""
    target = f"https://x.example/a.html?id=1{own.replace(' ', '').replace('#', '')}#top"
    found = urlsplit(with_campaign(target, (*passed_on(query), *SHARE)))
    before = urlsplit(target)
    assert (found.scheme, found.netloc, found.path, found.fragment) == ("https", "x.example", "/a.html", "top")
    assert found.query.startswith(before.query.rstrip("&"))
    assert found.geturl().isascii() and found.geturl().isprintable() and " " not in found.geturl()
    added = parse_qsl(found.query[len(before.query.rstrip("&")) :].lstrip("&"))
    assert len({name for name, _ in added}) == len(added)

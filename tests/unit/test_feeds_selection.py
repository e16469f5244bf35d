"""Combinations as one segment of an address."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.category import SITE
from feedsvc.feeds.selection import Selection, admits, parse_selection, selection, selection_segment

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(",!*+% "), min_size=1, max_size=6).map(
    lambda name: unicodedata.normalize("NFC", name)
)


@dataclass
class Line:
    title: str
    categories: tuple[str, ...]


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("news", Selection(("news",))),
        ("b,a,b", Selection(("a", "b"))),
        ("*", Selection((SITE,))),
        ("*,a,b", Selection((SITE,))),
        ("a,!c,!b,!*Z,!*y", Selection(("a",), ("b", "c"), ("y", "z"))),
        ("%2A,%21b,c%2Cd", Selection(("!b", "*", "c,d"))),
        ("a,!%2Ab,!*%21c", Selection(("a",), ("*b",), ("!c",))),
        (",a,,", Selection(("a",))),
        ("%E6%96%B0,!*STRASSE,!*stra%C3%9Fe", Selection(("新",), (), ("strasse",))),
    ],
)
def test_what_a_segment_means(segment: str, expected: Selection) -> None:
    assert parse_selection(segment) == expected


@pytest.mark.parametrize("segment", ["", ",", "!a", "!*a", "a,!", "a,!*", "%ff", "a,%0a", "%"])
def test_what_means_nothing(segment: str) -> None:
    found = parse_selection(segment)
    assert found is None or selection_segment(found) == "%25"


@given(st.lists(NAMES, min_size=1), st.lists(NAMES), st.lists(NAMES))
def test_there_and_back(include: list[str], exclude: list[str], words: list[str]) -> None:
    """Contract H54: one spelling, the same for every order."""
    chosen = selection(include, exclude, words)
    segment = selection_segment(chosen)
    assert segment == selection_segment(selection(include[::-1] + include, exclude[::-1], words[::-1]))
    again = parse_selection(segment)
    assert again is not None and selection_segment(again) == segment
    assert (again.include, again.exclude) == (chosen.include, chosen.exclude)


def test_whom_it_admits() -> None:
    plain, picky = selection(["a", "b"]), selection(["a"], ["c"], ["Advert", "广告"])
    assert admits(plain, Line("Any", ("a", "c")))
    assert admits(picky, Line("Any", ("a",)))
    assert not admits(picky, Line("Any", ("a", "c")))
    assert not admits(picky, Line("An ADVERTISEMENT", ("a",)))
    assert not admits(picky, Line("今日广告一则", ("a",)))
    assert not admits(selection([SITE], [], ["STRASSE"]), Line("Neue Straße", ()))

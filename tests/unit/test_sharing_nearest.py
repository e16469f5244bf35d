"""Which names are looked up for one that leads nowhere (contract S07)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.sharing.codes import ALPHABET, share_code
from feedsvc.sharing.nearest import LONGEST, MOST, near

CODE = share_code("tag:example.com,2026:NW1")
NUMBER = "NW202611200001"

codes = st.text(min_size=1, max_size=40).map(share_code)
names = st.one_of(codes, st.from_regex(r"NW[0-9]{12,18}", fullmatch=True), st.from_regex(r"[a-z]{4,8}", fullmatch=True))


@pytest.mark.parametrize("meant", [CODE, NUMBER, "summer-2026", "Summer-2026", "en/hello", "港口新闻", "report.2026"])
@pytest.mark.parametrize(
    "pasted",
    [
        "{},快看",
        "{}，快看这个",
        "{}）。",
        "“{}”",
        "{}】【复制此链接",
        "{}。",
        "{}.",
        "{},",
        "{}!!",
        "({})",
        "<{}>",
        "{}/",
        "看{}",
    ],
)
def test_s07_glued_text_and_punctuation(meant: str, pasted: str) -> None:
    """Contract S07: what people paste out of a chat. Han around Han cannot be told apart."""
    if meant == "港口新闻" and pasted == "看{}":
        return
    found = near(pasted.format(meant))
    assert meant in found[:8]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (CODE.upper(), CODE),
        (CODE + "https", CODE),  # an address right behind it
        (CODE[:5] + "%20" + CODE[5:], CODE),  # a broken line
        (CODE[:5] + "，" + CODE[5:], CODE),
        ("nw202611200001", NUMBER),
        ("NW2O26ll2OOOO1", NUMBER),  # look-alikes
        ("ＮＷ２０２６１１２００００１", NUMBER),
        ("summer-2o26", "summer-2026"),
        ("SUMMER-2026", "Summer-2026"),
        ("en%2fhello", "en/hello"),
        ("0cean", "ocean"),
        ("1abel", "label"),
    ],
)
def test_s07_letter_case_look_alikes_and_widths(asked: str, meant: str) -> None:
    """Contract S07."""
    assert meant in near(asked)[:40]


@given(names, st.data())
def test_one_letter_wrong_missing_too_many_or_swapped(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from(sorted({*ALPHABET, *"abcXYZ012"})))
    mistakes = [name[:at] + letter + name[at + 1 :], name[:at] + letter + name[at:]]
    if at + 1 < len(name):
        mistakes.append(name[:at] + name[at + 1] + name[at] + name[at + 2 :])
    mistakes.append(name[:at] + name[at + 1 :])
    for asked in mistakes:
        assert asked == name or name in near(asked), asked


@given(codes, st.text(max_size=20))
def test_whatever_is_glued_to_a_code(code: str, rest: str) -> None:
    asked = code + rest
    if asked != code:
        assert code in near(asked)


@given(st.text(max_size=2 * LONGEST))
def test_bounded_and_sensible_whatever_is_asked(name: str) -> None:
    found = near(name)
    assert len(found) == len(set(found)) <= MOST
    assert name not in found
    if not 0 < len(name) <= LONGEST:
        assert found == ()
    for other in found:
        assert other and len(other) <= LONGEST + 1 + 2  # title case may lengthen a letter
        other.encode()  # no lone surrogate
        assert not any(unicodedata.category(character) == "Cc" for character in other)


@pytest.mark.parametrize("name", ["", "x" * (LONGEST + 1), "，" * 3000])
def test_no_suggestions_for_what_is_no_code(name: str) -> None:
    assert near(name) == ()


def test_the_least_change_comes_first() -> None:
    """A wrong letter case before a wrong letter, that before a mere beginning."""
    found = near(NUMBER.lower() + "。")
    places = [found.index(it) for it in (NUMBER.lower(), NUMBER, NUMBER[:-1], NUMBER[:8])]
    assert places == sorted(places)

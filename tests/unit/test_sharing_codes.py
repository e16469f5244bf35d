"""Share codes (contract S16)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.sharing import codes
from feedsvc.sharing.codes import ALPHABET, LENGTH, assign, candidates, share_code

IDS = st.lists(st.text(max_size=30), max_size=30)


def test_codes_never_change() -> None:
    """A changed code would break every link that was ever shared."""
    assert share_code("tag:example.com,2026:NW202611200001") == "dmdgsfdttv"
    assert share_code("tag:example.com,2026:en/hello", 12) == "pd4sm4hdsc75"


@given(st.text(), st.integers(1, 31))
def test_codes_are_plain_and_longer_ones_begin_alike(article_id: str, length: int) -> None:
    code = share_code(article_id, length)
    assert len(code) == length
    assert set(code) <= set(ALPHABET)
    assert share_code(article_id, length + 1).startswith(code)


def test_the_alphabet_has_no_look_alikes_and_no_vowels() -> None:
    assert not set(ALPHABET) & set("01iloaeuyI")
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert ALPHABET.lower() == ALPHABET


@pytest.mark.parametrize("length", [0, -1, 33])
def test_impossible_lengths(length: int) -> None:
    with pytest.raises(ValueError, match="letters"):
        share_code("x", length)


@given(IDS)
def test_assign_gives_everybody_one_code_of_his_own(ids: list[str]) -> None:
    given_codes = assign(ids, {})
    assert set(given_codes) == set(ids)
    assert len(set(given_codes.values())) == len(set(ids))
    assert assign(ids[::-1], {}) == given_codes
    assert assign(ids, {code: article_id for article_id, code in given_codes.items()}) == given_codes


def test_a_taken_code_is_lengthened(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = {share_code("a"): "somebody else"}
    assert assign(["a"], taken) == {"a": share_code("a", LENGTH + 1)}
    assert taken == {share_code("a"): "somebody else"}
    assert candidates("a")[:2] == (share_code("a"), share_code("a", LENGTH + 1))


def test_collisions_within_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a single letter nearly all ids collide."""
    monkeypatch.setattr(codes, "LENGTH", 1)
    ids: Sequence[str] = [f"id {number}" for number in range(200)]
    given_codes = codes.assign(ids, {})
    assert len(set(given_codes.values())) == 200
    assert codes.assign(list(reversed(ids)), {}) == given_codes

"""Share codes (contract S16)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.content.share_names import is_code
from feedsvc.sharing import codes
from feedsvc.sharing.codes import ALPHABET, derived, share_code

IDS = st.lists(st.text(max_size=30), max_size=30, unique=True)


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
    assert is_code(code)


def test_the_alphabet_has_no_look_alikes_and_no_vowels() -> None:
    assert not set(ALPHABET) & set("01iloaeuyI")
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert ALPHABET.lower() == ALPHABET


@pytest.mark.parametrize("length", [0, -1, 33])
def test_impossible_lengths(length: int) -> None:
    with pytest.raises(ValueError, match="letters"):
        share_code("x", length)


@given(IDS)
def test_everybody_claims_his_own_code(ids: list[str]) -> None:
    assert derived(ids) == {article_id: (share_code(article_id),) for article_id in ids}


def test_those_who_share_a_code_claim_longer_ones_until_each_has_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a single letter nearly all ids collide; contract S16: unique, whatever the order."""
    monkeypatch.setattr(codes, "LENGTH", 1)
    ids = [f"id {number}" for number in range(200)]
    claims = derived(ids)
    assert derived(reversed(ids)) == claims
    claimed = [code for its in claims.values() for code in its]
    for article_id, its in claims.items():
        assert its == tuple(share_code(article_id, 1 + more) for more in range(len(its)))
        assert claimed.count(its[-1]) == 1, "the last one is his alone"
        assert all(claimed.count(code) > 1 for code in its[:-1]), "and no longer than needed"


@pytest.mark.parametrize("code", ["a", "头条-1", "é", "हिन्दी", "R2-D2.v1_x~", "x" * 64, "007"])
def test_what_somebody_may_choose(code: str) -> None:
    assert is_code(code)


@pytest.mark.parametrize(
    "code", ["", "a b", "a/b", "x" * 65, ".", "..", "e\u0301", "a\u3000b", "²", "a%20b", "a?b", "a#b", "\ud800", "a\0"]
)
def test_what_nobody_may_choose(code: str) -> None:
    """Contract S07."""
    assert not is_code(code)

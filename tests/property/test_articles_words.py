"""Whatever stands in a text is found by it."""

from __future__ import annotations

import unicodedata

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from feedsvc.articles.words import (
    LONGEST_QUERY,
    LONGEST_WORD,
    MOST_OF_A_TEXT,
    MOST_WANTED,
    Wanted,
    spots,
    tidy_query,
    wanted,
    words_of,
)

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=20)
LATIN = st.text(st.sampled_from("abcXYZéÅßñжЙ019"), min_size=1, max_size=12)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
PROSE = st.lists(HAN | LATIN | st.sampled_from([" ", "，", "。", "\n", "(", "·", "%", '"']), min_size=1).map(" ".join)


def finds(asked: Wanted | None, words: frozenset[str]) -> bool:
    """As both databases decide it."""
    assert asked is not None
    begun = (any(word.startswith(one) for word in words) for one in asked.beginnings)
    return words.issuperset(asked.words) and all(begun)


@settings(deadline=None)
@given(PROSE, HAN.filter(lambda run: len(run) >= 2), PROSE, st.data())
def test_every_piece_of_two_or_more_characters_is_found(before: str, run: str, after: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(run) - 2))
    end = data.draw(st.integers(start + 2, len(run)))
    assert finds(wanted(run[start:end]), words_of(before + run + after))


@settings(deadline=None)
@given(PROSE, HAN, PROSE, st.data())
def test_every_single_character_is_found(before: str, run: str, after: str, data: st.DataObject) -> None:
    assert finds(wanted(data.draw(st.sampled_from(run))), words_of(before + run + after))


@settings(deadline=None)
@given(PROSE, LATIN, PROSE)
def test_every_whole_word_is_found_in_any_case_and_without_its_accents(before: str, word: str, after: str) -> None:
    words = words_of(f"{before} {word}, {after}")
    plain = "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))
    for query in (word, word.upper(), f'"{word}"', unicodedata.normalize("NFD", word), plain):
        assert finds(wanted(query), words), query


@settings(deadline=None)
@given(ANY)
@example("ǰ İ ﬃ ㍿ Å ẛ̣ ℌ ᾳ")
@example("กำ แม่น้ำ हिन्दी ﷺ ｶﾞ か゚")
def test_every_text_is_found_by_itself(text: str) -> None:
    asked = wanted(text[:LONGEST_QUERY])
    assume(asked is not None)
    assert finds(asked, words_of(text[:LONGEST_QUERY]))


@settings(deadline=None)
@given(ANY)
def test_cutting_is_bounded_and_words_hold_nothing_but_letters_and_digits(text: str) -> None:
    asked = wanted(text * 10)
    words = words_of(text)
    if asked is not None:
        assert 0 < len(asked.words) + len(asked.beginnings) <= MOST_WANTED
        words |= {*asked.words, *asked.beginnings}
    assert all(1 <= len(word) <= LONGEST_WORD for word in words)
    assert not any(sign.isspace() or sign in "\"'\\*:&|!()<>\0" for word in words for sign in word)


def test_a_text_is_bounded_as_a_whole() -> None:
    text = "".join(chr(0x4E00 + number % 20_000) + chr(0x3400 + number % 6_000) for number in range(50_000))
    apart = " ".join(text[at : at + 50] for at in range(0, len(text), 50))
    for whole in (text, apart):
        assert MOST_OF_A_TEXT <= len(words_of(whole)) < MOST_OF_A_TEXT + 100


@settings(deadline=None)
@given(ANY, ANY)
def test_marks_lie_in_the_text_in_order_and_apart(text: str, query: str) -> None:
    for asked in filter(None, (wanted(query), wanted(text))):
        end = -1
        for start, stop in spots(text, asked):
            assert end < start < stop <= len(text)
            end = stop


@settings(deadline=None)
@given(PROSE, HAN.filter(lambda run: len(run) >= 2), PROSE)
def test_what_was_searched_for_is_marked(before: str, run: str, after: str) -> None:
    text = before + run + after
    asked = wanted(run)
    assert asked is not None
    length = min(len(run), MOST_WANTED + 1)
    assert any(start <= len(before) and len(before) + length <= end for start, end in spots(text, asked))


@settings(deadline=None)
@given(ANY)
def test_a_tidy_query_is_tidy_and_asks_for_the_same(query: str) -> None:
    tidy = tidy_query(query)
    assert tidy_query(tidy) == tidy
    assert len(tidy) <= LONGEST_QUERY
    assert "  " not in tidy and tidy == tidy.strip()

"""Whatever a name is, what somebody remembers of it finds it."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web.finding import Names, find, fold
from feedsvc.web.pinyin import spelled

CHARACTERS = "重庆长江银行厦门会计女性晚报日报新闻中国西安海港都音乐大"
han = st.text(CHARACTERS, min_size=1, max_size=8)
spelling = spelled(list(CHARACTERS))  # each by itself


@dataclass(frozen=True)
class Paper:
    names: Names


def paper(title: str, slug: str = "") -> Paper:
    return Paper(Names(slug, title, tuple(spelling[one].syllables[0] for one in title if one in spelling)))


@given(st.text(max_size=30), st.text(max_size=30))
def test_every_name_is_found_by_itself_and_nothing_raises(title: str, query: str) -> None:
    names = [paper(title, "s-" + title)]
    if title.strip():
        assert find(names, title) == names
    assert find(names, query) in ([], names)


@given(han, st.data())
def test_any_two_characters_that_follow_one_another_find_it(title: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(title) - 1))
    piece = title[start : data.draw(st.integers(start + 1, len(title)))]
    assert find([paper(title)], piece)


@given(han, st.data())
def test_any_reading_in_full_as_an_initial_or_as_the_character_finds_it(title: str, data: st.DataObject) -> None:
    """Beginning anywhere, ending anywhere, with or without blanks between them."""
    start = data.draw(st.integers(0, len(title) - 1))
    typed = []
    for one in title[start : data.draw(st.integers(start + 1, len(title)))]:
        reading = data.draw(st.sampled_from(spelling[one].syllables[0]))
        typed.append(data.draw(st.sampled_from([reading, reading[0]])))
    query = data.draw(st.sampled_from(["", " "])).join(typed)
    if (start and len(query) == 1) or ("" in typed):
        return  # a single letter must be the first
    if " " in query and any(len(piece) == 1 and piece.isascii() for piece in typed) and start:
        return  # so must single letters by themselves, unless all of it is read as one
    assert find([paper(title)], query), (query, title)


@given(st.lists(han, max_size=8), st.text(CHARACTERS[:6] + "abcq ", max_size=6), st.text(CHARACTERS[:6], max_size=3))
def test_more_words_find_less_and_all_that_both_find(titles: list[str], one: str, other: str) -> None:
    papers = [paper(title, f"s{n}") for n, title in enumerate(titles)]
    both = [found.names.slug for found in find(papers, f"{one} {other}")]
    apart = [{found.names.slug for found in find(papers, query)} for query in (one, other)]
    assert apart[0] & apart[1] <= set(both)
    assert len(both) == len(set(both))


@given(st.lists(han, unique=True, max_size=8), han)
def test_the_whole_name_comes_first(titles: list[str], wanted: str) -> None:
    papers = [paper(title) for title in [*titles, wanted]]
    assert find(papers, wanted)[0].names.title == wanted or wanted in titles


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.sampled_from(["Évening", "harbour", "Quay-side", "Łódź"]))
def test_letter_case_and_accents_mean_nothing(title: str) -> None:
    for query in (title.upper(), title.lower(), fold(title), title.swapcase()):
        assert find([paper(title)], query), query

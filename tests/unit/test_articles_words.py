"""How texts and searches are cut into words."""

from __future__ import annotations

import pytest

from feedsvc.articles.words import Wanted, spots, tidy_query, wanted, words_of


def test_chinese_is_cut_into_pairs_and_the_rest_into_words() -> None:
    assert words_of("中文网，5G手机 3.14%") == {"中文", "文网", "网", "5g", "手机", "机", "3", "14"}
    assert words_of("Ünïcode_and O'Neill") == {"unicode", "and", "o", "neill"}
    assert words_of("ＡＢＣ ｶﾅ") == {"abc", "カナ", "ナ"}
    assert words_of("…！ ") == set()


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("北京大学", Wanted(("北京", "京大", "大学"))),
        ("茶", Wanted((), ("茶",))),
        ("ferry times", Wanted(("ferry",), ("times",))),
        ("ferry t", Wanted(("ferry", "t"))),
        ("FERRY 渡轮", Wanted(("ferry", "渡轮"))),
        ('"ferry" OR -x*', Wanted(("ferry", "or", "x"))),
        ("ferry ferry", Wanted(("ferry",), ("ferry",))),
    ],
)
def test_what_a_search_asks_for(query: str, asked: Wanted) -> None:
    assert wanted(query) == asked


@pytest.mark.parametrize("query", ["", "  ", '"*"', "！？", "\0"])
def test_a_search_without_words_asks_for_nothing(query: str) -> None:
    assert wanted(query) is None


def test_words_of_endless_length_are_cut_in_texts_and_searches_alike() -> None:
    assert words_of("x" * 500) == {"x" * 40}
    assert wanted("x" * 80) == Wanted(("x" * 40,))


def test_a_query_has_one_spelling() -> None:
    assert tidy_query("  ｆｅｒｒｙ\t\n times\u3000渡轮 \0\u200b") == "ferry times 渡轮"
    assert tidy_query("ab " * 100) == ("ab " * 34)[:100].rstrip()


def marked(text: str, query: str) -> str:
    asked = wanted(query)
    assert asked is not None
    for start, end in reversed(spots(text, asked)):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("北京大学的学生", "北京大学", "[北京大学]的学生"),
        ("在北京，大学生", "北京大学", "在[北京]，[大学]生"),
        ("Ferry times", "FERRY ti", "[Ferry] [ti]mes"),
        ("Café au lait", "cafe", "[Café] au lait"),
        ("Cafe\u0301s", "cafe", "[Cafe\u0301]s"),
        ("ﬃne Straße", "strasse", "ﬃne [Straße]"),
        ("茶馆喝茶", "茶", "[茶]馆喝[茶]"),
        ("scat cat", "cat", "scat [cat]"),
        ("ＡＢＣ！", "abc", "[ＡＢＣ]！"),
        ("nothing", "else", "nothing"),
    ],
)
def test_words_that_were_searched_for_are_marked(text: str, query: str, shown: str) -> None:
    assert marked(text, query) == shown

"""Finding a name by hanzi, pinyin, initials and Latin letters; which fits best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from feedsvc.web.finding import Names, find, fold
from feedsvc.web.pinyin import spelled


@dataclass(frozen=True)
class Paper:
    names: Names


def papers(named: Iterable[tuple[str, str]]) -> list[Paper]:
    listed = list(named)
    spellings = spelled([title for _, title in listed])
    return [Paper(Names(slug, title, spellings[title].syllables)) for slug, title in listed]


STAND = papers(
    [
        ("cqrb", "重庆日报"),
        ("cqwanbao", "重庆晚报"),
        ("cjwb", "长江晚报"),
        ("yinhang", "中国银行家"),
        ("xmrb", "厦门日报"),
        ("kuaiji", "会计之家"),
        ("nvxing", "女性周刊"),
        ("Evening-Herald", "Évening Herald"),
        ("harbour", "Harbour & Quay"),
        ("cctv5", "CCTV5新闻"),
        ("xian", "西安晚报"),
    ]
)


def found(query: str) -> list[str]:
    return [paper.names.title for paper in find(STAND, query)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("重庆日报", "重庆日报"),
        ("厦门", "厦门日报"),
        ("周刊", "女性周刊"),
        ("chongqingribao", "重庆日报"),
        ("chong qing ri bao", "重庆日报"),
        ("Chóngqìng Rìbào", "重庆日报"),
        ("chong2qing4ri4bao4", "重庆日报"),
        ("zhongqing", "重庆日报"),
        ("cjwb", "长江晚报"),
        ("zjwb", "长江晚报"),
        ("changj", "长江晚报"),
        ("zgyh", "中国银行家"),
        ("zhgyhj", "中国银行家"),
        ("zhongguoyinhang", "中国银行家"),
        ("zhongguoyinxing", "中国银行家"),
        ("xiamen", "厦门日报"),
        ("shamen", "厦门日报"),
        ("huiji", "会计之家"),
        ("nv xing", "女性周刊"),
        ("nüxing", "女性周刊"),
        ("nuxing", "女性周刊"),
        ("evening herald", "Évening Herald"),
        ("HERALD evening", "Évening Herald"),
        ("eh", "Évening Herald"),
        ("quay", "Harbour & Quay"),
        ("harbourquay", "Harbour & Quay"),
        ("cctv5xw", "CCTV5新闻"),
        ("xi'an", "西安晚报"),
        ("厦men", "厦门日报"),
        ("长j晚b", "长江晚报"),
        ("ｃｑｒｂ", "重庆日报"),
    ],
)
def test_the_best_fit_comes_first(query: str, first: str) -> None:
    assert found(query)[0] == first


def test_better_fits_come_before_others() -> None:
    ranks = papers(
        [("z", "北安波"), ("y", "abroad"), ("x", "安波"), ("anbo-x", "Z"), ("w", "Anbo News"), ("v", "anbo")]
    )
    titles = [paper.names.title for paper in find(ranks, "anbo")]
    assert titles == ["安波", "anbo", "Anbo News", "Z", "北安波"]
    titles = [paper.names.title for paper in find(ranks, "ab")]
    assert titles == ["abroad", "安波", "北安波"]


def test_every_word_must_fit() -> None:
    assert found("重庆 晚报") == ["重庆晚报"]
    assert found("chongqing wb") == ["重庆晚报"]
    assert found("晚报 重庆") == ["重庆晚报"]
    assert found("重庆 quay") == []


def test_nothing_asked_is_everything_and_nonsense_nothing() -> None:
    assert find(STAND, "") == STAND
    assert find(STAND, "  \t") == STAND
    for nonsense in ("zzzz", "鑫", "!", "%", "'", "重庆重庆", "q" * 10_000):
        assert found(nonsense) == [], nonsense


def test_a_single_letter_is_a_beginning() -> None:
    assert set(found("h")) == {"Harbour & Quay", "会计之家"}
    assert found("&") == ["Harbour & Quay"]


def test_names_of_signs_are_found_by_themselves() -> None:
    odd = papers([("+", "+"), ("c++", "C++"), ("c", "C")])
    assert [paper.names.slug for paper in find(odd, "+")] == ["+", "c++"]
    assert find(odd, "c++")[0].names.slug == "c++"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ÉTÉ", "ete"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("ＡＢ１", "ab1"),
        ("Ænigma", "aenigma"),
        ("重庆", "重庆"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded

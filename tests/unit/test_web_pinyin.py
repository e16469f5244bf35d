"""What names sound like: readings in words, every usual reading, letters."""

from __future__ import annotations

import sys

import pytest

from feedsvc.web.pinyin import LETTERS, spelled

SPELLED = [
    ("重庆日报", "chongqingribao", "cqrb", "C"),
    ("长江晚报", "changjiangwanbao", "cjwb", "C"),
    ("中国银行", "zhongguoyinhang", "zgyh", "Z"),
    ("厦门日报", "xiamenribao", "xmrb", "X"),
    ("会计之家", "kuaijizhijia", "kjzj", "K"),
    ("女性", "nvxing", "nx", "N"),
    ("Évening News", "eveningnews", "en", "E"),
    ("CCTV5新闻", "cctv5xinwen", "cxw", "C"),
    ("ＡＢＣ晚报", "abcwanbao", "awb", "A"),
    ("《读者》", "duzhe", "dz", "D"),
    ("24小时", "24xiaoshi", "2xs", "#"),
    ("Новости", "новости", "н", "#"),
    ("·", "", "", "#"),
    ("", "", "", "#"),
]
TOLD = [
    ("重山晚报", "chongshanwanbao", "chongshanwanbao"),
    ("曾巷纪事", "zengxiangjishi", "zengxiangjishi"),
    ("长江晚报", "finance", "changjiangwanbao"),
    ("重庆", "chong", "chongqing"),
    ("女性", "nuxing", "nuxing"),
    ("", "x", ""),
]
READ = [
    ("重庆", 0, {"chong", "zhong", "重"}),
    ("长江", 0, {"chang", "zhang", "长"}),
    ("银行", 1, {"hang", "xing", "行"}),
    ("厦门", 0, {"xia", "sha", "厦"}),
    ("会计", 0, {"kuai", "hui", "会"}),
    ("绿色", 0, {"lv", "lu", "绿"}),
]


@pytest.fixture(scope="module", autouse=True)
def looked_up_once() -> None:
    """Whatever is not known has the dictionaries loaded, which takes most of a second."""
    spelled([*(it[0] for it in SPELLED), *(it[0] for it in TOLD), *(it[0] for it in READ)])


@pytest.mark.parametrize(
    ("name", "full", "initials", "letter"),
    SPELLED,
)
def test_a_name_is_spelled(name: str, full: str, initials: str, letter: str) -> None:
    found = spelled([name])[name]
    assert (found.full, found.initials, found.letter) == (full, initials, letter)
    assert found.letter in LETTERS


@pytest.mark.parametrize(
    ("name", "slug", "full"),
    TOLD,
)
def test_a_slug_in_pinyin_tells_the_reading(name: str, slug: str, full: str) -> None:
    assert spelled([name])[name].as_written(slug).full == full


@pytest.mark.parametrize(
    ("name", "place", "readings"),
    READ,
)
def test_every_usual_reading_and_the_character_are_known(name: str, place: int, readings: set[str]) -> None:
    assert readings <= set(spelled([name])[name].syllables[place])


def test_characters_without_a_reading_stand_for_themselves() -> None:
    assert [syllable[0] for syllable in spelled(["𠮷𠮷野"])["𠮷𠮷野"].syllables] == ["𠮷", "𠮷", "ye"]


def test_the_dictionaries_do_not_stay() -> None:
    assert spelled(["霜降时报"])["霜降时报"].full == "shuangjiangshibao"
    assert not any(module.partition(".")[0] == "pypinyin" for module in sys.modules)
    assert spelled(["谷雨时报", "霜降时报"])["谷雨时报"].full == "guyushibao"


def test_what_is_known_needs_no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    before = spelled(["立春周刊"])
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    assert spelled(["立春周刊", "Latin only"])["立春周刊"] == before["立春周刊"]
    with pytest.raises(ImportError):
        spelled(["立夏周刊"])

"""What the bytes spell, and which characters never reach a feed (contract F03)."""

from __future__ import annotations

import pytest

from feedsvc.content.encoding import ILLEGAL, Undecodable, clean, decode, first_illegal

CHINESE = "---\ntitle: 晨光晚报：今日天气晴\n---\n城东的集市在清晨六点开张，卖花的人比往常来得更早。\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_known_encodings(codec: str) -> None:
    decoded = decode(CHINESE.encode(codec))
    assert decoded.text == CHINESE
    assert decoded.encoding == {"utf-8-sig": "utf-8", "gbk": "gb18030"}.get(codec, codec)


def test_gb18030_with_four_byte_characters() -> None:
    text = "城东的集市在清晨六点开张，卖花的老人姓𠮷，来得更早。"
    assert decode(text.encode("gb18030")).text == text


@pytest.mark.parametrize(
    "data",
    [
        "title: café crème brûlée\nUn été à la mer, où l'on dîne".encode("latin-1"),
        "東京の朝は早い。市場では魚の競りが始まり、店先には客の列ができている。".encode("shift_jis"),
        "臺北的清晨，市場裡的人聲漸漸多了起來，賣花的人也來了。".encode("big5"),
        CHINESE.encode()[:-5] + b"\xff\n",
        CHINESE.encode()[:60] + b"\x80" + CHINESE.encode()[60:],
        b"\xff\xfe\x00",
        b"\0" * 500,
    ],
    ids=["latin-1", "shift-jis", "big5", "damaged end", "damaged middle", "half of utf-16", "zeros"],
)
def test_anything_else_is_not_guessed(data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(data)


def test_the_line_of_the_first_bad_byte_is_named() -> None:
    with pytest.raises(Undecodable) as caught:
        decode(b"one\ntwo\nthr\xffee\n")
    assert caught.value.line == 3


def test_newlines_become_lf() -> None:
    assert decode(b"a\r\nb\rc\n").text == "a\nb\nc\n"


def test_f03_the_last_two_of_every_plane_are_illegal() -> None:
    """contract F03"""
    for plane in range(17):
        below, *ends = (chr(plane << 16 | low) for low in (0xFFFC, 0xFFFE, 0xFFFF))
        assert first_illegal(f"中{below}") == -1
        assert [first_illegal(f"中{below}{end}\x00") for end in ends] == [2, 2]
        assert ILLEGAL.findall("".join((below, *ends))) == ends


def test_f03_illegal_characters_go() -> None:
    """contract F03"""
    assert clean("a\x01b\x85c") == "abc"
    assert clean("a\ufffeb\uffffc\ufffdd\ud800e\ufdd0f\U0001ffffg\x7fh") == "abcdefgh"
    assert clean("a\x0bb\x0cc") == "a b c"
    kept = "tab\tline\n\u3000\xa0“好”😀𠮷\u200f"
    assert clean(kept) is kept

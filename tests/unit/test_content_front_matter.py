"""Splitting as Jekyll does, strict reading, and mending line by line."""

from __future__ import annotations

import pytest

from feedsvc.content.front_matter import BadFrontMatter, read_page, split
from feedsvc.content.yaml_text import Scalar


@pytest.mark.parametrize(
    ("text", "head", "body"),
    [
        ("---\na: b\n---\nBody\n", "a: b\n", "Body\n"),
        ("---\n---\nBody", "", "Body"),
        ("---  \na: b\n...  \nBody", "a: b\n", "Body"),
        ("---\na: b\n---\n\n\n    code\n", "a: b\n", "    code\n"),
        ("---\na: b\n---", "a: b\n", ""),
        ("---\na: b\n----\nc: d\n---\nBody", "a: b\n----\nc: d\n", "Body"),
    ],
)
def test_split(text: str, head: str, body: str) -> None:
    assert split(text) == (head, body)


@pytest.mark.parametrize(
    "text", ["", "Body", "\n---\na: b\n---\n", "----\na: b\n----\n", "---\na: b\n", " ---\na: b\n---\n"]
)
def test_no_front_matter(text: str) -> None:
    assert split(text) is None
    assert read_page(text).body == text


def test_unclosed_and_late_front_matter_are_told() -> None:
    assert read_page("---\ntitle: a\nBody\n").unclosed
    assert read_page("\n---\ntitle: a\n---\n").late
    assert not read_page("Just text.\n\n---\n\nMore.\n").late


def test_lines_are_the_file_s_lines() -> None:
    page = read_page("---\ntitle: a\ncategories:\n  - b\n---\n\nBody\n")
    assert page.values == {"title": Scalar("a", False, 2), "categories": [Scalar("b", False, 4)]}
    assert (page.body, page.body_line) == ("Body\n", 7)


@pytest.mark.parametrize(
    ("line", "text", "repair"),
    [
        ('title: "他说"好"了"', '他说"好"了', """title: '他说"好"了'"""),
        (r'title: "C:\dir\q"', r"C:\dir\q", r"title: 'C:\dir\q'"),
        (r'title: "a \"b\" \q"', r'a "b" \q', r"""title: 'a "b" \q'"""),
        ("title: Foo: bar", "Foo: bar", "title: 'Foo: bar'"),
        ("title: @someone", "@someone", "title: '@someone'"),
        ("title: 'It's here'", "It's here", "title: 'It''s here'"),
        ('title: "never closed', "never closed", "title: 'never closed'"),
        ("title: %x", "%x", "title: '%x'"),
    ],
)
def test_a_broken_line_is_read_as_words_and_the_rest_is_kept(line: str, text: str, repair: str) -> None:
    page = read_page(f"---\nlayout: post\n{line}\ndate: 2021-12-23\ntags: [a, b]\n---\nBody")
    title = page.values["title"]
    assert isinstance(title, Scalar)
    assert title.text == text
    assert page.values["date"] == Scalar("2021-12-23", False, 4)
    assert page.values["tags"] == [Scalar("a", False, 5), Scalar("b", False, 5)]
    assert [(mend.line, mend.field, mend.repair) for mend in page.mends] == [(3, "title", repair)]
    fixed = read_page(f"---\n{repair}\n---\n")
    assert not fixed.mends
    assert fixed.values["title"] == Scalar(text, True, 2)


def test_broken_lists_and_junk_lines() -> None:
    page = read_page('---\ntitle: ok\ncategories:\n- "a"b"\n- c\n<<<<<<< HEAD\ntags: x\n---\n')
    assert page.values["categories"] == [Scalar('a"b', True, 4), Scalar("c", False, 5)]
    assert page.values["tags"] == Scalar("x", False, 7)
    assert [(mend.line, mend.field) for mend in page.mends] == [(3, "categories"), (6, "")]


@pytest.mark.parametrize(
    ("written", "items"),
    [
        ('[news, "C:\\dir"]', ["news", r"C:\dir"]),
        ('[news, "a, b", c: d]x', ["news", "a, b", "c: d]x"]),
        ("[news, 'it''s', x", ["news", "it's", "x"]),
        ('["news", "\\ud83d\\ude00"]', ["news", "😀"]),
        ('["news", "lone \\ud83d"]', ["news", r"lone \ud83d"]),
        ("[news,\n  @x]", ["news", "@x"]),
    ],
)
def test_a_broken_list_in_brackets_stays_a_list(written: str, items: list[str]) -> None:
    """As words, its first category would be `[news,`, and what is said of `news` in the settings would not hold."""
    page = read_page(f"---\ncategories: {written}\ntitle: [x, @y]\n---\n")
    found = page.values["categories"]
    assert isinstance(found, list)
    assert [item.text for item in found if isinstance(item, Scalar)] == items
    assert page.values["title"] == Scalar("[x, @y]", False, 3 + written.count("\n"))
    repaired = read_page(f"---\n{page.mends[0].repair}\n---\n").values["categories"]
    assert isinstance(repaired, list)
    assert [item.text for item in repaired if isinstance(item, Scalar)] == items


def test_escapes_as_json_writes_them() -> None:
    """json.dumps() writes a sign beyond U+FFFF as two halves; the other escapes beside it are read as well."""
    page = read_page(r"""---
title: "\u6f6e \ud83d\ude00 \\ud83d\\ude00 \"q\""
---
""")
    assert page.values["title"] == Scalar("潮 😀 " + r"\ud83d\ude00" + ' "q"', True, 2)
    assert [(mend.line, mend.field) for mend in page.mends] == [(2, "title")]


def test_indented_by_a_tab() -> None:
    page = read_page("---\n\ttitle: x\n\tdate: 2021-12-23\n---\n")
    assert page.values == {"title": Scalar("x", False, 2), "date": Scalar("2021-12-23", False, 3)}
    assert [(mend.line, mend.field, mend.repair) for mend in page.mends] == [(2, "title", "title: x")]


@pytest.mark.parametrize("head", ["- a\n- b\n", "just words\n", "[a, b]\n", "{{{\n"])
def test_nothing_to_be_made_of_it(head: str) -> None:
    with pytest.raises(BadFrontMatter) as caught:
        read_page(f"---\n{head}---\n")
    assert caught.value.code == "front-matter.invalid"
    assert caught.value.line >= 2


def test_anchors_merges_and_the_last_of_two_keys() -> None:
    page = read_page("---\na: &x hello\ntitle: *x\nm: &m {p: 1, q: 2}\nn:\n  <<: *m\n  q: 3\ntitle: two\n---\n")
    assert page.values["title"] == Scalar("two", False, 8)
    merged = page.values["n"]
    assert isinstance(merged, dict)
    assert {key: value.text for key, value in merged.items() if isinstance(value, Scalar)} == {"p": "1", "q": "3"}


def test_a_raw_next_line_character_alone_is_yaml_s_line_break() -> None:
    assert read_page('---\ntitle: "a\x85b"\n---\n').values["title"] == Scalar("a b", True, 2)


def test_f03_with_other_rubbish_it_is_removed() -> None:
    """contract F03: a title `a\\x01b\\u0085c` reads `abc`"""
    for title in ('"a\x01b\x85c"', r'"a\x01b\x85c"', "a\x01b\x85c"):
        value = read_page(f"---\ntitle: {title}\n---\n").values["title"]
        assert isinstance(value, Scalar)
        assert value.text == "abc"

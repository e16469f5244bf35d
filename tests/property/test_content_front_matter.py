"""The fast line reader says exactly what YAML says, or steps back."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc.content.front_matter import quote, read_lines, read_page, read_strictly, split
from feedsvc.content.yaml_text import BadYaml, Scalar, read_yaml

KEYS = st.sampled_from(["title", "date", "categories", "x", "A-b_9", "y", "null", "k" * 99])
# every character that means something to YAML, blanks of all kinds, and ordinary words
CHARS = st.sampled_from(list("ab9:#-?,[]{}&*!|>'\"%@` \t\\/.=~<é中　\xa0\u2028\u2029\x85\ufeff😀\x07"))
VALUES = st.one_of(
    st.text(CHARS, max_size=12),
    st.text(CHARS, max_size=8).map(lambda text: f'"{text}"'),
    st.text(CHARS, max_size=8).map(lambda text: f"'{text}'"),
    st.sampled_from(
        ["2021-12-23 07:25:33 +0800", "yes", "NO", "~", "007", "a: b", "a #b", "a#b", "http://x/y:z", "-1"]
    ),
)
GAPS = st.sampled_from(["", " ", "   "])
TAILS = st.sampled_from(["", " ", "  ", "\t"])
LINES = st.builds("{}:{}{}{}\n".format, KEYS, GAPS, VALUES, TAILS)
ODD_LINES = st.sampled_from(["- a\n", "  b\n", "\n", "# c\n", "x\n", "--- a\n", "%TAG\n", "? a\n", "a:b\n", ": c\n"])


@settings(max_examples=1000, deadline=None)
@given(st.one_of(LINES, st.lists(st.one_of(LINES, LINES, LINES, ODD_LINES), max_size=4).map("".join)))
@example('title: "a"b"\n')
@example("title: a: b\n")
@example("title: a :b\n")
@example("title: ''\ntitle: x \n")
@example("title: a #b\n")
@example('title: "a\\/b"\n')
@example("title: [a]\n")
@example("title:\n- a\n")
@example("title: a\n  b\n")
def test_the_line_reader_equals_yaml(head: str) -> None:
    fast = read_lines(head)
    if fast is not None:
        assert fast == read_strictly(head)


@pytest.mark.parametrize(
    "head",
    [
        'layout: post\ntitle: "他说：好，100% 的“好”"\ndate: 2021-12-23 07:25:33 +0800\ncategories: a b\ntags: 晚报\n',
        "title: It's so\nimage: http://cdn.example/a#b:c?d=e\nx:\ny: 'single'\n",
    ],
)
def test_everyday_front_matter_takes_the_fast_way(head: str) -> None:
    assert read_lines(head) is not None


@given(st.text(max_size=40))
def test_a_quoted_text_is_read_back_as_one_line(text: str) -> None:
    try:
        tree = read_yaml(f"key: {quote(text)}\n")
    except BadYaml as error:  # pragma: no cover - shows the text that failed
        raise AssertionError(text) from error
    assert isinstance(tree, dict)
    scalar = tree["key"]
    assert isinstance(scalar, Scalar)
    assert scalar.quoted
    assert "\n" not in scalar.text
    assert quote(scalar.text) == quote(text)


@given(st.text(st.sampled_from(list("-. \n\tab:")), max_size=60))
def test_splitting_keeps_every_character_of_the_body(text: str) -> None:
    parts = split(text)
    if parts is not None:
        head, body = parts
        assert text.startswith("---")
        assert text.endswith(body)
        assert head in text


@settings(deadline=None)
@given(st.text(st.sampled_from(list("-. \n\tab:'\"[{&*")), max_size=80))
def test_a_page_s_body_starts_on_the_line_it_says(text: str) -> None:
    try:
        page = read_page("---\ntitle: x\n---\n" + text)
    except Exception as error:
        raise AssertionError(text) from error
    lines = ("---\ntitle: x\n---\n" + text).split("\n")
    assert "\n".join(lines[page.body_line - 1 :]).endswith(page.body)
    assert page.body in ("", "\n".join(lines[page.body_line - 1 :]))

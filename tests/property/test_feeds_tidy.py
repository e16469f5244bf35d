"""What legal.py and language.py let into feeds; the short ways lead where the long ones do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.content.draft import Enclosure
from feedsvc.feeds import legal
from feedsvc.feeds.feed import Entry
from feedsvc.feeds.language import language_tag

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

# Mostly plain, so that tidy entries come up; now and then what must be taken out, and what may stay.
signs = st.sampled_from("ab é新😀&<>'\"   \t\n\r\x00\x0b\x1f\x7f\x85\xa0\u3000\u2028\ud800\ufffd\ufffe\uffff")
texts = st.one_of(st.sampled_from(["", "a", "新 b", "c&d"]), st.text(st.sampled_from("ab新&< ")), st.text(signs))
lists = st.lists(texts, max_size=3).map(tuple)
entries = st.builds(
    Entry,
    id=texts,
    title=texts,
    link=texts,
    published=st.just(NOON),
    updated=st.just(NOON),
    summary=texts,
    content_html=texts,
    authors=lists,
    categories=lists,
    language=texts,
    image=texts,
    enclosures=st.lists(st.builds(Enclosure, texts, texts), max_size=2).map(tuple),
)


@given(entries)
def test_a_tidy_entry_is_one_that_would_not_change(entry: Entry) -> None:
    """Contract F03."""
    with patch.object(legal, "_is_tidy", return_value=False):
        thorough = legal.legal_entry(entry)
    assert legal.legal_entry(entry) == thorough
    assert legal._is_tidy(thorough) and thorough.xml_text == legal.xml_text(thorough.content_html)


@given(st.text(st.sampled_from("ab新😀é\x85&<>\"'\n\t ")))
def test_text_is_escaped_as_lxml_does_it(text: str) -> None:
    node = etree.Element("a")
    node.text = text
    written = etree.tostring(node, encoding="utf-8", xml_declaration=False)
    assert written in (b"<a>" + legal.xml_text(text) + b"</a>", b"<a/>" if not text else b"")


pieces = st.sampled_from(
    ["<b>", "</b>", "</", "<", ">", "/b>", "b", "&lt;/b&gt;", "&amp;lt;", "</foo>", "新 闻", "<b", " ", "p>"]
)
marked = st.lists(pieces, max_size=8).map("".join)


@given(marked)
def test_rs04_no_element_of_html_ends_in_plain_text(text: str) -> None:
    line = legal.plain_line(text)
    assert re.search("</[bp]>", line) is None
    assert legal.plain_line(line) == line


@given(st.text(st.sampled_from("新闻 a<>&/;:，。“”（）")).filter(lambda text: "</" not in text))
def test_rs04_f05_text_without_elements_is_what_was_written(text: str) -> None:
    assert legal.plain_line(text) == text.strip()


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<b>Ann</b>", "Ann"),
        ("</b>", ""),
        ("End it with </p> & go", "End it with & go"),
        ("</foo> is ours", "</foo> is ours"),
        ("<i>x</i> &lt;/b&gt;", "x"),
        ("</<b>b>", ""),
        ("a <b, List<String>", "a <b, List<String>"),
        ("海棠晚报新闻", "海棠晚报新闻"),
    ],
)
def test_rs04_markup_in_names_and_titles(written: str, plain: str) -> None:
    assert legal.plain_line(written) == plain


@pytest.mark.parametrize("tag", ["cn", "xx", "English", "e", "qqqq-1", "", "zh_", "中文", "en us"])
def test_rs05_what_is_no_language(tag: str) -> None:
    assert language_tag(tag) == ""


@pytest.mark.parametrize(
    ("written", "tag"), [("zh_TW", "zh-TW"), (" en ", "en"), ("zh-Hant-TW", "zh-Hant-TW"), ("YUE", "YUE"), ("mo", "mo")]
)
def test_rs05_languages(written: str, tag: str) -> None:
    assert language_tag(written) == tag

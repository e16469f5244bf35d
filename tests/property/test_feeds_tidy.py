"""The short ways through legal.py and xml_entries.py lead where the long ones do."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.content.draft import Enclosure
from feedsvc.feeds import legal
from feedsvc.feeds.feed import Entry

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

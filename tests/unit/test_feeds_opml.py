"""Lists of feeds for readers to import."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta, timezone

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.feeds.legal import legal_line
from feedsvc.feeds.opml import Outline, opml

BASE = "https://feeds.example.com"
CHANGED = datetime(2026, 11, 20, 17, 30, tzinfo=timezone(timedelta(hours=8)))
NEWS = Outline("News", "/feeds/news", BASE + "/categories/news/", "en-GB")
PAPER = Outline("海棠晚报", "/feeds/%E6%B5%B7", BASE + "/categories/%E6%B5%B7/")


def made(*outlines: Outline, title: str = "Example feeds", suffix: str = ".rss") -> etree._Element:
    return etree.fromstring(opml(title, outlines, CHANGED, BASE, suffix))


def attributes(outline: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in outline.attrib.items()}


def test_op01_bytes_of_a_whole_document() -> None:
    """Contract OP01, OP02, F02: declared, version 2.0, title and date in the head, and no docs."""
    assert opml("Example feeds", [NEWS, PAPER], CHANGED, BASE).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<opml version="2.0">\n'
        "  <head>\n"
        "    <title>Example feeds</title>\n"
        "    <dateModified>Fri, 20 Nov 2026 09:30:00 +0000</dateModified>\n"
        "  </head>\n"
        "  <body>\n"
        '    <outline text="News" title="News" type="rss" version="RSS2"'
        ' xmlUrl="https://feeds.example.com/feeds/news.rss" htmlUrl="https://feeds.example.com/categories/news/"'
        ' language="en-GB"/>\n'
        '    <outline text="海棠晚报" title="海棠晚报" type="rss" version="RSS2"'
        ' xmlUrl="https://feeds.example.com/feeds/%E6%B5%B7.rss"'
        ' htmlUrl="https://feeds.example.com/categories/%E6%B5%B7/"/>\n'
        "  </body>\n"
        "</opml>\n"
    )


def test_op01_an_outline_there_must_be() -> None:
    with pytest.raises(ValueError, match="at least one outline"):
        opml("Nothing", [], CHANGED, BASE)


@pytest.mark.parametrize("suffix", [".atom", ".json"])
def test_op02_only_rss_has_a_version(suffix: str) -> None:
    assert attributes(made(NEWS, suffix=suffix)[1][0]) == {
        "text": "News",
        "title": "News",
        "type": "rss",
        "xmlUrl": BASE + "/feeds/news" + suffix,
        "htmlUrl": BASE + "/categories/news/",
        "language": "en-GB",
    }


@pytest.mark.parametrize("name", ["Fish & Chips", "1 > 0", '"it\'s"', "海棠 & 晚报", "AT &"])
def test_names_that_are_the_same_as_html_stay_as_they_are(name: str) -> None:
    found = made(Outline(name, "/feeds/x", BASE), title=name)
    assert {found[1][0].get("text"), found[1][0].get("title"), found[0][0].text} == {name}


@pytest.mark.parametrize("name", ["R&D", "a <b", "</p>", "<!-- x", "A&机", "&amp;", "&#60;", "&", "<3"])
def test_op02_other_names_are_html(name: str) -> None:
    assert html.unescape(str(made(Outline(name, "/feeds/x", BASE))[1][0].get("text"))) == name


@given(st.text(st.sampled_from("ab<>&\"'#;/!-= 新\x00\x85\r\n"), max_size=12))
def test_op02_any_name_reads_back_as_strict_html(name: str) -> None:
    """Contract OP02, F03: what the validator does with it as well; the text that it shows is the name."""
    shown = made(Outline(name, "/feeds/x", BASE), title=name)[1][0].get("text", "")
    parsed = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(shown)
    assert "".join(parsed.itertext()) == legal_line(name)


def test_the_same_instant_in_any_zone_gives_the_same_bytes() -> None:
    assert opml("A", [NEWS], CHANGED, BASE) == opml("A", [NEWS], CHANGED.astimezone(UTC), BASE)

"""Summaries, titles and the display names of categories."""

from __future__ import annotations

import pytest

from feedsvc.articles.category import collisions, display_title
from feedsvc.articles.summary import plain_text, shorten, summarize
from feedsvc.articles.title import make_title, strip_markup


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a <b>b</b>c</p>\n <p>d<br>e</p>", "a bc d e"),
        ("x &amp; y &lt;3 &nbsp;z", "x & y <3 \xa0z"),
        ('<a title="a>b">t</a><!-- c > -->', "t"),
        ("<p>\u3000\u3000缩进</p>", "\u3000\u3000缩进"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字", "漢字"),
        ("<ul><li>a</li><li>b</li></ul>", "a b"),
        ("", ""),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_a_summary_ends_with_a_sentence() -> None:
    html = "<p>春天的风筝节开幕了。</p><p>第一天来了三千人！第二天下雨，人少了一半，但是没有人提前离开会场。</p>"
    assert summarize(html, 30) == "春天的风筝节开幕了。 第一天来了三千人！"
    assert summarize("<p>It was 3.14 m. Then it rained all day long.</p>", 30) == "It was 3.14 m."
    assert summarize("<p>他说：“风停了。”大家都笑了起来然后继续等待</p>", 12) == "他说：“风停了。”"


def test_a_summary_has_no_paragraphs_indents() -> None:
    assert summarize("<p>\u3000\u3000缩进\u3000\u3000行</p>\n<p>\u3000\u3000二</p>", 30) == "缩进\u3000\u3000行 二"
    assert summarize("<p>\u3000</p> <p>\u3000\u3000一二三。四五六。</p>", 10) == "一二三。四五六。"
    assert summarize("<p>" + "\u3000" * 500 + "一二三。</p>", 20) == "一二三。"
    assert summarize("<p>\u3000\u3000</p>", 20) == ""


def test_without_a_sentence_it_ends_with_a_word_or_anywhere() -> None:
    assert summarize("one two three four five six", 18) == "one two three…"
    assert summarize("风筝" * 50, 20) == "风筝" * 9 + "风…"
    assert len(summarize("风筝" * 50, 20)) == 20


def test_a_short_text_stays_whole() -> None:
    assert summarize("<p>Short</p>", 200) == "Short"
    assert shorten("abc", 3) == "abc"


def test_a_summary_does_not_read_the_whole_text() -> None:
    long = "<p>" + "云很高。" * 500 + "</p>"
    assert summarize(long * 1000, 100) == "云很高。" * 25


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("R&amp;D", "R&amp;D"),
        ("a <b", "a <b"),
        ("Fish & Chips <3", "Fish & Chips <3"),
        ("List<String> or Map<K, V>", "List<String> or Map<K, V>"),
        ("<b>Bold</b> & <i class='x'>it</i> &amp; A < B", "Bold & it & A < B"),
        ("x<script>alert(1)</script>y<br/>", "xy"),
        ("  a \n b\t c  ", "a b c"),
        ("\u3000全角\u3000空格\u3000", "\u3000全角\u3000空格\u3000"),
        ('快讯："双" it\'s -- ...', '快讯："双" it\'s -- ...'),
        ("]]>", "]]>"),
    ],
)
def test_titles_keep_what_the_author_wrote(title: str, plain: str) -> None:
    """Contract RS04, F05."""
    assert strip_markup(title) == plain
    assert make_title(title, "slug", "text") == plain


def test_missing_and_empty_titles() -> None:
    """Contract RS16: never empty. A missing one comes from the file's name, as in Jekyll."""
    assert make_title(None, "high-winds", "Text of it") == "High Winds"
    assert make_title("", "NW1", "Text of it. And more.") == "Text of it. And more."
    assert make_title("<p></p>\u3000", "NW1", "Text") == "Text"
    assert make_title("", "NW1", "") == "Nw1"
    assert make_title(None, "---", "") == "---"
    assert make_title("", "", "") == "-"
    assert len(make_title("", "x", "风" * 500)) == 60


def test_a_display_name_is_what_most_recent_articles_say() -> None:
    tags = [("云岭晚报新闻",), ("云岭晚报新闻", "天气"), ("别的报新闻",), (), ("天气",)]
    assert display_title("yunling", tags, {}, "新闻") == "云岭晚报"
    assert display_title("yunling", list(reversed(tags)), {}, "新闻") == "云岭晚报"


def test_an_override_wins_and_the_slug_is_the_last_resort() -> None:
    assert display_title("yunling", [("甲新闻",)], {"yunling": "Cloud Ridge"}, "新闻") == "Cloud Ridge"
    assert display_title("kites", [("wind",), ("新闻",), ()], {}, "新闻") == "kites"
    assert display_title("kites", [("wind",)], {}, "") == "kites"


def test_equal_counts_do_not_depend_on_the_order() -> None:
    tags = [("乙新闻",), ("甲新闻",)]
    assert display_title("x", tags, {}, "新闻") == display_title("x", tags[::-1], {}, "新闻")


def test_categories_that_differ_only_in_case() -> None:
    assert collisions(["TechWeb", "a", "Techweb", "STRASSE", "straße", "a"]) == [
        ("STRASSE", "straße"),
        ("TechWeb", "Techweb"),
    ]

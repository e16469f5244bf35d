"""Markdown with kramdown's habits, and the tail that a site puts under each post."""

from __future__ import annotations

import pytest

from feedsvc.articles.body import clean_body, without_tail
from feedsvc.articles.markdown import markdown_to_html
from feedsvc.settings import ContentSettings

PAGE = "https://kites.example/a/x.html"
PATTERNS = ContentSettings().strip_tail


def html(text: str) -> str:
    return markdown_to_html(text).strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**加粗：**中文", "<p><strong>加粗：</strong>中文</p>"),
        ("他说**“你好”**。", "<p>他说<strong>“你好”</strong>。</p>"),
        ("中*斜*文 **粗**", "<p>中<em>斜</em>文 <strong>粗</strong></p>"),
        ("2 * 3 * 4 and a**b", "<p>2 * 3 * 4 and a**b</p>"),
        ("[返回甲](//kites.example/a b.html)", '<p><a href="//kites.example/a%20b.html">返回甲</a></p>'),
        (
            "[返回甲](//kites.example/a(b) c.html)｜[返回首页](//kites.example/)",
            '<p><a href="//kites.example/a(b)%20c.html">返回甲</a>｜<a href="//kites.example/">返回首页</a></p>',
        ),
        ('[a](/b "title")', '<p><a href="/b" title="title">a</a></p>'),
        ("`[a](b c)`", "<p><code>[a](b c)</code></p>"),
        ("para\n{: .cls #id}\n\n*x*{: .y} z", "<p>para</p>\n<p><em>x</em> z</p>"),
        ("## Head {#id}", "<h2>Head</h2>"),
        ("~~x~~", "<p><s>x</s></p>"),
        ("返回|首页", "<p>返回|首页</p>"),
        ("a|b\n-|-\n1|2", None),
        ("<>", "<p>&lt;&gt;</p>"),
        ("see http://kites.example/?a=1&b=2 ok", "<p>see http://kites.example/?a=1&amp;b=2 ok</p>"),
        ("a\r\nb\rc", "<p>a\nb\nc</p>"),
    ],
)
def test_inline_habits(text: str, expected: str | None) -> None:
    assert html(text) == expected if expected else "<td>2</td>" in html(text)


def test_an_html_block_ends_with_its_element() -> None:
    """Unlike CommonMark, which would make code of the indented paragraph."""
    text = "<div>\n    <p>*a*</p>\n\n    <p>b</p>\n</div>\n\n*em*"
    assert html(text) == "<div>\n    <p>*a*</p>\n\n    <p>b</p>\n</div>\n<p><em>em</em></p>"


def test_an_element_that_begins_on_the_line_where_another_ends_belongs_to_the_block() -> None:
    text = "<p>a</p><div>\n\n*b*\n\n</div>\n\n*c*"
    assert html(text) == "<p>a</p><div>\n\n*b*\n\n</div>\n<p><em>c</em></p>"


def test_an_element_without_end_tag_ends_at_the_blank_line() -> None:
    assert html("<p>a<br>b\n\n*e*") == "<p>a<br>b\n<p><em>e</em></p>"


def test_markdown_inside_html_when_asked_for() -> None:
    assert html('<div markdown="1">\n\n*a*\n\n</div>') == '<div markdown="1">\n<p><em>a</em></p>\n</div>'


def test_an_html_block_in_a_list_item_ends_with_the_item() -> None:
    assert html("- a\n\n  <div>\n  b\n\n  c</div>\n\nd") == (
        "<ul>\n<li>\n<p>a</p>\n<div>\nb\n\nc</div>\n</li>\n</ul>\n<p>d</p>"
    )
    assert html("- <div>\n\nout</div>") == "<ul>\n<li>\n<div>\n\n</li>\n</ul>\n<p>out</div></p>"


def test_footnotes_are_written_out() -> None:
    text = "One[^a] two[^b] none[^c]\n\n[^a]: First *note*\n  goes on\n[^b]: Second[^a]\n"
    assert html(text) == (
        "<p>One<sup>1</sup> two<sup>2</sup> none[^c]</p>\n<hr>\n<ol>\n"
        "<li>First <em>note</em>\ngoes on</li>\n<li>Second[^a]</li>\n</ol>"
    )


def test_links_may_be_defined_after_the_html() -> None:
    assert html("<p>[l][1]</p>\n\n[l][1]\n\n[1]: http://kites.example/") == (
        '<p>[l][1]</p>\n<p><a href="http://kites.example/">l</a></p>'
    )


def test_the_sample_sites_tail_is_left_out() -> None:
    body = (
        "<p>Text.</p><p>（文章来源：云岭晚报）</p>\n\n"
        "<http://share.example/html_News/NewsShare.html?infoCode=NW1>\n\n"
        "[返回云岭晚报新闻](//kites.example/category/yun ling.html)｜[返回首页](//kites.example/)\n"
    )
    assert without_tail(body, PATTERNS) == "<p>Text.</p><p>（文章来源：云岭晚报）</p>"
    assert clean_body(body, ".md", PAGE, PATTERNS) == "<p>Text.</p><p>（文章来源：云岭晚报）</p>"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("a\r\n\r\n<>\r\n", "a"),
        ("<>", ""),
        ("a\n\n<>\n\nb", "a\n\n<>\n\nb"),
        ("a\n\nsee [返回首页](/x) for more", "a\n\nsee [返回首页](/x) for more"),
        ("a\n\n<http://share.example/other?infoCode=1>", "a\n\n<http://share.example/other?infoCode=1>"),
    ],
)
def test_only_whole_last_lines_are_left_out(body: str, kept: str) -> None:
    assert without_tail(body, PATTERNS) == kept


def test_html_files_are_no_markdown() -> None:
    assert clean_body("<p>a</p>\n\n*b*", ".HTML", PAGE) == "<p>a</p>\n\n*b*"
    assert clean_body("<p>a</p>\n\n*b*", ".txt", PAGE) == "<p>a</p>\n<p><em>b</em></p>"


def test_what_is_no_article_is_not_read_as_markdown() -> None:
    assert clean_body("[<b>" * 20_001, ".md", PAGE).startswith("<p>[&lt;b&gt;[")

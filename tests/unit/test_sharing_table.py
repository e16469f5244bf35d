"""Tables of old links, and what old addresses mean (contract S12, S16)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.content.encoding import Undecodable
from feedsvc.settings import Settings
from feedsvc.sharing.old_forms import OldForms, queries
from feedsvc.sharing.table import OldLink, Rejected, read_table

FORMS = OldForms(
    {"/html_News/NewsShare.html": "infoCode"},
    [r"/news/\d+,(?P<code>\d+)\.html", r"/n\.php\?id=(?P<code>\w+)"],
    ["/blog"],
)


def read(text: str | bytes) -> list[OldLink | Rejected]:
    return list(read_table(text.encode() if isinstance(text, str) else text))


@pytest.mark.parametrize(
    "text",
    [
        "old,target\na,NW1\n",
        "a,NW1",
        "\ufeffold,target\r\na,NW1\r\n",
        "Article;Visits;Code\nNW1;17;a\n",
        "from\tto\tnote\na\tNW1\tx, y\n",
        'code,id\n"a","NW1"\n',
        "\n\n  a , NW1 ,\n\n",
        "url,article\n,\na,NW1\n",
    ],
)
def test_two_columns_however_they_are_written(text: str) -> None:
    (link,) = read(text)
    assert isinstance(link, OldLink)
    assert (link.old, link.target) == ("a", "NW1")
    assert (
        link.line == 1 + text.replace("\r\n", "\n")[: text.replace("\r\n", "\n").index("NW1")].count("\n")
        or ";" in text
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(encoding: str) -> None:
    (link,) = read("头条快讯新闻,今日头条新闻\n".encode(encoding))
    assert link == OldLink(1, "头条快讯新闻", "今日头条新闻")


def test_what_is_no_text_is_no_table() -> None:
    with pytest.raises(Undecodable):
        read(b"\x00\x01,\x00\x02")


def test_a_comma_in_an_id_needs_no_quotes() -> None:
    """RFC 4151: tag:authority,date:specific."""
    assert read("a,tag:example.com,2026:NW1\nb,tag:example.com,2026-11-22:NW2,x\n") == [
        OldLink(1, "a", "tag:example.com,2026:NW1"),
        OldLink(2, "b", "tag:example.com,2026-11-22:NW2"),
    ]


def test_lines_that_cannot_be_read_cost_only_themselves() -> None:
    lines = read('old,target\na,NW1\n"b,NW2\nc\n,NW3\nd,NW4\n')
    assert [line for line in lines if isinstance(line, OldLink)] == [OldLink(2, "a", "NW1"), OldLink(6, "d", "NW4")]
    wrong = [line for line in lines if isinstance(line, Rejected)]
    assert [(line.line, line.reason) for line in wrong] == [(3, "quotes"), (4, "empty"), (5, "empty")]
    assert all(line.message for line in wrong)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_no_text_is_too_odd(text: str) -> None:
    for number, line in enumerate(read(text), 1):
        assert line.line >= number
        if isinstance(line, OldLink):
            FORMS.old_name(line.old)
            assert all(FORMS.names(line.target))


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("h7", "h7"),
        (" h7 ", "h7"),
        ("e\u0301", "é"),
        ("a=b+c,d", "a=b+c,d"),
        ("头条", "头条"),
        ("/s/h7", "h7"),
        ("/s/%E5%A4%B4", "头"),
        ("https://any.example/s/h7?from=timeline", "h7"),
        ("https://any.example/blog/s/h7", "h7"),
        ("/html_News/NewsShare.html?infoCode=NW1&from=timeline", "NW1"),
        ("http://old.example/html_News/NewsShare.html?from=x&INFOCODE=NW1#top", "NW1"),
        ("//old.example/news/12,345.html", "345"),
        ("/news/12,345.html?from=timeline", "345"),
        ("/n.php?id=7", "7"),
        ("/n.php?id=7&x=1", "/n.php?id=7&x=1"),
        ("/show.php?id=%e4", "/show.php?id=%E4"),
        ("https://old.example/快讯/1", "/%E5%BF%AB%E8%AE%AF/1"),
        ("https://old.example/blog/a.html", "/a.html"),
    ],
)
def test_what_an_old_link_means(old: str, name: str) -> None:
    """Contract S12: on any host, with further parameters."""
    assert FORMS.old_name(old) == name


@pytest.mark.parametrize(
    "old",
    ["", "a b", "a/b", "x" * 65, ".", "..", "a\\b", "/", "https://old.example", "https://old.example/", "/a/../b",
     "/html_News/NewsShare.html", "/html_News/NewsShare.html?infoCode=", "/html_News/NewsShare.html?infoCode=a/b",
     "/s/", "/s/" + "x" * 65, "http://[", "/%00"],
)  # fmt: skip
def test_what_can_be_no_old_link(old: str) -> None:
    assert FORMS.old_name(old) == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("NW1", ("NW1",)),
        ("en/hello", ("en/hello",)),
        ("en%2Fhello", ("en%2Fhello", "en/hello")),
        ("tag:example.com,2026:NW1", ("tag:example.com,2026:NW1",)),
        ("/a.html", ("/a.html",)),
        ("/blog/a.html", ("/a.html", "/blog/a.html")),
        ("https://x.example/blog/a.html?b=1",
         ("https://x.example/blog/a.html?b=1", "/a.html?b=1", "/blog/a.html?b=1", "/a.html", "/blog/a.html")),
        ("https://x.example/s/h7", ("https://x.example/s/h7", "h7")),
        ("https://x.example/html_News/NewsShare.html?infoCode=NW1",
         ("https://x.example/html_News/NewsShare.html?infoCode=NW1", "NW1")),
        ("", ()),
    ],
)  # fmt: skip
def test_what_somebody_may_mean(text: str, names: tuple[str, ...]) -> None:
    assert FORMS.names(text) == names


@pytest.mark.parametrize(
    ("query", "tried"),
    [
        ("", ("",)),
        ("id=1", ("id=1", "")),
        ("id=1&from=timeline&isappinstalled=0", ("id=1&from=timeline&isappinstalled=0", "id=1", "")),
        ("UTM_source=x&id=1&fbclid=y&from", ("UTM_source=x&id=1&fbclid=y&from", "id=1", "")),
        ("from=timeline", ("from=timeline", "")),
        ("fromage=1&spms=2", ("fromage=1&spms=2", "")),
    ],
)
def test_what_chats_add_to_an_address_hides_nothing(query: str, tried: tuple[str, ...]) -> None:
    """Contract S12: other parameters are ignored."""
    assert queries(query) == tried


def test_forms_of_the_settings() -> None:
    settings = Settings.model_validate(
        {"public_url": "https://feeds.example.com/rss", "site": {"url": "https://www.example.com", "baseurl": "/blog"}}
    )
    forms = OldForms.from_settings(settings)
    assert forms.old_name("https://feeds.example.com/rss/s/h7") == "h7"
    assert forms.old_name("https://www.example.com/blog/a.html") == "/a.html"
    assert forms.old_name("https://www.example.com/html_News/NewsShare.html?infoCode=NW1") == "NW1"


@pytest.mark.parametrize(
    "text", ["a\0b", "tag:\0", "https://news.example.com/\0", "\ud800", "https://x.example/s/a%00"]
)
def test_nothing_is_asked_for_that_no_database_can_hold(text: str) -> None:
    """PostgreSQL refuses NUL, both refuse halves of characters: an operator's slip of the pen is no fault of ours."""
    assert not [name for name in FORMS.names(text) if "\0" in name or "\ud800" in name]
    assert FORMS.old_name(text) == ""

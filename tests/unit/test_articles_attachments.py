"""An article's picture, and which addresses are files of the site."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.articles.attachments import image_type, media_type, parts_on_site, public_name
from feedsvc.articles.make import make_article
from feedsvc.content.draft import Enclosure
from tests.unit.test_articles_significance import DRAFT, RULES


def picture(body: str, image: str = "") -> str:
    made = make_article(replace(DRAFT, body=body, image=image), "NW1", RULES)
    return made.article.image


@pytest.mark.parametrize(
    ("body", "image"),
    [
        ('<p>a <img src="/a.png"> <img src="/b.png"></p>', "https://kites.example/a.png"),
        ("<img alt='a > b' src=b.png>", "https://kites.example/2026/01/04/b.png"),
        ('<center><img src="//cdn.example/a?x=1&amp;y=2" width="500"></center>', "https://cdn.example/a?x=1&y=2"),
        ('<img src="/t.gif" width="1" height="1"><img src="/b.png">', "https://kites.example/b.png"),
        ('<img src="/t.gif" height="0"><img src="/b.png" width="10">', "https://kites.example/b.png"),
        ('<img src="/t.gif" width="1px">', ""),
        ('<img src="/t.gif" width="1.0">', ""),
        ('<img src="/b.png" width="100%" height="01000">', "https://kites.example/b.png"),
        ('<img src="data:image/png;base64,AAAA" alt="x"><img src="/b.png">', "https://kites.example/b.png"),
        ('<img alt="none"><p>src="x"</p>', ""),
        ('<p style="display:none"><img src="/hidden.png"></p>', ""),
        ('<p>&lt;img src="/a.png"&gt;</p>', ""),
        ("<p>None.</p>", ""),
    ],
)
def test_without_one_of_its_own_the_first_picture_of_the_text_stands_for_an_article(body: str, image: str) -> None:
    assert picture(body) == image
    assert picture(body, "/own.png") == "https://kites.example/own.png"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://k.example/a/b.JPG?x=.png#.gif", "image/jpeg"),
        ("https://k.example/b.mp4", ""),
        ("https://k.example/b", ""),
        ("https://png", ""),
        ("https://k.example/a.b/png", ""),
    ],
)
def test_types_of_pictures(url: str, kind: str) -> None:
    assert image_type(url) == kind
    made = make_article(replace(DRAFT, image=url), "NW1", RULES)
    assert (made.article.image_type, made.article.image_length) == (kind, None)


def test_types_of_files() -> None:
    assert media_type("https://k.example/A.MP3?x") == "audio/mpeg"
    assert media_type("https://k.zip") == media_type("https://k.example/x") == "application/octet-stream"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://kites.example/news/a/b.png?v=1#x", ("a", "b.png")),
        ("http://kites.example/news/%E5%9B%BE.png", ("图.png",)),
        ("https://kites.example/news/a/%2e%2e%2fb.png", ("a", "..", "b.png")),
        ("https://kites.example/newspaper/a.png", None),
        ("https://kites.example/a.png", None),
        ("https://kites.example.evil.example/news/a.png", None),
        ("https://cdn.example/https://kites.example/news/a.png", None),
    ],
)
def test_addresses_of_the_site(url: str, parts: tuple[str, ...] | None) -> None:
    assert parts_on_site(url, "https://kites.example/news") == parts


def test_hidden_files_are_not_public() -> None:
    assert public_name("a.png")
    assert not any(map(public_name, ("", ".", "..", ".git", "_posts", "~a", "#a", "a\\b", "a\0")))


def test_the_length_of_a_file_is_measured_or_as_written() -> None:
    """Contract RS20: 0 or nothing when unknown, so better known."""
    asked: list[str] = []

    def octets(url: str) -> int | None:
        asked.append(url)
        return {"https://kites.example/a.mp3": 7, "https://kites.example/i.png": 9}.get(url)

    given = (Enclosure("/a.mp3", "", 5), Enclosure("/b.mp3", "", 5), Enclosure("/c.mp3"))
    article = make_article(replace(DRAFT, enclosures=given, image="/i.png"), "NW1", RULES, octets).article
    assert [enclosure.length for enclosure in article.enclosures] == [7, 5, None]
    assert (article.image_length, article.image_type) == (9, "image/png")
    assert len(asked) == 4

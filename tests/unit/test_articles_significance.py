"""What moves `updated`: another thing to read, never white space, markup or the spelling of a character."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.make import ArticleRules, make_article
from feedsvc.articles.significance import text_digest
from feedsvc.content.draft import Draft, Enclosure, FileName, Tier

RULES = ArticleRules(authority="kites.example,2026", site_base="https://kites.example")
DRAFT = Draft(
    key="site/_posts/2026-01-04-NW1.html",
    name=FileName("_posts/2026-01-04-NW1.html", (), date(2026, 1, 4), "NW1", ".html"),
    tier=Tier.LIVE,
    body="<p>The wind rose &amp; fell.</p><p>风起。</p>",
    title="Kite day",
    date=datetime(2026, 1, 3, 23, 30, tzinfo=UTC),
)
BLANKS = "\n\t\r\f \x85\xa0\u1680\u2003\u2028\u202f\u205f\u3000"
NOISE = st.sampled_from(
    [*BLANKS, *("<br>", "<b>", "</b>", '<a href="/x y">', "</a>", '<q cite="a > b">', "</q>", "<!-- c -->", "<p>")]
)
LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="\ufffd")
WORDS = st.text(LETTERS, min_size=1, max_size=8)


def digest(body: str, **changes: object) -> str:
    return make_article(replace(DRAFT, body=body, **changes), "NW1", RULES).article.text_digest  # type: ignore[arg-type]


def spelled(word: str) -> str:
    """The same characters, each as a reference."""
    return "".join(f"&#{ord(char)};" for char in word)


@given(st.lists(st.tuples(WORDS, NOISE, NOISE, st.booleans()), min_size=1, max_size=8))
def test_white_space_markup_and_entities_never_move_it(pieces: list[tuple[str, str, str, bool]]) -> None:
    """Contract ID05 asks for a moved `updated` after an edit; this is what does not count as one."""
    plain = "".join(escape(word) for word, *_ in pieces)
    noisy = "".join((spelled(word) if by_number else escape(word)) + one + two for word, one, two, by_number in pieces)
    assert digest(f"<div>{noisy}</div>") == digest(f"<p>{plain}</p>")


@given(WORDS, WORDS, WORDS)
def test_any_other_letter_moves_it(before: str, letter: str, after: str) -> None:
    texts = {before + after, before + letter + after, before + "風" + after}
    assert len({digest(f"<p>{escape(text)}</p>") for text in texts}) == len(texts)


def test_it_is_the_text_of_the_page_not_of_the_file() -> None:
    markdown = replace(DRAFT, body="The *wind* rose.\n\nIt fell.", name=replace(DRAFT.name, ext=".md"))
    assert make_article(markdown, "NW1", RULES).article.text_digest == digest("<p>The wind rose.</p>\n<p>It fell.</p>")
    assert digest("Text.<script>x</script>") == digest("Text.")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Kite night"},
        {"body": "<p>The wind rose &amp; fell</p><p>风起。</p>"},
        {"description": "The author's own words."},
        {"excerpt": "The author's own words."},
        {"enclosures": (Enclosure("/a.mp3"),)},
    ],
)
def test_what_is_read_is_significant(changes: dict[str, object]) -> None:
    assert digest(**{"body": DRAFT.body, **changes}) != digest(DRAFT.body)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Kite  day "},
        {"title": "<em>Kite</em> day"},
        {"image": "/i.png"},
        {"body": DRAFT.body + '<img src="/a.png">'},
        {"tags": ("a",), "categories": ("b",), "authors": ("c",), "language": "en"},
        {"excerpt_separator": "<p>"},
        {"date": datetime(2026, 1, 3, tzinfo=UTC)},
        {"permalink": "/elsewhere"},
    ],
)
def test_what_is_not_read_is_not(changes: dict[str, object]) -> None:
    made = make_article(replace(DRAFT, **changes), "NW1", RULES).article  # type: ignore[arg-type]
    before = make_article(DRAFT, "NW1", RULES).article
    assert made.text_digest == before.text_digest


def test_of_a_file_only_the_address_counts() -> None:
    one, other, third = Enclosure("https://k.example/a", "x/y", 1), Enclosure("https://k.example/a"), Enclosure("b")
    assert text_digest("t", "", "", [one]) == text_digest("t", "", "", [other]) != text_digest("t", "", "", [third])


def test_neighbours_are_told_apart() -> None:
    assert (
        len({text_digest("ab", "c"), text_digest("a", "bc"), text_digest("abc", ""), text_digest("", "", "abc")}) == 4
    )


def test_it_is_cheap() -> None:
    """A cold start makes one for every post; here with room for a slow machine."""
    html = "\n".join(f"<p>{'风筝飞上天，' * 18}</p>" for _ in range(9))
    assert 2_900 < len(html.encode()) < 3_200
    started = time.process_time()
    for _ in range(200):
        text_digest("Kite day", html)
    assert (time.process_time() - started) / 200 < 0.000_2
    assert re.fullmatch("[0-9a-f]+", text_digest("Kite day", html))

"""Front matter's share_code, share_aliases and redirect_from (contract S07, S16)."""

from __future__ import annotations

import pytest

from feedsvc.content.draft import ContentFile, Draft, FileName, Problem, Tier
from feedsvc.content.parse import ParseRules, parse
from feedsvc.content.share_names import LONGEST_PATH, path_name

NAME = FileName("_posts/2026-11-01-a.md", (), None, "a", ".md")


def read(front_matter: str) -> tuple[Draft, list[Problem]]:
    text = f"---\ntitle: A\ndate: 2026-11-01\n{front_matter}---\nText.\n"
    parsed = parse(ContentFile("site/a.md", NAME, Tier.LIVE, text.encode(), 0), ParseRules())
    assert parsed.draft is not None, "a bad code never costs the article"
    return parsed.draft, [problem for problem in parsed.problems if problem.code == "share.malformed"]


@pytest.mark.parametrize(
    ("front_matter", "code", "aliases", "paths"),
    [
        ("share_code: spring\n", "spring", (), ()),
        ("share_code: 2021\n", "2021", (), ()),
        ("share_code:\nshare_aliases:\nredirect_from:\n", "", (), ()),
        ("share_code: ''\nshare_aliases: []\n", "", (), ()),
        ("share_code: 'e\u0301'\n", "é", (), ()),
        ("share_aliases: one two, three，four\n", "", ("one", "two", "three", "four"), ()),
        ("share_aliases: [one, 2, one]\n", "", ("one", "2"), ()),
        ("share_aliases:\n  - 头条\n  -\n  - NW1\n", "", ("头条", "NW1"), ()),
        ("redirect_from: /old page/\n", "", (), ("/old%20page/",)),
        ("redirect_from: old.html\n", "", (), ("/old.html",)),
        ("redirect_from:\n  - /你/\n  - /%e4%bd%a0/\n  - /b?id=1#x\n", "", (), ("/%E4%BD%A0/", "/b?id=1")),
    ],
)
def test_what_is_read(front_matter: str, code: str, aliases: tuple[str, ...], paths: tuple[str, ...]) -> None:
    draft, problems = read(front_matter)
    assert (draft.share_code, draft.share_aliases, draft.redirect_from) == (code, aliases, paths)
    assert problems == []
    assert not {"share_code", "share_aliases", "redirect_from"} & set(draft.front_matter)


@pytest.mark.parametrize(
    ("front_matter", "line", "field", "repair"),
    [
        ("share_code: two words\n", 4, "share_code", "share_code: two-words"),
        ("share_code: a/b\n", 4, "share_code", "share_code: a-b"),
        (f"share_code: {'x' * 65}\n", 4, "share_code", f"share_code: {'x' * 64}"),
        ("share_code: '!!'\n", 4, "share_code", ""),
        ("share_code: [one, two]\n", 4, "share_code", "share_code: one"),
        ("share_code: {a: b}\n", 4, "share_code", ""),
        ("share_aliases:\n  - good\n  - 头 条\n", 6, "share_aliases", "- '头-条'"),
        ("share_aliases: good a/b\n", 4, "share_aliases", "share_aliases: a-b"),
        ("share_aliases: {a: b}\n", 4, "share_aliases", ""),
        ("redirect_from: /\n", 4, "redirect_from", ""),
        ("redirect_from:\n  - /good\n  - /a/../b\n", 6, "redirect_from", ""),
        ("redirect_from: /a/%2e%2E/b\n", 4, "redirect_from", ""),
        ('redirect_from: "/a\\nb"\n', 4, "redirect_from", ""),
        (f"redirect_from: /{'你' * 200}\n", 4, "redirect_from", ""),
    ],
)
def test_what_cannot_be_a_name_is_left_out_and_told(front_matter: str, line: int, field: str, repair: str) -> None:
    draft, (problem,) = read(front_matter)
    assert (problem.line, problem.field, problem.repair) == (line, field, repair)
    assert draft.share_code == ""
    assert draft.share_aliases in ((), ("good",))
    assert draft.redirect_from in ((), ("/good",))


def test_of_an_address_the_path_is_taken_and_told() -> None:
    draft, (problem,) = read("redirect_from: https://old.example.com/a.php?id=1\n")
    assert draft.redirect_from == ("/a.php?id=1",)
    assert problem.repair == "redirect_from: '/a.php?id=1'"


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("/a", "", "/a"),
        ("/A%41/", "", "/AA/"),
        ("/100%", "", "/100%25"),
        ("/%c4%e3.htm", "", "/%C4%E3.htm"),
        ("/a", "x=%e4&y=你&z=100%", "/a?x=%E4&y=%E4%BD%A0&z=100%25"),
        ("/a%3fb", "", "/a%3Fb"),
        ("//a", "", "//a"),
        ("a", "", ""),
        ("", "", ""),
        ("/", "", ""),
        ("/%00", "", ""),
        ("/a%0d%0ab", "", ""),
        ("/a\\b", "", ""),
        ("/./a", "", ""),
        ("/" + "a" * LONGEST_PATH, "", ""),
        ("/a", "x" * LONGEST_PATH, ""),
    ],
)
def test_a_path_has_one_spelling(path: str, query: str, name: str) -> None:
    assert path_name(path, query) == name
    if name:
        again, _, rest = name.partition("?")
        assert path_name(again, rest) == name

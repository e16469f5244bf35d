"""Ids that somebody gave: which of them have a tidier spelling (contract AT09)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedsvc.articles.canonical import is_canonical
from feedsvc.articles.identity import base_identity, public_id
from feedsvc.articles.make import ArticleRules, make_article
from feedsvc.content.draft import Draft, FileName, Severity, Tier

RULES = ArticleRules(authority="kites.example,2026", site_base="https://kites.example")


@pytest.mark.parametrize(
    "uri",
    [
        "https://old.example.com/",
        "https://old.example.com/?p=123",
        "https://old.example.com:8443/a(b)/%E6%96%B0%E9%97%BB/100%25#x",
        "http://ann@old.example.com/",
        "tag:old.example.com,2019:post/7",
        "tag:ann@old.example.com,2019-05-01:7",
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "urn:isbn:0451450523",
    ],
)
def test_at09_canonical_ids(uri: str) -> None:
    assert is_canonical(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "HTTP://Example.com",
        "http://example.com",
        "http://Example.com/",
        "HTTP://example.com/",
        "http://example.com:80/",
        "https://example.com:443/",
        "https://example.com:/",
        "https://example.com:x/",
        "http://example.com/a/../b",
        "http://example.com/%7Ea",
        "http://example.com/?a=%41",
        "http://example.com/%e6%96%b0",
        "http://example.com/%2541",
        "http://example.com/100%",
        "http://example.com/新",
        "http:example",
        "tag:7",
        "tag:Example.com,2019:x",
        "urn:uuid:7",
        "post:7",
    ],
)
def test_at09_ids_with_a_tidier_spelling(uri: str) -> None:
    assert not is_canonical(uri)


@pytest.mark.parametrize(
    ("given", "public", "codes"),
    [
        ("HTTP://Example.com", "HTTP://Example.com", [("id.not_canonical", Severity.WARNING)]),
        ("https://old.example.com/新/", "https://old.example.com/新/", [("id.not_canonical", Severity.WARNING)]),
        ("?p=123", "tag:kites.example,2026:?p=123", []),
        ("4711", "tag:kites.example,2026:4711", []),
        ("https://old.example.com/?p=1", "https://old.example.com/?p=1", []),
        ("", "tag:kites.example,2026:x", []),
    ],
)
def test_id02_id03_at09_given_ids_are_kept_and_told_of(
    given: str, public: str, codes: list[tuple[str, Severity]]
) -> None:
    name = FileName("_posts/x.md", (), None, "x", ".md")
    draft = Draft(
        key="root/x.md", name=name, tier=Tier.LIVE, body="", explicit_id=given, date=datetime(2026, 1, 1, tzinfo=UTC)
    )
    made = make_article(draft, base_identity(draft), RULES)
    assert made.article.id == public
    assert [(problem.code, problem.severity) for problem in made.problems] == codes


def test_at09_no_two_names_share_an_id() -> None:
    names = ["a%20", "a%:20", "a ", "%25", "%", "%2525", "%:41", "%41", "A"]
    ids = [public_id(name, RULES.authority) for name in names]
    assert len(set(ids)) == len(names) and all(map(is_canonical, ids))

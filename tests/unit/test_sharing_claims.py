"""Which names an article asks for, and who gets them (contract S16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.content.draft import Draft, FileName, Tier
from feedsvc.sharing.claims import Claim, answers, changes, losers, names_of
from feedsvc.sharing.link import LinkKind

DAY = datetime(2026, 11, 1, tzinfo=UTC)
DRAFT = Draft(key="site/a.md", name=FileName("a.md", (), None, "a", ".md"), tier=Tier.LIVE, body="")


def test_a_draft_without_names_asks_for_none() -> None:
    assert names_of(DRAFT) == {}


def test_the_code_comes_before_the_same_alias() -> None:
    draft = replace(DRAFT, share_code="a", share_aliases=("a", "b"), redirect_from=("/c",))
    assert names_of(draft) == {
        "a": LinkKind.CUSTOM,
        "b": LinkKind.ALIAS,
        "/c": LinkKind.ALIAS,
        "/c/": LinkKind.ALIAS,
        "/c.html": LinkKind.ALIAS,
    }


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/old/", {"/old/", "/old", "/old/index.html"}),
        ("/old", {"/old", "/old/", "/old.html"}),
        ("/old.html", {"/old.html", "/old"}),
        ("/old/index.html", {"/old/index.html", "/old/", "/old"}),
        ("/index.html", {"/index.html"}),
        ("/old.php", {"/old.php"}),
        ("/v1.2/old", {"/v1.2/old", "/v1.2/old/", "/v1.2/old.html"}),
        ("/old.php?id=1", {"/old.php?id=1"}),
    ],
)
def test_a_redirect_is_found_as_web_servers_find_its_file(path: str, names: set[str]) -> None:
    assert set(answers(path)) == names
    assert answers(path)[0] == path


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        (Claim("x", LinkKind.DERIVED, "b", DAY + timedelta(1)), Claim("x", LinkKind.CUSTOM, "a", DAY)),
        (Claim("x", LinkKind.FORMER, "b", DAY), Claim("x", LinkKind.DERIVED, "a", DAY, withdrawn=True)),
        (Claim("x", LinkKind.DERIVED, "b", DAY, True), Claim("x", LinkKind.DERIVED, "a", DAY + timedelta(1))),
        (Claim("x", LinkKind.DERIVED, "b", DAY, True), Claim("x", LinkKind.CUSTOM, "a", DAY, withdrawn=True)),
        (Claim("x", LinkKind.FORMER, "b", DAY), Claim("x", LinkKind.CUSTOM, "a", DAY, withdrawn=True)),
        (Claim("x", LinkKind.CUSTOM, "b", DAY + timedelta(1)), Claim("x", LinkKind.ALIAS, "a", DAY)),
        (Claim("x", LinkKind.ALIAS, "b", DAY), Claim("x", LinkKind.ALIAS, "a", DAY + timedelta(1))),
        (Claim("x", LinkKind.ALIAS, "a", DAY), Claim("x", LinkKind.ALIAS, "b", DAY)),
        (Claim("x", LinkKind.IMPORTED, "b", DAY), Claim("x", LinkKind.FORMER, "a", DAY)),
    ],
)
def test_who_gets_a_name(winner: Claim, loser: Claim) -> None:
    lost = {("x", loser.article_id): winner.article_id}
    assert losers([winner, loser]) == losers([loser, winner]) == lost
    assert losers([winner, Claim("y", loser.kind, loser.article_id, DAY)]) == {}


KINDS = st.sampled_from(LinkKind)
NAMES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from((LinkKind.CUSTOM, LinkKind.ALIAS)))


@given(st.dictionaries(st.sampled_from("abcdef"), KINDS), NAMES)
def test_no_name_is_ever_given_away(had: dict[str, LinkKind], said: dict[str, LinkKind]) -> None:
    new, given_up = changes(said, had)
    after = had | new | given_up
    assert set(after) == set(had) | set(said)
    for name, kind in after.items():
        if had.get(name) is LinkKind.DERIVED:
            assert kind is LinkKind.DERIVED
        elif name in said:
            assert kind is said[name]
        elif had[name] is LinkKind.IMPORTED:
            assert kind is LinkKind.IMPORTED
        else:
            assert kind is LinkKind.FORMER
    assert changes(said, after) == ({}, {}), "a second look changes nothing"

"""Identities: what they are made of, and who keeps one that several files want."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from feedsvc.articles.identity import Claim, Verdict, base_identity, identity_for, public_id, settle
from feedsvc.content.draft import Draft, FileName, Tier

AUTHORITY = "kites.example,2026"


def draft(slug: str, folders: tuple[str, ...] = (), day: date | None = None, explicit: str = "") -> Draft:
    name = FileName("/".join((*folders, "_posts", f"{slug}.md")), folders, day, slug, ".md")
    return Draft(key="root/x.md", name=name, tier=Tier.LIVE, body="", explicit_id=explicit)


def claim(
    key: str,
    day: date | None,
    *,
    tier: Tier = Tier.LIVE,
    hour: int = 0,
    held: str = "",
    base: str = "notes",
    explicit: bool = False,
) -> Claim:
    return Claim(key, base, day, tier, datetime(2026, 1, 1, hour, tzinfo=UTC), held, explicit)


D1, D2, D3 = date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19)


def test_the_folders_and_the_slug_are_the_identity() -> None:
    assert base_identity(draft("NW1")) == "NW1"
    assert base_identity(draft("hello", ("en", "news"))) == "en/news/hello"


def test_an_identity_is_nfc_and_keeps_letter_case() -> None:
    assert base_identity(draft("Cafe\u0301")) == "Caf\u00e9"


def test_an_explicit_id_is_used_letter_for_letter() -> None:
    """Contract ID03; what is no URI becomes a tag:, and that is NFC as any name is."""
    assert base_identity(draft("x", explicit="http://x.example/Cafe\u0301")) == "http://x.example/Cafe\u0301"
    assert base_identity(draft("x", explicit="Cafe\u0301 1")) == "Caf\u00e9 1"


def test_a_post_without_slug_goes_by_its_date_or_file_name() -> None:
    assert base_identity(draft("", day=D1)) == "2026-01-05"
    assert base_identity(draft("")) == ".md"


@pytest.mark.parametrize(
    ("identity", "public"),
    [
        ("NW1", "tag:kites.example,2026:NW1"),
        ("en/hello", "tag:kites.example,2026:en/hello"),
        ("notes@2026-01-12", "tag:kites.example,2026:notes@2026-01-12"),
        ("风筝 100%#1", "tag:kites.example,2026:%E9%A3%8E%E7%AD%9D%20100%25%231"),
        ("https://Old.example/?p=123", "https://Old.example/?p=123"),
        ("urn:uuid:1-2", "urn:uuid:1-2"),
        ("note: a thing", "tag:kites.example,2026:note:%20a%20thing"),
    ],
)
def test_public_ids(identity: str, public: str) -> None:
    """Contract ID01, ID03; RFC 4151."""
    assert public_id(identity, AUTHORITY) == public


def test_a_file_name_never_passes_for_an_absolute_address() -> None:
    identity = base_identity(draft("re:kites"))
    assert public_id(identity, AUTHORITY).startswith("tag:kites.example,2026:re")


def test_one_file_keeps_the_bare_identity() -> None:
    assert settle([claim("a", D1)]) == {"a": Verdict("notes")}


def test_weekly_notes_are_different_articles() -> None:
    verdicts = settle([claim("c", D3), claim("a", D1), claim("b", D2)])
    assert verdicts == {
        "a": Verdict("notes"),
        "b": Verdict("notes@2026-01-12"),
        "c": Verdict("notes@2026-01-19"),
    }


def test_who_holds_the_bare_identity_keeps_it() -> None:
    """Contract ID01: an earlier file that comes later changes nothing for readers."""
    verdicts = settle([claim("late", D1), claim("first", D2, held="notes")])
    assert verdicts == {"first": Verdict("notes"), "late": Verdict("notes@2026-01-05")}


def test_who_holds_a_qualified_identity_keeps_it_when_alone() -> None:
    assert settle([claim("b", D2, held="notes@2026-01-12")]) == {"b": Verdict("notes@2026-01-12")}


def test_an_identity_that_was_given_away_goes_to_nobody_later() -> None:
    """Contract ID06: the id of a withdrawn article is never given to another one, but its own file may come back."""
    held = claim("b", D2, held="notes@2026-01-12")
    assert settle([held, claim("c", D3)])["c"] == Verdict("notes@2026-01-19")
    assert settle([held, claim("a", D1)])["a"] == Verdict("notes")


def test_a_file_without_date_counts_as_a_date_of_its_own() -> None:
    assert settle([claim("a", D1), claim("n", None)]) == {"n": Verdict("notes"), "a": Verdict("notes@2026-01-05")}
    assert identity_for("notes", None) == "notes@undated"


def test_live_beats_archive_whatever_was_first() -> None:
    verdicts = settle([claim("old", D1, tier=Tier.ARCHIVE, hour=1, held="notes"), claim("new", D1, hour=2)])
    assert verdicts == {"new": Verdict("notes"), "old": Verdict("", "new")}


def test_the_one_published_first_wins() -> None:
    """Contract ID04."""
    assert settle([claim("a", D1, hour=2), claim("b", D1, hour=1)])["a"] == Verdict("", "b")
    assert settle([claim("b", D1), claim("a", D1)])["b"] == Verdict("", "a")


def test_explicit_ids_are_never_qualified() -> None:
    verdicts = settle([claim("a", D1, hour=2, explicit=True), claim("b", D2, hour=1, explicit=True)])
    assert verdicts == {"b": Verdict("notes"), "a": Verdict("", "b")}


def test_an_explicit_id_goes_before_slugs_but_takes_nothing_away() -> None:
    explicit, plain = claim("e", D2, explicit=True), claim("p", D1)
    assert settle([explicit, plain]) == {"e": Verdict("notes"), "p": Verdict("notes@2026-01-05")}
    holder = claim("p", D1, held="notes")
    assert settle([explicit, holder]) == {"p": Verdict("notes"), "e": Verdict("", "p")}


def test_bases_do_not_touch_each_other_and_the_order_of_files_means_nothing() -> None:
    claims = [claim("a", D1), claim("b", D2), claim("c", D2, tier=Tier.ARCHIVE), claim("d", D1, base="other")]
    assert len({str(sorted(settle(order).items())) for order in permutations(claims)}) == 1
    assert settle(claims)["d"] == Verdict("other")

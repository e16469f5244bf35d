"""What an address below /feed and /feeds asks for, and the one spelling of it."""

from __future__ import annotations

import string
import subprocess
import sys
import unicodedata
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.category import SITE
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.selection import selection
from feedsvc.feeds.target import SUFFIXES, Kind, Target, parse_target, split_query

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("/,!*+%.? "), min_size=1, max_size=8
).map(partial(unicodedata.normalize, "NFC"))


def test_the_suffixes_are_those_of_the_formats() -> None:
    """Written down once more, because importing the formats loads what renders them."""
    assert [form.suffix for form in FORMATS] == list(SUFFIXES)


def test_targets_are_light() -> None:
    """Web workers import them at their start."""
    heavy = "lxml", "feedgen", "feedsvc.settings"
    script = f"import sys, feedsvc.feeds.target; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "[]"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/feed.rss", Target(kind=Kind.FEED)),
        ("/feeds/a.atom", Target(kind=Kind.FEED, suffix=".atom", category="a")),
        ("/feeds/v1.2.rss", Target(kind=Kind.FEED, category="v1.2")),
        ("/feeds/a%2Ffull.rss", Target(kind=Kind.FEED, category="a/full")),
        ("/feeds/full.rss", Target(kind=Kind.FEED, category="full")),
        ("/feeds/%2B/brief.rss", Target(kind=Kind.VARIANT, category="+", content="brief")),
        ("/feeds/a.rss?page=2", Target(kind=Kind.PAGE, category="a", page=2)),
        ("/feed.json?page=31", Target(kind=Kind.PAGE, suffix=".json", page=31)),
        ("/feed/full.rss", Target(kind=Kind.VARIANT, content="full")),
        ("/feeds/archive/brief.rss", Target(kind=Kind.VARIANT, category="archive", content="brief")),
        ("/feeds/archive/archive/2026-11.rss", Target(kind=Kind.ARCHIVE, category="archive", month="2026-11")),
        ("/feed/archive/2026-11/3.atom", Target(kind=Kind.ARCHIVE, suffix=".atom", month="2026-11", part=3)),
        ("/feeds/+/a,b.rss", Target(kind=Kind.COMBINED, selection=selection(["a", "b"]))),
        ("/feeds/+/*,!b,!*c%2Cd.rss", Target(kind=Kind.COMBINED, selection=selection([SITE], ["b"], ["c,d"]))),
        ("/feeds/+/a,b/full.rss", Target(kind=Kind.COMBINED, selection=selection(["a", "b"]), content="full")),
        (
            "/feeds/+/brief,full/brief.rss",
            Target(kind=Kind.COMBINED, selection=selection(["full", "brief"]), content="brief"),
        ),
        ("/feeds/+/a%2Ffull,b.rss", Target(kind=Kind.COMBINED, selection=selection(["a/full", "b"]))),
        ("/feeds/+tag/full.rss", Target(kind=Kind.LABEL, label=("tag", "full"))),
        ("/feeds/+author/J.%20Doe.json", Target(kind=Kind.LABEL, suffix=".json", label=("author", "J. Doe"))),
        ("/feeds.opml", Target(kind=Kind.LIST)),
        ("/feeds.opml?category=a%26b&format=json", Target(kind=Kind.LIST, suffix=".json", chosen=("a&b",))),
    ],
)
def test_canonical_addresses(address: str, expected: Target) -> None:
    """Contract H54."""
    assert parse_target(*address.partition("?")[::2]) == expected
    assert expected.address == address


@pytest.mark.parametrize(
    ("path", "query", "canonical"),
    [
        ("//feeds//a.RSS/", "", "/feeds/a.rss"),
        ("/FEEDS/%61/Full.rss", "", "/feeds/a/full.rss"),
        ("/f%65eds/a/full.rss", "", "/feeds/a/full.rss"),
        ("/feeds/a.rss", "page=1", "/feeds/a.rss"),
        ("/feeds/a.rss", "page=3&page=x", "/feeds/a.rss?page=3"),
        ("/feeds/+/b,a,,b.rss", "", "/feeds/+/a,b.rss"),
        ("/feeds/+/a,*,!*Word.rss", "", "/feeds/+/*,!*word.rss"),
        ("/feeds/+/a,a.rss", "", "/feeds/a.rss"),
        ("/feeds/+/b,a/FULL.RSS", "", "/feeds/+/a,b/full.rss"),
        ("/feeds/+/a/br%69ef.rss", "", "/feeds/a/brief.rss"),
        ("/feeds/+/*,a/full.rss", "", "/feed/full.rss"),
        ("/feeds/+/full.rss", "", "/feeds/full.rss"),
        ("/feeds/+/*,a.rss", "page=2", "/feed.rss?page=2"),
        ("/feeds.opml", "category=b+c&x=1&category=a", "/feeds.opml?category=a&category=b%20c"),
        ("/feeds.opml", "format=rss", "/feeds.opml"),
    ],
)
def test_other_spellings(path: str, query: str, canonical: str) -> None:
    """Contract H54, P02."""
    found = parse_target(path, query)
    assert found is not None and found.address == canonical


@pytest.mark.parametrize(
    "address",
    [
        "", "/", "/feed", "/feeds", "/feeds/a", "/feeds/.rss", "/feed/a.rss", "/feeds/a/b.rss", "/feeds/a.xml",
        "/feeds/%ff.rss", "/feeds/%00.rss", "/feeds/a.rss?page=0", "/feeds/a.rss?page=x", "/feeds/a.rss?page=",
        "/feeds/a.rss?page=%32", "/feeds/a.rss?page=01", "/feeds/a.rss?page=\N{ARABIC-INDIC DIGIT TWO}",
        "/feeds/a/full.rss?page=2", "/feeds/a/archive/2026-11.rss?page=2", "/feeds/a/archive/2026.rss",
        "/feeds/a/archive/2026-13.rss", "/feeds/a/archive/2026-11/0.rss", "/feeds/a/archive/2026-11/1/2.rss",
        "/feeds/+/!a.rss", "/feeds/+/a,!.rss", "/feeds/+/a,!*.rss", "/feeds/+/a,!a.rss", "/feeds/+/a,%ff.rss",
        "/feeds/+/a/b.rss", "/feeds/+/a,b/half.rss", "/feeds/+/a,b/full/brief.rss", "/feeds/+/!a/full.rss",
        "/feeds/+/a,b/full.rss?page=2", "/feeds/+/a,b/%ff.rss", "/feeds/+tag/.rss", "/feeds/+tag/a/b.rss",
        "/feeds.opml?format=xml", "/feeds.opml?category=%ff", "/categories/a.rss",
    ],
)  # fmt: skip
def test_what_asks_for_nothing(address: str) -> None:
    """Contract P02, H39, M07."""
    assert parse_target(*address.partition("?")[::2]) is None


def test_a_combination_has_only_so_many_parts() -> None:
    assert parse_target("/feeds/+/a,b,!c.rss", max_parts=3) is not None
    assert parse_target("/feeds/+/a,b,!c,!*d.rss", max_parts=3) is None
    assert parse_target("/feeds/+/a,a,a,a,b,!c.rss", max_parts=3) is not None, "each counts once"


def test_parameters_that_mean_something() -> None:
    """Contract H40."""
    feed, everything = Target(kind=Kind.FEED), Target(kind=Kind.LIST)
    assert split_query(feed, "utm=x&page=2&&category=a") == ("page=2", "utm=x&category=a")
    assert split_query(everything, "page=2&category=a&format=rss&b") == ("category=a&format=rss", "page=2&b")


def test_where_things_have_moved() -> None:
    """Contract M01, M04."""
    former = {"old": "new", "older": "new", "gone": ""}

    def moved(address: str) -> str | None:
        target = parse_target(*address.partition("?")[::2])
        assert target is not None
        there = target.moved(former)
        return there.address if there else None

    assert moved("/feeds/old.rss?page=2") == "/feeds/new.rss?page=2"
    assert moved("/feeds/old/archive/2026-11/2.atom") == "/feeds/new/archive/2026-11/2.atom"
    assert moved("/feeds/+/old,x,!older.rss") == "/feeds/+/new,x,!new.rss"
    assert moved("/feeds/+/old,older,gone.rss") == "/feeds/new.rss"
    assert moved("/feeds/+/old,x/brief.rss") == "/feeds/+/new,x/brief.rss"
    assert moved("/feeds/+/old,older/brief.rss") == "/feeds/new/brief.rss"
    assert moved("/feeds/+/x,!gone,!*old.rss") == "/feeds/+/x,!*old.rss"
    for address in ("/feeds/+/old,!older.rss", "/feeds/gone/full.rss", "/feeds.opml?category=gone"):
        assert moved(address) is None
    assert moved("/feeds.opml?category=gone&category=old") == "/feeds.opml?category=new"
    assert moved("/feeds/+tag/old.rss") == "/feeds/+tag/old.rss"
    assert moved("/feeds.opml") == "/feeds.opml"


TARGETS = st.one_of(
    st.builds(Target, kind=st.just(Kind.FEED), suffix=st.sampled_from(SUFFIXES), category=NAMES | st.just(SITE)),
    st.builds(Target, kind=st.just(Kind.PAGE), category=NAMES, page=st.integers(2, 999_999)),
    st.builds(Target, kind=st.just(Kind.VARIANT), category=NAMES, content=st.sampled_from(["full", "brief"])),
    st.builds(
        Target,
        kind=st.just(Kind.ARCHIVE),
        category=NAMES | st.just(SITE),
        month=st.dates().map(lambda day: f"{day:%Y-%m}".zfill(7)),
        part=st.none() | st.integers(1, 999_999),
    ),
    st.builds(
        Target,
        kind=st.just(Kind.COMBINED),
        suffix=st.sampled_from(SUFFIXES),
        selection=st.builds(
            selection,
            st.sets(NAMES, min_size=2),
            st.sets(NAMES.map("no".__add__), max_size=2),
            st.sets(st.sampled_from(["advert", "广告", "/full"]), max_size=2),
        ),
        content=st.sampled_from(["", "full", "brief"]),
    ).filter(lambda target: bool(set(target.selection.include) - set(target.selection.exclude))),
    st.builds(Target, kind=st.just(Kind.LABEL), label=st.tuples(st.sampled_from(["tag", "author"]), NAMES)),
    st.builds(Target, kind=st.just(Kind.LIST), chosen=st.sets(NAMES, min_size=1).map(lambda s: tuple(sorted(s)))),
)


@given(TARGETS)
def test_an_address_means_what_it_was_made_of(target: Target) -> None:
    """Contract H54, F04: there and back, whatever is in a name; only characters that addresses may have."""
    assert set(target.address) <= set(string.ascii_letters + string.digits + "-._~%/?&=+,!*")
    assert parse_target(*target.address.partition("?")[::2]) == target

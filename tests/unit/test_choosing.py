"""The subscription builder's form, and the feed that it stands for."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.category import SITE
from feedsvc.feeds.target import Kind, parse_target
from feedsvc.web.choosing import LONGEST_WORD, Choice, read_choice

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("/,!*+%.? &="), min_size=1, max_size=6)


def said(query: str, **meanings: str) -> Choice:
    """Names mean themselves but for those told; "nobody…" means nothing."""
    return read_choice(
        parse_qsl(query, keep_blank_values=True),
        lambda name: None if name.startswith("nobody") else meanings.get(name, name),
    )


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("", ""),
        ("content=full&word=a&without=b", ""),
        ("category=&q=x&page=2", ""),
        ("category=news", "/feeds/news.rss"),
        ("category=news&content=brief", "/feeds/news/brief.rss"),
        ("category=b&category=a&category=b", "/feeds/+/a,b.rss"),
        ("category=a&category=b&content=full", "/feeds/+/a,b/full.rss"),
        ("category=a&content=whatever", "/feeds/a.rss"),
        ("category=a&without=c&without=b", "/feeds/+/a,!b,!c.rss"),
        ("category=a&without=a", ""),
        ("all=1", "/feed.rss"),
        ("all=1&category=a&content=brief", "/feed/brief.rss"),
        ("all=1&without=a&word=Sale", "/feeds/+/*,!a,!*sale.rss"),
        ("category=a&word=Sale,+advert+ment,,sale", "/feeds/+/a,!*advert%20ment,!*sale.rss"),
        ("category=a&word=%E5%B9%BF%EF%BC%8C%E6%8B%9B", "/feeds/+/a,!*%E5%B9%BF,!*%E6%8B%9B.rss"),
        ("category=a%2Fb&category=c%2Cd&category=%2A&category=%21e", "/feeds/+/%21e,%2A,a%2Fb,c%2Cd.rss"),
        ("category=cafe%CC%81", "/feeds/caf%C3%A9.rss"),
    ],
)
def test_what_a_choice_stands_for(query: str, address: str) -> None:
    """Contract H54: the feed's canonical address; "" when nothing is chosen or nothing can be in it."""
    assert said(query).address == address


def test_names_that_mean_nothing_are_told() -> None:
    choice = said("category=nobody&category=a&without=nobody+else&category=gone&category=old", gone="", old="new")
    assert (choice.categories, choice.without) == (("a", "new"), ())
    assert (choice.unknown, choice.removed) == (("nobody", "nobody else"), ("gone",))
    assert said("category=nobody").empty


def test_words_are_clean_and_not_endless() -> None:
    words = said("category=a&word=%00x&word=" + "y" * 500 + "&word=%EF%BC%8C").words
    assert words == ("y" * LONGEST_WORD,)


def test_parts_are_counted_as_the_address_counts_them() -> None:
    choice = said("category=a&category=b&without=c&word=d,e")
    found = parse_target(choice.address)
    assert found is not None and found.selection.parts == choice.parts == 5
    assert said("all=1&category=a&category=b").parts == 1


def test_leaving_one_more_out() -> None:
    choice = said("category=a&without=b").leaving_out("c").leaving_out("c")
    assert choice.without == ("b", "c")


@given(
    st.booleans(),
    st.lists(NAMES, max_size=4),
    st.lists(NAMES, max_size=2),
    st.lists(NAMES, max_size=3),
    st.sampled_from(["", "full", "brief"]),
)
def test_a_choice_survives_its_own_link(
    everything: bool, categories: list[str], without: list[str], words: list[str], content: str
) -> None:
    """Whatever is in the names: the link to a choice means the same feed, which has one spelling (contract H54)."""
    pairs = [("category", name) for name in categories] + [("without", name) for name in without]
    pairs += [("word", word) for word in words] + [("content", content)] + ([("all", "1")] if everything else [])
    choice = read_choice(pairs, lambda name: name)
    again = read_choice(parse_qsl(choice.query), lambda name: name)
    assert again.query == choice.query
    assert again.address == choice.address
    if choice.address:
        found = parse_target(choice.address)
        assert found is not None and found.address == choice.address
        if found.kind is Kind.COMBINED:
            assert set(found.selection.include) == ({SITE} if everything else set(choice.categories))
            assert set(found.selection.exclude) == set(choice.without)

"""Addresses and ids of feeds."""

from __future__ import annotations

import pytest

from feedsvc.feeds.address import (
    category_of,
    combined_path,
    feed_id,
    feed_path,
    home_path,
    label_path,
    variant_path,
)


@pytest.mark.parametrize(
    ("category", "path"),
    [
        ("", "/feed"),
        ("shanxiwanbao", "/feeds/shanxiwanbao"),
        ("TechWeb", "/feeds/TechWeb"),
        ("Techweb", "/feeds/Techweb"),
        ("新", "/feeds/%E6%96%B0"),
        ("a/b", "/feeds/a%2Fb"),
        ("a b+c", "/feeds/a%20b%2Bc"),
        ("securities(hk)", "/feeds/securities%28hk%29"),
        ("v1.2", "/feeds/v1.2"),
        ("100%", "/feeds/100%25"),
        ("%2F", "/feeds/%252F"),
        ("..", "/feeds/.."),
        ("feed", "/feeds/feed"),
    ],
)
def test_feed_path_and_back(category: str, path: str) -> None:
    assert feed_path(category) == path
    assert category_of(path) == category


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/feeds",
        "/feeds/",
        "/feed/",
        "/feeds/a/b",
        "/feeds/%61",  # needlessly escaped
        "/feeds/%e6%96%b0",  # lower-case digits
        "/feeds/新",
        "/feeds/a b",
        "/feeds/%FF",  # no UTF-8
        "/feeds/a%",
        "/categories/a",
        "a",
    ],
)
def test_other_spellings_are_no_feed(path: str) -> None:
    """Contract H54: one spelling per feed."""
    assert category_of(path) is None


def test_home_path() -> None:
    assert home_path("") == "/"
    assert home_path("a/b 新") == "/categories/a%2Fb%20%E6%96%B0/"
    assert home_path(".") == home_path("..") == "/"


def test_feed_id_is_a_tag_uri_without_host_or_suffix() -> None:
    """Contract AT02."""
    assert feed_id("", "example.com,2026") == "tag:example.com,2026:feed"
    assert feed_id("新 a", "example.com,2026") == "tag:example.com,2026:feed/%E6%96%B0%20a"


def test_addresses_of_what_is_made_on_demand() -> None:
    """None can be that of a category: their plus signs are escaped."""
    assert variant_path("", "full") == "/feed/full"
    assert variant_path("a/b", "brief") == "/feeds/a%2Fb/brief"
    assert combined_path("a,!b") == "/feeds/+/a,!b"
    assert combined_path("a,!b", "full") == "/feeds/+/a,!b/full"
    assert label_path("tag", "港口/a") == "/feeds/+tag/%E6%B8%AF%E5%8F%A3%2Fa"
    assert feed_path("+tag") == "/feeds/%2Btag"

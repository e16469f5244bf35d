"""What the subscribe box offers for a feed."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.feeds.address import feed_path
from feedsvc.settings import Settings
from feedsvc.web.subscribing import feed_uri, list_address, offer, reader_links, web_feed_uri

BASE = "https://feeds.example.com/wire"
HUB = "https://hub.example.com/"


def settings(**sections: object) -> Settings:
    return Settings.model_validate({"public_url": BASE, **sections})


def test_the_schemes_of_readers_take_the_address_as_it_is() -> None:
    """Programs that know feed: read what follows it literally; percent-encoded they would not find it."""
    url = f"{BASE}/feeds/%E6%96%B0.rss?page=2"
    assert feed_uri(url) == f"feed:{url}"
    assert web_feed_uri(url) == f"web+feed:{url}"


def test_web_readers_get_the_address_percent_encoded_whole() -> None:
    readers = {"Plus": "https://plus.example/add?feed={url}&x=1", "Path": "https://path.example/i/{url}"}
    url = f"{BASE}/feeds/+/a,%2Cb,!c.rss?q=1&r=#"
    links = dict(reader_links(readers.items(), url))
    assert list(links) == list(readers)
    assert parse_qs(urlsplit(links["Plus"]).query) == {"feed": [url], "x": ["1"]}
    assert unquote(links["Path"].removeprefix("https://path.example/i/")) == url
    assert "/" not in links["Path"].removeprefix("https://path.example/i/")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_whatever_a_category_is_called_its_address_survives_the_way_to_a_reader(name: str) -> None:
    url = BASE + feed_path(name) + ".rss"
    [(_, link)] = reader_links([("R", "https://r.example/?add={url}")], url)
    assert parse_qs(urlsplit(link).query)["add"] == [url]


def test_readers_are_those_of_the_settings() -> None:
    own = settings(pages={"readers": {"Own": "https://own.example/?f={url}"}})
    assert [name for name, _ in offer("/feed.rss", own).readers] == ["Own"]
    assert offer("/feed.rss", settings(pages={"readers": {}})).readers == ()
    for _, link in offer("/feed.rss", settings()).readers:
        assert "https%3A%2F%2Ffeeds.example.com%2Fwire%2Ffeed.rss" in link


@pytest.mark.parametrize(
    ("address", "full", "opml"),
    [
        ("/feed.rss", "/feed/full.rss", "/feeds.opml"),
        ("/feeds/a%2Fb.rss", "/feeds/a%2Fb/full.rss", "/feeds.opml?category=a%2Fb"),
        ("/feeds/a/brief.rss", "/feeds/a/full.rss", "/feeds.opml?category=a"),
        ("/feeds/+/a,b,!c,!*d.rss", "/feeds/+/a,b,!c,!*d/full.rss", "/feeds.opml?category=a&category=b"),
        ("/feeds/+/a,b/full.rss", "/feeds/+/a,b/full.rss", "/feeds.opml?category=a&category=b"),
        ("/feeds/+/*,!c.rss", "/feeds/+/*,!c/full.rss", "/feeds.opml"),
        ("/feeds/+tag/a.rss", "", ""),
    ],
)
def test_formats_variants_and_list(address: str, full: str, opml: str) -> None:
    found = offer(address, settings())
    assert found.url == BASE + address
    assert [link.url for link in found.formats] == [
        BASE + address.removesuffix(".rss") + suffix for suffix in (".rss", ".atom", ".json")
    ]
    variants = {content: links[0].url for content, links in found.variants}
    assert variants == ({"full": BASE + full, "brief": BASE + full.replace("/full.", "/brief.")} if full else {})
    assert found.opml == (BASE + opml if opml else "")


def test_the_address_is_shown_in_the_format_it_was_asked_in() -> None:
    assert offer("/feeds/a.atom", settings()).url == f"{BASE}/feeds/a.atom"


@pytest.mark.parametrize(
    ("address", "pushed"),
    [("/feed.rss", True), ("/feeds/a.json", True), ("/feeds/a/full.rss", False), ("/feeds/+/a,b.rss", False)],
)
def test_p03_only_default_feeds_are_pushed(address: str, pushed: bool) -> None:
    """Contract P03, and only where there is a hub."""
    assert offer(address, settings(feeds={"hub": HUB})).pushed is pushed
    assert not offer(address, settings()).pushed


def test_a_list_of_some_has_one_spelling() -> None:
    """Contract H54."""
    assert list_address(["b", "a", "b"]) == "/feeds.opml?category=a&category=b"
    assert list_address(["a", ""]) == list_address([]) == "/feeds.opml"


def test_a_search_is_a_feed_without_variants() -> None:
    found = offer("/search.rss?q=%E6%96%B0%E6%B8%AF", settings(feeds={"hub": HUB}))
    assert [link.url for link in found.formats] == [
        f"{BASE}/search{suffix}?q=%E6%96%B0%E6%B8%AF" for suffix in (".rss", ".atom", ".json")
    ]
    assert (found.variants, found.opml, found.pushed) == ((), "", False)

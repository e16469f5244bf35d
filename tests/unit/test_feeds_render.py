"""Size limits, and feeds that did not come from build_feed."""

from __future__ import annotations

import json
import locale
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from feedsvc.feeds.feed import Entry, Feed, FeedFormat
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.render import render_all

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def entry(number: int, size: int = 0, summary: str = "Short.") -> Entry:
    return Entry(
        id=f"tag:example.com,2026:{number}",
        title=f"Title {number}",
        link=f"https://site.example.com/{number}",
        published=NOON - timedelta(minutes=number),
        updated=NOON - timedelta(minutes=number),
        summary=summary,
        content_html=f"<p>{'x' * size}</p>" if size else "",
    )


def feed(*entries: Entry) -> Feed:
    return Feed(
        id="tag:example.com,2026:feed/news",
        title="News",
        description="News",
        path="/feeds/news",
        base_url="https://feeds.example.com",
        home_url="https://feeds.example.com/categories/news/",
        language="en",
        updated=NOON,
        newest=NOON if entries else None,
        entries=entries,
        author="Example",
    )


def contents(bodies: dict[str, bytes]) -> list[tuple[str, int]]:
    """Id and length of the full text of each item; all formats are made sure to have the same ids."""
    items = json.loads(bodies["json"])["items"]
    found = [(item["id"].rpartition(":")[2], len(item.get("content_html", ""))) for item in items]
    rss = [guid.text.rpartition(":")[2] for guid in etree.fromstring(bodies["rss"]).iter("guid") if guid.text]
    atom = etree.fromstring(bodies["atom"]).findall("{*}entry/{*}id")
    assert [name for name, _ in found] == rss == [node.text.rpartition(":")[2] for node in atom if node.text]
    return found


def rendered(limit: int, *entries: Entry) -> list[tuple[str, int]]:
    bodies = {one.format.name: one.body for one in render_all(feed(*entries), limit)}
    assert list(bodies) == ["rss", "atom", "json"]
    assert all(len(body) <= limit for body in bodies.values())
    return contents(bodies)


def test_what_fits_is_whole() -> None:
    assert rendered(10_000, entry(1, 2000), entry(2, 2000)) == [("1", 2007), ("2", 2007)]


def test_f10_oldest_go_first_and_as_few_as_possible() -> None:
    entries = [entry(n, 2000) for n in range(20)]
    kept = rendered(20_000, *entries)
    assert kept == [(str(n), 2007) for n in range(len(kept))]
    assert 5 < len(kept) < 20
    larger = feed(*entries[: len(kept) + 1])
    assert max(len(form.render(larger)) for form in FORMATS) > 20_000


def test_f10_far_too_much_is_cut_before_it_is_rendered() -> None:
    assert len(rendered(20_000, *(entry(n, 15_000) for n in range(200)))) == 1


def test_f10_a_newest_text_that_cannot_fit_gives_way_to_its_summary() -> None:
    assert rendered(10_000, entry(1, 50_000), entry(2, 3000), entry(3)) == [("1", 0), ("2", 3007), ("3", 0)]


def test_f10_escaping_counts() -> None:
    """5,000 signs that take 25,000 octets in XML and 5,000 in JSON."""
    heavy = replace(entry(1), content_html="&" * 5000)
    assert rendered(20_000, heavy, entry(2)) == [("1", 0), ("2", 0)]


def test_f10_an_entry_that_is_too_large_without_its_text_is_left_out() -> None:
    assert rendered(10_000, entry(1, 50_000, summary="y" * 50_000), entry(2)) == [("2", 0)]
    assert rendered(10_000, entry(1, 50_000, summary="")) == []


def test_a_feed_that_fits_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def counted(form: FeedFormat) -> Callable[[Feed], bytes]:
        render = form.render

        def count(feed: Feed) -> bytes:
            seen.append(form.name)
            return render(feed)

        return count

    for form in FORMATS:
        monkeypatch.setattr(form, "render", counted(form))
    render_all(feed(entry(1, 100)), 10_000)
    assert seen == ["rss", "atom", "json"]


def test_f12_one_illegal_character_does_not_lose_the_feed() -> None:
    """feedgen alone would raise; a lone surrogate likewise in JSON."""
    bad = replace(entry(1), title="a\x01b\ud800c", summary="s\ufffet")
    bodies = {one.format.name: one.body for one in render_all(feed(bad, entry(2)), 10_000)}
    assert b"<title>abc</title>" in bodies["rss"] and b"<title>abc</title>" in bodies["atom"]
    assert json.loads(bodies["json"])["items"][0]["title"] == "abc"
    assert contents(bodies) == [("1", 0), ("2", 0)]


def test_rendering_leaves_the_process_locale_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """feedgen switches it for every date of RSS, which other threads would notice."""

    def refuse(*_: object) -> str:
        raise AssertionError("setlocale was called")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert all(form.render(feed(entry(1, 10))) for form in FORMATS)

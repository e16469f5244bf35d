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
from feedsvc.feeds.render import fitted, whole

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
    bodies = {one.format.name: one.body for one in fitted(feed(*entries), limit)[1]}
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


def paged(count: int, total: int, size: int = 0) -> Feed:
    return replace(feed(*(entry(n, size) for n in range(count))), total=total, page_size=50)


def test_p05_f10_what_is_cut_is_no_longer_complete_and_links_follow_what_is_shown() -> None:
    """Contract P05, P01, F10: the links count as well, and the next page begins after what was left."""
    small, _ = fitted(paged(20, 20), 1_000_000)
    assert small.complete and not small.links
    shown, documents = fitted(paged(20, 20, 2000), 20_000)
    assert 5 < len(shown.entries) < 20 and not shown.complete
    assert [link.rel for link in shown.links] == ["next", "last", "prev-archive"]
    assert all(len(one.body) <= 20_000 for one in documents)
    assert [one.body for one in documents] == [form.render(shown) for form in FORMATS]
    assert fitted(replace(shown, links=(), total=20), 20_000)[0] == shown


def test_p01_a_feed_that_fits_only_without_links_gives_up_an_entry() -> None:
    """Whatever the limit: no document is larger, and the links stand in it."""
    full = max(len(form.render(paged(5, 9, 1000))) for form in FORMATS)
    linked = max(len(one.body) for one in fitted(paged(5, 9, 1000), 100_000)[1])
    assert full < linked
    shown, documents = fitted(paged(5, 9, 1000), (full + linked) // 2)
    assert len(shown.entries) == 4 and shown.links
    assert all(len(one.body) <= (full + linked) // 2 for one in documents)


def test_the_newest_publication_is_that_of_what_is_shown() -> None:
    shown, _ = fitted(feed(entry(0, 50_000, summary="y" * 50_000), entry(3)), 10_000)
    assert shown.newest == NOON - timedelta(minutes=3)
    assert fitted(feed(entry(0, 50_000, summary="")), 10_000)[0].newest is None


def test_rendered_says_its_media_type() -> None:
    assert [one.media_type for one in fitted(feed(), 10_000)[1]] == [form.media_type for form in FORMATS]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_f10_a_whole_document_loses_texts_from_the_oldest_on_and_never_an_entry(form: FeedFormat) -> None:
    """Contract F10, P01: a page or an archive without some of its entries would lose them for ever."""
    pages = feed(*(entry(n, 2000) for n in range(20)))
    assert whole(pages, 1_000_000, form)[0] == pages
    shown, one = whole(pages, 20_000, form)
    assert len(one.body) <= 20_000 and one.body == form.render(shown) and one.format is form
    texts = [bool(e.content_html) for e in shown.entries]
    assert len(texts) == 20 and texts == sorted(texts, reverse=True) and 1 < sum(texts) < 10
    kept = sum(texts)
    richer = replace(shown, entries=pages.entries[: kept + 1] + shown.entries[kept + 1 :])
    assert len(form.render(richer)) > 20_000, "as few as possible"


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_f10_then_summaries_give_way_to_titles_and_titles_stay(form: FeedFormat) -> None:
    heavy = feed(*(entry(n, 2000, summary="y" * 3000) for n in range(20)))
    shown, one = whole(heavy, 20_000, form)
    assert len(one.body) <= 20_000 and not any(e.content_html for e in shown.entries)
    assert len(shown.entries[0].summary) == 3000
    assert shown.entries[-1].summary == "Title 19"
    shown, one = whole(heavy, 100, form)
    assert [e.title for e in shown.entries] == [f"Title {n}" for n in range(20)]
    assert whole(feed(), 100, form)[0].entries == ()


def test_rs16_a_text_without_summary_gives_way_to_the_title() -> None:
    shown, _ = whole(feed(entry(1, 5000, summary=""), entry(2, 50_000, summary="")), 20_000, FORMATS[0])
    assert [(bool(e.content_html), e.summary) for e in shown.entries] == [(True, ""), (False, "Title 2")]


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
    fitted(feed(entry(1, 100)), 10_000)
    assert seen == ["rss", "atom", "json"]


def test_f12_one_illegal_character_does_not_lose_the_feed() -> None:
    """feedgen alone would raise; a lone surrogate likewise in JSON."""
    bad = replace(entry(1), title="a\x01b\ud800c", summary="s\ufffet")
    bodies = {one.format.name: one.body for one in fitted(feed(bad, entry(2)), 10_000)[1]}
    assert b"<title>abc</title>" in bodies["rss"] and b"<title>abc</title>" in bodies["atom"]
    assert json.loads(bodies["json"])["items"][0]["title"] == "abc"
    assert contents(bodies) == [("1", 0), ("2", 0)]


def test_rendering_leaves_the_process_locale_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """feedgen switches it for every date of RSS, which other threads would notice."""

    def refuse(*_: object) -> str:
        raise AssertionError("setlocale was called")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert all(form.render(feed(entry(1, 10))) for form in FORMATS)

"""Pages, archives, variants, combinations, labels and deltas of feeds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from feedsvc.articles.category import SITE, Category
from feedsvc.feeds.build import NEVER, FeedRules, build_feed
from feedsvc.feeds.dates import micros
from feedsvc.feeds.feed import Deleted, Feed
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.kinds import (
    Label,
    archive_feed,
    combined_feed,
    delta_of,
    labelled_feed,
    page_feed,
    variant_feed,
)
from feedsvc.feeds.paging import last_page, linked
from feedsvc.feeds.selection import selection, selection_segment
from feedsvc.settings import Settings
from tests.unit.feed_samples import NEWS, NOON, RULES, article, links, names

HUB = replace(RULES, hub_url="https://hub.example.com/", max_items=3)
MANY = [article(str(n), n) for n in range(8)]


def archive(month: str = "2026-10", part: int | None = None, category: Category = NEWS) -> Feed:
    return archive_feed(
        category, MANY[::-1], HUB, month=month, part=part, earlier=("2026-09", 2), later=("2026-11", None)
    )


def others() -> list[Feed]:
    """One of each kind that is not a default feed."""
    return [
        page_feed(NEWS, MANY, HUB, number=2, last=3),
        archive(),
        variant_feed(NEWS, MANY, HUB, "full"),
        variant_feed(NEWS, MANY, HUB, "brief"),
        combined_feed(selection(["news", "food"]), {}, MANY, HUB),
        labelled_feed("tag", "x", MANY, HUB),
        labelled_feed("author", "x", MANY, HUB),
    ]


def test_p01_every_article_is_on_exactly_one_page() -> None:
    """Contract P01: from the feed along `next` to the end; no `next` on the last page, which links nothing beyond."""
    first = linked(build_feed(replace(NEWS, count=8), MANY, HUB))
    shown, size = len(first.entries), first.page_size
    last = last_page(8, shown, size)
    seen, feed, number = names(first), first, 1
    while "next" in links(feed):
        number += 1
        assert links(feed)["next"] == f"/feeds/news.atom?page={number}"
        start = shown + (number - 2) * size
        feed = page_feed(NEWS, MANY[start : start + size], HUB, number=number, last=last)
        seen += names(feed)
    assert seen == [str(n) for n in range(8)] and number == last == 3


def test_p01_p02_a_page_links_its_neighbours_and_names_itself() -> None:
    second, third = (page_feed(NEWS, MANY[:2], HUB, number=number, last=3) for number in (2, 3))
    assert links(second) == {
        "first": "/feeds/news.atom",
        "previous": "/feeds/news.atom",
        "next": "/feeds/news.atom?page=3",
        "last": "/feeds/news.atom?page=3",
    }
    assert links(third) == {
        "first": "/feeds/news.atom",
        "previous": "/feeds/news.atom?page=2",
        "last": "/feeds/news.atom?page=3",
    }
    assert second.address(".atom") == "https://feeds.example.com/feeds/news.atom?page=2"
    assert second.id == build_feed(NEWS, MANY, HUB).id, "the same logical feed (RFC 5005)"
    assert names(second) == ["0", "1"] and not second.complete


def test_p03_only_the_first_page_names_the_hub() -> None:
    assert build_feed(NEWS, MANY, HUB).hub_url == HUB.hub_url
    assert [feed.hub_url for feed in others()] == [""] * 7


def test_p04_an_archive_links_its_neighbours_and_the_feed() -> None:
    """Contract P04: fh:archive, current, prev-archive, next-archive; the same feed, newest first, nothing left out."""
    feed = archive(part=1)
    assert feed.archive and not feed.complete and feed.id == build_feed(NEWS, MANY, HUB).id
    assert feed.address(".atom") == "https://feeds.example.com/feeds/news/archive/2026-10/1.atom"
    assert links(feed) == {
        "current": "/feeds/news.atom",
        "prev-archive": "/feeds/news/archive/2026-09/2.atom",
        "next-archive": "/feeds/news/archive/2026-11.atom",
    }
    assert names(feed) == [str(n) for n in range(8)]
    alone = archive_feed(Category(slug=SITE), MANY, HUB, month="2026-10", part=None, earlier=None, later=None)
    assert alone.path == "/feed/archive/2026-10" and links(alone) == {"current": "/feed.atom"}


def test_p06_an_archive_depends_on_its_own_articles_alone() -> None:
    """Contract P06: what leaves the category elsewhere must not make a closed month new; an edit in it does."""
    left = replace(NEWS, changed=NOON + timedelta(days=9), count=99, latest=NOON + timedelta(days=8))
    assert archive(category=left) == archive()
    assert page_feed(left, MANY, HUB, number=2, last=2).updated == left.changed
    edited = [replace(MANY[0], updated=NOON + timedelta(days=1)), *MANY[1:]]
    other = archive_feed(NEWS, edited, HUB, month="2026-10", part=None, earlier=None, later=None)
    assert other.updated == NOON + timedelta(days=1) and archive().updated == NOON
    assert b"<ttl>" not in FORMATS[0].render(archive())


def test_variants_are_feeds_of_their_own_and_take_the_newest() -> None:
    full, brief = (variant_feed(NEWS, MANY, HUB, content) for content in ("full", "brief"))
    assert (full.path, brief.path) == ("/feeds/news/full", "/feeds/news/brief")
    assert full.id == "tag:example.com,2026:feed/news/+full" and brief.id.endswith("/+brief")
    assert names(full) == names(brief) == names(build_feed(NEWS, MANY, HUB)) == ["0", "1", "2"]
    assert all(entry.content_html for entry in full.entries)
    assert not any(entry.content_html for entry in brief.entries)
    assert not (full.links or brief.links or full.complete or brief.complete)
    site = variant_feed(Category(slug=SITE), MANY, HUB, "full")
    assert (site.path, site.id) == ("/feed/full", "tag:example.com,2026:feed/+full")


@pytest.mark.parametrize("setting", ["full", "summary"])
def test_variants_do_not_follow_the_setting(setting: str) -> None:
    rules = FeedRules.from_settings(Settings.model_validate({"feeds": {"content": setting}}), "example.com,2026")
    excerpt = replace(article("e"), excerpt_only=True)
    full = variant_feed(NEWS, [article("a", 1), excerpt], rules, "full")
    assert [entry.content_html for entry in full.entries] == ["", "<p>Text of a</p>"]
    assert not any(entry.content_html for entry in variant_feed(NEWS, MANY, rules, "brief").entries)


def test_a_combination_is_named_after_its_parts() -> None:
    chosen = selection(["新", "sport"], ["weather", "x"], ["广告", "<b>"])
    feed = combined_feed(chosen, {"新": "新闻", "sport": "Sport", "weather": "Weather"}, MANY, HUB)
    assert feed.title == feed.description == "Sport + 新闻 − Weather − x −“<b>” −“广告”"
    assert feed.path == f"/feeds/+/{selection_segment(chosen)}"
    assert feed.id == f"tag:example.com,2026:feed/+/{selection_segment(chosen)}"
    assert names(feed) == ["0", "1", "2"] and not feed.links and not feed.complete
    everything = combined_feed(selection([SITE], ["weather"]), {}, MANY, HUB)
    assert everything.title == "Example Press − weather"
    assert etree.fromstring(FORMATS[0].render(feed)).findtext("channel/title") == feed.title


def test_a_combination_in_full_or_brief_is_a_feed_of_its_own() -> None:
    chosen = selection(["news", "food"])
    plain, full, brief = (combined_feed(chosen, {}, MANY, RULES, content=one) for one in (None, "full", "brief"))
    assert [feed.path for feed in (plain, full, brief)] == [
        "/feeds/+/food,news",
        "/feeds/+/food,news/full",
        "/feeds/+/food,news/brief",
    ]
    assert full.id == "tag:example.com,2026:feed/+/food,news/+full"
    assert len({feed.id for feed in (plain, full, brief)}) == 3
    assert names(plain) == names(full) == names(brief)
    assert all(entry.content_html for entry in full.entries) and not any(entry.content_html for entry in brief.entries)


def test_a_combination_speaks_the_language_that_all_its_parts_speak() -> None:
    rules = replace(RULES, languages=(("a", "fr"), ("b", "fr"), ("c", "de")))
    languages = [
        combined_feed(selection(slugs), {}, [], rules).language for slugs in (["a", "b"], ["a", "c"], ["c"], ["x", "y"])
    ]
    assert languages == ["fr", "en", "de", "en"]


def test_at07_a_combinations_date_follows_what_left_it() -> None:
    chosen = selection(["a", "b"])
    assert combined_feed(chosen, {}, [], RULES).updated == NEVER
    assert combined_feed(chosen, {}, MANY, RULES).updated == NOON
    assert combined_feed(chosen, {}, MANY, RULES, NOON + timedelta(1)).updated == NOON + timedelta(1)


def test_at02_renaming_a_category_keeps_the_id_of_every_kind() -> None:
    """Contract AT02; the address moves, the feed stays."""
    before = FeedRules.from_settings(Settings(), "example.com,2026")
    renamed = Settings.model_validate({"categories": {"renamed": {"a": "z"}}})
    after = FeedRules.from_settings(renamed, "example.com,2026")
    old, new = Category(slug="a", title="A"), Category(slug="z", title="A")

    def ids(category: Category, rules: FeedRules) -> list[str]:
        return [
            build_feed(category, MANY, rules).id,
            page_feed(category, MANY, rules, number=2, last=2).id,
            archive_feed(category, MANY, rules, month="2026-10", part=1, earlier=None, later=None).id,
            variant_feed(category, MANY, rules, "full").id,
            combined_feed(selection([category.slug, "m"]), {}, MANY, rules).id,
            combined_feed(selection(["m"], [category.slug]), {}, MANY, rules).id,
            combined_feed(selection([category.slug, "m"]), {}, MANY, rules, content="brief").id,
        ]

    assert ids(old, before) == ids(new, after)
    assert combined_feed(selection(["z", "m"]), {}, MANY, after).path == "/feeds/+/m,z"


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("tag", "经济", "/feeds/+tag/%E7%BB%8F%E6%B5%8E"),
        ("author", "Zoë & Co/1", "/feeds/+author/Zo%C3%AB%20%26%20Co%2F1"),
    ],
)
def test_a_labels_feed(kind: Label, name: str, path: str) -> None:
    feed = labelled_feed(kind, name, MANY, HUB)
    assert feed.path == path
    assert feed.id == "tag:example.com,2026:" + path.removeprefix("/").replace("feeds", "feed", 1)
    assert feed.title == f"{name} – Example Press"
    assert names(feed) == ["0", "1", "2"] and not feed.links


def test_at09_an_escape_in_a_name_makes_no_needless_one_in_an_id() -> None:
    assert labelled_feed("tag", "50%25", [], RULES).id == "tag:example.com,2026:feed/+tag/50%25:25"
    assert combined_feed(selection(["a%20b", "c"]), {}, [], RULES).id == "tag:example.com,2026:feed/+/a%25:20b,c"


def test_no_two_feeds_share_an_id_or_an_address() -> None:
    """Not even when categories are called like the fixed words of addresses."""
    feeds = [
        build_feed(Category(slug=slug), [], RULES)
        for slug in (SITE, "full", "+full", "news", "news/+full", "+", "+tag")
    ]
    feeds += [variant_feed(Category(slug=slug), [], RULES, "full") for slug in (SITE, "news", "+", "+tag")]
    feeds += [combined_feed(selection([slug, "x"]), {}, [], RULES) for slug in ("full", "news", "tag")]
    feeds += [combined_feed(selection([slug, "x"]), {}, [], RULES, content="full") for slug in ("full", "news", "tag")]
    feeds += [labelled_feed("tag", name, [], RULES) for name in ("full", "news", "x")]
    assert len({feed.id for feed in feeds}) == len({feed.path for feed in feeds}) == len(feeds)


def test_f07_all_kinds_show_the_same_entry() -> None:
    """Whatever feed it is met in: id, dates, link, picture, source. A brief one has no text, that is all."""
    rules = replace(HUB, images=(("food", "https://example.com/food.png"),), sources=(("Daily", "https://d.example/"),))
    post = replace(article(), categories=("news", "food"), source="Daily")
    feeds = [
        build_feed(NEWS, [post], rules),
        build_feed(Category(slug=SITE), [post], rules),
        page_feed(NEWS, [post], rules, number=2, last=2),
        archive_feed(NEWS, [post], rules, month="2026-11", part=None, earlier=None, later=None),
        variant_feed(NEWS, [post], rules, "full"),
        combined_feed(selection(["news", "food"]), {}, [post], rules),
        labelled_feed("tag", "x", [post], rules),
    ]
    assert all(feed.entries == feeds[0].entries for feed in feeds)
    mixed = selection(["news", "food"])
    for brief in (
        variant_feed(NEWS, [post], rules, "brief"),
        combined_feed(mixed, {}, [post], rules, content="brief"),
    ):
        assert brief.entries == (replace(feeds[0].entries[0], content_html=""),)


def test_every_kind_is_read_in_every_format() -> None:
    for feed in others():
        rss, atom, items = (form.render(feed) for form in FORMATS)
        found = [
            [node.text for node in etree.fromstring(rss).iter("guid")],
            [node.text for node in etree.fromstring(atom).findall("{*}entry/{*}id")],
            [item["id"] for item in json.loads(items)["items"]],
        ]
        assert found == [[entry.id for entry in feed.entries]] * 3, feed.path


def test_d02_a_delta_shows_what_is_new_or_changed_since() -> None:
    """Contract D02: a whole document at the feed's own address, without the links that only the full one may have."""
    now = linked(build_feed(replace(NEWS, count=9), MANY, HUB, [Deleted("gone", NOON)]))
    assert now.links
    known = {entry.id: micros(entry.updated) for entry in now.entries[1:]}
    delta = delta_of(now, known)
    assert names(delta) == ["0"] and delta.deleted == now.deleted
    assert (delta.id, delta.address(".rss"), delta.hub_url) == (now.id, now.address(".rss"), now.hub_url)
    assert not delta.links and not delta.complete and linked(delta) == delta
    assert names(delta_of(now, {**known, now.entries[2].id: 1})) == ["0", "2"]
    assert names(delta_of(now, {})) == names(now)
    complete = linked(build_feed(replace(NEWS, count=1), MANY[:1], HUB))
    assert complete.complete and not delta_of(complete, known).complete


def test_microseconds_are_exact() -> None:
    odd = replace(article(), date_only=True)
    entry = build_feed(NEWS, [odd], RULES).entries[0]
    assert micros(entry.updated) % 1_000_000 == entry.updated.microsecond != 0
    assert micros(NOON) == 1_795_176_000_000_000


def test_a_page_may_be_empty() -> None:
    """All of it withdrawn between two looks: still a valid document (contract F09)."""
    feed = page_feed(NEWS, [], HUB, number=2, last=2)
    assert feed.entries == () and feed.newest is None and feed.updated == NEVER
    assert all(form.render(feed) for form in FORMATS)

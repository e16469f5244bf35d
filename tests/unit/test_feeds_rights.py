"""What of an article may be passed on."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.kinds import labelled_feed, variant_feed
from feedsvc.feeds.paging import linked
from feedsvc.feeds.rights import Right, in_force, next_end, permitted, right_of
from feedsvc.settings import Rights, Settings
from tests.unit.feed_samples import NEWS, NOON, RULES, article, names

RIGHTS = (
    ("agency", Right("summary", ("Agency & Co.",))),
    ("free", Right("full", ("By us",))),
    ("gone", Right("none", ("Never seen",))),
    ("wire", Right("headline")),
)


def rich(*categories: str) -> Article:
    return replace(
        article(),
        categories=categories,
        image="https://site.example.com/a.png",
        image_type="image/png",
        image_length=5,
        enclosures=(Enclosure("https://site.example.com/a.mp3", "audio/mpeg", 9),),
    )


def allowed(*categories: str) -> Article:
    found = permitted(rich(*categories), RIGHTS)
    assert found is not None
    return found


def test_without_rights_an_article_is_left_as_it_is() -> None:
    plain = rich("news")
    assert permitted(plain, RIGHTS) is plain
    assert permitted(plain, ()) is plain


def test_summary_leaves_text_pictures_and_files_out() -> None:
    shown = allowed("agency")
    assert (shown.content_html, shown.summary) == ("", "Summary of a\nAgency & Co.")
    assert (shown.image, shown.image_type, shown.image_length, shown.enclosures) == ("", "", None, ())


def test_headline_leaves_the_summary_out_as_well() -> None:
    shown = allowed("wire")
    assert (shown.title, shown.content_html, shown.summary, shown.enclosures) == ("Title a", "", "", ())
    [entry] = build_feed(Category(slug="wire"), [rich("wire")], replace(RULES, rights=RIGHTS)).entries
    assert (entry.summary, entry.content_html) == ("Title a", "")  # RS16: a reader finds something


def test_none_leaves_the_article_out_of_every_feed() -> None:
    rules = replace(RULES, rights=RIGHTS)
    articles = [rich("news", "gone"), replace(article("b", 1), categories=("news",))]
    assert permitted(articles[0], RIGHTS) is None
    for feed in (
        build_feed(NEWS, articles, rules),
        build_feed(Category(slug=SITE), articles, rules),
        variant_feed(NEWS, articles, rules, "full"),
        labelled_feed("tag", "x", articles, rules),
    ):
        assert names(feed) == ["b"]


def test_the_strictest_of_all_its_categories_wherever_it_appears() -> None:
    rules = replace(RULES, rights=RIGHTS)
    for slug in ("free", "wire", "news", SITE):
        feed = build_feed(Category(slug=slug), [rich("free", "agency", "wire", "news")], rules)
        assert (feed.entries[0].content_html, feed.entries[0].summary) == ("", "By us\nAgency & Co.")
    assert right_of(("wire", "gone", "free"), RIGHTS).text == "none"
    assert right_of(("free", "agency"), RIGHTS).text == "summary"


def test_attribution_follows_the_text_and_the_summary_each_line_once() -> None:
    twice = in_force(
        {"a": Rights(attribution=" From <us> & them "), "b": Rights(attribution="From <us> & them"), "c": Rights()},
        NOON,
        {},
    )
    shown = permitted(rich("a", "b", "c"), twice)
    assert shown is not None
    assert shown.content_html == "<p>Text of a</p>\n<p>From &lt;us&gt; &amp; them</p>"
    assert shown.summary == "Summary of a\nFrom <us> & them"
    assert shown.image and shown.enclosures, "full stays full"
    without_text = permitted(replace(rich("a"), content_html=" ", summary=""), twice)
    assert without_text is not None
    assert (without_text.content_html, without_text.summary) == ("", "From <us> & them")


def test_a_right_of_the_site_is_one_of_every_article() -> None:
    everything = in_force({SITE: Rights(text="headline")}, NOON, {})
    for categories in ((), ("news",), ("news", "other")):
        assert right_of(categories, everything).text == "headline"


def test_a_right_that_ended_shows_nothing_any_more() -> None:
    until = NOON + timedelta(hours=1)
    rights = {
        "news": Rights(text="full", attribution="By us", until=until),
        "later": Rights(until=until.replace(day=21)),
    }
    assert in_force(rights, until - timedelta(microseconds=1), {}) == (("news", Right("full", ("By us",))),)
    assert in_force(rights, until, {}) == (("news", Right("none", ("By us",))),)
    assert in_force(rights, None, {}) == (("news", Right("full", ("By us",))),)
    assert [slug for slug, _ in in_force(rights, until + timedelta(days=2), {})] == ["later", "news"]


def test_the_next_end_is_the_nearest_one_ahead() -> None:
    ends = {"a": Rights(until=NOON), "b": Rights(until=NOON + timedelta(days=1)), "c": Rights()}
    assert next_end(ends, NOON - timedelta(hours=1)) == NOON
    assert next_end(ends, NOON) == NOON + timedelta(days=1)
    assert next_end(ends, NOON + timedelta(days=1)) is None
    assert next_end({}, NOON) is None


@pytest.mark.parametrize("kind", ["renamed", "merged"])
def test_moving_a_category_does_not_free_its_articles(kind: str) -> None:
    settings = Settings.model_validate(
        {
            "categories": {
                kind: {"agency": "middle", "middle": "news"},
                "rights": {"agency": {"text": "summary", "attribution": "Agency"}, "news": {"attribution": "By us"}},
            }
        }
    )
    rules = FeedRules.from_settings(settings, "example.com,2026", datetime(2026, 1, 1, tzinfo=UTC))
    assert rules.rights == (("news", Right("summary", ("Agency", "By us"))),)
    said = dict(reversed(settings.categories.rights.items()))
    assert in_force(said, None, settings.categories.moves) == rules.rights, "whichever was written first"


def test_rules_follow_the_clock() -> None:
    settings = Settings.model_validate({"categories": {"rights": {"news": {"until": "2026-11-20T12:00:00Z"}}}})
    before, after, timeless = (
        FeedRules.from_settings(settings, "example.com,2026", now) for now in (NOON - timedelta(1), NOON, None)
    )
    assert before == timeless and repr(before) != repr(after)
    post = [replace(article(), categories=("news",))]
    assert len(build_feed(NEWS, post, before).entries) == 1
    assert len(build_feed(NEWS, post, after).entries) == 0


def test_p05_hidden_articles_are_not_counted_as_missing() -> None:
    """Contract P05: a feed that shows all that may be shown is complete."""
    articles = [rich("news", "gone"), replace(article("b", 1), categories=("news",))]
    feed = linked(build_feed(replace(NEWS, count=2), articles, replace(RULES, rights=RIGHTS)))
    assert feed.total == 1 and feed.complete and not feed.links


def test_p01_no_last_page_is_named_when_nobody_knows_how_many_articles_are_hidden() -> None:
    articles = [rich("news", "gone"), replace(article("b", 1), categories=("news",))]
    for rights, relations in ((RIGHTS, ["next", "prev-archive"]), ((), ["next", "last", "prev-archive"])):
        feed = linked(build_feed(replace(NEWS, count=9), articles, replace(RULES, rights=rights)))
        assert [link.rel for link in feed.links] == relations


def test_a_category_typed_in_another_unicode_form_is_the_same() -> None:
    """Its articles have it in NFC, however it was typed here or there; else its text would be shown."""
    typed = unicodedata.normalize("NFD", "café")
    settings = Settings.model_validate(
        {
            "feeds": {"windows": {typed: {"items": 7}}},
            "categories": {
                "rights": {typed: {"text": "none"}, "old": {"attribution": "By us"}},
                "renamed": {"old": typed},
                "descriptions": {typed: "Coffee"},
                "closed": [typed],
            },
        }
    )
    rules = FeedRules.from_settings(settings, "example.com,2026")
    feed = build_feed(Category(slug="café", count=1), [rich("café")], rules)
    assert (feed.entries, feed.page_size, feed.description, feed.expired) == ((), 0, "Coffee", True)
    assert feed.id == "tag:example.com,2026:feed/old"
    assert rules.rights == (("café", Right("none", ("By us",))),)
    assert rules.windows[0][0] == "café"

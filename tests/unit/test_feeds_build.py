"""Articles become a Feed."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta

import pytest

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.build import NEVER, FeedRules, build_feed
from feedsvc.feeds.feed import Deleted, Source
from feedsvc.feeds.render import fitted
from feedsvc.settings import CategorySettings, FeedSettings, Settings, SiteSettings
from tests.unit.feed_samples import NEWS, NOON, RULES, article, names


def ids(articles: list[Article], rules: FeedRules = RULES) -> list[str]:
    return names(build_feed(NEWS, articles, rules))


def test_newest_first_and_order_key_breaks_ties() -> None:
    assert ids([article("c", 5), article("b", 5), article("z", 1), article("a", 9)]) == ["z", "b", "c", "a"]


def test_capped_after_sorting() -> None:
    assert ids([article("old", 9), article("new", 1)], replace(RULES, max_items=1)) == ["new"]


def test_age_is_measured_from_the_newest_entry() -> None:
    articles = [article("new"), article("edge", 2 * 1440), article("old", 2 * 1440 + 1)]
    assert ids(articles, replace(RULES, max_age_days=2)) == ["new", "edge"]
    assert ids(articles) == ids(articles, replace(RULES, max_age_days=10**12)) == ["new", "edge", "old"]


def test_feed_fields() -> None:
    feed = build_feed(NEWS, [article()], RULES)
    assert feed.id == "tag:example.com,2026:feed/news"
    assert feed.path == "/feeds/news"
    assert feed.home_url == "https://feeds.example.com/categories/news/"
    assert feed.title == feed.description == "The News"
    assert feed.newest == feed.updated == NOON
    assert feed.author == "Example Press"


def test_the_sites_feed_takes_title_and_description_from_the_rules() -> None:
    feed = build_feed(Category(slug=SITE), [], replace(RULES, description="All of it"))
    assert (feed.title, feed.description, feed.path) == ("Example Press", "All of it", "/feed")
    assert feed.home_url == "https://feeds.example.com/"


def test_category_without_title_is_called_by_its_slug() -> None:
    assert build_feed(Category(slug="news"), [], RULES).title == "news"


def test_updated_is_the_newest_change_or_removal_or_a_constant() -> None:
    edited = replace(article("b", 60), updated=NOON + timedelta(minutes=1))
    assert build_feed(NEWS, [article(), edited], RULES).updated == NOON + timedelta(minutes=1)
    removed = replace(NEWS, changed=NOON + timedelta(hours=1))
    assert build_feed(removed, [article(), edited], RULES).updated == NOON + timedelta(hours=1)
    assert build_feed(removed, [], RULES).updated == NOON + timedelta(hours=1)
    assert build_feed(NEWS, [], RULES).updated == NEVER


def test_entry_takes_over_what_the_article_says() -> None:
    source = replace(
        article(),
        authors=("Jane", "Jane", ""),
        categories=("news", "food"),
        tags=("food", "Fish & Chips"),
        language="zh_TW",
        image="https://site.example.com/a.png",
        enclosures=(Enclosure("https://site.example.com/a.mp3", "audio/mpeg"), Enclosure("https://site.example.com/x")),
    )
    entry = build_feed(NEWS, [source], RULES).entries[0]
    assert entry.link == "https://site.example.com/a.html"
    assert entry.authors == ("Jane",)
    assert entry.categories == ("news", "food", "Fish & Chips")
    assert entry.language == "zh-TW"
    assert entry.image == source.image
    assert [e.media_type for e in entry.enclosures] == ["audio/mpeg", "application/octet-stream"]
    assert not entry.edited


def test_summary_setting_and_excerpt_only_leave_the_text_out() -> None:
    short = build_feed(NEWS, [article()], replace(RULES, content="summary")).entries[0]
    assert (short.content_html, short.summary) == ("", "Summary of a")
    assert build_feed(NEWS, [replace(article(), excerpt_only=True)], RULES).entries[0].content_html == ""
    assert build_feed(NEWS, [article()], RULES).entries[0].content_html == "<p>Text of a</p>"


def test_an_entry_is_never_without_title_or_text() -> None:
    bare = replace(article(), title=" ", summary="", content_html="")
    entry = build_feed(NEWS, [bare], RULES).entries[0]
    assert entry.title == entry.summary == "a"
    note = replace(article(), title="", summary="First words of a note.\nMore.")
    assert build_feed(NEWS, [note], RULES).entries[0].title == "First words of a note. More."


def test_a_day_without_a_time_gets_microseconds_of_its_own() -> None:
    first, second = (replace(article(name), date_only=True) for name in "ab")
    feed = build_feed(NEWS, [first, second], RULES)
    one, two = feed.entries
    assert one.updated != two.updated
    assert all(entry.updated.replace(microsecond=0) == NOON and entry.published == NOON for entry in feed.entries)
    assert not one.edited
    assert build_feed(Category(slug="other"), [first], RULES).entries[0].updated == one.updated


def test_updated_is_never_before_publication() -> None:
    entry = build_feed(NEWS, [replace(article(), updated=NOON - timedelta(days=1))], RULES).entries[0]
    assert entry.updated == NOON


def test_unusable_languages_fall_back() -> None:
    assert build_feed(replace(NEWS, language="zh_Hant_TW"), [], RULES).language == "zh-Hant-TW"
    assert build_feed(replace(NEWS, language="中文"), [], RULES).language == "en"
    assert build_feed(NEWS, [], replace(RULES, language="?")).language == "en"


def test_editor_with_mail_address() -> None:
    feed = build_feed(NEWS, [], replace(RULES, author="Jane Doe <jane@example.com>"))
    assert (feed.author, feed.author_email) == ("Jane Doe", "jane@example.com")
    assert build_feed(NEWS, [], replace(RULES, author_email="jane@example.com")).author_email == ""


def test_at06_two_articles_of_one_day_differ_in_updated_and_stay_so() -> None:
    """Contract AT06: a day without a time; what really changed in the same instant is left alone."""
    day = [replace(article(name), date_only=True) for name in "abcdefgh"]
    first, again = (build_feed(NEWS, articles, RULES) for articles in (day, day[::-1]))
    assert len({entry.updated for entry in first.entries}) == 8
    assert [entry.updated for entry in first.entries] == [entry.updated for entry in again.entries]
    timed = build_feed(NEWS, [article("a"), article("b")], RULES)
    assert len({entry.updated for entry in timed.entries}) == 1


def test_rs07_only_the_newest_publication_moves_pubdate() -> None:
    """Contract RS07: `newest` is the channel's pubDate, `updated` its lastBuildDate; only what is shown counts."""
    old = article("old", 60)
    edited = replace(old, updated=NOON + timedelta(hours=1))
    before, after = build_feed(NEWS, [article(), old], RULES), build_feed(NEWS, [article(), edited], RULES)
    assert before.newest == after.newest == before.updated == NOON
    assert after.updated == NOON + timedelta(hours=1)
    unseen = build_feed(NEWS, [article(), edited], replace(RULES, max_items=1))
    assert unseen.updated == NOON


def test_f07_every_format_gets_the_same_entries() -> None:
    """Contract F07: formats render one Feed, in its order; none chooses for itself."""
    feed, rendered = fitted(build_feed(NEWS, [article(str(n), n) for n in range(9)], RULES), 3_145_728)
    assert names(feed) == [str(n) for n in range(9)]
    for one in rendered:
        places = [one.body.find(f'"tag:example.com,2026:{n}"'.encode()) for n in range(9)]
        if one.format.name != "json":
            places = [one.body.find(f">tag:example.com,2026:{n}</".encode()) for n in range(9)]
        assert -1 not in places and places == sorted(places), one.format.name


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (CategorySettings(), "news"),
        (CategorySettings(renamed={"old": "news"}), "old"),
        (CategorySettings(renamed={"first": "second", "second": "news"}), "first"),
        (CategorySettings(renamed={"旧闻": "news"}), "%E6%97%A7%E9%97%BB"),
        (CategorySettings(merged={"old": "news"}), "news"),
        (CategorySettings(renamed={"old": "middle"}, merged={"middle": "news"}), "news"),
        (CategorySettings(renamed={"z": "news", "a": "news"}), "z"),
    ],
)
def test_at02_a_renamed_category_keeps_its_feeds_id(settings: CategorySettings, name: str) -> None:
    """Contract AT02; a merged one gives its own up, and of two that become one the first written goes on."""
    rules = FeedRules.from_settings(Settings(categories=settings), "example.com,2026")
    assert build_feed(NEWS, [article()], rules).id == f"tag:example.com,2026:feed/{name}"
    assert build_feed(NEWS, [article()], rules).path == "/feeds/news"
    assert build_feed(Category(slug="other"), [], rules).id == "tag:example.com,2026:feed/other"


def test_what_the_settings_say_of_a_category() -> None:
    settings = Settings(
        public_url="https://example.com/news",
        feeds=FeedSettings(
            image="https://example.com/site.png",
            hub="https://hub.example.com/",
            browser="css",
            skip_hours=(1, 2),
            skip_days=("Sunday",),
            update_period="daily",
            update_frequency=3,
        ),
        categories=CategorySettings(
            descriptions={"news": "All that is new"},
            languages={"news": "zh_TW", "old": "fr"},
            images={"news": "https://example.com/news.png"},
            closed=("old",),
        ),
    )
    rules = FeedRules.from_settings(settings, "example.com,2026")
    news, old = (build_feed(Category(slug=slug), [], rules) for slug in ("news", "old"))
    assert (news.description, old.description) == ("All that is new", "old")
    assert (news.language, old.language) == ("zh-TW", "fr")
    assert (news.image, old.image) == ("https://example.com/news.png", "https://example.com/site.png")
    assert (news.expired, old.expired) == (False, True)
    assert news.hub_url == "https://hub.example.com/"
    assert news.stylesheet == "/news/static/feed.css"
    assert (news.skip_hours, news.skip_days) == ((1, 2), ("Sunday",))
    assert (news.update_period, news.update_frequency) == ("daily", 3)
    said = build_feed(
        Category(slug="news", description="Own", language="de", image="https://x.example/i.png"), [], rules
    )
    assert (said.description, said.language, said.image) == ("Own", "de", "https://x.example/i.png")


def test_an_entrys_picture_is_its_own_or_its_categorys_never_the_sites() -> None:
    """And the same in every feed, whichever category that is of."""
    rules = replace(
        RULES,
        image="https://example.com/site.png",
        images=(("food", "https://example.com/food.png"), ("news", "https://example.com/news.png")),
    )
    own = replace(article("own"), image="https://example.com/own.png", image_type="image/png", image_length=7)
    none = replace(article("none"), categories=("other",))
    fallback = replace(article("fallback"), categories=("other", "news", "food"))
    for category in (NEWS, Category(slug="food"), Category(slug=SITE)):
        entries = {e.title: e for e in build_feed(category, [own, none, fallback], rules).entries}
        shown = entries["Title own"]
        assert (shown.image, shown.image_type, shown.image_length) == (own.image, "image/png", 7)
        assert entries["Title none"].image == ""
        assert entries["Title fallback"].image == "https://example.com/news.png"


def test_at10_an_article_taken_from_another_feed_names_it() -> None:
    rules = replace(RULES, sources=(("青禾日报", "https://qinghe.example.com/feed.xml"),))
    known, unknown, blank = (
        replace(article(name), source=source) for name, source in (("a", "青禾日报"), ("b", "50%25 Daily"), ("c", " "))
    )
    known = replace(known, updated=NOON + timedelta(hours=1))
    first, second, third = build_feed(NEWS, [known, unknown, blank], rules).entries
    assert first.source == Source(
        id="tag:example.com,2026:source/%E9%9D%92%E7%A6%BE%E6%97%A5%E6%8A%A5",
        title="青禾日报",
        updated=NOON,
        url="https://qinghe.example.com/feed.xml",
    )
    assert second.source == Source(
        "tag:example.com,2026:source/50%25%3A25%20Daily".replace("%3A", ":"), "50%25 Daily", NOON
    )
    assert third.source is None


def test_d06_removed_entries_are_named_unless_they_are_back() -> None:
    gone = Deleted("tag:example.com,2026:gone", NOON + timedelta(hours=2))
    back = Deleted("tag:example.com,2026:a", NOON + timedelta(hours=1))
    feed = build_feed(NEWS, [article()], RULES, [gone, back])
    assert feed.deleted == (gone,)
    assert feed.updated == gone.when  # contract AT07


@pytest.mark.parametrize(("count", "total"), [(0, None), (1, None), (2, 2), (70, 70)])
def test_how_many_there_are_is_known_from_the_category(count: int, total: int | None) -> None:
    feed = build_feed(replace(NEWS, count=count), [article("a"), article("b")], RULES)
    assert feed.total == total


def test_rules_from_settings_survive_pickling() -> None:
    settings = Settings(
        public_url="https://feeds.example.com/",
        site=SiteSettings(url="https://www.site.example.com", author="Jane"),
        feeds=FeedSettings(max_items=7, content="summary", cache_seconds=60),
    )
    rules = FeedRules.from_settings(settings, "site.example.com,2026")
    assert rules.public_base == "https://feeds.example.com"
    assert rules.title == "www.site.example.com"
    assert (rules.max_items, rules.content, rules.cache_seconds) == (7, "summary", 60)
    assert pickle.loads(pickle.dumps(rules)) == rules


def test_equal_settings_make_rules_that_print_the_same() -> None:
    """Their text decides whether everything is rendered anew (F06), so no order of writing may show in it."""

    def rules(*slugs: str) -> FeedRules:
        categories = CategorySettings.model_validate(
            {
                "descriptions": {slug: slug for slug in slugs},
                "rights": {slug: {"text": "summary"} for slug in slugs},
                "closed": slugs,
            }
        )
        windows = {slug: {"items": 3} for slug in slugs}
        feeds = FeedSettings.model_validate({"windows": windows, "sources": dict.fromkeys(slugs, "https://x.example/")})
        return FeedRules.from_settings(Settings(categories=categories, feeds=feeds), "example.com,2026")

    assert repr(rules("a", "b", "c")) == repr(rules("c", "a", "b"))
    assert repr(rules("a", "b")) != repr(rules("a", "c"))
    assert pickle.loads(pickle.dumps(rules("b", "a"))) == rules("a", "b")

"""Articles become a Feed."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.build import NEVER, FeedRules, build_feed
from feedsvc.settings import FeedSettings, Settings, SiteSettings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NEWS = Category(slug="news", title="The News")
RULES = FeedRules(
    public_base="https://feeds.example.com", authority="example.com,2026", title="Example Press", language="en"
)


def article(name: str = "a", minutes: int = 0) -> Article:
    """An article published so many minutes before noon."""
    published = NOON - timedelta(minutes=minutes)
    return Article(
        id=f"tag:example.com,2026:{name}",
        identity=name,
        slug=name,
        title=f"Title {name}",
        published=published,
        updated=published,
        content_html=f"<p>Text of {name}</p>",
        summary=f"Summary of {name}",
        canonical_url=f"https://site.example.com/{name}.html",
        path=f"/{name}.html",
        order_key=f"_posts/{name}.md",
        source_key=f"site/_posts/{name}.md",
        digest=name,
    )


def ids(articles: list[Article], rules: FeedRules = RULES) -> list[str]:
    return [entry.id.rpartition(":")[2] for entry in build_feed(NEWS, articles, rules).entries]


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

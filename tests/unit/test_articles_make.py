"""From draft to article: dates, addresses, summaries, problems, and what the digest notices."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from feedsvc.articles.article import Article, Status
from feedsvc.articles.attachments import media_type
from feedsvc.articles.make import ArticleRules, Made, language_tag, make_article, order_key
from feedsvc.content.draft import Draft, Enclosure, FileName, Severity, Tier
from feedsvc.errors import SettingsError
from feedsvc.settings import Settings

RULES = ArticleRules(
    authority="kites.example,2026", site_base="https://kites.example/news", zone="Asia/Shanghai", language="zh-CN"
)
DRAFT = Draft(
    key="site/_posts/2026-01-04-NW1.md",
    name=FileName("_posts/2026-01-04-NW1.md", (), date(2026, 1, 4), "NW1", ".md"),
    tier=Tier.LIVE,
    body="<p>The wind rose. Kites went up.</p>\n\n*More.*",
    title="Kite day",
    date=datetime(2026, 1, 3, 23, 30, tzinfo=UTC),
    categories=("wind",),
    tags=("weather",),
)


def make(draft: Draft = DRAFT, rules: ArticleRules = RULES, identity: str = "NW1") -> Article:
    made = make_article(draft, identity, rules)
    assert made.problems == ()
    return made.article


def test_an_article() -> None:
    article = make()
    assert article.id == "tag:kites.example,2026:NW1"
    assert (article.identity, article.slug, article.title) == ("NW1", "NW1", "Kite day")
    assert article.path == "/wind/2026/01/04/NW1.html"
    assert article.canonical_url == "https://kites.example/news/wind/2026/01/04/NW1.html"
    assert article.content_html == "<p>The wind rose. Kites went up.</p>\n<p><em>More.</em></p>"
    assert article.summary == "The wind rose. Kites went up."
    assert article.published == article.updated == DRAFT.date
    assert (article.order_key, article.source_key) == ("_posts/2026-01-04-NW1.md", DRAFT.key)
    assert (article.language, article.status, article.in_feeds) == ("zh-CN", Status.PUBLISHED, True)


def test_the_slug_is_the_identitys_last_part() -> None:
    assert make(identity="en/hello@2026-01-04").slug == "hello@2026-01-04"


def test_relative_addresses_start_from_the_articles_own_page() -> None:
    assert (
        'href="https://kites.example/news/wind/2026/01/04/b.html"'
        in make(replace(DRAFT, body="[a](b.html)")).content_html
    )


def test_updated_is_never_before_published() -> None:
    """Contract AT07."""
    assert DRAFT.date
    later = DRAFT.date + timedelta(days=1)
    assert make(replace(DRAFT, updated=later)).updated == later
    assert make(replace(DRAFT, updated=DRAFT.date - timedelta(days=1))).updated == DRAFT.date


def test_a_draft_without_date_takes_that_of_its_name_or_file() -> None:
    assert make(replace(DRAFT, date=None)).published == datetime(2026, 1, 3, 16, tzinfo=UTC)
    mtime = datetime(2026, 2, 1, tzinfo=UTC)
    undated = replace(DRAFT, date=None, mtime=mtime, name=replace(DRAFT.name, file_date=None))
    assert make(undated).published == mtime


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"description": "<b>D</b> desc", "excerpt": "E"}, "D desc"),
        ({"excerpt": "E *exc* <b>x</b>"}, "E *exc* x"),
        ({"excerpt": ""}, ""),
        ({"body": "First *para* [l][1].\nStill.\n\nSecond.\n\n[1]: http://e.example/"}, "First para l. Still."),
        ({"body": "One.\r\n\r\nTwo."}, "One."),
        ({"body": "One.\n\nTwo.\n<!--more-->\nThree.", "excerpt_separator": "<!--more-->"}, "One. Two."),
        ({"body": "One.\n\nTwo.", "excerpt_separator": ""}, "One. Two."),
        ({"body": "![](/a.png)\n\nWords."}, "Words."),
        ({"body": "<script>x</script>\n\nWords."}, "Words."),
        ({"body": "<p>一。</p>\n <p>二。</p>"}, "一。 二。"),
        ({"body": "风。" * 300}, "风。" * 100),
        ({"description": "风。" * 300}, "风。" * 100),
        ({"body": ""}, ""),
    ],
)
def test_summaries(changes: dict[str, str], summary: str) -> None:
    assert make(replace(DRAFT, **changes)).summary == summary  # type: ignore[arg-type]


def test_an_untitled_note_is_named_by_its_first_words() -> None:
    """Contract RS16."""
    assert make(replace(DRAFT, title="")).title == "The wind rose. Kites went up. More."
    assert make(replace(DRAFT, title=None)).title == "Nw1"


def test_authors_and_languages_have_defaults() -> None:
    rules = replace(RULES, author="Desk")
    assert make(rules=rules).authors == ("Desk",)
    assert make(replace(DRAFT, authors=("Lin",), language="en_GB"), rules).authors == ("Lin",)
    assert make(replace(DRAFT, language="en_GB")).language == "en-GB"
    assert make(replace(DRAFT, language="not a language")).language == "zh-CN"


def test_who_reported_it_is_the_author_where_nobody_is_named() -> None:
    rules, body = replace(RULES, author="Desk"), "<p>Wind.</p><p>（文章来源：澜川晚报）</p>"
    article = make(replace(DRAFT, body=body), rules)
    assert (article.source, article.authors) == ("澜川晚报", ("澜川晚报",))
    assert "（文章来源：澜川晚报）" in article.content_html
    article = make(replace(DRAFT, body=body, authors=("Lin",)), rules)
    assert (article.source, article.authors) == ("澜川晚报", ("Lin",))
    assert (make(rules=rules).source, make().authors) == ("", ())


def test_names_have_no_markup() -> None:
    """Contract RS04."""
    article = make(
        replace(
            DRAFT, tags=("<b>R&amp;D</b>", "a <b", "R&amp;D", "<i></i>"), authors=("<a href='/x'>Lin</a>", "L <l@x.io>")
        ),
        replace(RULES, author="<b>Desk</b>"),
    )
    assert article.tags == ("R&D", "a <b", "R&amp;D")
    assert article.authors == ("Lin", "L <l@x.io>")
    assert make(replace(DRAFT, categories=("<b>wind</b>", "sky"))).categories == ("wind", "sky")
    assert make(rules=replace(RULES, author="<b>Desk</b>")).authors == ("Desk",)


def test_moved_and_removed_categories() -> None:
    """Contract M01, M04, ID01: the articles go along, and only their categories change."""
    draft = replace(DRAFT, categories=("wind", "sky", "gale", "storm"))
    moved = make(draft, replace(RULES, moves={"gale": "wind", "sky": "air"}, removed=("storm",)))
    before = make(draft)
    assert moved.categories == ("wind", "air")
    assert moved == replace(before, categories=("wind", "air"), digest=moved.digest)
    assert moved.digest != before.digest


@pytest.mark.parametrize(
    ("text", "tag"),
    [("zh_TW", "zh-TW"), ("zh-Hant-TW", "zh-Hant-TW"), ("en_GB.UTF-8", "en-GB"), ("C", ""), ("", ""), ("e n", "")],
)
def test_language_tags(text: str, tag: str) -> None:
    """Contract RS05."""
    assert language_tag(text) == tag


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ("/i.png", "https://kites.example/news/i.png"),
        ("i.png", "https://kites.example/news/i.png"),
        ("//cdn.example/i.png", "https://cdn.example/i.png"),
        ("http://cdn.example/图.png", "http://cdn.example/%E5%9B%BE.png"),
    ],
)
def test_images_are_absolute(image: str, url: str) -> None:
    """As in jekyll-feed, except for `//host`, which it gets wrong (jekyll-compat 6.5)."""
    assert make(replace(DRAFT, image=image)).image == url


def test_enclosures_are_absolute_and_have_a_type() -> None:
    given = (Enclosure("/a.mp3", "", 5), Enclosure("https://c.example/b.xyz", "", -1), Enclosure("/c", "video/mp4"))
    assert make(replace(DRAFT, enclosures=given)).enclosures == (
        Enclosure("https://kites.example/a.mp3", "audio/mpeg", 5),
        Enclosure("https://c.example/b.xyz", "application/octet-stream", None),
        Enclosure("https://kites.example/c", "video/mp4", None),
    )
    assert media_type("https://c.example/A.JPG?x=1.png") == "image/jpeg"


def test_addresses_that_are_none_are_left_out_and_told() -> None:
    made = make_article(replace(DRAFT, image="javascript:x", enclosures=(Enclosure("ftp://x/"),)), "NW1", RULES)
    assert (made.article.image, made.article.enclosures) == ("", ())
    assert [(p.code, p.field, p.key) for p in made.problems] == [
        ("address.invalid", "image", DRAFT.key),
        ("address.invalid", "enclosures", DRAFT.key),
    ]


@pytest.mark.parametrize(
    "url", ["https://kites.example/elsewhere", "/elsewhere", "https://KITES.example:443/x", "https://old.example/x"]
)
def test_a_canonical_address_of_the_sites_hosts_is_used(url: str) -> None:
    """Contract S08."""
    article = make(replace(DRAFT, canonical_url=url), replace(RULES, hosts=("old.example",)))
    assert article.canonical_url != make().canonical_url
    assert article.path == make().path


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "//evil.example/",
        "https://kites.example@evil.example/",
        "https://kites.example.evil.example/",
        "javascript:alert(1)",
    ],
)
def test_a_foreign_canonical_address_is_refused_and_told(url: str) -> None:
    """Contract S08: no open redirect."""
    made = make_article(replace(DRAFT, canonical_url=url), "NW1", RULES)
    assert made.article.canonical_url == make().canonical_url
    (problem,) = made.problems
    assert (problem.code, problem.severity, problem.field) == ("canonical.foreign", Severity.WARNING, "canonical_url")
    assert problem.repair == f"canonical_url: {make().canonical_url}"


def test_a_permalink_with_an_unknown_placeholder_is_told() -> None:
    made = make_article(replace(DRAFT, permalink="/:nope/x"), "NW1", RULES)
    assert made.article.path == make().path
    assert [p.code for p in made.problems] == ["permalink.unknown"]


@pytest.mark.parametrize(
    ("path", "folders", "key"),
    [
        ("_posts/2026-01-04-NW1.md", (), "_posts/2026-01-04-NW1.md"),
        ("2026-01-04-NW1.md", (), "_posts/2026-01-04-NW1.md"),
        ("en/_posts/sub/x.md", ("en",), "en/_posts/sub/x.md"),
        ("en/x.md", ("en",), "en/_posts/x.md"),
        ("_drafts/x.md", (), "_drafts/x.md"),
    ],
)
def test_order_keys_survive_a_move_to_the_archive(path: str, folders: tuple[str, ...], key: str) -> None:
    assert order_key(replace(DRAFT, name=replace(DRAFT.name, path=path, folders=folders))) == key


def test_a_move_changes_nothing_for_readers() -> None:
    moved = replace(
        DRAFT, key="old_post/x.md", tier=Tier.ARCHIVE, name=replace(DRAFT.name, path="2026-01-04-NW1.md"),
        mtime=datetime(2030, 1, 1, tzinfo=UTC), front_matter={"layout": "post"},
    )  # fmt: skip
    article = make(moved)
    assert article.digest == make().digest
    assert article == replace(make(), source_key="old_post/x.md")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Kite night"},
        {"body": "<p>The wind fell.</p>"},
        {"body": DRAFT.body.replace("<p>", "<p> ")},
        {"description": "Another"},
        {"date": datetime(2026, 1, 3, 23, 31, tzinfo=UTC)},
        {"updated": datetime(2026, 2, 1, tzinfo=UTC)},
        {"date_only": True},
        {"authors": ("A",)},
        {"categories": ("wind", "sky")},
        {"tags": ("weather", "sky")},
        {"language": "en"},
        {"image": "/i.png"},
        {"enclosures": (Enclosure("/a.mp3"),)},
        {"enclosures": (Enclosure("/a.mp3", "", 1),)},
        {"draft": True},
        {"excerpt_only": True},
        {"permalink": "/x"},
    ],
)
def test_the_digest_notices_whatever_a_reader_sees(changes: dict[str, object]) -> None:
    assert make(replace(DRAFT, **changes)).digest != make().digest  # type: ignore[arg-type]


def test_a_digest_stays_what_it_is() -> None:
    """Another one would make every article of every site count as changed."""
    assert make().digest == "60cda536cc3352c008cc7abcfd79d3dc51989d42"


def test_the_digest_tells_neighbours_apart() -> None:
    one, two = replace(DRAFT, tags=("a", "b"), authors=()), replace(DRAFT, tags=("b",), authors=("a",))
    assert make(one).digest != make(two).digest
    assert make(replace(DRAFT, tags=("ab",))).digest != make(replace(DRAFT, tags=("a", "b"))).digest


def test_what_readers_do_not_see_changes_nothing() -> None:
    """Contract ID05: identical text in another spelling of the file is the same article."""
    assert make(replace(DRAFT, body=DRAFT.body + "\n\n<>\n", share_code="x"), replace(RULES, strip_tail=("<>",))) == (
        make()
    )


def test_rules_and_articles_travel_between_processes() -> None:
    assert pickle.loads(pickle.dumps(RULES)) == RULES
    made = make_article(DRAFT, "NW1", RULES)
    assert pickle.loads(pickle.dumps(made)) == made == Made(make())


def test_rules_from_settings() -> None:
    settings = Settings.model_validate(
        {
            "site": {
                "url": "https://风筝.example/",
                "baseurl": "/news/",
                "language": "zh_TW",
                "permalink": "pretty",
                "author": "Desk",
                "hosts": ["Old.example"],
            },
            "feeds": {"summary_chars": 50, "authors": True},
            "categories": {
                "renamed": {"b": "Cafe\u0301", "a": "b"},
                "merged": {"d": "a"},
                "removed": ["z", "y"],
            },
        }
    )
    rules = ArticleRules.from_settings(settings, "kites.example,2026")
    assert rules.site_base == "https://xn--xxzx61d.example/news"
    assert (rules.language, rules.permalink, rules.author) == ("zh-TW", "pretty", "Desk")
    assert rules.moves == {"a": "Café", "b": "Café", "d": "Café"} and list(rules.moves) == ["a", "b", "d"]
    assert (rules.removed, rules.label_tags, rules.label_authors) == (("y", "z"), False, True)
    assert (rules.hosts, rules.summary_chars, rules.strip_tail) == (("old.example",), 50, settings.content.strip_tail)


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("site", "permalink", "/:nope"),
        ("site", "url", "https://a b.example"),
        ("content", "strip_tail", ("(",)),
    ],
)
def test_settings_that_cannot_be_followed_are_named(section: str, field: str, value: object) -> None:
    settings = Settings.model_validate({section: {field: value}})
    with pytest.raises(SettingsError, match=rf"{section}\.{field}"):
        ArticleRules.from_settings(settings, "kites.example,2026")

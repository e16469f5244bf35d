"""Permalinks: every built-in style, every placeholder, and what is escaped (jekyll-compat section 2)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from feedsvc.articles.permalink import (
    STYLES,
    UnknownPlaceholder,
    canonical_url,
    check_template,
    output_ext,
    page_path,
    slugify,
    titleize,
)
from feedsvc.content.draft import Draft, FileName, Tier

# 16:05:09 UTC on the 3rd is the 4th in Shanghai; 2026-01-04 is a Sunday in ISO week 1 of 2026.
PUBLISHED = datetime(2026, 1, 3, 16, 5, 9, tzinfo=UTC)


def draft(
    slug: str = "Kite-Day", *, ext: str = ".md", categories: tuple[str, ...] = ("Wind", "sky"), permalink: str = ""
) -> Draft:
    name = FileName(f"_posts/2026-01-03-{slug}{ext}", (), date(2026, 1, 3), slug, ext)
    return Draft(key="k", name=name, tier=Tier.LIVE, body="", categories=categories, permalink=permalink)


def path(style: str, **fields: object) -> str:
    return page_path(draft(**fields), PUBLISHED, "Asia/Shanghai", style)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("date", "/wind/sky/2026/01/04/Kite-Day.html"),
        ("pretty", "/wind/sky/2026/01/04/Kite-Day/"),
        ("ordinal", "/wind/sky/2026/004/Kite-Day.html"),
        ("weekdate", "/wind/sky/2026/W01/Sun/Kite-Day.html"),
        ("none", "/wind/sky/Kite-Day.html"),
    ],
)
def test_built_in_styles(style: str, expected: str) -> None:
    assert path(style) == expected
    assert style in STYLES


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/:year/:short_year/:month/:i_month/:day/:i_day", "/2026/26/01/1/04/4"),
        ("/:short_month/:long_month/:short_day/:long_day", "/Jan/January/Sun/Sunday"),
        ("/:y_day/:week/:w_year/:w_day", "/004/01/2026/7"),
        ("/:hour-:minute-:second", "/00-05-09"),
        ("/:title/:slug/:name:output_ext", "/Kite-Day/kite-day/2026-01-03-kite-day.html"),
        ("/:collection/:slugified_categories/x", "/posts/wind/sky/x"),
        ("/:month_:day/:title", "/01_04/Kite-Day"),
        ("blog//:title", "/blog/Kite-Day"),
        ("/a/../b/./:title", "/a/b/Kite-Day"),
    ],
)
def test_placeholders(template: str, expected: str) -> None:
    assert path(template) == expected


def test_the_years_of_weeks_are_iso_years() -> None:
    published = datetime(2025, 12, 30, 12, tzinfo=UTC)
    assert page_path(draft(), published, "UTC", "/:year/:w_year/:week") == "/2025/2026/01"


def test_a_permalink_of_its_own_goes_first() -> None:
    assert path("date", permalink="/新闻/a b.html") == "/%E6%96%B0%E9%97%BB/a%20b.html"
    assert path("date", permalink="x/:title-:year") == "/x/Kite-Day-2026"
    assert path("date", permalink="/done/%E6%96%B0/50%?a#b") == "/done/%E6%96%B0/50%25%3Fa%23b"


@pytest.mark.parametrize("template", ["/:nope/x", "/:titles", "/:year_s"])
def test_unknown_placeholders_are_refused(template: str) -> None:
    with pytest.raises(UnknownPlaceholder):
        check_template(template)
    with pytest.raises(UnknownPlaceholder):
        path("date", permalink=template)


def test_categories_are_lower_cased_joined_and_named_once() -> None:
    assert path("none", categories=("TechWeb", "Techweb", "a b", "财经(香港)")) == (
        "/techweb/a%20b/%E8%B4%A2%E7%BB%8F(%E9%A6%99%E6%B8%AF)/Kite-Day.html"
    )
    assert path("/:slugified_categories/:title", categories=("a b (c)", "A B C")) == "/a-b-c/Kite-Day"
    assert path("none", categories=()) == "/Kite-Day.html"


def test_a_slug_in_the_front_matter_replaces_the_file_name() -> None:
    given = draft("2-other")
    assert page_path(given, PUBLISHED, "UTC", "/:title") == "/2-other"
    name = given.name
    own = Draft(key="k", name=name, tier=Tier.LIVE, body="", slug="My Own")
    assert page_path(own, PUBLISHED, "UTC", "/:title") == "/My-Own"


@pytest.mark.parametrize(
    ("text", "pretty", "plain"),
    [
        ("Hello  big World", "Hello-big-World", "hello-big-world"),
        ("--a--b--", "a-b", "a-b"),
        ("a!b$c&d'e(f)_g.h~", "a!b$c&d'e(f)_g.h~", "a-b-c-d-e-f-g-h"),
        ("快讯：风（一）－①", "快讯-风-一", "快讯-风-一"),
        ("e\u0301t\u00e9", "e\u0301t\u00e9", "e\u0301t\u00e9"),
        ("😀", "", ""),
    ],
)
def test_slugify(text: str, pretty: str, plain: str) -> None:
    assert slugify(text, pretty=True) == pretty
    assert slugify(text) == plain


@pytest.mark.parametrize(
    ("ext", "expected"),
    [(".md", ".html"), (".MD", ".html"), (".mkdn", ".html"), (".html", ".html"), (".txt", ".txt"), ("", "")],
)
def test_output_extensions(ext: str, expected: str) -> None:
    assert output_ext(ext) == expected


def test_titles_from_slugs() -> None:
    assert titleize("high-WINDS-2026") == "High Winds 2026"
    assert titleize("wait...") == "Wait"


def test_years_have_four_digits() -> None:
    assert page_path(draft(), datetime(21, 1, 5, 12, tzinfo=UTC), "UTC", "/:year") == "/0021"


def test_canonical_address() -> None:
    assert canonical_url("https://kites.example/blog", "/a/b.html") == "https://kites.example/blog/a/b.html"

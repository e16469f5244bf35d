"""From a file to a Draft: every field, every mend, every reason to hide or to quarantine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from feedsvc.content.draft import ContentFile, Draft, Enclosure, Problem, Severity, Tier
from feedsvc.content.file_name import parse_name
from feedsvc.content.parse import Parsed, ParseRules, parse
from feedsvc.settings import Settings

MTIME = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
WHOLE = ParseRules(split="whole")
AUTHORS = ParseRules(authors={"lin": ("林小雨", "lin@example.com"), "bo": ("", "bo@example.com")})


def read(
    front: str, path: str = "_posts/2021-12-23-x.md", body: str = "Body\n", rules: ParseRules | None = None
) -> Parsed:
    return read_bytes(f"---\n{front}\n---\n{body}".encode(), path, rules)


def read_bytes(data: bytes, path: str = "_posts/2021-12-23-x.md", rules: ParseRules | None = None) -> Parsed:
    name = parse_name(path, jekyll=path.startswith("_"))
    assert name is not None
    mtime_ns = int(MTIME.timestamp()) * 1_000_000_000 + 999
    return parse(ContentFile(f"r/{path}", name, Tier.LIVE, data, mtime_ns), rules or ParseRules())


def draft(front: str, **more: Any) -> Draft:
    found = read(front, **more).draft
    assert found is not None
    return found


def problem(parsed: Parsed) -> Problem:
    (only,) = parsed.problems
    assert only.key == parsed.key
    return only


def test_a_post_of_the_sample_site_s_kind() -> None:
    front = (
        'layout: post\ntitle: "晨光晚报：晴"\ndate: 2021-12-23 07:25:33 +0800\ncategories: chenguang\ntags: 晨光新闻'
    )
    parsed = read(front, path="_posts/2021-12-23-NW202112232223133876.md", body="<p>正文</p>\n")
    assert parsed.problems == ()
    assert parsed.draft == Draft(
        key="r/_posts/2021-12-23-NW202112232223133876.md",
        name=parsed.draft.name if parsed.draft else None,  # type: ignore[arg-type]
        tier=Tier.LIVE,
        body="<p>正文</p>\n",
        title="晨光晚报：晴",
        date=datetime(2021, 12, 22, 23, 25, 33, tzinfo=UTC),
        categories=("chenguang",),
        tags=("晨光新闻",),
        mtime=MTIME,
        front_matter={"layout": "post"},
    )


@pytest.mark.parametrize(
    ("front", "categories", "primary"),
    [
        ("categories: a b", ("a", "b"), ""),
        ("categories: a, b", ("a,", "b"), ""),
        ("categories: 甲\u3000乙\xa0丙", ("甲\u3000乙\xa0丙",), ""),
        ("categories: [a b, 'c', 360, NO, ~, '']", ("a b", "c", "360", "NO"), ""),
        ("categories: NO", ("NO",), ""),
        ("categories: 2021", ("2021",), ""),
        ("categories:\n- a b\n- c", ("a b", "c"), ""),
        ("categories: one two\ncategory: one", ("one", "two"), "one"),
        ("category: a b\ncategories: [c]", ("c", "a b"), "a b"),
        ("category: [a b, c]", ("a b", "c"), ""),
        ("categories:", (), ""),
        ("categories: [TechWeb, Techweb, TechWeb]", ("TechWeb", "Techweb"), ""),
        ("categories: cafe\u0301", ("café",), ""),
    ],
)
def test_categories(front: str, categories: tuple[str, ...], primary: str) -> None:
    found = draft(front)
    assert (found.categories, found.primary_category) == (categories, primary)


def test_folders_come_first_and_the_split_is_a_switch() -> None:
    assert draft("categories: extra News", path="_posts/sub/2021-12-23-x.md").categories == ("extra", "News")
    name = parse_name("News/ko/_posts/2021-12-23-x.md", jekyll=True)
    assert name is not None
    nested = parse(ContentFile("k", name, Tier.LIVE, b"---\ncategories: extra ko\n---\n", 0), ParseRules()).draft
    assert nested is not None
    assert nested.categories == ("News", "ko", "extra")
    assert draft("categories: 21 shiji bao\ntags: 世纪 报", rules=WHOLE).categories == ("21 shiji bao",)
    assert draft("categories: 21 shiji bao\ntags: 世纪 报", rules=WHOLE).tags == ("世纪 报",)


def test_tags() -> None:
    assert draft("tags: a b").tags == ("a", "b")
    assert draft("tag: a b\ntags: c").tags == ("a b",)
    assert draft("tags: [a b, 3]").tags == ("a b", "3")
    assert draft("tags:").tags == ()


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("x: 1", None),
        ("title:", None),
        ("title: ~", None),
        ('title: ""', ""),
        ("title: yes", "yes"),
        ("title: 007", "007"),
        ("title: 2021-12-08", "2021-12-08"),
        ('title: "null"', "null"),
        (r'title: "a\u2028\x07b"', "a\u2028b"),
        ("title: >-\n  two\n  lines", "two lines"),
    ],
)
def test_titles(front: str, title: str | None) -> None:
    assert draft(front).title == title


def test_a_title_that_is_no_text_is_told() -> None:
    parsed = read("title: [a, b]")
    assert parsed.draft is not None
    assert parsed.draft.title == "a, b"
    found = problem(parsed)
    assert (found.code, found.field, found.line, found.repair) == ("field.not-text", "title", 2, "title: 'a, b'")


@pytest.mark.parametrize(
    ("front", "authors"),
    [
        ("author: 张三", ("张三",)),
        ("authors: [Rene\u0301, René]", ("René",)),
        ("author: lin", ("林小雨",)),
        ("author: bo", ("bo",)),
        ("author: {name: N, email: e@example.com}", ("N",)),
        ("authors: [A One, lin]", ("A One", "林小雨")),
        ("author: [A, {name: B}]", ("A", "B")),
        ("author: A\nauthors: [B]", ("A",)),
        ("author:", ()),
    ],
)
def test_authors(front: str, authors: tuple[str, ...]) -> None:
    assert draft(front, rules=AUTHORS).authors == authors


def test_the_other_fields() -> None:
    found = draft(
        "id: 'NW 1'\nslug: My Own\npermalink: /a/:title\ndescription: D\nexcerpt: E\nexcerpt_separator: <!--more-->\n"
        "lang: en-GB\nimage: {path: /i.png}\nshare_code: abc\ncanonical_url: https://example.com/a\n"
        "feed: {excerpt_only: true}\ndraft: true\nlast_modified_at: 2022-01-01\nsource: {name: N, when: ~}\n"
        "enclosure: https://cdn.example/a.mp3\nenclosures:\n- {url: /b.mp3, type: audio/mpeg, length: 1234}\n"
        "- {length: 1}"
    )
    assert found.explicit_id == "NW 1"
    assert (found.slug, found.permalink, found.description, found.excerpt) == ("My Own", "/a/:title", "D", "E")
    assert (found.excerpt_separator, found.language, found.image) == ("<!--more-->", "en-GB", "/i.png")
    assert (found.share_code, found.canonical_url) == ("abc", "https://example.com/a")
    assert (found.excerpt_only, found.draft) == (True, True)
    assert found.updated == datetime(2021, 12, 31, 16, tzinfo=UTC)
    assert found.enclosures == (Enclosure("https://cdn.example/a.mp3"), Enclosure("/b.mp3", "audio/mpeg", 1234))
    assert found.front_matter == {"feed": {"excerpt_only": "true"}, "source": {"name": "N", "when": None}}


def test_absent_and_empty_are_different_where_it_matters() -> None:
    assert draft("x: 1").excerpt_separator is None
    assert draft("excerpt_separator:").excerpt_separator == ""
    assert draft("x: 1").excerpt is None
    assert draft("excerpt: ''").excerpt == ""


@pytest.mark.parametrize("value", ["false", "no", "off", "", "~", "False"])
def test_published_false_hides(value: str) -> None:
    parsed = read(f"published: {value}")
    assert (parsed.draft, parsed.hidden, parsed.problems) == (None, True, ())


@pytest.mark.parametrize("value", ["true", "0", "'false'", "maybe"])
def test_anything_else_does_not_hide(value: str) -> None:
    parsed = read(f"published: {value}")
    assert parsed.draft is not None
    assert not parsed.hidden
    assert [found.code for found in parsed.problems] == (["published.quoted"] if "false" in value else [])


def test_drafts_are_hidden_unless_wanted() -> None:
    assert read("title: a", path="_drafts/idea.md").hidden
    shown = read("title: a", path="_drafts/idea.md", rules=ParseRules(show_drafts=True))
    assert shown.draft is not None
    assert (shown.draft.date, shown.problems) == (MTIME, ())


FROM_NAME = ("2021-12-22T16:00:00", True, "the file's name", "date: 2021-12-23")
FROM_ID = ("2021-12-21T16:00:00", True, "its id", "date: 2021-12-22")
FROM_FILE = ("2024-05-06T07:08:09", False, "the file's time", "date: 2024-05-06 15:08:09 +0800")


@pytest.mark.parametrize(
    ("front", "path", "code", "guess"),
    [
        ("date:", "_posts/2021-12-23-x.md", "date.unreadable", FROM_NAME),
        ("date: [soon]", "_posts/2021-12-23-x.md", "date.unreadable", FROM_NAME),
        ("date:  +0800", "_posts/-202112222391921712.md", "date.unreadable", FROM_ID),
        ("x: 1", "NW202112222233133876.md", "date.missing", FROM_ID),
        ("id: NW202112222233133876", "hello.md", "date.missing", FROM_ID),
        ("date: soon", "hello.md", "date.unreadable", FROM_FILE),
        ("x: 1", "_posts/2021-13-01-x.md", "date.missing", FROM_FILE),
        ("x: 1", "NW999912222233133876.md", "date.missing", FROM_FILE),
    ],
)
def test_dates_that_must_be_guessed(front: str, path: str, code: str, guess: tuple[str, bool, str, str]) -> None:
    parsed = read(front, path=path)
    assert parsed.draft is not None
    assert (parsed.draft.date, parsed.draft.date_only) == (datetime.fromisoformat(guess[0] + "+00:00"), guess[1])
    (found,) = (found for found in parsed.problems if found.field == "date")
    assert (found.severity, found.code) == (Severity.WARNING, code)
    assert found.repair == guess[3]
    assert found.params == {"source": guess[2], "taken": guess[3].removeprefix("date: ")}
    assert found.line == (2 if code == "date.unreadable" else 0)


def test_without_a_date_the_name_s_date_is_no_problem() -> None:
    parsed = read("x: 1")
    assert parsed.draft is not None
    assert (parsed.draft.date, parsed.draft.date_only) == (datetime(2021, 12, 22, 16, tzinfo=UTC), True)
    assert parsed.problems == ()


def test_odd_dates_are_told() -> None:
    assert problem(read("date: 2021年12月8日 07:25")).repair == "date: 2021-12-08 07:25:00 +0800"
    assert problem(read("last_modified_at: soon")).code == "date.unreadable"
    old = problem(read("date: 1989-12-31 23:59:59 +0800"))
    assert (old.code, old.severity, old.line) == ("date.implausible", Severity.NOTE, 2)
    assert read("date: 1990-01-01 00:00:00 +0800").problems == ()


def test_a_name_that_jekyll_skips_is_told() -> None:
    found = read("date: 2021-12-23 07:25:33 +0800", path="_posts/NW202112232223133876.md")
    assert problem(found).code == "name.no-date"
    assert read("date: 2021-12-23 07:25:33 +0800", path="NW202112232223133876.md").problems == ()


def test_front_matter_that_cannot_be_read_is_quarantined_with_the_line() -> None:
    parsed = read("- a\n- b")
    assert (parsed.draft, parsed.hidden) == (None, False)
    found = problem(parsed)
    assert (found.severity, found.code, found.line) == (Severity.ERROR, "front-matter.invalid", 2)


def test_a_repaired_line_is_told_with_the_right_one() -> None:
    found = problem(read('layout: post\ntitle: "他说"好"了"'))
    assert (found.severity, found.code, found.line, found.field) == (
        Severity.WARNING,
        "front-matter.repaired",
        3,
        "title",
    )
    assert found.repair == """title: '他说"好"了'"""


@pytest.mark.parametrize(
    ("data", "code", "title"),
    [
        (b"", "body.empty", None),
        (b" \n\n", "body.empty", None),
        (b"---\ntitle: a\nBody\n", "front-matter.unclosed", None),
        (b"\n---\ntitle: a\n---\nBody\n", "front-matter.not-first", None),
        ("---\ntitle: 今日天气晴朗\n---\n城东的集市开张\n".encode("gb18030"), "encoding.converted", "今日天气晴朗"),
        (b"---\ntitle: a\x07b\n---\nBody\n", "text.control-characters", "ab"),
    ],
)
def test_files_that_are_published_and_flagged(data: bytes, code: str, title: str | None) -> None:
    parsed = read_bytes(data)
    assert problem(parsed).code == code
    assert parsed.draft is not None
    assert parsed.draft.title == title


def test_bytes_that_are_no_text_are_quarantined() -> None:
    found = problem(read_bytes(b"---\ntitle: caf\xe9\n---\n"))
    assert (found.severity, found.code, found.line) == (Severity.ERROR, "encoding.unknown", 2)


def test_f03_control_characters_in_the_body() -> None:
    """contract F03"""
    parsed = read("title: a", body="a\x01b\x0bc\ufffed\r\n")
    assert parsed.draft is not None
    assert parsed.draft.body == "ab cd\n"
    assert (problem(parsed).line, problem(parsed).params) == (4, {"count": "3"})


def test_liquid_is_not_run() -> None:
    assert draft("title: a", body="{% raw %}{{ x }}{% endraw %}\n").body == "{{ x }}\n"
    parsed = read("title: a", body="one\n\n{{ page.title }}\n")
    assert parsed.draft is not None
    assert parsed.draft.body == "one\n\n{{ page.title }}\n"
    assert (problem(parsed).code, problem(parsed).severity, problem(parsed).line) == (
        "liquid.not-run",
        Severity.NOTE,
        6,
    )


def test_rules_come_from_the_settings() -> None:
    assert ParseRules.from_settings(Settings()) == ParseRules()
    settings = Settings.model_validate({"categories": {"split": "whole"}, "site": {"timezone": "Europe/Paris"}})
    rules = ParseRules.from_settings(settings, {"a": ("A", "")})
    assert (rules.split, rules.zone, rules.authors) == ("whole", "Europe/Paris", {"a": ("A", "")})

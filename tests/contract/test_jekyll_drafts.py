"""Every case of Jekyll's behaviour that needs no page address: dates, categories, tags, titles, what is skipped.

`expected.json` is what Jekyll 4.3.1 with jekyll-feed 0.17.0 made of the same folder. What we decide differently stands
in DEVIATIONS, with the reason.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from feedsvc.content.draft import Draft, Severity, Tier
from feedsvc.content.jekyll_config import read_authors
from feedsvc.content.parse import Parsed, ParseRules, parse
from feedsvc.content.source import Root, read, scan

CASES = Path(__file__).parents[2].parent / "shared" / "jekyll-cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the Jekyll cases are not at hand")

# a post with one of these flags is one where Jekyll itself goes wrong
DECIDED_OTHERWISE = {"fm_failed", "link_is_not_the_page", "illegal_xml_chars", "liquid_rendered"}

# rule -> (what differs, what we say instead, why)
DEVIATIONS: dict[str, tuple[str, object, str]] = {
    "cat.number_list": ("categories", ["2021", "3.5", "true", "2021-01-02"], "no empty name, no name twice"),
    "cat.null_in_list": ("categories", ["a"], "no empty name: a feed of no name cannot be addressed"),
    "cat.nested_list": ("categories", ["a", "b", "c"], "a list in a list is more names, not Ruby source text"),
    "title.bool": ("title", "yes", "a title is words: `yes` stays yes"),
    "title.number_leading_zero": ("title", "007", "a title is words: 007 is no octal number"),
    "title.hash": ("title", "a: b", "words, not Ruby source text; flagged"),
    "title.list": ("title", "a, b", "words, not Ruby source text; flagged"),
}
# Before 1901 Shanghai's clocks were 8:05:43 ahead of UTC; Jekyll's feed prints +08:05 and counts the 43 s three times.
OLD_CLOCKS = {"file.year3": timedelta(seconds=3 * 43), "date.year_1900": timedelta(seconds=3 * 43)}

# Jekyll skips this one; it is a real post of a crawler's, published and flagged here (name.no-date)
PUBLISHED_HERE = {"_posts/-202205262391921712.md"}


@cache
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CASES / "expected.json").read_text())
    return found


@cache
def parsed() -> dict[str, Parsed]:
    root = Root("site", CASES / "site", Tier.LIVE)
    rules = ParseRules(authors=read_authors(root.path))
    return {found.name.path: parse(read(found, 1_000_000), rules) for found in scan(root)}


def agreeing() -> list[str]:
    if not CASES.is_dir():
        return []
    return [path for path, post in expected()["posts"].items() if not DECIDED_OTHERWISE & set(post["flags"])]


def draft_of(path: str) -> Draft:
    draft = parsed()[path].draft
    assert draft is not None, parsed()[path].problems
    return draft


def differs(path: str, what: str) -> bool:
    rule = expected()["posts"][path]["rule"]
    return rule in DEVIATIONS and DEVIATIONS[rule][0] == what


@pytest.mark.parametrize("path", agreeing())
def test_published_and_updated(path: str) -> None:
    post, draft = expected()["posts"][path], draft_of(path)
    slack = OLD_CLOCKS.get(post["rule"], timedelta())
    published, updated = (datetime.fromisoformat(post[key]) for key in ("published", "updated"))
    assert draft.date is not None
    assert abs(draft.date - published) == slack
    assert abs((draft.updated or draft.date) - updated) == slack


@pytest.mark.parametrize("path", agreeing())
def test_categories_and_tags(path: str) -> None:
    post, draft = expected()["posts"][path], draft_of(path)
    if differs(path, "categories"):
        assert list(draft.categories) == DEVIATIONS[post["rule"]][1]
    else:
        assert list(draft.categories) == post["categories"]
    assert list(draft.tags) == post["tags"]
    if draft.primary_category:
        assert post["category_terms"] == [draft.primary_category]


@pytest.mark.parametrize("path", agreeing())
def test_title(path: str) -> None:
    """Compared without what jekyll-feed does to a title on its way out: markup, entities, curly quotes, blanks."""
    post, draft = expected()["posts"][path], draft_of(path)
    if differs(path, "title"):
        assert draft.title == DEVIATIONS[post["rule"]][1]
    elif draft.title is None:
        words = re.sub(r"-", " ", draft.name.slug).split()
        assert post["title_text"] == " ".join(word.capitalize() for word in words)
    else:
        text = unescape(re.sub(r"</?[bi]>", "", draft.title))
        folded = re.sub(r"[ \t\n\v\f\r]+", " ", text).strip(" ")
        assert straight(folded) == straight(post["title_text"])


@pytest.mark.parametrize("path", agreeing())
def test_author_language_image_and_draft(path: str) -> None:
    post, draft = expected()["posts"][path], draft_of(path)
    assert (draft.authors[0] if draft.authors else "") == post["author_name"]
    assert draft.language == (post["lang"] or "")
    assert draft.draft == post["draft"]
    if draft.image.startswith("//"):  # jekyll-feed makes https://site//host/x of it (jekyll-compat.md 6.5)
        assert post["image"].endswith(draft.image)
    else:
        site = expected()["config"]["url"]
        assert post["image"] == (site + draft.image if draft.image.startswith("/") else draft.image)


def test_what_jekyll_skips_is_not_published_either() -> None:
    now = datetime.fromisoformat(expected()["built_with"]["at"])
    published = {path for path, result in parsed().items() if result.draft and (result.draft.date or now) <= now}
    skipped = {entry["path"] for entry in expected()["skipped"]}
    assert skipped & published == PUBLISHED_HERE


def test_nothing_that_jekyll_publishes_is_lost() -> None:
    """What it cannot read is repaired or quarantined with an error, never dropped in silence."""
    for path, post in expected()["posts"].items():
        result = parsed()[path]
        if "fm_failed" in post["flags"]:
            errors = [problem for problem in result.problems if problem.severity is Severity.ERROR]
            assert (result.draft is None) == bool(errors), path
            assert result.problems or (result.draft and result.draft.categories == ("2021",)), path
        else:
            assert result.draft is not None, path


def test_repaired_titles() -> None:
    titles = {
        "at-invalid": "@someone",
        "backslash": r"C:\dir",
        "colon-invalid": "Foo: bar",
        "fffe": "ab",
        "inner-quotes-invalid": '快讯："双碳"目标下的金融',
        "tab-indent": "x",
        "vt-raw": "a b",
    }
    for name, title in titles.items():
        assert draft_of(f"_posts/2021-12-23-title-{name}-HERE.md").title == title


def test_the_malformed_post_of_the_sample_site() -> None:
    result = parsed()["_posts/-202205262391921712.md"]
    draft = result.draft
    assert draft is not None
    assert (draft.name.slug, draft.title) == ("202205262391921712", "")
    assert draft.date == datetime(2022, 5, 25, 16, tzinfo=UTC)
    assert result.problems[1].repair == "2022-05-26-202205262391921712.md"
    assert [problem.code for problem in result.problems] == ["date.unreadable", "name.no-date"]


def straight(title: str) -> str:
    """Without smart punctuation."""
    for curly, plain in {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "–": "--",
        "—": "---",
        "…": "...",
        "«": "<<",
        "»": ">>",
    }.items():
        title = title.replace(curly, plain)
    return title

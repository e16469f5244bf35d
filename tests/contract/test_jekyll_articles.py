"""Addresses, titles and order against what Jekyll 4.3 and jekyll-feed 0.17 made of the same files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from feedsvc.articles.article import Article
from feedsvc.articles.identity import base_identity
from feedsvc.articles.make import ArticleRules, make_article
from feedsvc.articles.summary import plain_text
from feedsvc.content.draft import Tier
from feedsvc.content.parse import ParseRules, parse
from feedsvc.content.source import Root, read, scan

CASES = Path(__file__).parents[2].parent / "shared" / "jekyll-cases"
FLAGS = {"fm_failed", "link_is_not_the_page", "illegal_xml_chars", "liquid_rendered", "date_no_zone_unquoted"}
SITE = "https://finews.withounder.com"

# Where we differ on purpose, by rule: the address we give, and why.
OTHER_ADDRESSES = {
    "perma.empty": "/g-perma/2021/12/23/perma-empty.html",  # no permalink; Jekyll writes the post over the home page
    "cat.nested_list": "/a/b/c/2026/11/17/cat-nested-list.html",  # flattened; Jekyll prints the inner list as Ruby code
}
# The same page, but jekyll-feed's own link leaves `?` bare, so that it is not found.
OTHER_LINKS = {"cat.specials"}
OTHER_TITLES = {
    "title.entities": "&lt;script&gt; &nbsp; &copy; &#39;",  # no tags: plain text stays as written (contract RS04, F05)
    "title.empty_quoted": "Body first. Body second.",  # contract RS16: never empty
    "title.bool": "yes",  # every scalar is text
    "title.number_leading_zero": "007",
    "title.list": "a, b",  # not Ruby code
    "title.hash": "a: b",
}
# The categories of cat.nested_list, and Jekyll's category without a name (from a null in a list).
OTHER_MEMBERS = {"a", "b", "c", '["a", "b"]', ""}
# Bodies of which a reader sees another text.
OTHER_TEXTS = {
    "body.footnote": "a1 note",  # without kramdown's arrow back
    "body.ideographic_indent": "全角缩进段落。 第二段。",  # CommonMark trims a paragraph
    "body.math": "$$x^2$$",  # no script will typeset it
    "body.table_pipe": "返回|首页",  # one bar makes no table
    "body.task": "[ ] a [x] b",  # readers have no check boxes
    "body.toc": "x A",  # the list that kramdown puts the contents in
    "file.fm_four_dashes": "title: file.fm_four_dashes Body",  # a line of dashes makes a heading of the one above
    "file.leading_blank": "title: file.leading_blank Body first. Body second.",
    "body.unclosed": "a b c d e",  # an unclosed element ends at the blank line
}
# Posts that are quarantined: nothing in their front matter can be read.
QUARANTINED = {"title.fm_scalar", "title.fm_not_hash"}

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the Jekyll cases are not beside the checkout")


@lru_cache(maxsize=1)
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def articles() -> dict[str, Article]:
    """path in the site -> article, for all posts that Jekyll publishes."""
    rules = ArticleRules(authority="example.com,2026", site_base=SITE, zone="Asia/Shanghai", language="zh-CN")
    made = {}
    for found in scan(Root("site", CASES / "site", Tier.LIVE)):
        parsed = parse(read(found, 2_000_000), ParseRules(zone="Asia/Shanghai"))
        if parsed.draft and found.name.path in expected()["posts"]:
            made[found.name.path] = make_article(parsed.draft, base_identity(parsed.draft), rules).article
    return made


def unflagged() -> Iterator[tuple[str, dict[str, Any]]]:
    if CASES.exists():
        for path, post in expected()["posts"].items():
            if not FLAGS.intersection(post["flags"]):
                yield path, post


def without_typography(title: str) -> str:
    """jekyll-feed writes quotes, dashes and dots its own way; we keep the author's (articles/title.py)."""
    pairs = {"“": '"', "”": '"', "‘": "'", "’": "'", "—": "---", "–": "--", "…": "...", "«": "<<", "»": ">>"}
    for theirs, plain in pairs.items():
        title = title.replace(theirs, plain)
    return title.replace("\xa0", " ")


def test_all_posts_are_there() -> None:
    missing = set(expected()["posts"]) - set(articles())
    assert {expected()["posts"][path]["rule"] for path in missing} == QUARANTINED


@pytest.mark.parametrize(("path", "post"), [pytest.param(*case, id=case[1]["rule"]) for case in unflagged()])
def test_address(path: str, post: dict[str, Any]) -> None:
    article = articles()[path]
    if post["rule"] in OTHER_ADDRESSES:
        assert article.path == OTHER_ADDRESSES[post["rule"]] != post["url"]
        return
    assert article.canonical_url == post["page_link"]
    assert article.path == post["page_link"].removeprefix(SITE)
    assert (article.canonical_url == post["link"]) is (post["rule"] not in OTHER_LINKS)


@pytest.mark.parametrize(("path", "post"), [pytest.param(*case, id=case[1]["rule"]) for case in unflagged()])
def test_title(path: str, post: dict[str, Any]) -> None:
    ours, theirs = articles()[path].title, post["title_text"]
    if post["rule"] in OTHER_TITLES:
        assert ours == OTHER_TITLES[post["rule"]] != theirs
    else:
        assert without_typography(ours) == without_typography(theirs)


def test_posts_whose_jekyll_link_is_broken_lead_to_the_page() -> None:
    """jekyll-compat 6.3: the page is written under the path as it is, whatever jekyll-feed's NFKC link says."""
    broken = {p: post for p, post in expected()["posts"].items() if "link_is_not_the_page" in post["flags"]}
    assert len(broken) >= 4
    for path, post in broken.items():
        assert articles()[path].canonical_url == post["page_link"], post["rule"]


def test_plain_dates_without_zone_give_jekylls_pages() -> None:
    for path, post in expected()["posts"].items():
        if "date_no_zone_unquoted" in post["flags"]:
            assert articles()[path].canonical_url == post["page_link"], post["rule"]


@pytest.mark.parametrize("feed", [*expected()["order"]] if CASES.exists() else [])
def test_order(feed: str) -> None:
    """Newest first, ties by the file's path ascending. Posts that Jekyll dates by its build are left out."""
    order = [p for p in expected()["order"][feed] if "fm_failed" not in expected()["posts"][p]["flags"]]
    # Jekyll lists a post twice when it names a tag twice.
    keys = [(articles()[path].published, articles()[path].order_key) for path in dict.fromkeys(order)]
    for (newer, first), (older, second) in pairwise(keys):
        assert newer > older or (newer == older and first < second)


@pytest.mark.parametrize(("path", "post"), [pytest.param(*case, id=case[1]["rule"]) for case in unflagged()])
def test_text(path: str, post: dict[str, Any]) -> None:
    """What a reader sees of the body, white space and typography apart."""
    ours = plain_text(articles()[path].content_html)
    if post["content_html"] is None:
        assert articles()[path].excerpt_only
        return
    if post["rule"] in OTHER_TEXTS:
        assert ours == OTHER_TEXTS[post["rule"]]
        return
    theirs = plain_text(re.sub("<script>.*?</script>|<!--.*?-->", "", post["content_html"], flags=re.DOTALL))
    assert without_typography(ours) == without_typography(theirs)


def test_categories_have_the_same_posts() -> None:
    posts = expected()["posts"]
    for feed, order in expected()["order"].items():
        kind, _, name = feed.partition(":")
        theirs = {p for p in order if "fm_failed" not in posts[p]["flags"]}
        if kind == "category" and name not in OTHER_MEMBERS:
            ours = {p for p, a in articles().items() if name in a.categories and a.in_feeds}
            assert {p for p in ours if "fm_failed" not in posts[p]["flags"]} == theirs, name


def test_pages_of_drafts_stay_out_of_feeds() -> None:
    drafts = [path for path, post in expected()["posts"].items() if post["draft"]]
    assert drafts
    assert [path for path, article in articles().items() if not article.in_feeds] == drafts

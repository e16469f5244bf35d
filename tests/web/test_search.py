"""Search for people and as a feed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from feedsvc.articles.words import wanted
from feedsvc.web import search
from feedsvc.web.search import pieces
from tests.unit.pipeline_rig import post
from tests.web.live_site import Live, live_site

FERRY = quote("渡轮")


def index(live: Live) -> None:
    while live.rig.search().get("searchable"):
        pass
    live.caught_up()


def opened(folder: Path, **options: object) -> Iterator[Live]:
    with live_site(folder, {"site": {"title": "北港时报", "language": "zh-CN"}, **options}) as live:
        write = live.rig.write
        write("_posts/2026-11-01-a.md", post("渡轮时刻表", "harbour", 1, "冬季航班。"))
        write("_posts/2026-11-02-b.md", post("Lighthouse & <Keeper>", "harbour", 2, "She took the ferry, 渡轮 too."))
        write("_posts/2026-11-03-c.md", post("灯塔", "birds", 3, "没有别的。"))
        live.look()
        live.rig.later(minutes=1)
        index(live)
        yield live


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    yield from opened(tmp_path)


def shown(live: Live, target: str) -> str:
    answer = live.get(target)
    assert answer.status_code == 200, target
    assert answer.content_type == "text/html; charset=utf-8"
    return answer.get_data(as_text=True)


def titles(page: str) -> list[str]:
    found = re.findall(r'<li>\n<a href="[^"]*" dir="auto">(.*?)</a>\n<time', page)
    return [unescape(re.sub("<[^>]*>", "", title)) for title in found]


def entries(live: Live, query: str) -> list[str]:
    return [item["title"] for item in json.loads(live.get(f"/search.json?q={query}").data)["items"]]


# The page


def test_results_are_the_newest_first_with_what_was_searched_for_marked(live: Live) -> None:
    page = shown(live, f"/search?q={FERRY}&lang=en")
    assert titles(page) == ["Lighthouse & <Keeper>", "渡轮时刻表"]
    assert "<mark>渡轮</mark>时刻表" in page
    assert "the ferry, <mark>渡轮</mark> too." in page
    assert "2 articles" in page
    assert 'href="/categories/harbour/' in page
    assert titles(shown(live, "/search?q=LIGHTHOUSE+ferry")) == ["Lighthouse & <Keeper>"]


def test_nothing_of_a_query_or_a_title_is_markup(live: Live) -> None:
    page = shown(live, "/search?q=" + quote('"><script>keeper</script>'))
    assert "<script>keeper" not in page
    assert "&#34;&gt;&lt;script&gt;keeper" in page
    assert "Lighthouse &amp; &lt;<mark>Keeper</mark>&gt;" in shown(live, "/search?q=keeper")


def test_search_pages_are_none_for_search_engines_and_name_their_feed(live: Live) -> None:
    page = shown(live, "/search?q=%20" + FERRY + "++")
    assert '<meta name="robots" content="noindex">' in page
    base = live.rig.settings.public_base
    for suffix in (".rss", ".atom", ".json"):
        assert f'href="{base}/search{suffix}?q={FERRY}"' in page.partition("</head>")[0]
        assert live.get(f"/search{suffix}?q={FERRY}").status_code == 200


def test_without_a_word_there_is_the_form_and_how_to_use_it(live: Live) -> None:
    for target in ("/search", "/search?q=", "/search?q=%21%21"):
        page = shown(live, target + ("&" if "?" in target else "?") + "lang=en")
        assert '<input id="q" type="search" name="q"' in page
        assert "Every search is also a feed" in page
        assert ("no word here" in page) == ("%21" in target)


def test_nothing_found_says_what_else_there_is(live: Live) -> None:
    page = shown(live, "/search?q=harb&lang=en")
    assert "Nothing was found." in page
    assert "Categories of this name" in page and "/categories/harbour/" in page


def test_results_are_paged_and_bounded(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PER_PAGE", 2)
    monkeypatch.setattr(search, "MOST", 4)
    for number in range(5):
        live.rig.write(f"_posts/2026-11-1{number}-n{number}.md", post(f"渡轮 {number}", "harbour", 10 + number))
    live.look()
    index(live)
    first, second = (shown(live, f"/search?q={FERRY}&page={page}&lang=en") for page in (1, 2))
    assert titles(first) == ["渡轮 4", "渡轮 3"]
    assert titles(second) == ["渡轮 2", "渡轮 1"]
    assert "More than 4 articles" in first and "Older articles are not listed" in second
    assert f"/search?q={FERRY}&amp;page=2&amp;lang=en" in first
    for page in ("3", "0", "x", "-1", "99999"):
        assert live.get(f"/search?q={FERRY}&page={page}").status_code == 404


def test_a_long_query_counts_as_far_as_its_limit(live: Live) -> None:
    page = shown(live, "/search?q=" + "keeper%20" * 60)
    assert titles(page) == ["Lighthouse & <Keeper>"]
    assert live.get("/search?q=" + quote("渡" * 800)).status_code == 200


def test_what_has_no_rights_is_not_even_counted(tmp_path: Path) -> None:
    """The page and the feed show what may be passed on, and nothing else."""
    rights = {"harbour": {"text": "headline"}, "birds": {"text": "none"}}
    site = {"title": "北港时报", "url": "https://elsewhere.example.com"}
    for live in opened(tmp_path, categories={"rights": rights}, site=site):
        page = shown(live, f"/search?q={FERRY}&lang=en")
        assert titles(page) == ["Lighthouse & <Keeper>", "渡轮时刻表"]
        assert "She took" not in page
        hidden = shown(live, f"/search?q={quote('灯塔')}&lang=en")
        assert "Nothing was found." in hidden and titles(hidden) == []
        assert entries(live, quote("灯塔")) == []
        assert "She took" not in live.get(f"/search.json?q={FERRY}").get_data(as_text=True)


def test_a_client_may_search_so_often(tmp_path: Path) -> None:
    """Contract M06: 429 with Retry-After; the form alone, what is in memory, and other addresses cost nothing."""
    for live in opened(tmp_path, search={"requests": 2, "seconds": 60}):
        assert live.get("/search?q=ferry").status_code == 200
        assert live.get(f"/search.rss?q={FERRY}").status_code == 200
        refused = live.get("/search?q=keeper")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.content_type.startswith("text/html")
        feed = live.get("/search.atom?q=keeper")
        assert (feed.status_code, feed.content_type) == (429, "text/plain; charset=utf-8")
        assert feed.headers["Retry-After"] == "30"
        assert feed.headers["Access-Control-Allow-Origin"] == "*"
        assert live.get(f"/search.rss?q={FERRY}").status_code == 200
        assert live.get("/search").status_code == 200
        assert live.get("/feed.rss").status_code == 200
        other = live.client.get("/search?q=keeper", environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
        assert other.status_code == 200
        live.rig.later(seconds=30)
        assert live.get("/search.atom?q=keeper").status_code == 200


def test_search_that_is_off_is_not_there(tmp_path: Path) -> None:
    for live in opened(tmp_path, search={"enabled": False}):
        for target in ("/search", "/search?q=ferry", "/search.rss?q=ferry"):
            assert live.get(target).status_code == 404, target
        assert 'action="/search"' not in shown(live, "/")


@pytest.mark.parametrize(
    ("text", "query", "longest", "expected"),
    [
        ("abc", "x", 0, [("abc", False)]),
        ("a ferry", "ferry", 0, [("a ", False), ("ferry", True)]),
        ("x" * 50, "ferry", 10, [("x" * 10 + "…", False)]),
        ("渡轮" + "x" * 200, "渡轮", 160, [("渡轮", True), ("x" * 158 + "…", False)]),
        ("x" * 200 + "，渡轮", "渡轮", 160, [("…", False), ("x" * 39 + "，", False), ("渡轮", True)]),
    ],
)
def test_pieces_of_a_text(text: str, query: str, longest: int, expected: list[tuple[str, bool]]) -> None:
    asked = wanted(query)
    assert asked is not None
    assert pieces(text, asked, longest) == expected


# The feed


def test_a_search_is_a_feed_in_every_format(live: Live) -> None:
    assert entries(live, FERRY) == ["Lighthouse & <Keeper>", "渡轮时刻表"]
    feed = json.loads(live.get(f"/search.json?q={FERRY}").data)
    base = live.rig.settings.public_base
    assert feed["title"] == "搜索：渡轮 – 北港时报"
    assert feed["feed_url"] == f"{base}/search.json?q={FERRY}"
    assert feed["home_page_url"] == f"{base}/search?q={FERRY}"
    atom = live.get(f"/search.atom?q={FERRY}").get_data(as_text=True)
    assert f"<id>tag:news.example.com,2026:feed/+search/{FERRY}</id>" in atom
    assert 'rel="self"' in atom and f'href="{base}/search.atom?q={FERRY}"' in atom
    site = {entry["id"]: entry for entry in json.loads(live.get("/feed.json").data)["items"]}
    assert all(site[entry["id"]] == entry for entry in feed["items"]), "the same entries as everywhere"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("/search.rss?q=+ferry++keeper+", "/search.rss?q=ferry%20keeper"),
        (f"/search.atom?q={FERRY.lower()}", f"/search.atom?q={FERRY}"),
        ("/search.rss?q=%EF%BD%86erry&utm=1", "/search.rss?q=ferry&utm=1"),
        ("/Search.RSS?q=ferry", "/search.rss?q=ferry"),
        ("//search.json/?q=ferry", "/search.json?q=ferry"),
    ],
)
def test_a_search_has_one_address(live: Live, written: str, canonical: str) -> None:
    """Contract H54: other spellings lead there, in one hop, without a host."""
    answer = live.get(written)
    assert (answer.status_code, answer.headers["Location"]) == (301, canonical)
    assert live.get(canonical).status_code == 200


def test_unknown_parameters_change_nothing(live: Live) -> None:
    """Contract H40."""
    plain, asked = live.get(f"/search.rss?q={FERRY}"), live.get(f"/search.rss?utm_source=x&q={FERRY}&page=3")
    assert (asked.status_code, asked.data, asked.headers) == (200, plain.data, plain.headers)


@pytest.mark.parametrize(
    "target", ["/search.rss", "/search.rss?q=", "/search.atom?q=%21", "/search.rss?q=%FF", "/search.xml?q=a"]
)
def test_a_feed_of_nothing_is_none(live: Live, target: str) -> None:
    """Contract H39."""
    assert live.get(target).status_code == 404


def test_a_search_that_finds_nothing_yet_is_a_feed_already(live: Live) -> None:
    assert entries(live, "whale") == []
    live.rig.write("_posts/2026-11-09-w.md", post("Whale seen", "birds", 9))
    live.look()
    index(live)
    assert entries(live, "whale") == ["Whale seen"]


def test_it_follows_the_index_and_dates_grow(live: Live) -> None:
    """Contract H05, H51: published and indexed within one second are two versions, each dated later."""
    before = live.get(f"/search.json?q={FERRY}")
    live.rig.write("_posts/2026-11-09-w.md", post("渡轮停航", "birds", 9))
    live.look()
    between = live.get(f"/search.json?q={FERRY}")
    assert between.data == before.data, "published, its words are not indexed yet"
    index(live)
    live.rig.later(minutes=1)
    after = live.get(f"/search.json?q={FERRY}")
    assert entries(live, FERRY)[0] == "渡轮停航"
    dates = [answer.last_modified for answer in (before, between, after)]
    assert dates[0] is not None and dates[2] is not None and dates[0] < dates[2]
    assert between.last_modified is None or dates[0] < between.last_modified < dates[2]
    assert live.get(f"/search.json?q={FERRY}", If_None_Match=after.headers["ETag"]).status_code == 304
    (live.rig.folder / "site/_posts/2026-11-09-w.md").unlink()
    live.look()
    live.rig.later(seconds=61)
    live.look()
    assert entries(live, FERRY)[0] == "Lighthouse & <Keeper>"
    live.rig.later(minutes=1)
    again = live.get(f"/search.json?q={FERRY}")
    assert again.last_modified is not None and again.last_modified > dates[2]


def test_every_worker_says_the_same(live: Live) -> None:
    """Contract F06, H52."""
    with live.another() as other:
        for suffix in (".rss", ".atom", ".json"):
            one, two = live.get(f"/search{suffix}?q={FERRY}"), other.get(f"/search{suffix}?q={FERRY}")
            assert (one.data, one.headers) == (two.data, two.headers)


def test_a_browser_at_the_feeds_address_gets_a_page_about_it(live: Live) -> None:
    """Contract V01."""
    answer = live.get(f"/search.rss?q={FERRY}", Accept="text/html,*/*;q=0.8", Sec_Fetch_Dest="document")
    assert answer.content_type == "text/html; charset=utf-8"
    page = answer.get_data(as_text=True)
    assert "搜索：渡轮" in page and "渡轮时刻表" in page

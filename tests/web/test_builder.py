"""The subscription builder: from ticks to one feed, over a site whose feeds are really published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import html5lib
import pytest
from lxml import etree

from feedsvc.web.builder import PER_PAGE, PREVIEW
from tests.web.live_site import Live, live_site, month_post
from tests.web.test_pages import Heads

OPTIONS: dict[str, object] = {
    "feeds": {"max_parts": 4},
    "categories": {
        "titles": {"ludao": "鹿岛", "cqrb": "重庆日报", "cqwb": "重庆晚报"},
        "renamed": {"boote": "boats"},
        "removed": ["test"],
        "rights": {"court": {"text": "none"}},
    },
    "site": {"title": "Wire", "url": "https://wire.example.com"},
}
HOSTILE = ["a/b", 'say "hi"', "50%2Foff", "two words", "新，栏目", "c++", "!wow", "x,y", "*star", "?q#f", "a=b", "café"]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Three posts each; every second one of boats is one of birds as well."""
    with live_site(tmp_path_factory.mktemp("builder"), OPTIONS) as live:
        names = ["boats", "birds", "ludao", "cqrb", "cqwb", "test", "court", *HOSTILE]
        for number, name in enumerate(names):
            for day in (1, 2, 3):
                its = [name, "birds"] if name == "boats" and day == 2 else [name]
                text = month_post(f"P{number}x{day} of {'Sale' if day == 3 else 'news'}", json.dumps(its), 11, day)
                live.rig.write(f"_posts/2026-11-{day:02}-n{number}x{day}.md", text)
        live.look()
        yield live


def asked(live: Live, *pairs: tuple[str, str]) -> tuple[str, Heads]:
    """The builder's page in English."""
    answer = live.client.get(f"/subscribe?{urlencode([*pairs, ('lang', 'en')])}")
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(answer.text)
    return answer.text, Heads(answer.text)


def ticked(page: Heads, name: str) -> list[str]:
    return [box["value"] for box in page.all("input", type="checkbox", name=name) if "checked" in box]


def offered(page: Heads) -> list[str]:
    return [box["value"] for box in page.all("input", type="checkbox", name="category") if "checked" not in box]


def address(live: Live, page: Heads) -> str:
    """That in the subscribe box, without host."""
    [field] = [field for field in page.all("input", type="text") if "readonly" in field]
    return field["value"].removeprefix(live.rig.settings.public_base)


def titles(live: Live, target: str) -> list[str]:
    answer = live.get(target.replace(".rss", ".json"))
    assert answer.status_code == 200, target
    return [item["title"] for item in json.loads(answer.data)["items"]]


def test_before_anything_is_ticked(live: Live) -> None:
    text, page = asked(live)
    assert not page.all("section") and "How it works" in text
    assert {"boats", "birds", "ludao"} <= set(offered(page))
    assert not {"test", "boote"} & set(offered(page))
    assert [form["action"] for form in page.all("form")].count("/subscribe") == 1
    assert {form.get("method", "get") for form in page.all("form")} == {"get"}
    assert page.all("link", rel="canonical")[0]["href"] == live.rig.settings.public_base + "/subscribe"


def test_two_categories_make_one_feed(live: Live) -> None:
    text, page = asked(live, ("category", "ludao"), ("category", "birds"))
    target = address(live, page)
    assert target == "/feeds/+/birds,ludao.rss"
    assert set(ticked(page, "category")) == {"ludao", "birds"} and not {"ludao", "birds"} & set(offered(page))
    shown = titles(live, target)
    assert all(title in text for title in shown[:PREVIEW]) and len(shown) == 7
    alternates = [link["href"] for link in page.all("link", rel="alternate")]
    base = live.rig.settings.public_base
    assert alternates == [base + target.replace(".rss", suffix) for suffix in (".rss", ".atom", ".json")]
    links = {link["href"] for link in page.all("a")}
    assert f"{base}/feeds/+/birds,ludao/full.rss" in links
    assert f"{base}/feeds.opml?category=birds&category=ludao" in links
    outlines = etree.fromstring(live.get("/feeds.opml?category=birds&category=ludao").data).iterfind(".//outline")
    assert [outline.get("xmlUrl") for outline in outlines] == [f"{base}/feeds/birds.rss", f"{base}/feeds/ludao.rss"]
    assert page.all("meta", name="robots")[0]["content"] == "noindex"


def test_one_category_is_its_own_feed(live: Live) -> None:
    assert address(live, asked(live, ("category", "boats"))[1]) == "/feeds/boats.rss"
    assert address(live, asked(live, ("category", "boats"), ("content", "brief"))[1]) == "/feeds/boats/brief.rss"


def test_without_a_category_and_without_a_word(live: Live) -> None:
    text, page = asked(live, ("category", "boats"), ("leave", "birds"), ("word", "sale, gone"))
    target = address(live, page)
    assert target == "/feeds/+/boats,!birds,!*gone,!*sale.rss"
    assert titles(live, target) == ["P0x1 of news"]
    assert ticked(page, "without") == ["birds"]
    assert page.all("input", name="word")[0]["value"] == "sale, gone"
    assert "P0x1 of news" in text and "P0x2 of news" not in text


@pytest.mark.parametrize(("content", "whole"), [("full", True), ("brief", False)])
def test_full_or_brief(live: Live, content: str, whole: bool) -> None:
    _, page = asked(live, ("category", "boats"), ("category", "ludao"), ("content", content))
    target = address(live, page)
    assert target == f"/feeds/+/boats,ludao/{content}.rss"
    assert (b"content_html" in live.get(target.replace(".rss", ".json")).data) is whole
    assert [box["value"] for box in page.all("input", type="radio") if "checked" in box] == [content]


def test_everything_but(live: Live) -> None:
    _, page = asked(live, ("all", "1"), ("category", "boats"), ("without", "birds"))
    target = address(live, page)
    assert target == "/feeds/+/*,!birds.rss"
    shown = titles(live, target)
    assert "P0x1 of news" in shown and "P0x2 of news" not in shown and "P6x1 of news" not in shown, "rights hold"
    assert f"{live.rig.settings.public_base}/feeds.opml" in {link["href"] for link in page.all("a")}


def test_the_link_to_a_choice_shows_the_same(live: Live) -> None:
    pairs = [("leave", "鹿岛"), ("category", "boats"), ("word", "广告，"), ("category", "birds"), ("q", "x")]
    _, page = asked(live, *pairs)
    base = live.rig.settings.public_base
    [link] = [link["href"] for link in page.all("a") if link["href"].startswith(f"{base}/subscribe?category")]
    _, again = asked(live, *parse_qsl(urlsplit(link).query))
    assert address(live, again) == address(live, page) == f"/feeds/+/birds,boats,!ludao,!*{quote('广告')}.rss"


def test_names_that_mean_nothing_are_said(live: Live) -> None:
    """And neither dropped in silence, nor in the way of the rest."""
    text, page = asked(live, ("category", "boats"), ("category", "<Nobody>"), ("category", "test"))
    assert "There is no category called &lt;Nobody&gt;" in text
    assert "No longer published, and so not in the feed: test." in text
    assert address(live, page) == "/feeds/boats.rss"
    only, page = asked(live, ("category", "nobody"))
    assert "There is no category called nobody" in only and not page.all("section")
    assert "没有名为 nobody 的栏目" in live.client.get("/subscribe?category=nobody&lang=zh").text


@pytest.mark.parametrize("name", ["boote", "BOATS", "Boats"])
def test_former_names_and_letter_case(live: Live, name: str) -> None:
    """Contract M01: a link that somebody kept goes on working."""
    assert address(live, asked(live, ("category", name))[1]) == "/feeds/boats.rss"


def test_a_displayed_name_is_a_name(live: Live) -> None:
    assert address(live, asked(live, ("category", "鹿岛"), ("without", "重庆晚报"))[1]) == "/feeds/+/ludao,!cqwb.rss"


def test_what_to_leave_out_is_found_as_people_type_it(live: Live) -> None:
    _, page = asked(live, ("category", "boats"), ("leave", "ludao"))
    assert ticked(page, "without") == ["ludao"]
    _, page = asked(live, ("category", "boats"), ("leave", "chongqingwanbao"))
    assert ticked(page, "without") == ["cqwb"]
    text, page = asked(live, ("category", "boats"), ("leave", "重庆"))
    assert not ticked(page, "without") and "Which one do you mean" in text
    assert {box["value"] for box in page.all("input", name="without")} == {"cqrb", "cqwb"}
    text, page = asked(live, ("category", "boats"), ("leave", "zzz"))
    assert "There is no category called zzz." in text and address(live, page) == "/feeds/boats.rss"


def test_too_many_parts_are_said_and_had_as_a_list(live: Live) -> None:
    pairs = [("category", name) for name in ("boats", "birds", "ludao", "cqrb")]
    assert address(live, asked(live, *pairs)[1])
    text, page = asked(live, *pairs, ("word", "sale"))
    assert "This choice has 5 parts, and one feed holds 4 at the most." in text
    assert not page.all("section")
    base = live.rig.settings.public_base
    opml = f"{base}/feeds.opml?category=birds&category=boats&category=cqrb&category=ludao"
    assert opml in {link["href"] for link in page.all("a")}
    assert live.get(opml).status_code == 200


def test_nothing_left_is_said(live: Live) -> None:
    text, page = asked(live, ("category", "boats"), ("without", "boats"))
    assert "Nothing would be left" in text and not page.all("section")


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_category_is_called(live: Live, name: str) -> None:
    """Contract F04: ticked, with another, and left out, its feed is there."""
    for pairs, number in (
        ([("category", name)], 3),
        ([("category", name), ("category", "ludao")], 6),
        ([("category", "ludao"), ("without", name)], 3),
        ([("category", name), ("category", "ludao"), ("content", "brief")], 6),
    ):
        text, page = asked(live, *pairs)
        target = address(live, page)
        assert live.get(target).status_code == 200
        assert len(titles(live, target)) == number
        assert all(title in text for title in titles(live, target))
    assert name in offered(asked(live)[1])


@pytest.mark.parametrize("query", ["重庆", "chongqing", "cq"])
def test_the_list_is_narrowed_and_ticks_are_kept(live: Live, query: str) -> None:
    text, page = asked(live, ("category", "boats"), ("q", query))
    assert set(offered(page)) == {"cqrb", "cqwb"} and ticked(page, "category") == ["boats"]
    assert "2 of" in text


def test_the_switch_of_language_keeps_every_tick(live: Live) -> None:
    _, page = asked(live, ("category", "boats"), ("category", "birds"), ("without", "ludao"))
    [switch] = page.all("a", hreflang="zh")
    answer = live.client.get(switch["href"])
    assert address(live, Heads(answer.text)) == "/feeds/+/birds,boats,!ludao.rss" and "生成订阅" in answer.text


def test_a_held_feed_is_offered_without_a_look_at_it(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.app._shelf, "find", lambda address: None)
    text, page = asked(live, ("category", "cqrb"), ("category", "cqwb"))
    assert "cannot be shown at the moment" in text
    assert address(live, page) == "/feeds/+/cqrb,cqwb.rss"


def test_many_categories_are_paged(tmp_path: Path) -> None:
    with live_site(tmp_path) as live:
        for number in range(PER_PAGE + 5):
            live.rig.write(f"_posts/2026-11-01-p{number}.md", month_post(f"P{number}", f"c{number:03}", 11, 1))
        live.look()
        _, first = asked(live, ("category", "c000"))
        assert len(offered(first)) == PER_PAGE
        _, second = asked(live, ("category", "c000"), ("page", "2"))
        assert len(offered(second)) == 4 and ticked(second, "category") == ["c000"]
        assert not set(offered(first)) & set(offered(second))
        _, beyond = asked(live, ("page", "99"))
        assert offered(beyond)
        _, odd = asked(live, ("page", "x"))
        assert len(offered(odd)) == PER_PAGE


def test_an_empty_site(tmp_path: Path) -> None:
    with live_site(tmp_path) as live:
        assert live.client.get("/subscribe").status_code == 200
        assert live.client.get("/about-feeds").status_code == 200

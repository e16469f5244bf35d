"""Documents made when somebody asks: pages, archives, variants, combinations, labels, lists of a choice."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.feeds.target import Target
from feedsvc.publishing.made import Made
from feedsvc.web import shelf as shelf_module
from tests.web.live_site import Live, live_site, month_post, until

HUB = "https://hub.example.com/"
OPTIONS: dict[str, object] = {
    "feeds": {"max_items": 3, "archive_items": 10, "hub": HUB, "tags": True, "authors": True, "max_parts": 4}
}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """September to November 2026: boats on odd days, birds on even ones; 渡船 once a month."""
    with live_site(tmp_path, OPTIONS) as live:
        for month in (9, 10, 11):
            for day in range(1, 13):
                name = "boats" if day % 2 else "birds"
                if day == 12:
                    name = "渡船"
                text = month_post(f"{name} {month}-{day}", name, month, day, "tags: 港口\nauthor: 王 芳\n")
                live.rig.write(f"_posts/2026-{month:02}-{day:02}-p{month}x{day}.md", text)
        live.look()
        live.rig.later(minutes=1)  # dates that lie ahead of the clock are not told
        yield live


def titles(data: bytes) -> list[str]:
    return [item["title"] for item in json.loads(data)["items"]]


def links(live: Live, target: str) -> dict[str, str]:
    """relation -> address in the Link header, but for the other formats."""
    header = live.get(target).headers["Link"]
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', header)
    return {relation: url for url, relation in found if relation != "alternate"}


def follow(live: Live, target: str, relation: str) -> list[str]:
    """The addresses of a document and all that the relation leads to."""
    base, seen = live.rig.settings.public_base, [live.rig.settings.public_base + target]
    while following := links(live, seen[-1]).get(relation):
        assert following.startswith(base) and following not in seen
        seen.append(following)
    return seen


# Pages


@pytest.mark.parametrize("suffix", [".rss", ".atom", ".json"])
def test_next_leads_through_every_article_once(live: Live, suffix: str) -> None:
    """Contract P01, P02: in the Link header, each page under its own address."""
    pages = follow(live, f"/feeds/boats{suffix}", "next")
    assert [links(live, page)["self"] for page in pages] == pages
    assert [links(live, page).get("previous") for page in pages[1:]] == pages[:-1]
    assert {links(live, page)["first"] for page in pages[1:]} == {pages[0]}
    assert {links(live, page)["last"] for page in pages} == {pages[-1]}
    shown = [title for page in pages for title in titles(live.get(page.replace(suffix, ".json")).data)]
    assert shown == [f"boats {month}-{day}" for month in (11, 10, 9) for day in (11, 9, 7, 5, 3, 1)]


@pytest.mark.parametrize("number", ["0", "x", "7", "9999", "-1", "02", "2.0", "", "99999999999"])
def test_a_page_that_is_none(live: Live, number: str) -> None:
    """Contract P02."""
    answer = live.get(f"/feeds/boats.rss?page={number}")
    assert (answer.status_code, answer.content_type) == (404, "text/plain; charset=utf-8")


def test_the_first_page_has_the_plain_address(live: Live) -> None:
    """Contract P02."""
    answer = live.get("/feeds/boats.rss?page=1")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/feeds/boats.rss")
    assert live.get("/feed.json?a=b&page=1&c").headers["Location"] == "/feed.json?a=b&c"


def test_unknown_parameters_change_nothing(live: Live) -> None:
    """Contract H40."""
    page = live.get("/feeds/boats.atom?page=2")
    asked = live.get("/feeds/boats.atom?utm_source=x&page=2&fbclid=y")
    assert (asked.status_code, asked.data, asked.headers) == (200, page.data, page.headers)
    assert re.findall(rb'<link (?=[^>]*rel="self")[^>]*href="([^"]*)"', asked.data) == [
        b"http://127.0.0.1:8000/feeds/boats.atom?page=2"
    ]
    for target in ("/feeds/boats/full.rss", "/feed/archive/2026-10.rss", "/feeds/+/birds,boats.rss", "/feeds.opml"):
        assert live.get(target + "?utm=x").headers == live.get(target).headers


def test_only_the_first_page_names_the_hub(live: Live) -> None:
    """Contract P03, H34, L03."""
    first = live.get("/feeds/boats.rss")
    assert links(live, "/feeds/boats.rss")["hub"] == HUB and HUB.encode() in first.data
    for target in ("/feeds/boats.rss?page=2", "/feed/archive/2026-10.rss", "/feeds/boats/full.rss"):
        assert "hub" not in links(live, target) and HUB.encode() not in live.get(target).data
    assert first.headers["Link"].count('rel="self"') == 1


def test_a_page_goes_on_where_the_published_first_one_ends(tmp_path: Path) -> None:
    """Contract P01: also where the first one had to leave entries out to stay small."""
    options: dict[str, object] = {"feeds": {"max_items": 5, "max_bytes": 30_000}}
    with live_site(tmp_path, options) as live:
        for day in range(1, 12):
            text = month_post(f"Long {day}", "logs", 11, day) + "\n" + "word " * 1_500
            live.rig.write(f"_posts/2026-11-{day:02}-l{day}.md", text)
        live.look()
        pages = follow(live, "/feeds/logs.json", "next")
        found = [titles(live.get(page).data) for page in pages]
        assert len(found[0]) < 5, "nothing was left out: the test is none"
        assert [title for page in found for title in page] == [f"Long {day}" for day in range(11, 0, -1)]


def test_a_feed_that_shows_everything_has_no_pages(live: Live) -> None:
    """Contract P05."""
    assert links(live, "/feeds/%E6%B8%A1%E8%88%B9.rss").keys() == {"self", "hub"}
    assert live.get("/feeds/%E6%B8%A1%E8%88%B9.rss?page=2").status_code == 404


# Archives


def test_archives_are_followed_from_the_feed_to_the_end(live: Live) -> None:
    """Contract P04."""
    chain = follow(live, "/feed.json", "prev-archive")[1:]
    places = ["2026-11", "2026-11/1", "2026-10", "2026-10/1", "2026-09", "2026-09/1"]
    assert chain == [f"{live.rig.settings.public_base}/feed/archive/{place}.json" for place in places]
    assert {links(live, archive)["current"] for archive in chain} == {live.rig.settings.public_base + "/feed.json"}
    assert follow(live, "/feed/archive/2026-09/1.json", "next-archive") == chain[::-1]
    shown = [title for archive in chain for title in titles(live.get(archive).data)]
    assert len(shown) == len(set(shown)) == 36
    assert live.get("/feed/archive/2026-11/1.json").data.count(b'"id"') == 10, "whole parts are counted from the oldest"


def test_a_month_that_makes_whole_parts_only_keeps_the_last_for_itself(tmp_path: Path) -> None:
    with live_site(tmp_path, {"feeds": {"archive_items": 10, "max_items": 2}}) as live:
        for day in range(1, 21):
            live.rig.write(f"_posts/2026-10-{day:02}-d{day}.md", month_post(f"D{day}", "days", 10, day))
        live.look()
        assert len(titles(live.get("/feeds/days/archive/2026-10.json").data)) == 10
        assert titles(live.get("/feeds/days/archive/2026-10/1.json").data)[0] == "D10"
        assert live.get("/feeds/days/archive/2026-10/2.json").status_code == 404


@pytest.mark.parametrize(
    "place", ["2026-12", "2026-08", "2026-13", "2026-00", "0000-01", "2026-11/2", "2026-11/0", "x"]
)
def test_an_archive_that_is_none(live: Live, place: str) -> None:
    assert live.get(f"/feeds/boats/archive/{place}.rss").status_code == 404


def test_an_edited_old_article_changes_its_archive(live: Live) -> None:
    """Contract P06, H05: its own month, in every category it is in, and no other."""
    old = {place: live.get(f"/feeds/boats/archive/{place}.atom") for place in ("2026-09", "2026-10")}
    for answer in old.values():
        assert "max-age=86400" in answer.headers["Cache-Control"] and "immutable" not in answer.headers["Cache-Control"]
    assert "max-age=300," in live.get("/feeds/boats/archive/2026-11.atom").headers["Cache-Control"]
    live.rig.later(seconds=5)
    live.rig.write("_posts/2026-09-03-p9x3.md", month_post("boats 9-3", "boats", 9, 3) + "\nA correction.\n")
    live.look()
    new = {place: live.get(f"/feeds/boats/archive/{place}.atom") for place in old}
    assert new["2026-09"].headers["ETag"] != old["2026-09"].headers["ETag"]
    assert new["2026-09"].last_modified > old["2026-09"].last_modified  # type: ignore[operator]
    assert new["2026-10"].headers == old["2026-10"].headers


# Variants, combinations, labels, lists


def test_full_and_brief_have_tags_of_their_own(live: Live) -> None:
    plain, full, brief = (live.get(f"/feeds/boats{part}.json") for part in ("", "/full", "/brief"))
    assert titles(plain.data) == titles(full.data) == titles(brief.data)
    assert b"content_html" in full.data and b"content_html" not in brief.data
    assert len({answer.headers["ETag"] for answer in (plain, full, brief)}) == 3
    assert live.get("/feed/brief.rss").status_code == 200


def test_a_combination_in_full_or_brief(live: Live) -> None:
    plain, full, brief = (live.get(f"/feeds/+/birds,boats{part}.json") for part in ("", "/full", "/brief"))
    assert titles(plain.data) == titles(full.data) == titles(brief.data)
    assert b"content_html" in full.data and b"content_html" not in brief.data
    assert len({answer.headers["ETag"] for answer in (plain, full, brief)}) == 3
    address = "/feeds/+/birds,boats/brief.atom"
    assert links(live, address)["self"] == live.rig.settings.public_base + address
    again = live.get(address, If_None_Match=live.get(address).headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_a_combination_is_the_newest_of_its_parts(live: Live) -> None:
    assert titles(live.get("/feeds/+/birds,boats.json").data) == ["boats 11-11", "birds 11-10", "boats 11-9"]
    assert titles(live.get("/feeds/+/*,!boats.json").data) == ["渡船 11-12", "birds 11-10", "birds 11-8"]
    assert titles(live.get("/feeds/+/birds,boats,!*11-.json").data) == ["boats 10-11", "birds 10-10", "boats 10-9"]
    both = f"/feeds/+/boats,{quote('渡船')}.atom"
    assert links(live, both)["self"] == live.rig.settings.public_base + both


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/feeds/+/boats,birds.rss", "/feeds/+/birds,boats.rss"),
        ("/feeds/+/birds,boats,birds.RSS", "/feeds/+/birds,boats.rss"),
        ("/feeds//+/birds,%62oats.rss/", "/feeds/+/birds,boats.rss"),
        ("/feeds/+/!*Ferry,!birds,*.rss?a=b", "/feeds/+/*,!birds,!*ferry.rss?a=b"),
        ("/feeds/+/boats.rss", "/feeds/boats.rss"),
        ("/feeds/+/Boats,birds.rss", "/feeds/+/birds,boats.rss"),
        ("/feeds/+/boats,*.json", "/feed.json"),
        ("/feeds/+/boats/brief.rss", "/feeds/boats/brief.rss"),
        ("/feeds/+/*/Full.rss", "/feed/full.rss"),
        ("/feeds/+/boats,birds/FULL.RSS", "/feeds/+/birds,boats/full.rss"),
        ("/feeds/BOATS/full.rss", "/feeds/boats/full.rss"),
        ("/feeds/boats/FULL.rss", "/feeds/boats/full.rss"),
        ("/Feed/archive/2026-10.Atom", "/feed/archive/2026-10.atom"),
        ("/feeds/boats.RSS?page=2", "/feeds/boats.rss?page=2"),
        ("/feeds.opml?category=boats&x=y&category=birds", "/feeds.opml?category=birds&category=boats&x=y"),
        ("/feeds.opml?format=rss", "/feeds.opml"),
        ("/Feeds.OPML", "/feeds.opml"),
    ],
)
def test_one_address_for_each(live: Live, asked: str, canonical: str) -> None:
    """Contract H54."""
    answer = live.client.get("/", environ_overrides=raw(asked))
    assert (answer.status_code, answer.headers.get("Location")) == (301, canonical)
    assert live.get(canonical).status_code == 200


def raw(target: str) -> dict[str, str]:
    """What a server makes of a request line."""
    path, _, query = target.partition("?")
    return {"RAW_URI": target, "PATH_INFO": path, "QUERY_STRING": query}


@pytest.mark.parametrize(
    "target",
    [
        "/feeds/+/boats,nowhere.rss",
        "/feeds/+/!boats.rss",
        "/feeds/+/boats,!boats.rss",
        "/feeds/+/birds,boats,!*a,!*b,!*c.rss",  # more parts than feeds.max_parts
        "/feeds/+/.rss",
        "/feeds/+/a/b.rss",
        "/feeds/+/birds,boats/half.rss",
        "/feeds/+/birds,boats/full/full.rss",
        "/feeds/+/boats,%ff.rss",
        "/feeds/nowhere/full.rss",
        "/feeds/boats/half.rss",
        "/feeds/boats/full.rss?page=2",
        "/feeds/+tag/nothing.rss",
        "/feeds/+place/x.rss",
        "/feeds.opml?category=nowhere",
        "/feeds.opml?format=xml",
    ],
)
def test_nothing_is_made_of_what_is_not_there(live: Live, target: str) -> None:
    """Contract H39."""
    answer = live.client.get("/", environ_overrides=raw(target))
    assert (answer.status_code, answer.content_type) == (404, "text/plain; charset=utf-8")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_feeds_of_tags_and_authors(live: Live) -> None:
    assert len(titles(live.get(f"/feeds/+tag/{quote('港口')}.json").data)) == 3
    assert titles(live.get(f"/feeds/+author/{quote('王 芳')}.json").data)[0] == "渡船 11-12"


def test_feeds_of_tags_only_where_they_are_switched_on(tmp_path: Path) -> None:
    with live_site(tmp_path) as live:
        live.rig.write("_posts/2026-11-01-a.md", month_post("A", "boats", 11, 1, "tags: x\n"))
        live.look()
        assert live.get("/feeds/+tag/x.rss").status_code == 404


def test_a_list_of_a_choice(live: Live) -> None:
    """Contract OP01, OP03."""
    chosen = live.get("/feeds.opml?category=birds&category=boats&format=atom")
    assert chosen.content_type == "text/x-opml; charset=utf-8"
    assert re.findall(rb'xmlUrl="([^"]*)"', chosen.data) == [
        f"{live.rig.settings.public_base}/feeds/{name}.atom".encode() for name in ("birds", "boats")
    ]
    everything = re.findall(rb'xmlUrl="([^"]*)"', live.get("/feeds.opml?format=json").data)
    published = re.findall(rb'xmlUrl="([^"]*)"', live.get("/feeds.opml").data)
    assert everything == [url.replace(b".rss", b".json") for url in published] != []
    again = live.get("/feeds.opml?category=birds", If_None_Match=live.get("/feeds.opml?category=birds").headers["ETag"])
    assert again.status_code == 304


# In memory


def hot(live: Live, target: str) -> Any:
    return live.app._shelf.at_hand(target)


def test_a_made_document_is_at_hand_until_a_part_of_it_changes(live: Live) -> None:
    """Contract H03, H55: one object for all requests; the very same when only others changed."""
    union, page = "/feeds/+/birds,boats.rss", "/feeds/boats.rss?page=2"
    before = [live.get(target) for target in (union, page)]
    objects = [hot(live, target) for target in (union, page)]
    assert all(objects)
    live.rig.later(seconds=2)
    live.rig.write("_posts/2026-11-20-new.md", month_post("渡船 new", "渡船", 11, 20))
    live.look()
    assert [hot(live, target) for target in (union, page)] == objects, "nothing of it was published"
    live.rig.later(seconds=2)
    live.rig.write("_posts/2026-11-21-fresh.md", month_post("birds fresh", "birds", 11, 21))
    live.look()
    assert hot(live, union) is None and hot(live, page) is objects[1]
    after = live.get(union)
    assert b"birds fresh" in after.data and after.headers["ETag"] != before[0].headers["ETag"]
    assert after.last_modified > before[0].last_modified  # type: ignore[operator]
    assert hot(live, union) is not None


def test_what_was_put_aside_comes_back_when_it_is_the_same(live: Live) -> None:
    """An archive of a month in which nothing happened, though its category was published anew."""
    target = "/feeds/boats/archive/2026-09.rss"
    live.get(target)
    kept = hot(live, target)
    live.rig.write("_posts/2026-11-21-fresh.md", month_post("boats fresh", "boats", 11, 21))
    live.look()
    assert hot(live, target) is None
    live.get(target)
    assert hot(live, target) is kept


def test_two_changes_within_one_second(live: Live) -> None:
    """Contract H51: of two parts of a combination, one after the other."""
    target = "/feeds/+/birds,boats.rss"
    since = live.get(target).headers["Last-Modified"]
    for name in ("birds", "boats"):
        live.rig.write(f"_posts/2026-11-21-{name}.md", month_post(f"{name} fresh", name, 11, 21))
        live.look()
        answer = live.get(target, If_Modified_Since=since)
        assert answer.status_code == 200 and f"{name} fresh".encode() in answer.data
        since = answer.headers.get("Last-Modified", since)
    live.rig.later(seconds=60)
    settled = live.get(target).headers["Last-Modified"]
    assert live.get(target, If_Modified_Since=settled).status_code == 304


MADE = [
    "/feeds/boats.rss?page=2",
    "/feed.json?page=3",
    "/feeds/boats/full.atom",
    "/feed/archive/2026-10/1.atom",
    "/feeds/+/birds,boats,!*x.json",
    "/feeds/+tag/%E6%B8%AF%E5%8F%A3.rss",
    "/feeds.opml?category=boats",
]


@pytest.mark.parametrize("target", MADE)
def test_every_worker_makes_the_same(live: Live, target: str) -> None:
    """Contract H03, H05, F06: bytes, tag and date, also after a restart."""
    first = live.get(target)
    assert first.status_code == 200
    live.rig.later(hours=30)
    with live.another() as other:
        second = other.get(target)
    assert (second.data, second.headers) == (first.data, first.headers)


@pytest.mark.parametrize("target", MADE)
def test_conditions_codings_and_head(live: Live, target: str) -> None:
    """Contract H06, H21, H25, H31, H55 for what is made."""
    plain, coded = live.get(target), live.get(target, Accept_Encoding="gzip")
    assert coded.headers["ETag"] == plain.headers["ETag"][:-1] + '-gz"'
    for answer in (plain, coded):
        headers = {
            "If-None-Match": answer.headers["ETag"],
            "Accept-Encoding": answer.headers.get("Content-Encoding", ""),
        }
        again = live.client.get(target, headers=headers)
        assert (again.status_code, again.headers["ETag"]) == (304, answer.headers["ETag"])
    head = live.client.head(target)
    assert (head.data, head.headers) == (b"", plain.headers)
    assert live.client.post(target).status_code == 405


def test_addresses_come_from_the_settings(live: Live) -> None:
    """Contract L05."""
    for target in MADE:
        assert live.get(target, Host="evil.example").headers == live.get(target).headers
        assert b"evil" not in live.get(target, Host="evil.example").data


def test_memory_is_shared_with_what_is_published(live: Live) -> None:
    shelf = live.app._shelf
    live.get("/feeds/boats/full.rss")
    shelf._limit = 3 * hot(live, "/feeds/boats/full.rss").size
    for number in (2, 3, 4, 5, 6):
        assert live.get(f"/feeds/boats.rss?page={number}").status_code == 200
    kept = [*shelf._hot.values(), *shelf._aside.values()]
    assert sum(each.size for each in kept) <= shelf._limit and kept
    live.rig.write("_posts/2026-11-21-fresh.md", month_post("boats fresh", "boats", 11, 21))
    live.look()
    assert sum(each.size for each in [*shelf._hot.values(), *shelf._aside.values()]) <= shelf._limit


def test_an_edition_that_comes_while_it_is_made_is_not_missed(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was read before, it is put away after: nobody may take it for the newest."""
    maker = live.app._shelf._maker
    assert maker is not None
    make = maker.make

    def slow(target: Target, known: str = "") -> Made | None:
        made = make(target, known)
        live.rig.write("_posts/2026-11-21-fresh.md", month_post("boats fresh", "boats", 11, 21))
        live.look()
        return made

    monkeypatch.setattr(maker, "make", slow)
    assert b"fresh" not in live.get("/feeds/boats/full.rss").data
    monkeypatch.setattr(maker, "make", make)
    assert b"fresh" in live.get("/feeds/boats/full.rss").data


# What cannot be had now


def away(*_: object) -> Any:
    raise StoreUnavailable("away")


def test_what_is_in_memory_is_served_while_the_database_is_away(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract M05, M06."""
    target = "/feeds/boats/full.rss"
    first = live.get(target)
    live.rig.write("_posts/2026-11-21-fresh.md", month_post("boats fresh", "boats", 11, 21))
    live.look()  # now it is aside
    for name in ("edition", "reading"):
        monkeypatch.setattr(live.rig.store, name, away)
    until(lambda: not live.app._shelf.reachable)
    assert live.get(target).data == first.data
    cold = live.get("/feeds/boats/brief.rss")
    assert (cold.status_code, cold.headers["Retry-After"], cold.headers["Cache-Control"]) == (503, "5", "no-store")
    assert cold.headers["Access-Control-Allow-Origin"] == "*"


def test_one_is_made_at_a_time_and_nobody_waits_for_ever(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract M06: and published documents do not wait at all."""
    monkeypatch.setattr(shelf_module, "PATIENCE", 0.05)
    maker, going = live.app._shelf._maker, threading.Event()
    assert maker is not None
    make, started = maker.make, threading.Event()

    def stuck(target: Target, known: str = "") -> Made | None:
        started.set()
        assert going.wait(10)
        return make(target, known)

    monkeypatch.setattr(maker, "make", stuck)
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(live.get("/feeds/boats/full.rss").status_code))
    thread.start()
    try:
        assert started.wait(10)
        waiting = live.get("/feeds/boats/brief.rss")
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "5")
        assert waiting.content_type == "text/plain; charset=utf-8"
        assert live.get("/feeds/boats.rss").status_code == 200
    finally:
        going.set()
        thread.join(10)
    assert answers == [200]


def test_those_who_ask_for_many_at_once_do_not_take_all_threads(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract M06: who comes when enough are waiting is told so; who wants what is being made will have it."""
    shelf, maker, going = live.app._shelf, live.app._shelf._maker, threading.Event()
    assert maker is not None
    make, started = maker.make, threading.Event()

    def stuck(target: Target, known: str = "") -> Made | None:
        started.set()
        assert going.wait(10)
        return make(target, known)

    monkeypatch.setattr(maker, "make", stuck)
    monkeypatch.setattr(shelf, "_room", threading.BoundedSemaphore(1))
    answers: dict[str, int] = {}

    def ask(name: str, target: str) -> threading.Thread:
        thread = threading.Thread(target=lambda: answers.update({name: live.get(target).status_code}))
        thread.start()
        return thread

    threads = [ask("makes", "/feeds/boats/full.rss")]
    try:
        assert started.wait(10)
        threads.append(ask("waits", "/feeds/boats/brief.rss"))
        until(lambda: not shelf._room._value)
        threads.append(ask("wants the same", "/feeds/boats/full.rss"))
        refused = live.get("/feeds/birds/full.rss")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    finally:
        going.set()
        for thread in threads:
            thread.join(10)
    assert answers == {"makes": 200, "waits": 200, "wants the same": 200}
    assert live.get("/feeds/birds/full.rss").status_code == 200


def test_a_fault_of_ours_is_logged_and_harms_nobody_else(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Contract M07: never a traceback."""

    def broken(target: Target, known: str = "") -> Made | None:
        raise ZeroDivisionError("secret")

    maker = live.app._shelf._maker
    assert maker is not None
    with monkeypatch.context() as patch:
        patch.setattr(maker, "make", broken)
        answer = live.get("/feeds/boats/full.rss")
    assert (answer.status_code, answer.content_type) == (500, "text/plain; charset=utf-8")
    assert b"secret" not in answer.data and "ZeroDivisionError" in caplog.text
    assert live.get("/feeds/boats/full.rss").status_code == 200


def test_what_is_held_back_is_not_made(tmp_path: Path) -> None:
    """Contract M05, M06: the last good version, where a worker has it; nothing where not."""
    with live_site(tmp_path, {"guard": {"min_entries": 3}, "feeds": {"max_items": 5}}) as live:
        for day in range(1, 11):
            live.rig.write(f"_posts/2026-11-{day:02}-d{day}.md", month_post(f"Boat {day}", "boats", 11, day))
            live.rig.write(f"_posts/2026-11-{day:02}-e{day}.md", month_post(f"Bird {day}", "birds", 11, day))
        live.look()
        union, page = "/feeds/+/birds,boats.rss", "/feeds/boats.rss?page=2"
        before = live.get(union), live.get(page)
        live.rig.later(hours=1)
        for day in range(1, 11):  # every slug of boats is another one now, and so are the ids
            (live.rig.folder / "site" / f"_posts/2026-11-{day:02}-d{day}.md").unlink()
            live.rig.write(f"_posts/2026-11-{day:02}-other{day}.md", month_post(f"Boat {day}", "boats", 11, day))
        live.rig.write("_posts/2026-11-12-bird.md", month_post("Bird 12", "birds", 11, 12))
        live.look()
        with live.rig.store.reading() as reader:
            assert "boats" in {hold.category for hold in reader.holds()}
        assert [live.get(target).data for target in (union, page)] == [answer.data for answer in before]
        cold = live.get("/feeds/boats/full.rss")
        assert (cold.status_code, cold.headers["Retry-After"]) == (503, "300"), "somebody has to look"
        with live.another() as other:
            assert other.get(union).status_code == 503
            assert other.get("/feeds/boats.rss").status_code == 200
        with live.rig.store.writing() as tx:
            tx.release_holds(["boats", ""])
            tx.raise_dirty(["boats", ""])
        live.rig.publisher.regenerate(replace(live.rig._run("regenerate"), reason="guard-release"))
        live.caught_up()
        assert b"Bird 12" in live.get(union).data


def test_a_right_that_ends_ends_in_what_was_made_before(tmp_path: Path) -> None:
    """Also in the archive of a month in which nothing else happened."""
    rights = {"boats": {"text": "full", "until": "2026-11-23T00:00:00Z"}}
    with live_site(tmp_path, {"categories": {"rights": rights}, "feeds": {"max_items": 2}}) as live:
        for day in (1, 2, 3):
            live.rig.write(f"_posts/2026-10-{day:02}-d{day}.md", month_post(f"Boat {day}", "[boats, birds]", 10, day))
        live.look()
        targets = ["/feed/archive/2026-10.rss", "/feeds/birds/full.rss", "/feeds/+/birds,boats.rss", "/feed.rss?page=2"]
        assert all(b"Boat" in live.get(target).data for target in targets)
        live.rig.later(days=2)
        live.look()
        for target in targets:
            answer = live.get(target)
            assert answer.status_code == 404 or b"Boat" not in answer.data, target


def test_a_worker_learns_to_render_with_the_first_made_document(tmp_path: Path) -> None:
    """What renders feeds takes 20 MB and half a second: workers that need it never, never load it."""
    with live_site(tmp_path) as live:
        for day in range(1, 5):
            live.rig.write(f"_posts/2026-11-{day:02}-d{day}.md", month_post(f"Boat {day}", "boats", 11, day))
        live.look()
    script = """
import sys
from werkzeug.test import Client
from feedsvc.cli.application import application
app = application()
client = Client(app)
seen = []
for target in ("/feed.rss", "/feed.rss?page=1", "/feeds/nowhere/full.rss", "/feeds/boats/full.rss"):
    seen.append((client.get(target).status_code, "lxml" in sys.modules))
app.close()
print(seen)
"""
    environ = {"FEEDSVC_DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", script], env=environ, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == str([(200, False), (301, False), (404, False), (200, True)]), done.stderr


def test_a_whole_part_stays_what_it_is_while_newer_ones_grow(tmp_path: Path) -> None:
    """Contract P04, P06, H05: of a large month, a new post changes the newest parts only, in bytes and dates."""
    options: dict[str, object] = {"feeds": {"max_items": 2, "archive_items": 10}}
    with live_site(tmp_path, options) as live:
        for number in range(45):
            day, rest = divmod(number, 2)
            text = month_post(f"B{number}", "boats", 10, day + 1).replace("08:00:00", f"{8 + rest:02}:00:00")
            live.rig.write(f"_posts/2026-10-{day + 1:02}-b{number}.md", text)
        live.look()
        live.rig.later(minutes=5)
        stem = "/feeds/boats/archive/2026-10"
        parts = [f"{stem}/{part}.atom" for part in (1, 2, 3, 4)] + [f"{stem}.atom"]
        before = [live.get(part) for part in parts]
        assert [answer.data.count(b"<entry>") for answer in before] == [10, 10, 10, 10, 5]
        live.rig.write("_posts/2026-10-30-new.md", month_post("New", "boats", 10, 30))
        live.look()
        live.rig.later(minutes=5)
        after = [live.get(part) for part in parts]
        same = [(a.data, a.last_modified) == (b.data, b.last_modified) for a, b in zip(after, before, strict=True)]
        assert same[:3] == [True, True, True] and b"New" in after[4].data and not same[4]
        live.rig.write("_posts/2026-10-02-b2.md", month_post("B2 edited", "boats", 10, 2))
        live.look()
        live.rig.later(minutes=5)
        edited = [live.get(part) for part in parts]
        assert b"B2 edited" in edited[0].data
        assert all(a.last_modified > b.last_modified for a, b in zip(edited[:1], after[:1], strict=True))  # type: ignore[operator]
        assert [a.data == b.data for a, b in zip(edited, after, strict=True)] == [False, True, True, True, True]


def test_a_new_neighbour_dates_an_archive_anew(tmp_path: Path) -> None:
    """Contract P04, H51: the link to the next or previous month is part of the document."""
    with live_site(tmp_path, {"feeds": {"max_items": 2, "archive_items": 10}}) as live:
        for day in (1, 2, 3):
            live.rig.write(f"_posts/2026-10-0{day}-b{day}.md", month_post(f"B{day}", "boats", 10, day))
        live.look()
        target, seen = "/feeds/boats/archive/2026-10.atom", []
        for month, name, link in ((11, "later", b'"next-archive"'), (9, "earlier", b'"prev-archive"')):
            live.rig.later(minutes=5)
            before = live.get(target)
            live.rig.write(f"_posts/2026-{month:02}-09-{name}.md", month_post(name, "boats", month, 9))
            live.look()
            live.rig.later(minutes=5)
            after = live.get(target, If_Modified_Since=before.headers["Last-Modified"])
            assert after.status_code == 200 and link in after.data and link not in before.data
            seen.append(after.last_modified)
        (live.rig.folder / "site/_posts/2026-09-09-earlier.md").unlink()
        for _ in range(2):
            live.look()
            live.rig.later(minutes=5)
        gone = live.get(target)
        assert b'"prev-archive"' not in gone.data and gone.last_modified > seen[-1]  # type: ignore[operator]

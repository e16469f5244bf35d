"""Categories that were renamed, merged or removed: every address of the old one leads on, in one hop, or says 410."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from feedsvc.errors import StoreUnavailable
from tests.web.live_site import Live, live_site, month_post, until
from tests.web.served_site import feed_body, open_site

OLD, NEW = quote("旧闻"), quote("新闻")
MOVES: dict[str, object] = {
    "renamed": {"旧闻": "新闻", "ships": "boats", "wharf": "harbour"},
    "merged": {"ferries": "ships", "docks": "harbour"},
    "also_at_old_address": ["wharf"],
    "removed": ["gossip", "流言"],
}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    options: dict[str, object] = {"categories": MOVES, "feeds": {"max_items": 2}}
    with live_site(tmp_path, options) as live:
        for day, name in enumerate(["ships", "ferries", "旧闻", "新闻", "wharf", "boats", "gossip"] * 3, 1):
            live.rig.write(f"_posts/2026-11-{day:02}-d{day}.md", month_post(f"{name} {day}", name, 11, day))
        live.look()
        yield live


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/feeds/ships.rss", "/feeds/boats.rss"),
        ("/feeds/ships.atom", "/feeds/boats.atom"),
        ("/feeds/ships.json?utm_source=x&a=%2F", "/feeds/boats.json?utm_source=x&a=%2F"),
        ("/feeds/ferries.rss", "/feeds/boats.rss"),  # two steps in the settings are one hop here
        ("/feeds/Ships.RSS", "/feeds/boats.rss"),
        ("/feeds//ships.rss/", "/feeds/boats.rss"),
        ("/feed/ships.xml", "/feeds/boats.atom"),
        ("/feeds/ships.rss?page=2", "/feeds/boats.rss?page=2"),
        ("/feeds/ships.rss?page=1&x", "/feeds/boats.rss?x"),
        ("/feeds/ships/full.json", "/feeds/boats/full.json"),
        ("/feeds/ferries/archive/2026-11.atom", "/feeds/boats/archive/2026-11.atom"),
        (f"/feeds/{OLD}.rss", f"/feeds/{NEW}.rss"),
        (f"/feeds/{OLD.lower()}.rss", f"/feeds/{NEW}.rss"),
        (f"/feeds/{OLD}/brief.atom", f"/feeds/{NEW}/brief.atom"),
        ("/feeds/+/ships,wharf.rss", "/feeds/+/boats,harbour.rss"),
        ("/feeds/+/boats,ferries,ships.rss", "/feeds/boats.rss"),
        (f"/feeds/+/boats,!{OLD}.rss", f"/feeds/+/boats,!{NEW}.rss"),
        ("/feeds/+/boats,gossip.rss", "/feeds/boats.rss"),
        ("/feeds/+/boats,harbour,gossip.rss?x=1", "/feeds/+/boats,harbour.rss?x=1"),
        ("/feeds.opml?category=ships&category=gossip", "/feeds.opml?category=boats"),
        ("/feeds/wharf.RSS", "/feeds/harbour.rss"),  # its own address is served, no other spelling of it
    ],
)
def test_old_addresses_lead_to_the_new_ones(live: Live, asked: str, there: str) -> None:
    """Contract M01: 301, one hop, same format, query kept, for a day."""
    path, _, query = asked.partition("?")
    environ = {"RAW_URI": asked, "PATH_INFO": path, "QUERY_STRING": query}
    answer = live.client.get("/", environ_overrides=environ)
    assert (answer.status_code, answer.headers.get("Location")) == (301, there)
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert live.get(there).status_code == 200


def test_the_new_document_is_another_one(tmp_path: Path) -> None:
    """Contract M02: its self link differs, so the old tag does not match behind the redirect."""
    with live_site(tmp_path) as live:
        live.rig.write("_posts/2026-11-01-a.md", month_post("A", "ships", 11, 1))
        live.look()
        before = live.get("/feeds/ships.rss")
    with live_site(tmp_path, {"categories": {"renamed": {"ships": "boats"}}}) as live:
        live.look()
        there = live.get("/feeds/ships.rss", If_None_Match=before.headers["ETag"]).headers["Location"]
        after = live.get(there, If_None_Match=before.headers["ETag"])
        assert (after.status_code, there) == (200, "/feeds/boats.rss")
        assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("/feeds/wharf.rss", "/feeds/harbour.rss"),
        ("/feeds/wharf.json?utm=x", "/feeds/harbour.json"),
        ("/feeds/wharf.rss?page=2", "/feeds/harbour.rss?page=2"),
        ("/feeds/wharf/full.atom", "/feeds/harbour/full.atom"),
        ("/feeds/wharf/archive/2026-11.rss", "/feeds/harbour/archive/2026-11.rss"),
    ],
)
def test_both_addresses_answer_where_the_settings_say_so(live: Live, asked: str, same: str) -> None:
    """Contract M03: for readers that follow no redirect; the same document, which names its new address."""
    here, there = live.get(asked), live.get(same)
    assert (here.status_code, here.data, here.headers) == (200, there.data, there.headers)
    assert f'{live.rig.settings.public_base}{same}>; rel="self"' in here.headers["Link"]
    assert live.get(asked, If_None_Match=here.headers["ETag"]).status_code == 304


@pytest.mark.parametrize(
    "asked",
    [
        "/feeds/gossip.rss",
        "/feeds/gossip.json?utm=x",
        "/feeds/GOSSIP.rss",
        "/feed/gossip.xml",
        "/feeds/gossip.rss?page=2",
        "/feeds/gossip/full.rss",
        "/feeds/gossip/archive/2026-11.rss",
        f"/feeds/{quote('流言')}.atom",
        f"/feeds/+/{quote('流言')},gossip.rss",
        "/feeds.opml?category=gossip",
    ],
)
def test_removed_categories_are_gone(live: Live, asked: str) -> None:
    """Contract M04, H31."""
    answer = live.get(asked)
    assert (answer.status_code, answer.content_type) == (410, "text/plain; charset=utf-8")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_removed_category_comes_back_with_the_setting(live: Live) -> None:
    """Contract M04: until it is taken out of the settings."""
    assert live.get("/feeds/gossip.rss").status_code == 410
    live.rig.options["categories"] = {**MOVES, "removed": []}
    live.rig.open()
    live.rig.rescan()
    with live.another() as later:
        assert later.get("/feeds/gossip.rss").status_code == 200


def test_what_the_store_still_has_is_not_served(tmp_path: Path) -> None:
    """A worker may start before the publisher has taken the old documents down."""
    with open_site(tmp_path, categories={"renamed": {"ships": "boats"}, "removed": ["gossip"]}) as site:
        for name in ("ships", "boats", "gossip"):
            site.publish(name, name)
        assert site.client.get("/feeds/ships.rss").headers["Location"] == "/feeds/boats.rss"
        assert site.client.get("/feeds/gossip.rss").status_code == 410
        assert site.client.get("/feeds/boats.rss").data == feed_body(".rss", "boats")


def test_moves_stay_under_the_public_prefix(tmp_path: Path) -> None:
    public = "https://example.com/news"
    with open_site(tmp_path, public_url=public, categories={"renamed": {"ships": "boats"}}) as site:
        site.publish("boats", "text")
        assert site.client.get("/feeds/ships.rss").headers["Location"] == "/news/feeds/boats.rss"


def test_a_name_that_only_changed_its_case(tmp_path: Path) -> None:
    with open_site(tmp_path, categories={"renamed": {"Ships": "ships"}}) as site:
        site.publish("ships", "text")
        assert site.client.get("/feeds/Ships.rss").headers["Location"] == "/feeds/ships.rss"
        assert site.client.get("/feeds/ships.rss").status_code == 200


def test_nothing_published_yet_comes_before_moves(tmp_path: Path) -> None:
    with open_site(tmp_path, categories={"removed": ["gossip"]}) as site:
        assert site.client.get("/feeds/gossip.rss").status_code == 503


def test_moves_need_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go on while it is away, like what is in memory."""

    def away(*_: object) -> object:
        raise StoreUnavailable("away")

    with open_site(tmp_path, categories={"renamed": {"ships": "boats"}, "removed": ["gossip"]}) as site:
        site.publish("boats", "text")
        assert site.client.get("/feeds/boats.rss").status_code == 200
        for name in ("reading", "edition"):
            monkeypatch.setattr(site.store, name, away)
        until(lambda: not site.app._shelf.reachable)
        assert site.client.get("/feeds/ships.rss").status_code == 301
        assert site.client.get("/feeds/gossip.rss").status_code == 410

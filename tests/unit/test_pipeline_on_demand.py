"""What is made when somebody asks, from the index alone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from feedsvc import bootstrap
from feedsvc.feeds.target import parse_target
from feedsvc.pipeline.on_demand import OnDemand
from feedsvc.publishing.hold import Hold
from feedsvc.publishing.made import Held, Made, Missing
from tests.postgres import database, postgres_server
from tests.unit.pipeline_rig import START, Rig, post

__all__ = ["postgres_server"]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Twelve posts of November, red on odd days, blue on even ones."""
    rig = Rig(tmp_path, {"feeds": {"max_items": 3, "archive_items": 10}})
    for day in range(1, 13):
        rig.write(f"_posts/2026-11-{day:02}-p{day}.md", post(f"Post {day}", "red" if day % 2 else "blue", day))
    rig.rescan()
    yield rig
    rig.store.close()


def maker(rig: Rig) -> OnDemand:
    return bootstrap.on_demand(rig.settings, rig.store, lambda: rig.now)


def make(rig: Rig, address: str, known: str = "") -> Made | None:
    target = parse_target(*address.partition("?")[::2])
    assert target is not None and target.address == address
    return maker(rig).make(target, known)


def made(rig: Rig, address: str) -> Made:
    found = make(rig, address)
    assert found is not None
    return found


def titles(found: Made) -> list[str]:
    return [item["title"] for item in json.loads(gzip.decompress(found.document.gzip))["items"]]


def posts(*days: int) -> list[str]:
    return [f"Post {day}" for day in days]


def test_a_known_version_is_not_made_again(rig: Rig) -> None:
    for address in (
        "/feeds/red.json?page=2",
        "/feed/archive/2026-11/1.json",
        "/feeds/+/blue,red.json",
        "/feed/full.rss",
    ):
        first = made(rig, address)
        assert make(rig, address, first.version) is None
        assert make(rig, address, "another") == first


def test_documents_are_dated_by_what_was_published(rig: Rig) -> None:
    """Contract H05: no clock of the worker."""
    before = made(rig, "/feeds/+/blue,red.json").document
    rig.later(hours=5)
    assert made(rig, "/feeds/+/blue,red.json").document == before
    assert before.modified == int(START.timestamp())
    rig.regenerate("red")
    after = made(rig, "/feeds/+/blue,red.json").document
    assert (after.etag, after.modified) == (before.etag, int(rig.now.timestamp()))


def test_pages_do_not_move_while_the_index_is_ahead(rig: Rig) -> None:
    """Contract P01: an article that is indexed, but not published yet, pushes nothing from page 1 onto page 2."""
    assert titles(made(rig, "/feed.json?page=2")) == posts(9, 8, 7)
    with rig.store.writing() as tx:
        [newest] = tx.newest_articles("red", 1, rig.now)
        tx.put_articles([replace(newest, id="tag:x", published=newest.published + timedelta(days=1))])
    assert titles(made(rig, "/feed.json?page=2")) == posts(9, 8, 7)


def test_a_combination_reads_deeper_until_it_has_enough(rig: Rig) -> None:
    for day in range(13, 31):
        rig.write(f"_posts/2026-11-{day}-q{day}.md", post(f"Advert {day}", "red" if day % 3 else "blue", 12))
    rig.later(days=10)
    rig.rescan()
    assert titles(made(rig, "/feeds/+/blue,red,!*advert.json")) == posts(12, 11, 10)
    assert titles(made(rig, "/feeds/+/*,!red,!*advert.json")) == posts(12, 10, 8)
    assert titles(made(rig, "/feeds/+/*,!*advert,!*post.json")) == []


def test_a_combination_never_passes_over_what_a_longer_list_would_show(rig: Rig) -> None:
    """Of one part the newest few are long ago, of the other they are not: none in between may be missing."""
    for day in range(1, 11):
        text = post(f"Green {day}", "green", 1).replace("2026-11-01", f"2026-10-{day:02}")
        rig.write(f"_posts/2026-10-{day:02}-g{day}.md", text)
    rig.rescan()
    assert titles(made(rig, "/feeds/+/blue,green,!*2.json")) == posts(10, 8, 6)
    assert titles(made(rig, "/feeds/+/blue,green,!*post.json")) == ["Green 10", "Green 9", "Green 8"]


def test_nothing_is_shown_before_it_is_due(rig: Rig) -> None:
    """Contract F08: nor does it move what is there, or open an archive."""
    rig.write("_posts/2026-11-28-late.md", post("Late", "red", 28))
    rig.write("_posts/2026-12-01-later.md", post("Later", "red", 1).replace("2026-11-01", "2026-12-01"))
    rig.rescan()
    assert "Late" not in titles(made(rig, "/feeds/red/archive/2026-11.json"))
    links = dict(made(rig, "/feeds/red/archive/2026-11.json").document.links)
    assert "next-archive" not in links
    with pytest.raises(Missing):
        make(rig, "/feeds/red/archive/2026-12.json")
    rig.now = datetime(2026, 12, 2, tzinfo=UTC)
    rig.due()
    assert titles(made(rig, "/feeds/red/archive/2026-12.json")) == ["Later"]
    assert titles(made(rig, "/feeds/red/archive/2026-11.json"))[0] == "Late"
    links = dict(made(rig, "/feeds/red/archive/2026-11.json").document.links)
    assert links["next-archive"].endswith("/feeds/red/archive/2026-12.json")


def test_the_bytes_of_an_archive_do_not_know_whether_its_month_is_over(rig: Rig) -> None:
    """Contract F06, P06: only how long it may be kept depends on that."""
    before = made(rig, "/feed/archive/2026-11.rss").document
    rig.later(days=30)
    after = made(rig, "/feed/archive/2026-11.rss").document
    assert (after.etag, after.modified) == (before.etag, before.modified)
    assert (before.max_age, after.max_age) == (300, 86_400)


def test_a_neighbour_that_comes_into_being_is_linked(rig: Rig) -> None:
    """Contract P04."""
    first = made(rig, "/feed/archive/2026-11/1.rss")
    assert "prev-archive" not in dict(first.document.links)
    rig.write("_posts/2026-09-01-old.md", post("Old", "red", 1).replace("2026-11-01", "2026-09-01"))
    rig.rescan()
    after = make(rig, "/feed/archive/2026-11/1.rss", first.version)
    assert after is not None and dict(after.document.links)["prev-archive"].endswith("/feed/archive/2026-09.rss")


@pytest.mark.parametrize("address", ["/feeds/red.json?page=2", "/feeds/red/full.json", "/feeds/+/blue,red.json"])
def test_what_is_held_is_not_made(rig: Rig, address: str) -> None:
    made(rig, address)
    with rig.store.writing() as tx:
        tx.put_holds([Hold("red", rig.now, "vanished")])
    with pytest.raises(Held):
        make(rig, address)
    assert made(rig, "/feeds/blue/full.json") and made(rig, "/feeds/+/blue,!red.json")
    with rig.store.writing() as tx:
        tx.release_holds(["red"])
    made(rig, address)


def test_published_and_hidden_things_are_not_made(rig: Rig) -> None:
    for address in ("/feeds/red.rss", "/feeds.opml"):
        with pytest.raises(Missing):
            make(rig, address)
    rig.options["categories"] = {"renamed": {"red": "crimson"}, "removed": ["blue"]}
    rig.open()
    for address in ("/feeds/red/full.rss", "/feeds/blue/full.rss", "/feeds.opml?category=blue"):
        with pytest.raises(Missing):
            make(rig, address)


def test_making_writes_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.store, "writing", None)
    assert made(rig, "/feed/full.rss")


def test_styled_feeds_are_styled_throughout(rig: Rig) -> None:
    """Contract V08."""
    rig.options["feeds"] = {"browser": "css", "max_items": 3}
    rig.open()
    assert made(rig, "/feed.rss?page=2").document.media_type == "application/xml; charset=utf-8"
    assert made(rig, "/feed.json?page=2").document.media_type == "application/feed+json"


def test_the_last_page_is_the_one_that_the_first_names(rig: Rig) -> None:
    """Contract P01: also where some articles may not be shown, which leaves pages shorter, but none out."""
    rig.options["categories"] = {"rights": {"blue": {"text": "none"}}}
    rig.open()
    for number in range(13, 40):
        rig.rescan()
        with rig.store.reading() as reader:
            published = reader.document("/feed.json")
        assert published is not None
        links, seen = dict(published.links), []
        last = int(links["last"].rpartition("=")[2])
        for page in range(2, last + 1):
            found = made(rig, f"/feed.json?page={page}")
            assert dict(found.document.links)["last"].endswith(f"/feed.json?page={last}")
            assert ("next" in dict(found.document.links)) == (page < last)
            seen += titles(found)
        with pytest.raises(Missing):
            make(rig, f"/feed.json?page={last + 1}")
        assert len(seen) == len(set(seen)), number
        color = "blue" if number % 5 in (0, 2, 3) else "red"
        rig.write(f"_posts/2026-11-12-z{number}.md", post(f"Post {number}", color, 12))
        rig.later(minutes=1)


def test_postgresql_gives_the_same(rig: Rig, tmp_path: Path, postgres_server: str) -> None:
    """Contract F06, H03: bytes, dates, links."""
    with database(make_url(postgres_server)) as url:
        other = Rig(tmp_path / "other", {**rig.options, "database": {"url": url.render_as_string(hide_password=False)}})
        for path in sorted((rig.folder / "site").rglob("*.md")):
            other.write(str(path.relative_to(rig.folder / "site")), path.read_bytes())
        other.rescan()
        for address in (
            "/feed.json?page=2",
            "/feeds/red/full.rss",
            "/feed/archive/2026-11.atom",
            "/feed/archive/2026-11/1.atom",
            "/feeds/+/blue,red,!*2.json",
            "/feeds.opml?category=blue&format=atom",
        ):
            assert made(other, address) == made(rig, address)
        other.store.close()

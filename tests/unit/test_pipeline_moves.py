"""What becomes of published documents when categories move, rights end, lists change; on the whole way from files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from feedsvc.errors import NotFound
from feedsvc.pipeline.marks import RULES_MARK
from feedsvc.pipeline.regenerate import CategoryMoved
from feedsvc.publishing.guard import read_outline
from tests.unit.pipeline_rig import START, Rig, post


def settings(rig: Rig, **sections: dict[str, object]) -> None:
    """A restart with other settings, and the first look after it."""
    rig.options.update(sections)
    rig.store.close()
    rig.later(minutes=1)
    rig.open()
    rig.rescan()


def titles(rig: Rig, path: str) -> list[str]:
    return [item["title"] for item in json.loads(rig.body(path))["items"]]


def feeds(rig: Rig) -> list[str]:
    """The categories that have documents."""
    return sorted({path[len("/feeds/") : -len(".rss")] for path in rig.paths() if path.endswith(".rss")} - {""})


def listed(rig: Rig) -> list[tuple[str, str]]:
    """(title, address) of each line of /feeds.opml."""
    outlines = etree.fromstring(rig.body("/feeds.opml").encode()).iter("outline")
    return [(outline.get("title", ""), outline.get("xmlUrl", "")) for outline in outlines]


def newsroom(folder: Path, **options: object) -> Rig:
    rig = Rig(folder, options)
    for day, category in enumerate(("ports", "ports", "rail", "roads"), start=1):
        rig.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"N{day}", category, day))
    rig.rescan()
    rig.later(minutes=5)
    return rig


def test_m01_a_renamed_category_leaves_no_document_at_its_old_address(tmp_path: Path) -> None:
    """Contract M01: the old address is free for the redirect; ID05: the posts keep their ids."""
    rig = newsroom(tmp_path)
    ids = [item["id"] for item in json.loads(rig.body("/feeds/ports.json"))["items"]]
    settings(rig, categories={"renamed": {"ports": "harbours"}})
    assert feeds(rig) == ["harbours", "rail", "roads"]
    assert [item["id"] for item in json.loads(rig.body("/feeds/harbours.json"))["items"]] == ids
    assert [title for title, _ in listed(rig)] == ["127.0.0.1", "harbours", "rail", "roads"]
    with rig.store.reading() as reader:
        assert reader.dirty() == {}
        assert reader.outlines(["ports"]) == {"ports": ""}


def test_a_moved_category_cannot_be_rebuilt_and_the_answer_says_where_it_went(tmp_path: Path) -> None:
    rig = newsroom(tmp_path)
    settings(rig, categories={"merged": {"ports": "roads"}, "removed": ["rail"]})
    with pytest.raises(CategoryMoved, match="'ports' has moved to 'roads'"):
        rig.regenerate("ports")
    with pytest.raises(NotFound, match="'rail' has no feed any more"):
        rig.regenerate("rail")
    rig.regenerate()
    assert feeds(rig) == ["roads"]


def test_m04_a_removed_category_comes_back_when_it_is_taken_out_of_the_settings(tmp_path: Path) -> None:
    """Contract M04. Its posts stay in the site's feed all the while."""
    rig = newsroom(tmp_path)
    settings(rig, categories={"removed": ["ports"]})
    assert feeds(rig) == ["rail", "roads"]
    assert titles(rig, "/feed.json") == ["N4", "N3", "N2", "N1"]
    rig.write("_posts/2026-11-05-n5.md", post("N5", "ports", 5))
    rig.rescan()
    assert feeds(rig) == ["rail", "roads"]
    assert titles(rig, "/feed.json")[0] == "N5"
    settings(rig, categories={})
    assert feeds(rig) == ["ports", "rail", "roads"]
    assert titles(rig, "/feeds/ports.json") == ["N5", "N2", "N1"]


def test_a_held_category_that_is_removed_is_held_no_more(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"guard": {"min_entries": 2}})
    for day in (1, 2, 3):
        rig.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"N{day}", "ports", day))
    rig.rescan()
    settings(rig, site={"authority": "other.example.org,2026"})
    with rig.store.reading() as reader:
        assert [hold.category for hold in reader.holds()] == ["", "ports"]
    settings(rig, categories={"removed": ["ports"]})
    with rig.store.reading() as reader:
        assert [hold.category for hold in reader.holds()] == [""]


def test_a_move_taken_back_is_meant_and_not_held(tmp_path: Path) -> None:
    """Though all entries vanish from the feed of the new name."""
    rig = Rig(tmp_path, {"guard": {"min_entries": 2}, "categories": {"merged": {"ports": "roads"}}})
    for day, category in enumerate(("ports", "ports", "ports", "roads"), start=1):
        rig.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"N{day}", category, day))
    rig.rescan()
    assert titles(rig, "/feeds/roads.json") == ["N4", "N3", "N2", "N1"]
    settings(rig, categories={})
    assert titles(rig, "/feeds/roads.json") == ["N4"]
    assert titles(rig, "/feeds/ports.json") == ["N3", "N2", "N1"]
    with rig.store.reading() as reader:
        assert reader.holds() == []


def test_the_schedule_of_a_moved_category_fails_nothing(tmp_path: Path) -> None:
    rig = newsroom(tmp_path)
    settings(rig, categories={"removed": ["ports"]}, publisher={"category_schedules": {"ports": "0 3 * * *"}})
    rig.publisher.edition(rig._run("edition:ports"), ["ports", "not-yet"])
    assert feeds(rig) == ["rail", "roads"]


def test_rights_end_at_their_hour_in_every_feed(tmp_path: Path) -> None:
    """Though the category has a schedule of its own, and though the guard would not let so many entries vanish."""
    until = START + timedelta(hours=2)
    rig = Rig(
        tmp_path,
        {
            "publisher": {"category_schedules": {"ports": "0 3 * * *"}},
            "categories": {"rights": {"ports": {"text": "full", "until": until}}},
            "guard": {"min_entries": 2},
        },
    )
    for day in range(1, 5):
        rig.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"N{day}", "ports", day, "Lent words."))
    rig.write("_posts/2026-11-05-own.md", post("Own", "rail", 5))
    rig.rescan()
    assert "Lent words" in rig.body("/feeds/ports.atom")
    assert rig.alarms["due"] == until
    rig.now = until - timedelta(seconds=1)
    assert rig.due() == {}
    rig.now = until
    assert rig.due()["categories"] == 3
    assert titles(rig, "/feeds/ports.json") == []
    assert titles(rig, "/feed.json") == ["Own"]
    assert not any("Lent words" in rig.body(path) for path in rig.paths())
    with rig.store.reading() as reader:
        assert reader.holds() == []
    assert rig.due() == {}


def test_rights_end_even_where_only_the_schedule_publishes(tmp_path: Path) -> None:
    until = START + timedelta(hours=2)
    rig = Rig(
        tmp_path,
        {
            "publisher": {"mode": "schedule", "schedule": "1d"},
            "categories": {"rights": {"ports": {"until": until.replace(tzinfo=None)}}},
        },
    )
    rig.write("_posts/2026-11-01-a.md", post("Lent", "ports"))
    rig.rescan()
    assert titles(rig, "/feed.json") == ["Lent"]
    rig.write("_posts/2026-11-02-b.md", post("Own", "rail", 2))
    rig.rescan()
    assert titles(rig, "/feed.json") == ["Lent"]
    assert rig.alarms["due"] == until
    rig.now = until
    rig.due()
    assert titles(rig, "/feeds/ports.json") == []
    assert titles(rig, "/feed.json") == ["Own"]


def test_the_end_of_a_right_lets_no_accident_elsewhere_through(tmp_path: Path) -> None:
    until = START + timedelta(hours=2)
    lent: dict[str, object] = {"rights": {"lent": {"until": until}}}
    rig = Rig(tmp_path, {"guard": {"min_entries": 2}, "categories": lent})
    for day in range(1, 9):
        rig.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"N{day}", "lent" if day > 4 else "ports", day))
    rig.rescan()
    settings(rig, site={"authority": "other.example.org,2026"})
    before = rig.body("/feeds/ports.json")
    rig.now = until
    rig.due()
    with rig.store.reading() as reader:
        assert [hold.category for hold in reader.holds()] == ["ports"]
    assert rig.body("/feeds/ports.json") == before
    assert titles(rig, "/feed.json") == ["N4", "N3", "N2", "N1"], "what may not be shown goes, whatever else is new"
    assert titles(rig, "/feeds/lent.json") == []


def test_a_publisher_that_was_down_when_rights_ended_takes_the_texts_out_at_its_start(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"categories": {"rights": {"ports": {"until": START + timedelta(hours=2)}}}})
    rig.write("_posts/2026-11-01-a.md", post("Lent", "ports"))
    rig.rescan()
    rig.store.close()
    rig.later(days=1)
    rig.open()
    rig.rescan()
    assert titles(rig, "/feed.json") == []


def test_what_may_not_be_shown_leaves_its_places_to_others(tmp_path: Path) -> None:
    """A prolific category without rights must not empty the site's feed."""
    rig = Rig(tmp_path, {"feeds": {"max_items": 3}, "categories": {"rights": {"wire": {"text": "none"}}}})
    for day in range(1, 5):
        rig.write(f"_posts/2026-11-{day:02}-own{day}.md", post(f"Own {day}", "ports", day))
    for number in range(40):
        rig.write(f"_posts/2026-11-20-w{number}.md", post(f"Wire {number}", "wire", 20))
    rig.rescan()
    assert titles(rig, "/feed.json") == ["Own 4", "Own 3", "Own 2"]
    assert titles(rig, "/feeds/wire.json") == []


def test_p05_a_feed_that_shows_all_that_may_be_shown_says_it_is_complete(tmp_path: Path) -> None:
    """Contract P05."""
    rig = Rig(tmp_path, {"categories": {"rights": {"wire": {"text": "none"}}}})
    for day, category in enumerate(("ports", "wire", "ports"), start=1):
        rig.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"N{day}", category, day))
    rig.rescan()
    assert titles(rig, "/feed.json") == ["N3", "N1"]
    assert "complete" in rig.body("/feed.atom")
    assert "complete" in rig.body("/feeds/wire.atom")


def test_other_rules_leave_a_mark_for_documents_made_on_demand(tmp_path: Path) -> None:
    rig = newsroom(tmp_path)
    with rig.store.reading() as reader:
        before = reader.mark(*RULES_MARK)
    rig.rescan()
    with rig.store.reading() as reader:
        assert reader.mark(*RULES_MARK) == before
    settings(rig, feeds={"content": "summary"})
    with rig.store.reading() as reader:
        assert (reader.mark(*RULES_MARK) or 0) > (before or 0)


def test_op01_the_list_of_all_feeds_follows_names_and_nothing_else(tmp_path: Path) -> None:
    """Contract OP01, OP03, F06: site first, then by name; written again only when it is another list."""
    rig = newsroom(tmp_path, categories={"titles": {"ports": "Zephyr harbours"}}, site={"title": "Nordhaven Wire"})
    base = "http://127.0.0.1:8000"
    assert listed(rig) == [
        ("Nordhaven Wire", f"{base}/feed.rss"),
        ("rail", f"{base}/feeds/rail.rss"),
        ("roads", f"{base}/feeds/roads.rss"),
        ("Zephyr harbours", f"{base}/feeds/ports.rss"),
    ]
    with rig.store.reading() as reader:
        first = reader.document("/feeds.opml")
    assert first is not None
    assert (first.media_type, first.category) == ("text/x-opml; charset=utf-8", "")
    assert "<dateModified>Wed, 04 Nov 2026 08:00:00 +0000</dateModified>" in rig.body("/feeds.opml")

    rig.write("_posts/2026-11-06-n6.md", post("N6", "rail", 6))
    rig.rescan()
    with rig.store.reading() as reader:
        assert reader.document("/feeds.opml") == first, "another post is no other list"

    path = rig.write("_posts/2026-11-07-n7.md", post("N7", "canals", 7))
    rig.rescan()
    assert [title for title, _ in listed(rig)][1] == "canals"
    path.unlink()
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    assert [title for title, _ in listed(rig)] == ["Nordhaven Wire", "rail", "roads", "Zephyr harbours"]
    when = rig.now.strftime("%a, %d %b %Y %H:%M:%S +0000")
    assert f"<dateModified>{when}</dateModified>" in rig.body("/feeds.opml"), "when the last feed ended"


def test_the_list_of_an_empty_site_is_its_own_feed(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.rescan()
    assert [address for _, address in listed(rig)] == ["http://127.0.0.1:8000/feed.rss"]


def test_the_list_is_the_same_however_it_came_about(tmp_path: Path) -> None:
    """Contract F06."""
    one, other = newsroom(tmp_path / "one"), Rig(tmp_path / "other", now=START + timedelta(days=30))
    for day, category in ((4, "roads"), (1, "ports"), (3, "rail"), (2, "ports")):
        other.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"N{day}", category, day))
        other.rescan()
    assert one.body("/feeds.opml") == other.body("/feeds.opml")


def test_a_list_that_was_not_written_is_written_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a power cut between the last feed and the list."""
    rig = newsroom(tmp_path)
    rig.write("_posts/2026-11-07-n7.md", post("N7", "canals", 7))

    def cut(*_: object) -> None:
        raise OSError("power")

    with monkeypatch.context() as broken:
        broken.setattr("feedsvc.pipeline.listing.list_of", cut)
        with pytest.raises(OSError, match="power"):
            rig.rescan()
    assert "canals" in feeds(rig)
    assert "canals" not in dict(listed(rig))
    rig.rescan()
    assert "canals" in dict(listed(rig))


def test_d02_what_was_in_a_replaced_version_is_remembered(tmp_path: Path) -> None:
    """Contract D02, only when switched on."""
    for deltas in (True, False):
        rig = newsroom(tmp_path / str(deltas), feeds={"deltas": deltas})
        with rig.store.reading() as reader:
            before = reader.document_stamps(["/feeds/rail.rss", "/feeds/rail.json"])
        assert len(before) == 2
        rig.write("_posts/2026-11-06-n6.md", post("N6", "rail", 6))
        rig.rescan()
        with rig.store.reading() as reader:
            for path, stamp in before.items():
                found = read_outline(reader.past(path, stamp.etag) or "")
                assert (found is not None) == deltas
                if found:
                    assert [entry.title for entry in found.entries] == ["N3"]


def test_d06_withdrawn_entries_are_named_for_thirty_days(tmp_path: Path) -> None:
    """Contract D06, only when switched on."""
    rig = newsroom(tmp_path, feeds={"tombstones": True})
    (tmp_path / "site/_posts/2026-11-02-n2.md").unlink()
    rig.rescan()
    rig.later(minutes=2)
    rig.rescan()
    assert 'ref="tag:news.example.com,2026:n2"' in rig.body("/feeds/ports.atom")
    assert "deleted-entry" not in rig.body("/feeds/rail.atom")
    rig.later(days=31)
    rig.regenerate("ports")
    assert "deleted-entry" not in rig.body("/feeds/ports.atom")


def test_documents_name_hub_pages_and_archives_for_the_link_header(tmp_path: Path) -> None:
    """Contract P01, P04, L03: each in the document's own format."""
    rig = newsroom(tmp_path, feeds={"max_items": 1, "hub": "https://hub.example.net/"})
    with rig.store.reading() as reader:
        document = reader.document("/feeds/ports.atom")
    assert document is not None
    base = "http://127.0.0.1:8000/feeds/ports"
    assert document.links == (
        ("hub", "https://hub.example.net/"),
        ("next", f"{base}.atom?page=2"),
        ("last", f"{base}.atom?page=2"),
        ("prev-archive", f"{base}/archive/2026-11.atom"),
    )


def test_a_window_of_hours_reads_as_many_articles_as_there_are(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"feeds": {"max_items": 2, "windows": {"ports": {"hours": 48}}}})
    for day in range(1, 8):
        rig.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"N{day}", "ports", day))
    rig.rescan()
    assert titles(rig, "/feeds/ports.json") == ["N7", "N6", "N5"]
    assert titles(rig, "/feed.json") == ["N7", "N6"]


def test_everything_published_is_touched_though_no_octet_changed(tmp_path: Path) -> None:
    rig = newsroom(tmp_path)
    with rig.store.reading() as reader:
        before = reader.category_stamps(["", "ports"])
    assert before["ports"].touched == int(START.timestamp())
    rig.regenerate("ports")
    with rig.store.reading() as reader:
        after = reader.category_stamps(["", "ports"])
    assert after["ports"].touched == int(rig.now.timestamp())
    assert after[""] == before[""]
    assert datetime.fromtimestamp(after["ports"].touched, UTC) == rig.now

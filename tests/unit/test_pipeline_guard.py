"""The change guard on the whole way from files to documents: the disasters of features.md B2 and B3, and what is none.

A disaster: the documents stay as they were, to the octet, and an operator is told. No disaster: they change.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from feedsvc.health import Level, assess
from feedsvc.publishing.hold import GUARD_RELEASE, Hold
from tests.postgres import database, postgres_server
from tests.unit.pipeline_rig import START, Rig, post

__all__ = ["postgres_server"]

NUMBER = 12  # posts of a category, above guard.min_entries
PORTS = "/feeds/ports.json"


def published(rig: Rig, category: str = "ports", number: int = NUMBER, more: str = "") -> None:
    """So many posts, one a day, each with its number in `more`."""
    for count in range(1, number + 1):
        day = (count - 1) % 20 + 1
        text = post(f"Load {count} of {category}", category, day, f"It is {count} tons.", more.format(count))
        rig.write(f"_posts/{category}/2026-11-{day:02}-{category}-{count}.md", text)


def with_feeds(folder: Path, more: str = "", **options: object) -> Rig:
    """A rig with the category as published, and another one beside it that keeps the store large."""
    rig = Rig(folder, options)
    published(rig, more=more)
    published(rig, "rail", 38)
    rig.rescan()
    rig.later(minutes=5)
    return rig


def holds(rig: Rig) -> dict[str, str]:
    with rig.store.reading() as reader:
        return {hold.category: hold.reason for hold in reader.holds()}


def hold_of(rig: Rig, category: str = "ports") -> Hold:
    with rig.store.reading() as reader:
        return next(hold for hold in reader.holds() if hold.category == category)


def ids(rig: Rig, path: str = PORTS) -> list[str]:
    return [item["id"] for item in json.loads(rig.body(path))["items"]]


def release(rig: Rig, *categories: str) -> dict[str, int]:
    return dict(rig.publisher.regenerate(rig._run("regenerate", GUARD_RELEASE, categories)))


def files(rig: Rig, category: str = "ports") -> list[Path]:
    return sorted((rig.folder / "site/_posts" / category).iterdir())


def rewritten(rig: Rig, change: Callable[[str], str], category: str = "ports") -> None:
    """Every file of the category, changed by somebody or something."""
    for path in files(rig, category):
        path.write_text(change(path.read_text("utf-8")), "utf-8")
        rig.age(path)


def test_b2_explicit_ids_that_change_from_http_to_https_are_held(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path, more="guid: http://news.example.com/ports/{}\n")
    before, known = rig.body(PORTS), ids(rig)
    assert known[0] == "http://news.example.com/ports/12"
    rewritten(rig, lambda text: text.replace("guid: http:", "guid: https:"))
    counts = rig.rescan()
    assert counts["held_categories"] == 1
    assert holds(rig) == {"ports": "renamed"}
    assert rig.body(PORTS) == before
    assert hold_of(rig) == Hold(
        "ports",
        rig.now,
        "renamed",
        {"before": 12, "affected": 12},
        tuple(f"Load {n} of ports" for n in range(12, 2, -1)),
    )
    assert release(rig, "ports")["documents"] == 3
    assert holds(rig) == {}
    assert ids(rig) == [one.replace("http:", "https:") for one in known]


def test_b2_ids_that_change_in_small_steps_are_held_as_well(tmp_path: Path) -> None:
    """Whatever rewrites a folder does so file by file, and the watcher does not wait for its end."""
    rig = with_feeds(tmp_path, more="guid: http://news.example.com/ports/{}\n")
    known = ids(rig)
    for path in files(rig)[:4]:
        path.write_text(path.read_text().replace("guid: http:", "guid: https:"))
        rig.age(path)
        rig.later(seconds=2)
        rig.look(path)
    assert holds(rig) == {"ports": "renamed"}
    assert hold_of(rig).counts == {"before": 12, "affected": 4}
    assert sum(one in known for one in ids(rig)) == 9, "what was no accident yet is published"
    rig.later(hours=1)
    rig.regenerate("ports")
    assert holds(rig) == {"ports": "renamed"}, "to wait makes it no better"
    release(rig, "ports")
    assert sum(one in known for one in ids(rig)) == 8
    path.write_text(path.read_text().replace("tons", "boxes"))
    rig.age(path)
    rig.look(path)
    assert holds(rig) == {}, "what was released is settled"


def test_what_was_released_is_settled(tmp_path: Path) -> None:
    """Also within the minutes in which small steps count together."""
    rig = with_feeds(tmp_path, more="guid: http://news.example.com/ports/{}\n")
    path = files(rig)[0]
    path.write_text(path.read_text().replace("tons", "boxes"))
    rig.age(path)
    rig.look(path)
    rewritten(rig, lambda text: text.replace("guid: http:", "guid: https:"))
    rig.rescan()
    release(rig, "ports")
    rig.later(minutes=1)
    path.write_text(path.read_text().replace("boxes", "crates"))
    rig.age(path)
    rig.look(path)
    assert holds(rig) == {}
    assert "crates" in rig.body(PORTS)


def test_changes_far_apart_are_no_accident(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    for path in files(rig)[:9]:
        path.write_text(path.read_text().replace("carries", "has").replace("It is", "It was"))
        rig.age(path)
        path.rename(path.with_name(path.name.replace("ports-", "harbour-")))
        rig.later(minutes=11)
        rig.rescan()
    assert holds(rig) == {}


def test_b2_another_host_by_settings_changes_no_id_and_holds_nothing(tmp_path: Path) -> None:
    """Contract ID01: the host is not in the ids, so that moving is no accident."""
    rig = with_feeds(tmp_path, site={"url": "http://old.example.com", "authority": ""})
    before, known = rig.body(PORTS), ids(rig)
    rig.options["site"] = {"url": "https://new.example.org", "authority": ""}
    rig.store.close()
    rig.open()
    rig.rescan()
    assert holds(rig) == {}
    assert rig.body(PORTS) != before
    assert ids(rig) == known


def test_b2_new_slugs_for_all_files_of_a_category_are_held(tmp_path: Path) -> None:
    """Held at once, while the old files' grace period still runs and readers would see everything twice."""
    rig = with_feeds(tmp_path)
    before = rig.body(PORTS)
    for path in files(rig):
        path.rename(path.with_name(path.name.replace("ports-", "harbour-")))
    rig.rescan()
    assert holds(rig) == {"ports": "renamed"}
    rig.later(minutes=2)
    rig.rescan()
    assert holds(rig) == {"ports": "renamed"}
    assert rig.body(PORTS) == before


def test_b2_another_authority_is_held(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    before, site = rig.body(PORTS), rig.body()
    rig.options["site"] = {"authority": "other.example.org,2026"}
    rig.store.close()
    rig.open()
    rig.rescan()
    assert holds(rig) == {"": "renamed", "ports": "renamed", "rail": "renamed"}
    assert (rig.body(PORTS), rig.body()) == (before, site)
    rig.options["site"] = {"authority": "news.example.com,2026"}
    rig.store.close()
    rig.open()
    rig.rescan()
    assert holds(rig) == {}, "put right, it is published by itself"
    assert (rig.body(PORTS), rig.body()) == (before, site)


def reopened(rig: Rig, **site: str) -> None:
    rig.options["site"] = site
    rig.store.close()
    rig.open()
    rig.rescan()


def test_b2_another_authority_by_mistake_is_undone_by_taking_it_out_again(tmp_path: Path) -> None:
    """It is kept, as the first one was, not before readers have it."""
    rig = with_feeds(tmp_path, site={"authority": "", "url": "https://first.example.com"})
    known = ids(rig)
    reopened(rig, authority="wrong.example.org,2026")
    assert len(holds(rig)) == 3
    reopened(rig, authority="", url="https://other.example.net")
    assert holds(rig) == {}
    assert ids(rig) == known
    reopened(rig, authority="meant.example.org,2026")
    release(rig, "", "ports", "rail")
    reopened(rig, authority="meant.example.org,2026")
    reopened(rig, authority="", url="https://other.example.net")
    assert holds(rig) == {}
    assert ids(rig)[0].startswith("tag:meant.example.org,2026:")


def test_b3_a_build_that_stamps_every_post_is_held(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path, more="last_modified_at: 2026-11-21 08:00:00 +0000\n")
    before = rig.body(PORTS)
    rewritten(rig, lambda text: text.replace("2026-11-21 08", "2026-11-22 07"))
    rig.rescan()
    assert holds(rig) == {"ports": "updated"}
    assert rig.body(PORTS) == before


def test_b3_files_rewritten_with_white_space_change_nothing(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    before, edition = rig.body(PORTS), rig.store.edition()
    rewritten(rig, lambda text: text + "\n\n")
    rig.rescan()
    assert holds(rig) == {}
    assert json.loads(rig.body(PORTS)) == json.loads(before)
    assert rig.store.edition() == edition


def test_half_of_the_posts_vanishing_is_held(tmp_path: Path) -> None:
    """Too few for the store's own limit (publisher.vanish_hold_files), but most of this category."""
    rig = with_feeds(tmp_path)
    before = rig.body(PORTS)
    for path in files(rig)[:7]:
        path.unlink()
    rig.rescan()
    rig.later(minutes=2)
    rig.rescan()
    assert holds(rig) == {"ports": "vanished"}
    assert hold_of(rig).counts == {"before": 12, "affected": 7}
    assert rig.body(PORTS) == before
    assert len(ids(rig, "/feed.json")) == 43, "the whole site's feed goes on"
    health = assess(rig.store, rig.now)
    assert health.level is Level.ATTENTION
    assert health.held == ("ports",)
    assert any("entries vanish (ports)" in reason and "guard release" in reason for reason in health.reasons)


def test_accepted_removals_are_not_held_and_free_what_is(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    for path in files(rig)[:7]:
        path.unlink()
    rig.rescan()
    rig.later(minutes=2)
    rig.rescan()
    assert holds(rig) == {"ports": "vanished"}
    rig.rescan("accept-removals")
    assert holds(rig) == {}
    assert len(ids(rig)) == 5
    for path in files(rig, "rail")[:33]:
        path.unlink()
    rig.rescan("accept-removals")
    assert holds(rig) == {}
    assert len(ids(rig, "/feeds/rail.json")) == 5


def test_repaired_content_is_published_and_the_hold_goes(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    known = ids(rig)
    kept = {path: path.read_bytes() for path in files(rig)[:8]}
    for path in kept:
        path.unlink()
    rig.rescan()
    rig.later(minutes=2)
    rig.rescan()
    assert holds(rig) == {"ports": "vanished"}
    for path, data in kept.items():
        path.write_bytes(data)
        rig.age(path)
    rig.rescan()
    assert holds(rig) == {}
    assert ids(rig) == known


def test_the_first_build_and_small_feeds_are_never_held(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"site": {"authority": "a.example.com,2026"}})
    published(rig, number=9)
    assert "held_categories" not in rig.rescan()
    rig.options["site"] = {"authority": "b.example.com,2026"}
    rig.store.close()
    rig.open()
    assert "held_categories" not in rig.rescan()
    assert ids(rig)[0] == "tag:b.example.com,2026:ports-9"


def test_a_busy_morning_that_replaces_the_whole_window_is_not_held(tmp_path: Path) -> None:
    """Also where a column has the same few titles every day."""
    rig = Rig(tmp_path, {"feeds": {"max_items": 12}})
    for day in (20, 21):
        for number in range(12):
            when = f"---\ntitle: Report {number}\ndate: 2026-11-{day} {number:02}:00:00 +0000\ncategories: ports\n---\n"
            rig.write(f"_posts/2026-11-{day}-r{day}-{number}.md", f"{when}Calm.\n")
        rig.rescan()
    assert holds(rig) == {}
    assert sorted(ids(rig)) == sorted(f"tag:news.example.com,2026:r21-{number}" for number in range(12))


def test_live_reports_kept_up_to_date_all_night_are_not_held(tmp_path: Path) -> None:
    """A dozen, each changed every six minutes by somebody: within ten minutes all are updated."""
    rig = with_feeds(tmp_path)
    for minute in range(40):
        for path in files(rig)[minute % 6 :: 6]:
            path.write_text(f"{path.read_text()}\nMinute {minute}: another ship.\n")
            rig.age(path)
            rig.look(path)
            rig.later(seconds=30)
        assert holds(rig) == {}
    assert "Minute 39" in rig.body(PORTS)


def test_a_rewrite_that_is_seen_file_by_file_is_held(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    for path in files(rig):
        path.write_text(path.read_text().replace("tons", "boxes"))
        rig.age(path)
        rig.look(path)
        rig.later(seconds=1)
    assert holds(rig) == {"ports": "updated"}
    assert hold_of(rig).counts == {"before": 12, "affected": 12}
    assert rig.body(PORTS).count("boxes") < 2 * 12


def test_an_exempt_category_is_never_held(tmp_path: Path) -> None:
    """A table of prices for each port, all of them written anew every morning."""
    rig = with_feeds(tmp_path, guard={"exempt": ["ports"]})
    for day in range(3):
        rig.later(days=1)
        for category in ("ports", "rail"):
            rewritten(rig, lambda text, day=day: text.replace(" tons", f" {day} tons"), category)  # type: ignore[misc]
        rig.rescan()
        assert holds(rig) == {"": "updated", "rail": "updated"}
    assert "0 1 2 tons" in rig.body(PORTS)


def test_a_category_made_exempt_is_published_at_once(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    rewritten(rig, lambda text: text.replace("tons", "boxes"))
    rig.rescan()
    assert holds(rig) == {"ports": "updated"}
    rig.options["guard"] = {"exempt": ["ports"]}
    rig.store.close()
    rig.open()
    rig.rescan()
    assert holds(rig) == {}
    assert "boxes" in rig.body(PORTS)


def test_one_correction_is_not_held(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    path = files(rig)[8]
    path.write_text(path.read_text().replace("9 tons", "nine tons"))
    rig.age(path)
    rig.look(path)
    assert holds(rig) == {}
    assert "nine tons" in rig.body(PORTS)


def test_a_hold_outlives_a_restart_and_new_posts(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path, more="guid: http://news.example.com/ports/{}\n")
    before = rig.body(PORTS)
    rewritten(rig, lambda text: text.replace("guid: http:", "guid: https:"))
    rig.rescan()
    since = hold_of(rig).since
    rig.store.close()
    rig.later(hours=1)
    rig.open()
    rig.rescan()
    rig.write("_posts/ports/2026-11-21-ship.md", post("Late ship", "ports", 21))
    rig.rescan()
    assert rig.body(PORTS) == before
    assert hold_of(rig).since == since
    assert "Late ship" in rig.body(), "the whole site's feed was not held"
    rig.regenerate("ports")
    assert rig.body(PORTS) == before, "to rebuild is not to release"
    release(rig, "ports")
    assert "Late ship" in rig.body(PORTS)


def test_held_categories_are_not_touched_and_wait_for_nothing(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path, more="guid: http://news.example.com/ports/{}\n")
    with rig.store.reading() as reader:
        before = reader.category_stamps(["ports", "rail"])
    rewritten(rig, lambda text: text.replace("guid: http:", "guid: https:"))
    rig.write("_posts/rail/2026-11-21-train.md", post("Train", "rail", 21))
    rig.rescan()
    with rig.store.reading() as reader:
        after = reader.category_stamps(["ports", "rail"])
        assert reader.dirty() == {}
    assert after["ports"].touched == before["ports"].touched
    assert after["ports"].edition > before["ports"].edition, "web workers hear that it is held"
    assert after["rail"].touched > before["rail"].touched


def test_switched_off_it_holds_nothing(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path, guard={"enabled": False})
    rig.options["site"] = {"authority": "other.example.org,2026"}
    rig.store.close()
    rig.open()
    rig.rescan()
    assert holds(rig) == {}
    assert ids(rig)[0].startswith("tag:other.example.org,2026:")


def test_a_held_category_stays_in_the_list_of_feeds_though_nothing_is_left_of_it(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    for path in files(rig):
        path.unlink()
    rig.rescan()
    rig.later(minutes=2)
    rig.rescan()
    assert holds(rig) == {"ports": "vanished"}
    rig.write("_posts/2026-11-21-new.md", post("New", "canals", 21))
    rig.rescan()
    assert [name in rig.body("/feeds.opml") for name in ("canals", "ports")] == [True, True]
    release(rig, "ports")
    assert "ports" not in rig.body("/feeds.opml")


def test_switching_it_off_publishes_what_is_held(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    rig.options["site"] = {"authority": "other.example.org,2026"}
    rig.store.close()
    rig.open()
    rig.rescan()
    assert len(holds(rig)) == 3
    rig.options["guard"] = {"enabled": False}
    rig.store.close()
    rig.open()
    rig.rescan()
    assert holds(rig) == {}


@pytest.mark.slow
def test_a_hold_on_postgresql(tmp_path: Path, postgres_server: str) -> None:
    with database(make_url(postgres_server)) as url:
        rig = with_feeds(tmp_path, database={"url": url.render_as_string(hide_password=False)})
        before = rig.body(PORTS)
        rig.options["site"] = {"authority": "other.example.org,2026"}
        rig.store.close()
        rig.open()
        rig.rescan()
        assert holds(rig) == {"": "renamed", "ports": "renamed", "rail": "renamed"}
        assert rig.body(PORTS) == before
        release(rig, "", "ports", "rail")
        assert holds(rig) == {}
        assert rig.body(PORTS) != before
        rig.store.close()


def test_a_release_says_what_it_did(tmp_path: Path) -> None:
    rig = with_feeds(tmp_path)
    assert START + timedelta(minutes=5) == rig.now
    assert release(rig, "rail") == {"categories": 1}, "nothing held, nothing changed"

"""The publisher's jobs when things go wrong, and when only the schedule may publish."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from concurrent.futures.process import BrokenProcessPool
from datetime import date, timedelta
from pathlib import Path

import pytest

from feedsvc import bootstrap
from feedsvc.content.draft import Severity
from feedsvc.health import Level, assess
from feedsvc.pipeline.check import check
from feedsvc.pipeline.workers import Workers
from feedsvc.scheduling.run import JobState, Run
from feedsvc.sharing.click import Clicks, Visitor
from feedsvc.store import Transaction
from tests.unit.pipeline_rig import START, Rig, post


def titles(rig: Rig) -> list[str]:
    return [item["title"] for item in json.loads(rig.body())["items"]]


def test_a_rescan_publishes_what_came_due(tmp_path: Path) -> None:
    """Contract F08: also where nothing runs between two builds."""
    rig = Rig(tmp_path)
    rig.write("_posts/2026-11-23-b.md", post("B", day=23))
    rig.rescan()
    rig.later(days=2)
    rig.rescan()
    assert titles(rig) == ["B"]


def test_a_file_that_cannot_be_read_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(tmp_path)
    path = rig.write("_posts/2026-11-01-a.md", post("Good"))
    rig.rescan()
    path.write_text(post("Better"))
    rig.age(path)
    real = os.open

    def refuse(name: str | Path, *arguments: int, **more: int) -> int:
        if str(name).endswith("-a.md"):
            raise PermissionError(13, "Permission denied")
        return real(name, *arguments, **more)

    monkeypatch.setattr(os, "open", refuse)
    assert rig.rescan()["unreadable"] == 1
    assert rig.rescan()["unreadable"] == 1
    assert rig.problems() == ["file.unreadable"]
    assert titles(rig) == ["Good"]
    monkeypatch.undo()
    rig.rescan()
    assert rig.problems() == []
    assert titles(rig) == ["Better"]


def test_a_failed_look_is_tried_again_soon_and_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(tmp_path)
    rig.rescan()
    path = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    path.write_text(post("B"))
    rig.age(path)

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as broken:
        broken.setattr(type(rig.publisher._ingest), "look", fail)
        for seconds in (2, 4, 8):
            with pytest.raises(OSError, match="disk"):
                rig.look(path)
            assert rig.alarms.pop("refresh") - rig.now == timedelta(seconds=seconds)
            rig.publisher._alarms.clear()
    rig.look()
    assert titles(rig) == ["B"]


def test_a_file_that_stays_open_is_looked_at_less_and_less_often(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    path = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    path.write_text("---\n")  # looks begun for two seconds
    pauses = []
    for _ in range(4):
        os.utime(path)
        rig.look(path)
        pauses.append(rig.alarms["refresh"] - rig.now)
        rig.publisher._alarms.clear()
    assert pauses == [timedelta(milliseconds=40 * 2**n) for n in range(4)]


def test_only_the_schedule_publishes_when_told_so(tmp_path: Path) -> None:
    """publisher.mode = schedule: neither a restart nor a grace period is an edition; a person's wish is one."""
    rig = Rig(tmp_path, {"publisher": {"mode": "schedule", "schedule": "1d"}})
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    assert titles(rig) == ["A"]  # the very first look publishes: an empty server serves nobody
    rig.write("_posts/2026-11-02-b.md", post("B", day=2))
    rig.rescan()
    assert titles(rig) == ["A"]
    rig.rescan("request")
    assert titles(rig) == ["B", "A"]
    rig.write("_posts/2026-11-03-c.md", post("C", day=3))
    rig.publisher.edition(rig._run("edition"))
    assert titles(rig) == ["C", "B", "A"]


def test_the_edition_of_one_category_is_none_of_the_others(tmp_path: Path) -> None:
    """A partner's fixed hour must not publish what waits for another hour."""
    hours = {"mode": "schedule", "schedule": "1d", "category_schedules": {"ports": "0 12 * * *"}}
    rig = Rig(tmp_path, {"publisher": hours})
    rig.write("_posts/2026-11-01-a.md", post("A", "ports"))
    rig.rescan()
    rig.write("_posts/2026-11-02-b.md", post("B", "ports", 2))
    rig.publisher.edition(rig._run("edition:ports"), ["ports"])
    assert [item["title"] for item in json.loads(rig.body("/feeds/ports.json"))["items"]] == ["B", "A"]
    assert titles(rig) == ["A"]
    rig.publisher.edition(rig._run("edition"))
    assert titles(rig) == ["B", "A"]


def test_a_broken_pool_is_replaced() -> None:
    with Workers(2) as workers:
        pool = workers._started()
        with pytest.raises(BrokenProcessPool):
            list(workers._spread(_die, iter([1]), None, 1))
        assert workers._started() is not pool
        assert workers._started().submit(int, "1").result(30) == 1


def _die(work: object, rules: object) -> list[int]:
    os._exit(1)


def test_check_takes_files_as_they_are_and_fails_for_foreign_addresses(tmp_path: Path) -> None:
    """Contract S08; a fresh checkout is younger than any patience."""
    rig = Rig(tmp_path)
    (tmp_path / "site/a.md").write_text("---\ntitle: never closed\n")
    (tmp_path / "site/b.md").write_text("---\ntitle: C\ncanonical_url: https://evil.example/x\n---\nb\n")
    os.utime(tmp_path / "site/a.md", (time.time(), time.time()))
    result = check(bootstrap.roots(rig.settings), bootstrap.rules(rig.settings, "x,2026"))
    found = {problem.code: problem.severity for problem in result.problems}
    assert found["front-matter.unclosed"] is Severity.WARNING
    assert found["canonical.foreign"] is Severity.ERROR


def test_check_refuses_ids_that_have_a_tidier_spelling(tmp_path: Path) -> None:
    """Contract AT09; they are published all the same (ID03)."""
    rig = Rig(tmp_path)
    rig.write("_posts/2026-11-01-a.md", post("A", more="id: HTTP://Example.com\n"))
    (problem,) = check(bootstrap.roots(rig.settings), bootstrap.rules(rig.settings, "x,2026")).problems
    assert (problem.code, problem.severity) == ("id.not_canonical", Severity.ERROR)
    rig.rescan()
    assert '"id": "HTTP://Example.com"' in rig.body()


def test_check_names_categories_that_differ_only_in_case(tmp_path: Path) -> None:
    """content.md 0.8."""
    rig = Rig(tmp_path)
    rig.write("_posts/2026-11-01-a.md", post("A", "TechWeb"))
    rig.write("_posts/2026-11-02-b.md", post("B", "Techweb", 2))
    rig.write("_posts/2026-11-03-c.md", post("C", "ports", 3))
    (problem,) = check(bootstrap.roots(rig.settings), bootstrap.rules(rig.settings, "x,2026")).problems
    assert (problem.code, problem.severity) == ("category.alike", Severity.NOTE)
    assert "TechWeb, Techweb" in problem.message


def test_a_failure_counts_until_a_later_look_has_gone_well(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.rescan()

    def state(tx: Transaction, job: str, minutes: int, outcome: str) -> None:
        tx.put_job_state(JobState(job, START + timedelta(minutes=minutes), outcome))

    with rig.store.writing() as tx:
        state(tx, "rescan", 0, "done")
        state(tx, "regenerate", 1, "failed")
    assert assess(rig.store, START).level is Level.ATTENTION
    with rig.store.writing() as tx:
        state(tx, "rescan", 2, "done")
    assert assess(rig.store, START).level is Level.WELL


def test_one_post_the_database_refuses_does_not_keep_the_others_out(tmp_path: Path) -> None:
    """Contract F12. PostgreSQL's indexes hold 2,704 octets, SQLite's anything: so the limit is put on here."""
    rig = Rig(tmp_path)
    with sqlite3.connect(tmp_path / "data" / "feedsvc.db") as database:
        database.execute(
            "CREATE TRIGGER short BEFORE INSERT ON articles WHEN length(NEW.path) > 300 "
            "BEGIN SELECT RAISE(ABORT, 'too long'); END"
        )
    for day in range(1, 4):
        rig.write(f"_posts/2026-11-0{day}-p{day}.md", post(f"P{day}", day=day))
    rig.write("_posts/2026-11-04-long.md", post("Long", day=4, more=f"slug: {'x' * 400}\n"))
    counts = rig.rescan()
    assert (counts["new"], counts["quarantined"]) == (3, 1)
    assert titles(rig) == ["P3", "P2", "P1"]
    assert rig.problems() == ["record-refused"]
    assert rig.rescan() == {"unchanged": 4}


def test_a_category_nobody_could_ask_for_is_left_out(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.write("_posts/2026-11-01-a.md", post("A", category="长" * 300))
    rig.rescan()
    assert rig.problems() == ["category.too-long"]
    assert titles(rig) == ["A"]
    assert rig.paths() == ["/feed.atom", "/feed.json", "/feed.rss", "/feeds.opml"]


def test_clicks_are_forgotten_after_their_time(tmp_path: Path) -> None:
    """share.keep_days, 400 unless somebody says otherwise."""
    rig = Rig(tmp_path)
    for days in (0, 1):
        at = START + timedelta(days=days)
        rig.store.add_clicks(Clicks({("x", Visitor.PERSON): 1}, misses={(f"typo{days}", True): 1}), at.date(), at)
    rig.later(days=401)
    run = Run(id="h", job="housekeeping", reason="schedule", asked_by="test", created=rig.now)
    assert rig.publisher.housekeeping(run)["clicks_pruned"] == 2
    with rig.store.reading() as reader:
        assert [day.day for day in reader.clicks(["x"], START.date(), rig.now.date())] == [date(2026, 11, 23)]
        assert [miss.name for miss in reader.misses(10)] == ["typo1"]

"""Clicks on share links under real web workers: killed, stopped, without a database to write to, several at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from feedsvc.sharing.click import Visitor
from feedsvc.sqlstore.store import open_store
from tests.contract.served import check_script
from tests.e2e.newsroom import Newsroom, post
from tests.e2e.test_kill import children

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
LINK = "/s/ferry"


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """With one article that has a code of its own."""
    for day in range(1, 6):
        newsroom.write(
            f"_posts/2026-11-0{day}-boat{day}.md", post(f"Boat {day}", date=f"2026-11-0{day} 08:00:00 +0800")
        )
    front = "---\ntitle: Ferry\ndate: 2026-11-06 08:00:00 +0800\ncategories: markets\nshare_code: ferry\n---\nText.\n"
    newsroom.write("_posts/2026-11-06-ferry.md", front)
    return newsroom


def follow(room: Newsroom, agent: str = "robot/1.0") -> float:
    """Each of a robot's clicks counts as one. The time at which it was answered."""
    answer = room.get(LINK, User_Agent=agent)
    assert answer.status == 302 and answer.headers["Location"].endswith("/ferry.html"), answer
    return time.monotonic()


def totals(room: Newsroom) -> dict[Visitor, int]:
    store = open_store(f"sqlite:///{room.folder / 'data' / 'feedsvc.db'}")
    try:
        with store.reading() as reader:
            days = reader.clicks(["ferry"], date(2020, 1, 1), date(2100, 1, 1))
    finally:
        store.close()
    return {kind: sum(day.count for day in days if day.visitor is kind) for kind in {day.visitor for day in days}}


def robots(room: Newsroom) -> int:
    return totals(room).get(Visitor.ROBOT, 0)


def workers(room: Newsroom) -> tuple[int, set[int]]:
    """gunicorn's master and its workers."""
    assert room.server is not None
    master = next(pid for pid in children(room.server.pid) if b"gunicorn" in command(pid))
    return master, set(children(master))


def command(pid: int) -> bytes:
    return (Path("/proc") / str(pid) / "cmdline").read_bytes()


def test_s14_a_killed_worker_loses_less_than_a_second(room: Newsroom) -> None:
    """Contract S14: kill -9 in the middle of a stream of clicks."""
    room.start()
    _, (worker,) = workers(room)
    answered = []
    began = time.monotonic()
    while time.monotonic() < began + 2.5:
        answered.append(follow(room))
    os.kill(worker, signal.SIGKILL)
    killed = time.monotonic()
    room.until(lambda: workers(room)[1] - {worker}, "another worker has been started")
    found = robots(room)
    safe = sum(moment < killed - 1 for moment in answered)
    assert safe <= found <= len(answered), "no more than the last second is lost, and nothing counts twice"
    follow(room)
    room.until(lambda: robots(room) == found + 1, "its successor counts")


@pytest.mark.parametrize("how", ["SIGTERM to all", "SIGTERM", "SIGHUP to the master"])
def test_a_stopped_worker_loses_nothing(room: Newsroom, how: str) -> None:
    """However gunicorn ends a worker: what it has counted last is written."""
    room.start()
    master, (worker,) = workers(room)
    for number in range(5):  # so that the end does not come in the very moment at which it writes anyway
        for _ in range(20):
            follow(room)
        if number < 4:
            room.until(lambda: robots(room) > 20 * number, "some are written")  # noqa: B023
    if how == "SIGTERM to all":
        room.stop()
    else:
        os.kill(master if "master" in how else worker, getattr(signal, how.split()[0]))
        room.until(lambda: worker not in workers(room)[1], "the worker has ended")
    assert robots(room) == 100


def test_s14_a_store_that_cannot_be_written_delays_nobody(room: Newsroom) -> None:
    """Contract S14: redirects go on at once; what was counted meanwhile is written afterwards."""
    room.start()
    follow(room)
    with held(room):
        slowest = 0.0
        for _ in range(40):
            began = time.monotonic()
            slowest = max(slowest, follow(room) - began)
            time.sleep(0.02)  # as long as several attempts to write
        assert slowest < 2
        assert robots(room) <= 1
    room.until(lambda: robots(room) == 41, "all of them are written")


@contextmanager
def held(room: Newsroom) -> Iterator[None]:
    """The database's only place for a writer is taken."""
    store = open_store(f"sqlite:///{room.folder / 'data' / 'feedsvc.db'}")
    try:
        with store.writing():
            yield
    finally:
        store.close()


def test_s14_all_workers_know_who_was_there(room: Newsroom) -> None:
    """Contract S14: a repeat is one, whichever worker it comes to."""
    room.settings["FEEDSVC_SERVER__WORKERS"] = "3"
    room.start()
    assert len(workers(room)[1]) == 3
    follow(room, BROWSER)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: follow(room, BROWSER), range(150)))
    room.until(lambda: sum(totals(room).values()) == 151, "all are counted")
    assert totals(room) == {Visitor.PERSON: 1, Visitor.REPEAT: 150}


@pytest.mark.parametrize(("repeat_seconds", "pause"), [(10, 11), (0, 1)])
def test_every_share_rule_with_counting(room: Newsroom, repeat_seconds: int, pause: int) -> None:
    """Contract S14, S12, S11 and the rest of section 15 by the check that all implementations share.

    It counts what a browser did right before as well: the command waits until a repeat is none any more.
    """
    script = check_script("sharecheck.py")
    room.settings["FEEDSVC_SHARE__REPEAT_SECONDS"] = str(repeat_seconds)
    room.start()
    (room.content / "_posts" / "2026-11-01-boat1.md").unlink()
    room.until(lambda: room.answers("/s/boat1") == 410, "the link of a removed post answers 410")
    target = room.get(LINK).headers["Location"]
    count = f"sleep {pause}; {Path(sys.executable).parent / 'feedsvc'} link show ferry --people"
    arguments = ["--gone", f"{room.base}/s/boat1", "--legacy", f"{room.base}/html_News/NewsShare.html?infoCode=ferry"]
    done = subprocess.run(
        [sys.executable, str(script), room.base + LINK, target, *arguments, "--count", count],
        env=room.environment,
        cwd=room.folder,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0 and "all passed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("PASS S14") == 2

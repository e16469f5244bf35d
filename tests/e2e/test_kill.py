"""kill -9 at any moment: no torn document, nothing lost, the same feeds in the end; and somebody takes over."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import multiprocessing
import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from feedsvc import bootstrap
from feedsvc.pipeline.workers import Workers
from feedsvc.scheduling.run import Run
from feedsvc.settings import Settings
from tests.e2e.newsroom import Newsroom, post
from tests.postgres import database

CATEGORIES = ("markets", "banks", "ports", "grain", "Chips")


def settings_for(folder: Path, data: str, url: str = "") -> Settings:
    return Settings.model_validate(
        {
            "data_dir": folder / data,
            "database": {"url": url},
            "content": {"roots": [{"path": folder / "site"}]},
            "site": {"authority": "news.example.com,2026"},
            "publisher": {"processes": 1},
        }
    )


def build(folder: Path, data: str, url: str = "") -> None:
    """One full pass, as `feedsvc build` does it; one holder, so that no round waits for the last one's lease."""
    settings = settings_for(folder, data, url)
    store = bootstrap.open_store(settings)
    lease = store.acquire_lease("publisher", "one", timedelta(seconds=60), datetime.now(UTC))
    assert lease is not None
    work = bootstrap.publisher(settings, store, lambda: lease, Workers(1))
    work.rescan(Run(id="test", job="rescan", reason="test", asked_by="test", created=datetime.now(UTC)))
    store.close()


def published(folder: Path, data: str, url: str = "") -> dict[str, str]:
    """path -> tag of every document, each read whole and compared with its tag."""
    store = bootstrap.open_store(settings_for(folder, data, url))
    tags = {}
    with store.reading() as reader:
        for path in reader.document_paths():
            document = reader.document(path)
            assert document is not None
            body = gzip.decompress(document.gzip)
            assert len(body) == document.length
            digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()
            assert digest.startswith(document.etag), f"{path} is torn"
            tags[path] = document.etag
    store.close()
    return tags


def write_posts(folder: Path, numbers: range, version: int) -> None:
    for number in numbers:
        day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        edited = day + timedelta(days=version)
        text = post(
            f"Post {number} v{version}",
            category=f"{CATEGORIES[number % 5]} {CATEGORIES[number % 3]}",
            date=f"{day:%Y-%m-%d %H:%M:%S} +0000\nlast_modified_at: {edited:%Y-%m-%d %H:%M:%S} +0000",
            body=f"Text {number} of version {version}. " * 40,
        )
        (folder / "site" / "_posts" / f"{day:%Y-%m-%d}-p{number}.md").write_text(text)


def test_fifty_kills_leave_no_trace(tmp_path: Path) -> None:
    kill_fifty_times(tmp_path, "")


def test_fifty_kills_leave_no_trace_on_postgresql(tmp_path: Path, postgres_server: str) -> None:
    with database(make_url(postgres_server)) as url:
        kill_fifty_times(tmp_path, url.render_as_string(hide_password=False))


def kill_fifty_times(tmp_path: Path, url: str) -> None:
    """Contract H55, F06 and design.md 5: killed at random points of a build, fifty times."""
    (tmp_path / "site" / "_posts").mkdir(parents=True)
    chance = random.Random(20261122)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.e2e.test_kill"])
    killed, usual = 0, 0.2  # seconds a build takes
    for round_ in range(80):
        write_posts(tmp_path, range(round_ * 6, round_ * 6 + 12), version=round_ + 1)
        process = context.Process(target=build, args=(tmp_path, "data", url))
        started = time.monotonic()
        process.start()
        process.join(chance.uniform(0.0, usual))
        if process.exitcode is None:
            killed += 1
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        if process.exitcode == 0:
            usual = time.monotonic() - started
        if killed == 50:
            break
        if round_ % 10 == 9:
            published(tmp_path, "data", url)
    assert killed == 50
    build(tmp_path, "data", url)
    build(tmp_path, "clean")
    ours = published(tmp_path, "data", url)
    assert ours == published(tmp_path, "clean")
    assert len(ours) == 3 * 6 + 1, "every feed in every format, and their list"


def children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(folder.name))
    return found


def alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> list[int]:
    return [found for child in children(pid) for found in (child, *descendants(child))]


def publisher_of(newsroom: Newsroom) -> int:
    status = json.loads(newsroom.run("status", "--json", check=False).stdout)
    return int(status["leader"].split(":")[1]) if status.get("leader") else 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")
def test_no_orphan_after_the_parent_is_killed(newsroom: Newsroom) -> None:
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    assert newsroom.server is not None
    family = descendants(newsroom.server.pid)
    assert len(family) >= 3  # gunicorn's master, its worker, the publisher
    newsroom.server.kill()
    newsroom.server.wait()
    newsroom.server = None
    newsroom.until(lambda: not any(alive(pid) for pid in family), "all children are gone")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")
def test_a_killed_publisher_is_started_again(newsroom: Newsroom) -> None:
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    first = publisher_of(newsroom)
    os.kill(first, signal.SIGKILL)
    newsroom.write("_posts/2026-11-02-b.md", post("B", date="2026-11-02 08:00:00 +0800"))
    newsroom.until(lambda: newsroom.titles() == ["B", "A"], "the new publisher has published")
    assert publisher_of(newsroom) not in (0, first)


def test_another_publisher_takes_over(newsroom: Newsroom) -> None:
    """design.md 5: two publishers, one leads; kill it, and the other leads within seconds."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    candidates = [newsroom.popen("publisher"), newsroom.popen("publisher")]
    web = newsroom.popen("web")
    try:
        newsroom.until(lambda: newsroom.answers("/feed.atom") == 200, "something is published")
        leader = publisher_of(newsroom)
        first = next(process for process in candidates if process.pid == leader)
        other = next(process for process in candidates if process.pid != leader)
        first.kill()
        killed = time.monotonic()
        newsroom.write("_posts/2026-11-02-b.md", post("B", date="2026-11-02 08:00:00 +0800"))
        newsroom.until(lambda: newsroom.titles() == ["B", "A"], "the other publisher has published", 10)
        assert time.monotonic() - killed < 8
        assert publisher_of(newsroom) == other.pid
    finally:
        for process in (*candidates, web):
            process.terminate()
        for process in (*candidates, web):
            process.wait(20)


def test_a_storm_of_signals_ends_it_as_one_does(newsroom: Newsroom) -> None:
    """`timeout`, a terminal and an init system each send SIGTERM to a process and to its group: two at a time."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    assert newsroom.server is not None
    publisher = publisher_of(newsroom)
    for _ in range(300):
        os.kill(publisher, signal.SIGTERM)
    newsroom.until(lambda: not alive(publisher), "the publisher has ended")
    for _ in range(300):
        newsroom.server.send_signal(signal.SIGTERM)
    assert newsroom.server.wait(20) == 0
    newsroom.server = None


def test_a_stopped_publisher_hands_over_at_once(newsroom: Newsroom) -> None:
    """SIGTERM releases the lease: whoever comes next need not wait for its end."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    newsroom.stop()
    assert "feeds written" in newsroom.run("build").stdout  # refused while another publisher holds the lease

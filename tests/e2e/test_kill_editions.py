"""kill -9 amid accidents, releases, moves and ends of rights: what belongs together is published together."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy.engine import make_url

from feedsvc import bootstrap
from feedsvc.feeds.address import feed_path
from feedsvc.pipeline.workers import Workers
from feedsvc.publishing.guard import read_outline
from feedsvc.publishing.hold import GUARD_RELEASE
from feedsvc.scheduling.lease import Lease
from feedsvc.scheduling.run import Run
from feedsvc.settings import Settings
from feedsvc.store import Transaction
from tests.e2e.newsroom import post
from tests.e2e.test_kill import published
from tests.postgres import database

POSTS = 40
CATEGORIES = ("markets", "banks", "粮食")
KILLS = 40
ACCIDENT: dict[str, Any] = {"site": {"authority": "other.example.org,2026"}}
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    ACCIDENT,
    {"categories": {"renamed": {"banks": "savings"}}},
    {"categories": {"removed": ["markets"]}},
    {"categories": {"rights": {"粮食": {"text": "none"}, "banks": {"text": "headline"}}}},
    {"feeds": {"tombstones": True, "deltas": True}},
)


def settings_for(folder: Path, data: str, url: str, change: dict[str, Any]) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": folder / data,
            "database": {"url": url},
            "content": {"roots": [{"path": folder / "site"}]},
            "publisher": {"processes": 1},
            **change,
            "site": {"authority": "news.example.com,2026", **change.get("site", {})},
        }
    )


def work(folder: Path, data: str, url: str, change: dict[str, Any], released: bool, last: int = 0) -> None:
    """Look at everything under these settings, and publish what is held as well where somebody says so.

    last: the transaction after which this process dies.
    """
    settings = settings_for(folder, data, url, change)
    store = bootstrap.open_store(settings)
    writing, left = store.writing, count(last - 1, -1)

    @contextmanager
    def counted(lease: Lease | None = None) -> Iterator[Transaction]:
        with writing(lease) as tx:
            yield tx
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    store.writing = counted  # type: ignore[method-assign]
    lease = store.acquire_lease("publisher", "one", timedelta(seconds=60), datetime.now(UTC))
    assert lease is not None
    publisher = bootstrap.publisher(settings, store, lambda: lease, Workers(1))
    publisher.rescan(run("rescan", "test"))
    with store.reading() as reader:
        held = tuple(hold.category for hold in reader.holds())
    if released and held:
        publisher.regenerate(run("regenerate", GUARD_RELEASE, held))
    store.close()


def run(job: str, reason: str, categories: tuple[str, ...] = ()) -> Run:
    return Run(id="test", job=job, reason=reason, asked_by="test", created=datetime.now(UTC), categories=categories)


def write_posts(folder: Path, version: int) -> None:
    for number in range(version % 4, POSTS, 4):
        day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        edited = day + timedelta(days=version)
        text = post(
            f"Post {number} v{version}",
            category=CATEGORIES[number % 3],
            date=f"{day:%Y-%m-%d %H:%M:%S} +0000\nlast_modified_at: {edited:%Y-%m-%d %H:%M:%S} +0000",
            body=f"Text {number} of version {version}. " * 40,
        )
        (folder / "site" / "_posts" / f"{day:%Y-%m-%d}-p{number}.md").write_text(text)


def consistent(folder: Path, data: str, url: str) -> set[str]:
    """What is published fits together, whatever was killed; returned are the categories that are held."""
    store = bootstrap.open_store(settings_for(folder, data, url, {}))
    with store.reading() as reader:
        paths = reader.document_paths()
        bodies = {}
        for path in paths:
            document = reader.document(path)
            assert document is not None
            bodies[path] = gzip.decompress(document.gzip).decode()
        categories = [category.slug for category in reader.categories(datetime.now(UTC))]
        outlines = reader.outlines(["", *categories])
        held = {hold.category for hold in reader.holds()}
        fresh = reader.meta("regenerate.list") == ""
    store.close()
    for slug, text in outlines.items():
        outline = read_outline(text)
        here = feed_path(slug) + ".json" in bodies
        assert here == (outline is not None), slug
        if outline is not None:
            ids = [item["id"] for item in json.loads(bodies[feed_path(slug) + ".json"])["items"]]
            assert ids == [entry.id for entry in outline.entries], slug
            for suffix in (".rss", ".atom"):
                assert all(one in bodies[feed_path(slug) + suffix] for one in ids), slug + suffix
    assert all(feed_path(slug) + ".json" in bodies for slug in held), "what is held has a last good version"
    if fresh:
        listed = {slug for slug in categories if f'/feeds/{quote(slug)}.rss"' in bodies["/feeds.opml"]}
        shown = {slug for slug in categories if feed_path(slug) + ".rss" in bodies}
        assert listed <= shown
    return held


def test_kills_among_holds_moves_and_rights(tmp_path: Path) -> None:
    kill_among_changes(tmp_path, "")


def test_kills_among_holds_moves_and_rights_on_postgresql(tmp_path: Path, postgres_server: str) -> None:
    with database(make_url(postgres_server)) as url:
        kill_among_changes(tmp_path, url.render_as_string(hide_password=False))


def kill_among_changes(tmp_path: Path, url: str) -> None:
    (tmp_path / "site" / "_posts").mkdir(parents=True)
    chance = random.Random(20261123)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.e2e.test_kill_editions"])
    for version in range(4):
        write_posts(tmp_path, version)
    work(tmp_path, "data", url, {}, released=False)
    work(tmp_path, "data", url, ACCIDENT, released=False)
    assert consistent(tmp_path, "data", url) == {"", *CATEGORIES}, "so some of what is killed finds holds there"
    killed, usual = 0, 0.2
    for round_ in range(3 * KILLS):
        write_posts(tmp_path, round_)
        change = chance.choice(CHANGES)
        # Half of them between two transactions, the others anywhere.
        last = chance.randrange(1, 9) if round_ % 2 else 0
        process = context.Process(target=work, args=(tmp_path, "data", url, change, chance.random() < 0.5, last))
        started = time.monotonic()
        process.start()
        process.join(None if last else chance.uniform(0.0, usual))
        killed += process.exitcode != 0
        if process.exitcode is None:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        if process.exitcode == 0:
            usual = time.monotonic() - started
        consistent(tmp_path, "data", url)
        if killed == KILLS:
            break
    assert killed == KILLS
    for _ in range(2):  # put right, and what is held all the same is released
        work(tmp_path, "data", url, {}, released=True)
    work(tmp_path, "clean", "", {}, released=False)
    assert consistent(tmp_path, "data", url) == set()
    ours, clean = published(tmp_path, "data", url), published(tmp_path, "clean")
    # A category that was there for a while keeps its feed, empty. JSON has no date of the feed itself, which elsewhere
    # tells of entries that left it.
    assert ours.keys() - clean.keys() <= {feed_path("savings") + suffix for suffix in (".rss", ".atom", ".json")}
    assert [path for path in clean if path.endswith(".json") and ours.get(path) != clean[path]] == []

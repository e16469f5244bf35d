"""A file is dropped into the content folder: when does a reader who polls the feed get the new bytes?

Asked in peace, and while a crawler rewrites 500 files with identical bytes, over and over, as the real one does. It
goes on for as long as files are dropped: 2,500 rewrites alone are over after five seconds.
"""

from __future__ import annotations

import gzip
import http.client
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from benchmarks.content import ZONE, categories_for, write_site
from benchmarks.measure import FEEDSVC, Row, environment, free_port, percentile, run, server

REWRITES = 500
CATEGORY_RANK = 5


@dataclass
class Reader:
    """Polls one feed over one kept-alive connection, as If-None-Match says it should be done."""

    port: int
    path: str
    etag: str = ""
    body: bytes = b""

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def poll(self) -> bool:
        """True when there were new bytes."""
        self.connection.request("GET", self.path, headers={"Accept-Encoding": "gzip", "If-None-Match": self.etag})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            return False
        self.etag, self.body = answer.headers["ETag"], body
        return True

    def text(self) -> bytes:
        return gzip.decompress(self.body)


def drop(site: Path, category: str, number: int) -> tuple[str, float]:
    """A new post, written in place in one go: (its code, when it was there)."""
    now = datetime.now(ZONE).replace(microsecond=0)
    code = f"NW{now:%Y%m%d}99{number:08d}"
    path = site / "_posts" / f"{now:%Y-%m-%d}-{code}.md"
    path.write_text(
        f'---\nlayout: post\ntitle: "第{number}篇"\ndate: {now:%Y-%m-%d %H:%M:%S} +0800\ncategories: {category}\n'
        f"tags: 临时新闻\n---\n<p>　　这是第{number}篇。</p>\n",
        "utf-8",
    )
    return code, time.perf_counter()


def rewrite(paths: list[Path], stop: threading.Event, done: list[Path]) -> None:
    """Bursts of identical in-place rewrites, until told to stop. done: takes each file that was rewritten."""
    contents = [path.read_bytes() for path in paths]
    while not stop.is_set():
        for path, content in zip(paths, contents, strict=True):
            if stop.is_set():
                return
            path.write_bytes(content)
            done.append(path)
        stop.wait(1.0)


def latencies(
    reader: Reader, site: Path, category: str, first: int, count: int, rewritten: list[Path]
) -> tuple[list[float], int]:
    """Milliseconds from a dropped file to its bytes, `count` times; and how many rewrites went on meanwhile."""
    random, found = Random(first), []
    stop = threading.Event()
    done: list[Path] = []
    crawler = threading.Thread(target=rewrite, args=(rewritten, stop, done))
    crawler.start()
    try:
        for number in range(first, first + count):
            code, dropped = drop(site, category, number)
            while True:
                if reader.poll() and code.encode() in reader.text():
                    break
                if time.perf_counter() - dropped > 60:
                    raise RuntimeError(f"{code} did not appear within a minute")
                time.sleep(0.001)
            found.append((time.perf_counter() - dropped) * 1000)
            time.sleep(0.05 + random.random() * 0.1)
    finally:
        stop.set()
        crawler.join()
    return found, len(done)


def bench(work: Path, posts: int, drops: int) -> list[Row]:
    site, data, port = work / "site", work / "data", free_port()
    made = write_site(site, posts, categories_for(posts))
    category = made.categories[min(CATEGORY_RANK, len(made.categories) - 1)]
    env = environment(site, data, FEEDSVC_SERVER__WORKERS="1")
    run([*FEEDSVC, "build"], env)
    rewritten = sorted((site / "_posts").iterdir())[-REWRITES:]
    with server([*FEEDSVC, "serve", str(site), "--port", str(port)], port, env):
        reader = Reader(port, f"/feeds/{category}.rss")
        drop(site, category, 0)
        deadline = time.monotonic() + 120
        while not (reader.poll() and b"99" + b"0" * 8 in reader.text()):
            if time.monotonic() > deadline:
                raise RuntimeError("the server does not publish")
            time.sleep(0.05)
        quiet, _ = latencies(reader, site, category, 1, drops, [])
        busy, rewrites = latencies(reader, site, category, 1 + drops, drops, rewritten)
    name = f"{posts:,} posts"
    total = f"{rewrites:,} identical rewrites"
    return [
        Row("publish", f"dropped -> served, {name}, p50", percentile(quiet, 0.5), "ms", None, ""),
        Row("publish", "  p99", percentile(quiet, 0.99), "ms", None, ""),
        Row("publish", f"  during {total}, p50", percentile(busy, 0.5), "ms", percentile(quiet, 0.5), "quiet"),
        Row("publish", "  p99", percentile(busy, 0.99), "ms", percentile(quiet, 0.99), "quiet", "<= 200 ms"),
    ]

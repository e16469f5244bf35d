"""Documents that are made when somebody asks: the whole archive of the site, combinations, variants. One worker.

Each is asked for three times: when nothing of it is there, again, and again after a new post was published. The peer is
the first time: what is asked for again, and what the new post does not show in, must cost next to nothing.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from benchmarks.bench_publish import Reader, drop
from benchmarks.content import categories_for, write_site
from benchmarks.measure import FEEDSVC, Row, environment, folder_octets, free_port, own_memory, run, server

PARTS = 20
COMBINATIONS = 30
VARIANTS = tuple(f"/{content}{suffix}" for content in ("full", "brief") for suffix in (".rss", ".atom", ".json"))


@dataclass
class Client:
    """One kept-alive connection. octets: of all bodies so far."""

    port: int
    octets: int = 0

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> bytes:
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
        self.link = answer.headers["Link"] or ""
        self.octets += len(body)
        return body

    def feeds(self) -> list[str]:
        """The path of every category's feed."""
        outlines = ElementTree.fromstring(self.get("/feeds.opml")).findall(".//outline")
        paths = [urlsplit(outline.get("xmlUrl", "")).path for outline in outlines]
        return [path for path in paths if path.startswith("/feeds/")]

    def archive(self, feed: str) -> list[str]:
        """Every archive document of a feed, newest first, fetched one after the other (RFC 5005 section 4)."""
        seen: list[str] = []
        path = feed
        while True:
            self.get(path)
            found = re.search(r'<([^>]*)>; rel="prev-archive"', self.link)
            if found is None:
                return seen
            path = urlsplit(found[1]).path
            seen.append(path)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def combinations(slugs: Sequence[str]) -> list[str]:
    """Of neighbours in frequency, as somebody with a beat would choose them."""
    return [f"/feeds/+/{','.join(sorted(slugs[at : at + PARTS]))}.atom" for at in range(COMBINATIONS)]


def bench(work: Path, posts: int) -> list[Row]:
    site, data, port = work / "site", work / "data", free_port()
    made = write_site(site, posts, categories_for(posts))
    env = environment(
        site,
        data,
        FEEDSVC_SERVER__WORKERS="1",
        FEEDSVC_SERVER__HOT_BYTES="4000000000",
        FEEDSVC_PUBLIC_URL="https://feeds.example.com",  # build and serve must agree
    )
    run([*FEEDSVC, "build"], env)
    stored = folder_octets(data)
    news = made.categories[0]
    rows: list[Row] = []
    with server([*FEEDSVC, "serve", str(site), "--port", str(port)], port, env) as pid:
        client = Client(port)
        client.get("/feed/full.atom")  # the libraries are loaded with the first one

        def three_times(what: str, ask: Callable[[], list[str]]) -> None:
            started = time.perf_counter()
            number = len(ask())
            first = time.perf_counter() - started
            again = timed(ask)
            publish(site, port, news, len(rows))
            after = timed(ask)
            rows.append(Row("made", f"{what}, {number:,} documents", 1000 * first / number, "ms each", None, ""))
            rows.append(Row("made", "  again", again, "s", first, "first", "<= 0.2"))
            rows.append(Row("made", "  after a new post", after, "s", first, "first", "<= 0.3"))

        def each(paths: list[str]) -> list[str]:
            for path in paths:
                client.get(path)
            return paths

        three_times("whole archive of the site", lambda: client.archive("/feed.atom"))
        three_times(f"combinations of {PARTS}", lambda: each(combinations(made.categories[1:])))
        before = own_memory(pid)
        variants = [path.removesuffix(".rss") + variant for path in client.feeds() for variant in VARIANTS]
        three_times("full and brief", lambda: each(variants))
        with_all = own_memory(pid)
    after_all = folder_octets(data) / 1e6
    return [
        *rows,
        Row("made", "  memory with all of these in one worker", with_all, "MB", before, "without"),
        Row("made", "  database", after_all, "MB", stored / 1e6, "before", "<= 1.1"),
    ]


def publish(site: Path, port: int, category: str, number: int) -> None:
    """A new post, and wait until its feed shows it."""
    reader = Reader(port, f"/feeds/{category}.rss")
    reader.poll()
    code, dropped = drop(site, category, 70_000 + number)
    while not (reader.poll() and code.encode() in reader.text()):
        if time.perf_counter() - dropped > 60:
            raise RuntimeError(f"{code} did not appear within a minute")
        time.sleep(0.005)

"""Contract section 8 and 9 over the wire: real gunicorn, the real store, plain sockets."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from tests.contract.served import Server, check_script, failures, serving
from tests.web.served_site import feed_body, feed_documents, migrated_copy

SUFFIXES = [".rss", ".atom", ".json"]
LONG = "<p>" + "The ferry sails. " * 500 + "</p>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("http")
    migrated_copy(folder)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with opened(folder_url(folder)) as store:
            put(store, "harbour", LONG)
            put(store, "新 闻(a)", LONG)
        with serving(folder, listener, workers=2) as running:
            yield running


def folder_url(folder: object) -> str:
    return f"sqlite:///{folder}/feedsvc.db"


class opened:
    """A store for the length of a block."""

    def __init__(self, url: str) -> None:
        self.store = open_store(url)

    def __enter__(self) -> Store:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()


def put(store: Store, category: str, text: str, modified: datetime | None = None) -> None:
    moment = modified or datetime.now(UTC) - timedelta(hours=1)
    with store.writing() as transaction:
        transaction.put_documents(feed_documents(category, text, int(moment.timestamp())))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_http_rule(server: Server, suffix: str) -> None:
    """Contract H47 and all of section 8 by the check that all implementations share; without a hub there is no H34."""
    failed, printed = failures(check_script("httpcheck.py"), f"{server.base}/feeds/harbour{suffix}")
    assert set(failed) <= {"H34"}, printed


def test_percent_encoded_addresses(server: Server) -> None:
    """Contract H54."""
    target = "/feeds/%E6%96%B0%20%E9%97%BB%28a%29.rss"
    assert server.ask(target).status == 200
    for spelling in (target.lower(), target.replace("%28", "("), target + "/", "/" + target):
        answer = server.ask(spelling)
        assert (answer.status, answer.headers["location"]) == (301, target)


def test_two_workers_agree(server: Server) -> None:
    """Contract H03."""
    answers = [server.ask("/feeds/harbour.rss", headers={"Accept-Encoding": "gzip"}) for _ in range(20)]
    assert len({(answer.body, answer.headers["etag"], answer.headers["last-modified"]) for answer in answers}) == 1


def test_date_and_length(server: Server) -> None:
    """Contract H05, H42, H50."""
    headers = server.ask("/feeds/harbour.rss").headers
    assert parsedate_to_datetime(headers["last-modified"]) <= parsedate_to_datetime(headers["date"])
    assert "content-length" in headers and "transfer-encoding" not in headers
    assert not {"age", "expires", "set-cookie"} & headers.keys()


@pytest.mark.parametrize(
    ("request_line", "allowed"),
    [
        (b"GET /feeds/" + b"a" * 9000 + b".rss HTTP/1.1", {414}),
        (b"GET /feeds/%00.rss HTTP/1.1", {400, 404}),
        (b"GET /feeds/\x00.rss HTTP/1.1", {400, 404, 0}),
        (b"GET /feeds/%zz.rss HTTP/1.1", {400, 404}),
        (b"GET /feeds/\xe6\x96\xb0.rss HTTP/1.1", {400, 404}),
        (b"GET /feeds/../../etc/passwd HTTP/1.1", {400, 404}),
        (b"GET feeds/harbour.rss HTTP/1.1", {200, 400, 404}),
        (b"GET http://evil.example/feeds/none.rss HTTP/1.1", {400, 404}),
        (b"GET * HTTP/1.1", {400, 404}),
        (b"OPTIONS * HTTP/1.1", {200, 204, 400, 404, 405}),
        (b"GET /feeds/harbour.rss HTTP/9.9", {400, 505}),
        (b"GET", {400, 0}),
        (b"\r\n\r\n\r\n", {400, 0}),
        (b"GET /s/%0d%0aLocation:%20https://evil.example HTTP/1.1", {400, 404}),
        (b"GET //evil.example/ HTTP/1.1", {400, 404}),
    ],
)
def test_malformed_requests(server: Server, request_line: bytes, allowed: set[int]) -> None:
    """Contract M07."""
    assert server.say(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n") in allowed


def test_headers_that_are_too_large(server: Server) -> None:
    """Contract M07: over 16 kB -> 431, in one field or in many, on a hot feed as well."""
    one = b"GET /feeds/harbour.rss HTTP/1.1\r\nHost: x\r\nX-Big: " + b"y" * 17_000 + b"\r\n\r\n"
    many = b"GET /feeds/harbour.rss HTTP/1.1\r\nHost: x\r\n" + b"".join(
        b"X-%d: " % number + b"y" * 1000 + b"\r\n" for number in range(20)
    )
    assert server.say(one) == 431
    assert server.say(many + b"\r\n") == 431


def test_odd_agents_are_served(server: Server) -> None:
    """Contract H44, M08."""
    for agent in ("", "-", "curl/8", "sqlmap", "Mozilla/5.0 " * 100):
        assert server.ask("/feeds/harbour.rss", headers={"User-Agent": agent}).status == 200
    assert server.say(b"GET /feeds/harbour.rss HTTP/1.0\r\n\r\n") == 200


def test_a_change_is_one_consistent_version(server: Server) -> None:
    """Contract H55, H51: a thousand GETs while editions follow one another. Body, ETag and Last-Modified always agree,
    in both codings; the coded bytes are made once, and the last edition is the one that stays."""
    known: dict[str, tuple[str, str]] = {}  # digest of the body -> bare tag and Last-Modified
    coded: dict[str, bytes] = {}  # tag -> the bytes that went over the wire
    stop, torn, asked = threading.Event(), list[str](), list[int]()

    def poll(coding: str) -> None:
        while not stop.is_set():
            answer = server.ask("/feeds/swap.rss", headers={"Accept-Encoding": coding})
            if answer.status != 200:
                continue
            asked.append(1)
            tag = answer.headers["etag"]
            body = gzip.decompress(answer.body) if coding == "gzip" else answer.body
            pair = (tag.replace("-gz", ""), answer.headers["last-modified"])
            if known.setdefault(hashlib.sha256(body).hexdigest(), pair) != pair:
                torn.append(f"{body[:80]!r} {pair}")
            if coded.setdefault(tag, answer.body) != answer.body:
                torn.append(f"{tag} stands for two forms")

    pollers = [threading.Thread(target=poll, args=(coding,)) for coding in ("gzip", "identity", "gzip")]
    start, number = datetime.now(UTC) - timedelta(days=1), 0
    with opened(folder_url(server.folder)) as store:
        put(store, "swap", "number 0", start)
        for poller in pollers:
            poller.start()
        deadline = time.monotonic() + 60
        while len(asked) < 1000 and time.monotonic() < deadline:
            number += 1
            put(store, "swap", f"number {number}", start + timedelta(seconds=number))
            time.sleep(0.02)
        last = feed_body(".rss", f"number {number}")
        while any(server.ask("/feeds/swap.rss").body != last for _ in range(8)) and time.monotonic() < deadline:
            time.sleep(0.01)
        stop.set()
        for poller in pollers:
            poller.join()
    assert torn == []
    assert len(asked) >= 1000 and len(known) > 3
    assert len({tag for tag, _ in known.values()}) == len(known), "no two versions share a tag"
    assert server.ask("/feeds/swap.rss").body == last


def test_a_change_reaches_every_worker_in_time(server: Server) -> None:
    """All workers serve a new edition within 100 ms of its commit; not the worst case, a busy machine may pause."""
    waits = []
    with opened(folder_url(server.folder)) as store:
        put(store, "quick", "number 0")
        deadline = time.monotonic() + 10
        while any(server.ask("/feeds/quick.rss").status != 200 for _ in range(8)):
            assert time.monotonic() < deadline
        for number in range(1, 8):
            put(store, "quick", f"number {number}")
            committed = time.monotonic()
            wanted = feed_body(".rss", f"number {number}")
            while any(server.ask("/feeds/quick.rss").body != wanted for _ in range(4)):
                assert time.monotonic() - committed < 10
            waits.append(time.monotonic() - committed)
    assert sorted(waits)[len(waits) // 4] < 0.1, waits

"""Documents from memory: what each request gets (contract section 8), and that nothing else is touched."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import create_environ

from feedsvc.errors import StoreUnavailable
from feedsvc.publishing.document import Document
from feedsvc.web import links
from feedsvc.web.prepared import HotDocument, prepare
from feedsvc.web.shelf import Shelf
from tests.web.served_site import PUBLIC, Site, feed_body, open_site, sample_article


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as site:
        site.publish("harbour", "first")
        yield site


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for something that a background thread does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def forbid_database(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> Any:
        raise StoreUnavailable("away")

    for name in ("reading", "writing", "edition"):
        monkeypatch.setattr(site.store, name, away)


def test_answers_with_the_stored_bytes(site: Site) -> None:
    for suffix in (".rss", ".atom", ".json"):
        answer = site.client.get(f"/feeds/harbour{suffix}")
        assert answer.status_code == 200
        assert answer.data == feed_body(suffix, "first")
        assert answer.headers["Content-Length"] == str(len(answer.data))


def test_headers_of_a_feed(site: Site) -> None:
    """Contract H01, H02, H05, H20, H29, H30, H32, H33, H35, H53, L03, L04."""
    headers = site.client.get("/feeds/harbour.rss").headers
    assert headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Last-Modified"] == "Fri, 20 Nov 2026 11:00:00 GMT"
    assert headers["Vary"] == "Accept, Accept-Encoding"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in headers["Access-Control-Expose-Headers"]
    assert headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
    assert headers["Accept-Ranges"] == "none"
    assert headers["Content-Security-Policy"].endswith("sandbox")
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Link"].split(", ") == [
        f'<{PUBLIC}/feeds/harbour.rss>; rel="self"',
        f'<{PUBLIC}/feeds/harbour.atom>; rel="alternate"; type="application/atom+xml"',
        f'<{PUBLIC}/feeds/harbour.json>; rel="alternate"; type="application/feed+json"',
    ]
    for name in ("Set-Cookie", "Age", "Expires"):
        assert name not in headers


def test_lifetime_is_the_documents_own(site: Site) -> None:
    """Contract H32: per feed configurable."""
    site.publish("slow", "text", max_age=3600)
    assert "max-age=3600," in site.client.get("/feeds/slow.rss").headers["Cache-Control"]


def test_codings_have_tags_of_their_own(site: Site) -> None:
    """Contract H19, H21, H22."""
    plain = site.client.get("/feeds/harbour.rss")
    coded = site.client.get("/feeds/harbour.rss", headers={"Accept-Encoding": "gzip, br"})
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.data) == plain.data
    assert coded.headers["ETag"] == plain.headers["ETag"][:-1] + '-gz"'
    assert int(coded.headers["Content-Length"]) == len(coded.data)
    again = site.client.get(
        "/feeds/harbour.rss", headers={"Accept-Encoding": "gzip", "If-None-Match": coded.headers["ETag"]}
    )
    assert (again.status_code, again.headers["ETag"]) == (304, coded.headers["ETag"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_not_modified(site: Site, method: str) -> None:
    """Contract H06, H07, H08, H26, H31."""
    full = site.client.get("/feeds/harbour.rss")
    tag = full.headers["ETag"]
    answer = site.client.open("/feeds/harbour.rss", method=method, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin", "X-Content-Type-Options"):
        assert answer.headers[name] == full.headers[name]
    for name in ("Content-Encoding", "Content-Length", "Content-Type", "Transfer-Encoding"):
        assert name not in answer.headers


def test_head_is_get_without_body(site: Site) -> None:
    """Contract H25."""
    full, head = site.client.get("/feeds/harbour.rss"), site.client.head("/feeds/harbour.rss")
    assert (head.status_code, head.data, head.headers) == (200, b"", full.headers)


def test_preflight_and_other_methods(site: Site) -> None:
    """Contract H27, H28."""
    preflight = site.client.options("/feeds/harbour.rss", headers={"Origin": "https://reader.example"})
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert preflight.headers["Access-Control-Allow-Headers"] == "If-None-Match, If-Modified-Since, A-IM, Accept"
    assert preflight.headers["Access-Control-Max-Age"] == "86400"
    for method in ("POST", "PUT", "DELETE", "PATCH", "BREW"):
        refused = site.client.open("/feeds/harbour.rss", method=method)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert refused.headers["Access-Control-Allow-Origin"] == "*"


def test_failed_precondition(site: Site) -> None:
    """Contract H48."""
    assert site.client.get("/feeds/harbour.rss", headers={"If-Match": '"nope"'}).status_code == 412
    tag = site.client.get("/feeds/harbour.rss").headers["ETag"]
    assert site.client.get("/feeds/harbour.rss", headers={"If-Match": tag}).status_code == 200
    late = {"If-Unmodified-Since": "Fri, 20 Nov 2026 10:59:59 GMT"}
    assert site.client.get("/feeds/harbour.rss", headers=late).status_code == 412


def test_query_changes_nothing(site: Site) -> None:
    """Contract H40."""
    plain = site.client.get("/feeds/harbour.rss")
    asked = site.client.get("/feeds/harbour.rss?utm_source=x&pages=7&lang=en")
    assert (asked.status_code, asked.data, asked.headers) == (200, plain.data, plain.headers)


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/xml,application/atom+xml,application/rss+xml,application/feed+json,text/html,*/*;q=0.9",
        "application/atom+xml, application/rss+xml, text/html;q=0.7, */*;q=0.1",
        "image/png",
    ],
)
def test_whatever_is_accepted_gets_the_feed(site: Site, accept: str) -> None:
    """Contract H43, H44, M08."""
    plain = site.client.get("/feeds/harbour.json")
    asked = site.client.get("/feeds/harbour.json", headers={"Accept": accept, "User-Agent": ""})
    assert (asked.status_code, asked.data, asked.headers) == (200, plain.data, plain.headers)


def test_host_header_changes_nothing(site: Site) -> None:
    """Contract L05."""
    plain = site.client.get("/feeds/harbour.rss")
    asked = site.client.get("/feeds/harbour.rss", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert (asked.data, asked.headers) == (plain.data, plain.headers)


def test_a_header_list_handed_out_is_not_the_prepared_one(site: Site) -> None:
    """A server or middleware may change the list it gets (PEP 3333)."""

    def meddle(status: str, headers: list[tuple[str, str]], error: object = None) -> Callable[[bytes], object]:
        headers.append(("Set-Cookie", "x=1"))
        return lambda data: None

    site.client.get("/feeds/harbour.rss")
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": "/feeds/harbour.rss", "PATH_INFO": "/feeds/harbour.rss"}
    list(site.app(environ, meddle))
    assert "Set-Cookie" not in site.client.get("/feeds/harbour.rss").headers


def test_servers_without_a_raw_target(site: Site) -> None:
    """Where only the decoded path is given, it is served as it is: a redirect would lead back to itself."""
    site.publish("新 闻/(a)", "chinese")
    seen: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], error: object = None) -> Callable[[bytes], object]:
        seen.append(status)
        return seen.append  # type: ignore[return-value]

    environ = create_environ("/feeds/x.rss")
    del environ["RAW_URI"], environ["REQUEST_URI"]
    environ["PATH_INFO"] = "/feeds/新 闻/(a).rss".encode().decode("latin-1")
    assert b"".join(site.app(environ, start)) == feed_body(".rss", "chinese")
    assert seen == ["200 OK"]


# Dates ahead of the clock


def test_a_date_ahead_of_the_clock_is_never_shown(site: Site) -> None:
    """Contract H05, H51: two versions in one second; nobody misses the second one, no date lies in the future."""
    now = site.clock()
    site.publish("quick", "one", modified=now)
    shown = site.client.get("/feeds/quick.rss").headers["Last-Modified"]
    assert shown == "Fri, 20 Nov 2026 12:00:00 GMT"
    site.publish("quick", "two", modified=now + timedelta(seconds=1))
    until(lambda: site.client.get("/feeds/quick.rss").data == feed_body(".rss", "two"))
    second = site.client.get("/feeds/quick.rss")
    # Not 12:00:01, which is yet to come, and not the first one's date either: curl throws such a body away.
    assert "Last-Modified" not in second.headers and second.status_code == 200
    again = site.client.get("/feeds/quick.rss", headers={"If-None-Match": second.headers["ETag"]})
    assert (again.status_code, "Last-Modified" in again.headers) == (304, False)
    since = {"If-Modified-Since": shown}
    missed = site.client.get("/feeds/quick.rss", headers=since)
    assert (missed.status_code, missed.data) == (200, feed_body(".rss", "two"))
    site.clock.advance(1)
    later = site.client.get("/feeds/quick.rss", headers=since)
    assert (later.status_code, later.headers["Last-Modified"]) == (200, "Fri, 20 Nov 2026 12:00:01 GMT")
    since = {"If-Modified-Since": later.headers["Last-Modified"]}
    settled = site.client.get("/feeds/quick.rss", headers=since)
    assert (settled.status_code, settled.headers["Last-Modified"]) == (304, "Fri, 20 Nov 2026 12:00:01 GMT")


# Memory


def test_a_hot_document_needs_no_database(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first = site.client.get("/feeds/harbour.rss")
    forbid_database(site, monkeypatch)
    again = site.client.get("/feeds/harbour.rss")
    assert (again.status_code, again.data) == (200, first.data)
    cold = site.client.get("/feeds/harbour.atom")
    assert (cold.status_code, cold.headers["Retry-After"], cold.headers["Cache-Control"]) == (503, "5", "no-store")


def test_a_new_edition_is_served_within_100_ms(site: Site) -> None:
    site.client.get("/feeds/harbour.rss")
    waits = []
    for number in range(5):
        text = f"edition {number}"
        site.publish("harbour", text)
        start = time.monotonic()
        until(lambda text=text: site.client.get("/feeds/harbour.rss").data == feed_body(".rss", text))  # type: ignore[misc]
        waits.append(time.monotonic() - start)
    assert sorted(waits)[1] < 0.1, waits  # not the worst: a busy machine may pause


def test_a_new_feed_appears_and_a_deleted_one_goes(site: Site) -> None:
    assert site.client.get("/feeds/late.rss").status_code == 404
    site.publish("late", "text")
    until(lambda: site.client.get("/feeds/late.rss").status_code == 200)
    with site.store.writing() as transaction:
        transaction.delete_documents(["/feeds/late.rss"])
    until(lambda: site.client.get("/feeds/late.rss").status_code == 404)


def test_memory_is_bounded_and_the_least_used_goes(site: Site) -> None:
    def prepared(document: Document) -> HotDocument:
        return prepare(document, PUBLIC)

    for number in range(20):
        site.publish(f"c{number}", "x" * 2000)
    limit = 5 * prepared_size(site, "/feeds/c0.rss")
    shelf = Shelf(site.store, prepared, limit)
    try:
        for number in range(20):
            assert shelf.load(f"/feeds/c{number}.rss") is not None
            assert shelf.get("/feeds/c0.rss") is not None, "used all the time, and yet forgotten"
        kept = [hot for number in range(20) if (hot := shelf.get(f"/feeds/c{number}.rss"))]
        assert sum(hot.size for hot in kept) <= limit
        assert 2 <= len(kept) <= 5
        assert shelf.load("/feeds/c7.rss") is not None  # forgotten ones come back
    finally:
        shelf.close()


def prepared_size(site: Site, path: str) -> int:
    with site.store.reading() as reader:
        document = reader.document(path)
    assert document is not None
    return prepare(document, PUBLIC).size


def test_a_document_larger_than_the_memory_is_served_all_the_same(tmp_path: Path) -> None:
    with open_site(tmp_path, server={"hot_bytes": 1_000_000}) as site:
        site.publish("huge", "x" * 1_200_000)
        assert len(site.client.get("/feeds/huge.rss").data) > 1_200_000
        assert len(site.client.get("/feeds/huge.rss").data) > 1_200_000


def test_a_load_that_is_overtaken_reads_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request reads version one, a new edition is noticed, only then does the request put its version away."""
    shelf = Shelf(site.store, lambda document: prepare(document, PUBLIC), 10_000_000)
    calls = []

    def prepare_late(document: Document) -> HotDocument:
        calls.append(document.etag)
        if len(calls) == 1:
            site.publish("harbour", "second")
            until(lambda: shelf.edition == site.store.edition())
        return prepare(document, PUBLIC)

    monkeypatch.setattr(shelf, "_prepare", prepare_late)
    try:
        hot = shelf.load("/feeds/harbour.rss")
        assert hot is not None and hot.identity.body == (feed_body(".rss", "second"),)
        assert len(calls) == 2
    finally:
        shelf.close()


def test_a_restored_database_with_fewer_editions_is_noticed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.client.get("/feeds/harbour.rss")
    shelf = Shelf(site.store, lambda document: prepare(document, PUBLIC), 10_000_000)
    try:
        assert shelf.load("/feeds/harbour.rss") is not None
        shelf.edition += 100  # as if the database had been much further before it was put back
        until(lambda: shelf.edition == site.store.edition())
        assert shelf.get("/feeds/harbour.rss") is not None
    finally:
        shelf.close()


def test_a_link_asked_for_first_is_followed_as_well(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has served nothing but share links notices new editions all the same."""
    monkeypatch.setattr(links, "LIFETIME", 3600.0)
    article = sample_article("NW1")
    site.put(article)
    assert site.client.get("/s/NW1").status_code == 302
    site.withdraw(article)
    site.publish("harbour", "second")
    until(lambda: site.client.get("/s/NW1").status_code == 410)


def test_a_forked_child_begins_anew(site: Site) -> None:
    """Nothing keeps a child's documents up to date before it asks the long way: it may not serve the parent's."""
    assert site.client.get("/feeds/harbour.rss").status_code == 200
    shelf = site.app._shelf
    assert shelf.at_hand("/feeds/harbour.rss") is not None
    child = os.fork()
    if child == 0:
        os._exit(0 if shelf.at_hand("/feeds/harbour.rss") is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shelf.at_hand("/feeds/harbour.rss") is not None

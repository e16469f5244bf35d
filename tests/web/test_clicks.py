"""Counting clicks (contract S14): the counter over a real store, its memory of visitors, what it does in trouble."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedsvc.errors import RecordRefused, StoreUnavailable
from feedsvc.settings import Settings
from feedsvc.sharing.click import Clicks, Miss, Visitor
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from feedsvc.web import clicks
from feedsvc.web.clicks import FILE_NAME, ClickCounter, counter_of
from tests.web.live_site import until
from tests.web.served_site import NOON, TurnableClock, migrated_copy

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
TODAY = date(2026, 11, 20)
PERSON, REPEAT = Visitor.PERSON, Visitor.REPEAT


def request(agent: str = BROWSER, method: str = "GET", address: str = "192.0.2.1", **headers: str) -> dict[str, str]:
    fields = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return {"REQUEST_METHOD": method, "REMOTE_ADDR": address, "HTTP_USER_AGENT": agent, **fields}


@dataclass
class Desk:
    """A store in a folder and counters over it, as workers have them; nothing is written before somebody says so."""

    folder: Path
    store: Store
    clock: TurnableClock
    counters: list[ClickCounter] = field(default_factory=list)

    def counter(self, **options: Any) -> ClickCounter:
        zone = options.pop("zone", UTC)
        options = {"pause": 3_600, "moment": lambda: self.clock.now.timestamp(), **options}
        self.counters.append(ClickCounter(self.store, self.folder, self.clock, zone, **options))
        return self.counters[-1]

    def totals(self, *codes: str) -> dict[tuple[str, Visitor], int]:
        """Of all days, everything flushed."""
        for counter in self.counters:
            counter.flush()
        with self.store.reading() as reader:
            days = reader.clicks(codes or ("x",), date(2000, 1, 1), date(2100, 1, 1))
        return {(day.code, day.visitor): day.count for day in days}

    def misses(self) -> list[Miss]:
        for counter in self.counters:
            counter.flush()
        with self.store.reading() as reader:
            return reader.misses(100)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    migrated_copy(tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'feedsvc.db'}")
    desk = Desk(tmp_path, store, TurnableClock())
    yield desk
    for counter in desk.counters:
        counter.close()
    store.close()


def test_s14_kinds_are_counted_apart(desk: Desk) -> None:
    """Contract S14."""
    counter = desk.counter()
    counter.follow("x", request())
    counter.follow("x", request(address="192.0.2.2"))
    counter.follow("x", request(method="HEAD"))
    counter.follow("x", request("curl/8"))
    counter.follow("x", request(""))
    counter.follow("x", request("Twitterbot/1.0"))
    counter.follow("x", request(sec_purpose="prefetch"))
    counter.follow("x", request(x_moz="prefetch"))
    counter.follow("y", request())
    assert desk.totals("x", "y") == {
        ("x", PERSON): 2,
        ("x", Visitor.ROBOT): 3,
        ("x", Visitor.PREVIEW): 1,
        ("x", Visitor.PREFETCH): 2,
        ("y", PERSON): 1,
    }


def test_s14_repeats_of_one_visitor(desk: Desk) -> None:
    """Contract S14: within ten seconds of the click that counted; another browser, address or link is somebody else."""
    counter = desk.counter()
    counter.follow("x", request(sec_purpose="prefetch"))  # was nobody yet
    for seconds in (0, 4, 5, 1, 9.9, 0.1):  # at 0, 4, 9, 10, 19.9, 20
        desk.clock.advance(seconds)
        counter.follow("x", request())
    assert desk.totals() == {("x", PERSON): 3, ("x", REPEAT): 3, ("x", Visitor.PREFETCH): 1}
    counter.follow("x", request(address="192.0.2.2"))
    counter.follow("x", request(BROWSER + " other"))
    counter.follow("y", request())
    assert desk.totals("x", "y")["x", PERSON] == 5
    assert desk.totals("y") == {("y", PERSON): 1}


def test_repeats_are_known_to_all_workers(desk: Desk) -> None:
    """Contract S14: also to one that was forked, and none of them writes down who it was."""
    desk.counter().follow("x", request())
    desk.counter().follow("x", request())
    child = os.fork()
    if child == 0:
        counter = desk.counters[0]
        os._exit(0 if counter._kind("x", request()) is REPEAT and not counter._lines else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert desk.totals() == {("x", PERSON): 1, ("x", REPEAT): 1}
    kept = (desk.folder / FILE_NAME).read_bytes()
    assert any(kept) and b"192.0.2" not in kept and b"Firefox" not in kept
    assert (desk.folder / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_repeats_count_again_where_nobody_wants_them_apart(desk: Desk) -> None:
    counter = desk.counter(repeat_seconds=0)
    for _ in range(3):
        counter.follow("x", request())
    assert desk.totals() == {("x", PERSON): 3}
    assert not (desk.folder / FILE_NAME).exists()


def test_who_a_visitor_is_behind_a_proxy(desk: Desk) -> None:
    """As for limits: what a trusted proxy says; of IPv6 a customer's network."""
    counter = desk.counter(trusted=["10.0.0.0/8"])
    counter.follow("x", request(address="10.0.0.1", x_forwarded_for="198.51.100.1"))
    counter.follow("x", request(address="10.0.0.2", x_forwarded_for="203.0.113.9, 198.51.100.1"))
    counter.follow("x", request(address="10.0.0.2", x_forwarded_for="198.51.100.2"))
    counter.follow("x", request(address="192.0.2.1"))
    counter.follow("x", request(address="192.0.2.1", x_forwarded_for="198.51.100.9"))
    counter.follow("x", request(address="2001:db8::1"))
    counter.follow("x", request(address="2001:db8::2"))
    counter.follow("x", request(address=""))
    assert desk.totals() == {("x", PERSON): 5, ("x", REPEAT): 3}


def test_a_clock_that_was_set_back_hides_nobody(desk: Desk) -> None:
    counter = desk.counter()
    counter.follow("x", request())
    desk.clock.advance(-3_600)
    counter.follow("x", request())
    counter.follow("x", request())
    assert desk.totals() == {("x", PERSON): 2, ("x", REPEAT): 1}


def test_days_begin_in_the_sites_zone(desk: Desk) -> None:
    counter = desk.counter(zone=ZoneInfo("Asia/Shanghai"))
    for instant in (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), datetime(2026, 11, 20, 16, 0, tzinfo=UTC)):
        desk.clock.now = instant
        counter.follow("x", request())
        counter.flush()
    with desk.store.reading() as reader:
        days = reader.clicks(["x"], TODAY, TODAY + timedelta(days=1))
    assert [(day.day, day.count) for day in days] == [(TODAY, 1), (TODAY + timedelta(days=1), 1)]


@pytest.mark.parametrize(
    ("referer", "host"),
    [
        ("https://Social.Example/some/where?secret=1", "social.example"),
        ("http://user:pass@chat.example:8080/", "chat.example"),
        ("https://xn--fiqs8s.example/", "xn--fiqs8s.example"),
        ("https://新闻.example/", ""),
        ("https://feeds.example.com/a", ""),
        ("https://NEWS.example.com/a", ""),
        ("android-app://com.tencent.mm/", ""),
        ("ftp://x.example/", ""),
        ("https://[::1", ""),
        ("https:///x", ""),
        ("about:blank", ""),
        ("https://" + "x" * 300 + ".example/", ""),
        ("https://a b.example/", ""),
        ("https://a\x7fb.example/", ""),
    ],
)
def test_s14_where_people_came_from(desk: Desk, referer: str, host: str) -> None:
    """Contract S14: the host alone, only where that is switched on, and of people only."""
    on = desk.counter(referrers=True, own_hosts=["feeds.example.com", "news.example.com"])
    off = desk.counter()
    on.follow("x", request(referer=referer))
    on.follow("x", request(referer=referer))  # a repeat
    on.follow("x", request("curl/8", referer=referer))
    off.follow("x", request(address="192.0.2.7", referer=referer))
    assert desk.totals()["x", PERSON] == 2
    with desk.store.reading() as reader:
        assert reader.referrers(["x"], TODAY, TODAY, 9) == ([(host, 1)] if host else [])


def test_invented_hosts_do_not_fill_the_database(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clicks, "MOST_REFERRERS", 3)
    counter = desk.counter(referrers=True, repeat_seconds=0)
    for number in (*range(9), 1):
        counter.follow("x", request(referer=f"https://h{number}.example/"))
        counter.flush()
    with desk.store.reading() as reader:
        assert reader.referrers(["x"], TODAY, TODAY, 9) == [("h1.example", 2), ("h0.example", 1), ("h2.example", 1)]
    desk.clock.advance(86_400)
    counter.follow("x", request(referer="https://h9.example/"))
    counter.flush()
    with desk.store.reading() as reader:
        tomorrow = TODAY + timedelta(days=1)
        assert reader.referrers(["x"], tomorrow, tomorrow, 9) == [("h9.example", 1)]


def test_unknown_names_are_remembered(desk: Desk) -> None:
    counter = desk.counter()
    counter.miss("typo", request())
    counter.miss("typo", request())  # he tries once more
    counter.miss("typo", request(address="192.0.2.2"))
    counter.miss("typo", request("curl/8"))
    for name in ("", "x" * 401, "a\0b"):
        counter.miss(name, request())
    assert desk.misses() == [Miss("typo", 2, 1, NOON, NOON)]


def test_nothing_is_counted_where_counting_is_off(desk: Desk) -> None:
    settings = Settings.model_validate({"data_dir": desk.folder, "share": {"count": False}})
    counter = counter_of(settings, desk.store, desk.clock, UTC)
    counter.follow("x", request())
    counter.miss("y", request())
    counter.close()
    assert desk.totals() == {} and desk.misses() == []
    assert counter._thread is None and not (desk.folder / FILE_NAME).exists()


def test_settings_are_followed(desk: Desk) -> None:
    options = {"share": {"referrers": True, "repeat_seconds": 0}, "public_url": "https://feeds.example.com"}
    site = {"url": "https://news.example.com"}
    settings = Settings.model_validate({"data_dir": desk.folder, "site": site, **options})
    counter = counter_of(settings, desk.store, desk.clock, UTC)
    for host in ("feeds.example.com", "news.example.com", "x.example"):
        counter.follow("x", request(referer=f"https://{host}/"))
    counter.close()
    assert desk.totals() == {("x", PERSON): 3}
    with desk.store.reading() as reader:
        assert reader.referrers(["x"], TODAY, TODAY, 9) == [("x.example", 1)]


# The thread


def test_a_thread_writes_soon_and_only_when_there_is_something(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract S14: without anybody asking for it, less than half a second later."""
    assert clicks.PAUSE < 0.5
    counter = desk.counter(pause=0.01)
    assert counter._thread is None
    counter.follow("x", request())
    until(lambda: desk_total(desk) == 1)
    calls: list[Clicks] = []
    monkeypatch.setattr(counter._store, "add_clicks", lambda new, *_: calls.append(new))
    thread = counter._thread
    assert thread is not None and thread.daemon
    counter.miss("y", request())
    until(lambda: bool(calls))
    counter.close()
    assert not thread.is_alive()
    assert calls == [Clicks(misses={("y", True): 1})]


def desk_total(desk: Desk) -> int:
    with desk.store.reading() as reader:
        return sum(day.count for day in reader.clicks(["x"], TODAY, TODAY))


def test_threads_lose_nothing(desk: Desk) -> None:
    counter = desk.counter(pause=0.001)

    def work(address: str) -> None:
        for number in range(2_000):
            counter.follow("x", request("curl/8", address=address))
            counter.miss(f"n{number % 7}", request("curl/8", address=address))

    workers = [threading.Thread(target=work, args=(f"192.0.2.{number}",)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    counter.close()
    assert desk.totals() == {("x", Visitor.ROBOT): 16_000}
    assert sum(miss.robots for miss in desk.misses()) == 16_000


def test_what_is_left_is_written_at_the_end(desk: Desk) -> None:
    counter = desk.counter()
    counter.follow("x", request())
    counter.close()
    assert desk_total(desk) == 1
    counter.follow("x", request(address="192.0.2.9"))  # requests that still run
    counter.close()
    assert desk_total(desk) == 2


def test_a_forked_worker_has_its_own_counts_and_its_own_thread(desk: Desk) -> None:
    counter = desk.counter(pause=0.01)
    counter.follow("x", request("curl/8"))
    until(lambda: desk_total(desk) == 1)
    counter._pause = 3_600
    until(lambda: not counter._lines)
    counter.follow("x", request("curl/8"))
    child = os.fork()
    if child == 0:
        fresh = not counter._lines and not counter._days and counter._thread is None
        counter._store = open_store(f"sqlite:///{desk.folder / 'feedsvc.db'}")
        counter.follow("x", request("curl/8"))
        started = counter._thread is not None and counter._thread.is_alive()
        counter.close()
        os._exit(0 if fresh and started else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert desk.totals() == {("x", Visitor.ROBOT): 3}


# Trouble


def test_s14_what_cannot_be_written_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Contract S14: each day by itself, told once in the log, and written when that is possible again."""
    counter = desk.counter()

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(desk.store, "add_clicks", away)
        for _ in range(5):
            counter.follow("x", request("curl/8"))
            counter.flush()
        desk.clock.advance(86_400)
        counter.follow("x", request("curl/8"))
        counter.flush()
    assert caplog.text.count("clicks cannot be written") == 1
    counter.flush()
    with desk.store.reading() as reader:
        days = reader.clicks(["x"], TODAY, TODAY + timedelta(days=1))
    assert [(day.day, day.count) for day in days] == [(TODAY, 5), (TODAY + timedelta(days=1), 1)]


def test_what_is_kept_has_an_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then only what is known grows further."""
    monkeypatch.setattr(clicks, "MOST_KEPT", 3)

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    counter = desk.counter(referrers=True)
    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "add_clicks", away)
        for code in ("a", "b", "c", "d", "a"):
            counter.follow(code, request(address=f"192.0.2.{len(code)}", referer=f"https://{code}.example/"))
            counter.miss(f"no {code}", request("curl/8"))
            counter.flush()
            desk.clock.advance(60)
    assert desk.totals("a", "b", "c", "d") == {("a", PERSON): 2, ("b", PERSON): 1, ("c", PERSON): 1}
    assert [miss.name for miss in desk.misses()] == ["no a", "no b", "no c"]


def test_what_the_store_does_not_take_is_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object) -> None:
        raise RecordRefused("no")

    counter = desk.counter()
    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "add_clicks", refused)
        counter.follow("x", request())
        counter.flush()
    assert "lost" in caplog.text
    counter.follow("x", request(address="192.0.2.2"))
    assert desk.totals() == {("x", PERSON): 1}


def test_s14_nothing_is_ever_raised(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Contract S14: whatever the request says, and whatever breaks here."""
    counter = desk.counter(referrers=True, trusted=["10.0.0.0/8"])
    for headers in ({"referer": "http://["}, {"x_forwarded_for": "\x00, nonsense"}, {"user_agent": "\udc80\x00"}):
        counter.follow("x", request(address="10.0.0.1", **headers))
    assert caplog.text == ""
    for _ in range(3):
        counter.follow("x", {})  # no request at all
        counter.miss("x", {})
    assert caplog.text.count("was not counted") == 2

    def broken(*_: object) -> None:
        raise RuntimeError("inner detail")

    monkeypatch.setattr(counter._cells, "find", broken)
    counter.follow("x", request())
    monkeypatch.setattr(counter, "_write", broken)
    counter.flush()
    assert caplog.text.count("inner detail") >= 2
    monkeypatch.undo()
    assert desk.totals()["x", PERSON] >= 1


def test_without_a_folder_each_worker_knows_its_own_visitors(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    counter = ClickCounter(desk.store, desk.folder / "nowhere", desk.clock, UTC, pause=3_600)
    desk.counters.append(counter)
    counter.follow("x", request())
    counter.follow("x", request())
    assert desk.totals() == {("x", PERSON): 1, ("x", REPEAT): 1}
    assert "each worker knows only its own visitors" in caplog.text

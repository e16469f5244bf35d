"""How many whole feeds a client may fetch, and answers that hold only what is new."""

from __future__ import annotations

import errno
import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.settings import Settings
from feedsvc.web.conditional import accepts_feed_delta
from feedsvc.web.limits import FILE_NAME, Limits, limits_of
from tests.web.live_site import Live, live_site, month_post
from tests.web.served_site import open_site

NOW = 1_795_000_000.0


def client(address: str, forwarded: str = "") -> dict[str, str]:
    return {"REMOTE_ADDR": address} | ({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})


# Limits


def test_a_second_whole_feed_has_to_wait(tmp_path: Path) -> None:
    """Contract M06, H31: 429 with Retry-After, text/plain, not stored, open to scripts; 304s are always free."""
    with open_site(tmp_path, limits={"requests": 1, "seconds": 60}) as site:
        site.publish("harbour", "first")
        first = site.client.get("/feeds/harbour.rss")
        tag = {"If-None-Match": first.headers["ETag"]}
        refused = site.client.get("/feeds/harbour.atom")
        assert (first.status_code, refused.status_code, refused.headers["Retry-After"]) == (200, 429, "60")
        assert refused.content_type == "text/plain; charset=utf-8"
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.headers["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
        assert "ETag" not in refused.headers
        for _ in range(5):
            assert site.client.get("/feeds/harbour.rss", headers=tag).status_code == 304
        assert site.client.get("/feeds/nowhere.rss").status_code == 404
        assert site.client.get("/feeds/Harbour.rss").status_code == 301
        assert site.client.get("/").status_code == 200
        head = site.client.head("/feeds/harbour.rss")
        assert (head.status_code, head.data) == (429, b"")
        other = site.client.get("/feeds/harbour.rss", environ_overrides=client("192.0.2.7"))
        assert other.status_code == 200
        site.clock.advance(59)
        assert site.client.get("/feeds/harbour.rss").headers["Retry-After"] == "1"
        site.clock.advance(1)
        assert site.client.get("/feeds/harbour.rss").status_code == 200


def test_there_is_no_limit_unless_somebody_sets_one(tmp_path: Path) -> None:
    """Contract M06: off by default, and then without a trace."""
    assert limits_of(Settings(data_dir=tmp_path)) is None
    with open_site(tmp_path) as site:
        site.publish("harbour", "first")
        assert {site.client.get("/feeds/harbour.rss").status_code for _ in range(200)} == {200}
    assert not (tmp_path / FILE_NAME).exists()


def test_requests_may_come_at_once_or_spread(tmp_path: Path) -> None:
    limits = Limits(4, 60, tmp_path)
    assert [limits.wait(client("192.0.2.1"), NOW) for _ in range(6)] == [0, 0, 0, 0, 15, 15]
    assert [limits.wait(client("192.0.2.1"), NOW + second) for second in (14, 15, 16)] == [1, 0, 14]
    spread = [limits.wait(client("192.0.2.2"), NOW + 15 * number) for number in range(100)]
    assert set(spread) == {0}


def test_all_workers_count_together_and_forget_nothing_when_they_are_replaced(tmp_path: Path) -> None:
    one, other = Limits(2, 60, tmp_path), Limits(2, 60, tmp_path)
    assert [limits.wait(client("192.0.2.1"), NOW) for limits in (one, other, one)] == [0, 0, 30]
    child = os.fork()
    if child == 0:
        os._exit(0 if Limits(2, 60, tmp_path).wait(client("192.0.2.1"), NOW) == 30 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert b"192.0.2" not in (tmp_path / FILE_NAME).read_bytes()


def test_whom_a_request_is_counted_for(tmp_path: Path) -> None:
    """The nearest client of a trusted proxy; of IPv6 the customer's whole network; nobody can speak for others."""
    limits = Limits(1, 60, tmp_path, ["10.0.0.0/8"])
    same = [
        (client("192.0.2.1"), client("192.0.2.1", "203.0.113.9")),  # no proxy of ours: the header is hearsay
        (client("10.0.0.1", "198.51.100.1"), client("10.9.9.9", "192.0.2.1, 198.51.100.1")),
        (client("2001:db8::1"), client("2001:db8::ffff:2")),
        (client("203.0.113.5"), client("10.0.0.1", "::ffff:203.0.113.5")),
    ]
    for first, second in same:
        assert (limits.wait(first, NOW), limits.wait(second, NOW)) == (0, 60)
    assert limits.wait(client("2001:db8:0:1::1"), NOW) == 0
    assert limits.wait(client(""), NOW) == 0  # a Unix socket


def test_a_clock_that_was_set_back_shuts_nobody_out(tmp_path: Path) -> None:
    limits = Limits(1, 60, tmp_path)
    assert limits.wait(client("192.0.2.1"), NOW + 1_000_000) == 0
    assert limits.wait(client("192.0.2.1"), NOW) <= 60


def test_many_addresses_do_not_grow_the_file(tmp_path: Path) -> None:
    limits = Limits(1, 60, tmp_path)
    for number in range(100_000):
        limits.wait(client(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"), NOW + number)
    assert (tmp_path / FILE_NAME).stat().st_size == 1 << 20
    assert limits.wait(client("10.1.134.159"), NOW + 99_999) > 0, "the newest is remembered"


def test_the_file_has_its_room_before_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk must not end a worker when it writes into a file with holes."""
    assert Limits(1, 60, tmp_path).wait(client("192.0.2.1"), NOW) == 0
    state = (tmp_path / FILE_NAME).stat()
    assert state.st_blocks * 512 >= state.st_size > 1_000_000

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    limits = Limits(1, 60, tmp_path)
    assert [limits.wait(client("192.0.2.1"), NOW) for _ in range(2)] == [0, 60], "counted by itself"


def test_without_a_file_each_worker_counts_for_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    limits = Limits(1, 60, tmp_path / "nowhere")
    assert [limits.wait(client("192.0.2.1"), NOW) for _ in range(2)] == [0, 60]
    assert "each worker on its own" in caplog.text


# Deltas


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with live_site(tmp_path, {"feeds": {"deltas": True}}) as live:
        for day in range(1, 6):
            live.rig.write(f"_posts/2026-11-{day:02}-d{day}.md", month_post(f"Boat {day}", "boats", 11, day))
        live.look()
        yield live


def publish_another(live: Live, day: int) -> None:
    live.rig.later(seconds=10)
    live.rig.write(f"_posts/2026-11-{day:02}-d{day}.md", month_post(f"Boat {day}", "boats", 11, day))
    live.look()


@pytest.mark.parametrize("suffix", [".rss", ".atom", ".json"])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_only_what_is_new(live: Live, suffix: str, coding: str) -> None:
    """Contract D02, H37, H38."""
    target = f"/feeds/boats{suffix}"
    first = live.get(target, Accept_Encoding=coding)
    assert first.status_code == 200 and "IM" not in first.headers
    publish_another(live, 7)
    whole = live.get(target, Accept_Encoding=coding)
    news = live.get(target, Accept_Encoding=coding, A_IM="feed", If_None_Match=first.headers["ETag"])
    assert (news.status_code, news.status) == (226, "226 IM Used")
    text = (gzip.decompress(news.data) if coding else news.data).decode()
    assert "Boat 7" in text and "Boat 5" not in text
    assert news.headers["IM"] == "feed"
    assert news.headers["ETag"] == whole.headers["ETag"] != first.headers["ETag"]
    assert news.headers["Delta-Base"] == first.headers["ETag"]
    assert news.headers["Cache-Control"] == "no-store, im"
    assert news.headers["Vary"] == "Accept, Accept-Encoding, A-IM, If-None-Match"
    assert int(news.headers["Content-Length"]) == len(news.data) < len(whole.data)
    assert news.content_type == whole.content_type
    again = live.get(target, Accept_Encoding=coding, A_IM="feed", If_None_Match=news.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    unknown = live.get(target, Accept_Encoding=coding, A_IM="feed", If_None_Match='"nobody-knows"')
    assert (unknown.status_code, unknown.data) == (200, whole.data) and "IM" not in unknown.headers
    other = live.get(target, Accept_Encoding=coding, A_IM="vcdiff", If_None_Match=first.headers["ETag"])
    assert other.status_code == 200
    head = live.client.head(target, headers={"A-IM": "feed", "If-None-Match": first.headers["ETag"]})
    assert head.status_code == 200


def test_a_changed_entry_is_new_and_every_remembered_version_counts(live: Live) -> None:
    """Contract D02."""
    tags = [live.get("/feeds/boats.json").headers["ETag"]]
    publish_another(live, 7)
    tags.append(live.get("/feeds/boats.json").headers["ETag"])
    live.rig.later(seconds=10)
    live.rig.write("_posts/2026-11-02-d2.md", month_post("Boat 2", "boats", 11, 2) + "\nMore of it.\n")
    live.look()
    found = [
        [
            item["title"]
            for item in json.loads(live.get("/feeds/boats.json", A_IM="feed", If_None_Match=tag).data)["items"]
        ]
        for tag in (tags[0], tags[1], f"{tags[0]}, {tags[1]}", f"W/{tags[1]}")
    ]
    assert found == [["Boat 7", "Boat 2"], ["Boat 2"], ["Boat 7", "Boat 2"], ["Boat 2"]]


def test_a_delta_names_no_date_ahead_of_the_clock(live: Live) -> None:
    """Contract D02, H05: two versions in one second."""
    asked = {"A_IM": "feed", "If_None_Match": live.get("/feeds/boats.rss").headers["ETag"]}
    live.rig.write("_posts/2026-11-07-d7.md", month_post("Boat 7", "boats", 11, 7))
    live.look()
    news = live.get("/feeds/boats.rss", **asked)
    assert (news.status_code, "Last-Modified" in news.headers) == (226, False)
    live.rig.later(seconds=5)
    assert (
        live.get("/feeds/boats.rss", **asked).headers["Last-Modified"]
        == live.get("/feeds/boats.rss").headers["Last-Modified"]
    )


def test_an_index_that_is_ahead_of_what_is_published_is_not_told(live: Live) -> None:
    """The tag is that of the published document, so its content has to be as well."""
    tag = live.get("/feeds/boats.rss").headers["ETag"]
    publish_another(live, 7)
    with live.rig.store.writing() as tx:
        [article] = tx.newest_articles("boats", 1, live.rig.now)
        tx.put_articles([replace(article, id="tag:x,2026:ahead", source_key="ahead")])
    answer = live.get("/feeds/boats.rss", A_IM="feed", If_None_Match=tag)
    assert answer.status_code == 226 and b"ahead" not in answer.data


def test_a_change_that_is_not_published_yet_makes_no_delta(live: Live) -> None:
    """Contract D02: the client would take the newer text for that of the published version."""
    tag = live.get("/feeds/boats.rss").headers["ETag"]
    publish_another(live, 7)
    with live.rig.store.writing() as tx:
        [article] = tx.newest_articles("boats", 1, live.rig.now)
        tx.put_articles([replace(article, updated=live.rig.now)])
    assert live.get("/feeds/boats.rss", A_IM="feed", If_None_Match=tag).status_code == 200


def test_a_fault_of_ours_costs_only_the_delta(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("inner detail")

    tag = live.get("/feeds/boats.rss").headers["ETag"]
    publish_another(live, 7)
    monkeypatch.setattr(live.app._shelf._maker, "delta", broken)
    answer = live.get("/feeds/boats.rss", A_IM="feed", If_None_Match=tag)
    assert answer.status_code == 200 and b"Boat 5" in answer.data
    assert "inner detail" in caplog.text


def test_deltas_are_off_unless_somebody_wants_them(tmp_path: Path) -> None:
    """Contract D01: A-IM is ignored then."""
    with live_site(tmp_path) as live:
        live.rig.write("_posts/2026-11-01-a.md", month_post("A", "boats", 11, 1))
        live.look()
        tag = live.get("/feeds/boats.rss").headers["ETag"]
        publish_another(live, 7)
        whole = live.get("/feeds/boats.rss")
        asked = live.get("/feeds/boats.rss", A_IM="feed", If_None_Match=tag)
        assert (asked.status_code, asked.data, asked.headers) == (200, whole.data, whole.headers)


def test_a_delta_counts_as_a_whole_answer(tmp_path: Path) -> None:
    """Contract M06, D02."""
    options: dict[str, object] = {"feeds": {"deltas": True}, "limits": {"requests": 2}}
    with live_site(tmp_path, options) as live:
        live.rig.write("_posts/2026-11-01-a.md", month_post("A", "boats", 11, 1))
        live.look()
        tag = live.get("/feeds/boats.rss").headers["ETag"]
        live.rig.write("_posts/2026-11-07-b.md", month_post("B", "boats", 11, 7))
        live.look()
        statuses = [live.get("/feeds/boats.rss", A_IM="feed", If_None_Match=tag).status_code for _ in range(2)]
        assert statuses == [226, 429]


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("feed", True),
        ("gzip, Feed;q=0.5", True),
        ("feed;q=0", False),
        ("feed; q=0.000", False),
        ("feeds", False),
        ("", False),
    ],
)
def test_what_a_im_means(value: str, accepted: bool) -> None:
    """RFC 3229 section 10.5.3."""
    assert accepts_feed_delta(value) is accepted

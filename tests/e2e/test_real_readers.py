"""Real readers, end to end (contract section 17): one newsroom's season as newsboat, sfeed and the others see it.

The season is played once: the posts, the moves and the restarts are the same for everybody, only the readers differ.
Each reader subscribes to every format that it reads and polls once a chapter; the tests look into its diary.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import feedparser
import pytest

from tests.e2e.newsroom import Newsroom, free_port, post
from tests.e2e.readers import (
    READERS,
    Exchange,
    Feed2exec,
    Feedparser,
    FeedReader,
    Newsboat,
    OpmlReader,
    Reader,
    Recorder,
    Rss2email,
    Sfeed,
    SfeedWithEtags,
    Shown,
    recording,
)

FIRST = ("第一篇：R&D <3 “引号”", "Second & last; 100 % 🚢", "Third post")
NEW = "第四篇 exactly once"
LATER = "Fifth, after the move"
MARKETS = quote("市场")
MOVES = {"markets": "exchange", "ports": "harbours"}  # readers that follow no redirect have subscribed to "ports"
CONTRACT = {
    "newsboat": "E01",
    "sfeed": "E02",
    "sfeed-etags": "E02",
    "reader": "E03",
    "feedparser": "E04",
    "rss2email": "E05",
    "feed2exec": "E07",
}


@dataclass(frozen=True)
class Poll:
    """What one poll showed that was not there before, and what was said on the way."""

    new: Counter[Shown]
    exchanges: list[Exchange]

    @property
    def statuses(self) -> list[int]:
        return [exchange.status for exchange in self.exchanges]


@dataclass
class Diary:
    """All polls of one reader, by chapter."""

    reader: FeedReader
    polls: dict[str, Poll] = field(default_factory=dict)
    shown: Counter[Shown] = field(default_factory=Counter)

    def write(self, chapter: str, recorder: Recorder) -> None:
        recorder.heard()
        self.reader.poll()
        shown = Counter(self.reader.shown())
        assert shown >= self.shown, (self.reader.name, "has lost entries", self.shown - shown)
        self.polls[chapter] = Poll(shown - self.shown, recorder.heard())
        self.shown = shown

    def each(self, *titles: str) -> Counter[Shown]:
        """These titles, once in each of the reader's feeds."""
        return Counter((name, title) for name in self.reader.formats for title in titles)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Diary]]:
    folder = tmp_path_factory.mktemp("season")
    room = Newsroom(folder / "newsroom", free_port())
    room.content.mkdir(parents=True)
    for day, title in enumerate(FIRST, 1):
        room.write(f"_posts/2026-11-0{day}-p{day}.md", post(title, "markets ports", f"2026-11-0{day} 08:00:00 +0800"))
    diaries = {reader.name: Diary(reader(folder / reader.name)) for reader in READERS if not reader.missing()}

    with recording(room.port) as recorder:
        # feed2exec keeps a feed for as long as Cache-Control says; here it shall ask each time.
        room.settings |= {"FEEDSVC_PUBLIC_URL": recorder.base, "FEEDSVC_FEEDS__CACHE_SECONDS": "0"}

        def chapter(name: str) -> None:
            for diary in diaries.values():
                diary.write(name, recorder)

        try:
            room.start()
            for diary in diaries.values():
                category = "markets" if diary.reader.follows_moves else "ports"
                formats = diary.reader.formats
                diary.reader.subscribe({name: f"{recorder.base}/feeds/{category}.{name}" for name in formats})
            chapter("subscribed")
            chapter("again")
            chapter("once more")
            room.write("_posts/2026-11-04-p4.md", post(NEW, "markets ports", "2026-11-04 08:00:00 +0800"))
            room.until(lambda: _counts(room, "markets", "ports") == {4}, "the new post is in every feed")
            chapter("published")
            room.write("_posts/2026-11-01-p1.md", post(FIRST[0], "markets ports", body="Put right."))
            room.until(lambda: _bodies(room, "markets", "ports") == {"<p>Put right.</p>"}, "the edit is in every feed")
            chapter("edited")

            room.stop()
            room.settings |= {
                "FEEDSVC_CATEGORIES__RENAMED": json.dumps(MOVES),
                "FEEDSVC_CATEGORIES__ALSO_AT_OLD_ADDRESS": '["ports"]',
            }
            room.start()
            room.until(lambda: _statuses(room, "markets") == {301}, "the old address leads to the new one")
            room.until(lambda: _statuses(room, "exchange", "ports", "harbours") == {200}, "the new feeds are there")
            chapter("moved")
            chapter("quiet after the move")
            room.write("_posts/2026-11-05-p5.md", post(LATER, "exchange harbours", "2026-11-05 08:00:00 +0800"))
            room.until(lambda: _counts(room, "exchange", "ports", "harbours") == {5}, "it is in every feed")
            chapter("published after the move")

            room.stop()
            room.settings |= {"FEEDSVC_CATEGORIES__REMOVED": json.dumps(list(MOVES.values()))}
            room.start()
            room.until(lambda: _statuses(room, "exchange", "harbours") == {410}, "the feeds are gone")
            chapter("removed")
            yield diaries
        finally:
            room.stop()


def _id(reader: type[FeedReader]) -> str:
    return f"{CONTRACT[reader.name]} {reader.name}"


def _installed(reader: type[FeedReader]) -> None:
    missing = reader.missing()
    if missing:
        pytest.skip(f"not installed: {missing} (.ci/run installs it)")


@pytest.fixture(params=READERS, ids=_id)
def diary(request: pytest.FixtureRequest) -> Diary:
    _installed(request.param)
    season: dict[str, Diary] = request.getfixturevalue("season")
    return season[request.param.name]


def _counts(room: Newsroom, *categories: str) -> set[int]:
    """How many entries their feeds have; one number when all agree."""
    items = [json.loads(room.get(f"/feeds/{name}.json").body)["items"] for name in categories]
    xml = [room.titles(f"/feeds/{name}.{suffix}") for name in categories for suffix in ("rss", "atom")]
    return {len(entries) for entries in [*items, *xml]}


def _bodies(room: Newsroom, *categories: str) -> set[str]:
    """The text of the oldest entry; one when all feeds agree."""
    paths = [f"/feeds/{name}.{suffix}" for name in categories for suffix in ("rss", "atom")]
    return {feedparser.parse(room.get(path).body).entries[-1].content[0].value for path in paths}


def _statuses(room: Newsroom, *categories: str) -> set[int]:
    return {room.answers(f"/feeds/{name}.{suffix}") for name in categories for suffix in ("rss", "atom", "json")}


def test_every_entry_is_read(diary: Diary) -> None:
    """Contract E01-E05, E07; F05, F07: with its title as it was written, in every format that the reader knows."""
    poll = diary.polls["subscribed"]
    assert poll.new == diary.each(*FIRST), diary.reader.log()
    assert poll.statuses == [200] * len(diary.reader.formats)


def test_a_poll_that_finds_nothing_new_is_a_304(diary: Diary) -> None:
    """Contract H06, H12-H14, H22 as each reader uses them: E01 from its third fetch, E02 only with curl's options."""
    chapters = ["subscribed", "again", "once more"]
    for number, (before, chapter) in enumerate(pairwise(chapters), 2):
        poll = diary.polls[chapter]
        assert not poll.new, chapter
        conditional = 0 < diary.reader.conditional_from <= number
        assert poll.statuses == [304 if conditional else 200] * len(diary.reader.formats), chapter
        if conditional:
            given = {exchange.path: exchange.answered["ETag"] for exchange in diary.polls[before].exchanges}
            assert {exchange.path: exchange.asked["If-None-Match"] for exchange in poll.exchanges} == given


def test_a_new_post_is_exactly_one_new_entry(diary: Diary) -> None:
    """Contract D01: also for those that ask for a delta, since some of them cannot read one."""
    poll = diary.polls["published"]
    assert poll.new == diary.each(NEW), diary.reader.log()
    assert poll.statuses == [200] * len(diary.reader.formats)
    asked = {exchange.asked["A-IM"] for exchange in poll.exchanges}
    assert asked == ({"feed"} if diary.reader.asks_for_deltas else {None})


def test_an_edit_is_read_but_is_no_new_entry(diary: Diary) -> None:
    """Contract ID05."""
    poll = diary.polls["edited"]
    assert not poll.new
    assert poll.statuses == [200] * len(diary.reader.formats)


def test_nothing_but_the_edit_is_told_as_a_change(season: dict[str, Diary]) -> None:
    """Contract E03, F06: `reader` compares every entry, in three formats; new posts, moves, restarts change none."""
    _installed(Reader)
    reader = season["reader"].reader
    assert isinstance(reader, Reader)
    modified = dict(zip(season["reader"].polls, reader.modified, strict=True))
    assert modified.pop("edited") == len(Reader.formats)
    assert set(modified.values()) == {0}, modified


def test_a_moved_category_is_the_same_feed_at_a_new_address(diary: Diary) -> None:
    """Contract M01, M02: one hop, then the new document, not a 304; M03 for readers that follow no redirect."""
    poll = diary.polls["moved"]
    assert not poll.new, diary.reader.log()
    said = Counter((exchange.path, exchange.status) for exchange in poll.exchanges)
    if diary.reader.follows_moves:
        assert said == _said("markets", 301, diary) + _said("exchange", 200, diary)
    else:
        assert said == _said("ports", 200, diary)


def test_after_the_move_polling_is_as_cheap_as_before(diary: Diary) -> None:
    poll = diary.polls["quiet after the move"]
    assert not poll.new
    said = Counter((exchange.path, exchange.status) for exchange in poll.exchanges)
    status = 304 if diary.reader.conditional_from else 200
    if diary.reader.remembers_moves:
        assert said == _said("exchange", status, diary)
    elif diary.reader.follows_moves:
        assert said == _said("markets", 301, diary) + _said("exchange", status, diary)
    else:
        assert said == _said("ports", status, diary)


def test_a_post_after_the_move_is_exactly_one_new_entry(diary: Diary) -> None:
    assert diary.polls["published after the move"].new == diary.each(LATER), diary.reader.log()


def test_a_removed_category_is_gone_and_nothing_else(diary: Diary) -> None:
    """Contract M04: 410, and what was read before stays read."""
    poll = diary.polls["removed"]
    assert not poll.new
    gone = [exchange for exchange in poll.exchanges if exchange.status == 410]
    assert len(gone) == len(diary.reader.formats)
    assert {exchange.status for exchange in poll.exchanges if exchange not in gone} <= {301}


def test_nothing_is_ever_shown_twice(diary: Diary) -> None:
    """Contract ID01, ID05, E05: over all formats and all chapters."""
    assert diary.shown == diary.each(*FIRST, NEW, LATER)


def _said(category: str, status: int, diary: Diary) -> Counter[tuple[str, int]]:
    return Counter((f"/feeds/{category}.{name}", status) for name in diary.reader.formats)


def test_no_answer_was_a_servers_fault(diary: Diary) -> None:
    assert {status for poll in diary.polls.values() for status in poll.statuses} <= {200, 301, 304, 410}


def test_feedparser_finds_no_fault(season: dict[str, Diary]) -> None:
    """Contract E04: `bozo` is false for every feed, RSS and Atom."""
    reader = season["feedparser"].reader
    assert isinstance(reader, Feedparser)
    assert reader.bozo == []


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Recorder]]:
    """A newsroom that sends deltas, and the recorder in front of it."""
    room = Newsroom(tmp_path_factory.mktemp("house"), free_port())
    room.content.mkdir()
    room.write("_posts/2026-11-01-p1.md", post("One", "markets", "2026-11-01 08:00:00 +0800"))
    room.write("_posts/2026-11-02-p2.md", post("Two", "[markets, 市场]", "2026-11-02 08:00:00 +0800"))
    with recording(room.port) as recorder:
        room.settings |= {
            "FEEDSVC_PUBLIC_URL": recorder.base,
            "FEEDSVC_FEEDS__CACHE_SECONDS": "0",
            "FEEDSVC_FEEDS__DELTAS": "true",
        }
        try:
            room.start()
            yield room, recorder
        finally:
            room.stop()


def test_deltas_bring_the_new_entry_to_those_that_ask(house: tuple[Newsroom, Recorder], tmp_path: Path) -> None:
    """Contract D02: 226 with the new entry alone, then 304; 200 for readers that do not ask.

    rss2email asks, and then takes 226 for an error: the reason why deltas are off by default (contract D01).
    """
    room, recorder = house
    driven: tuple[type[FeedReader], ...] = (Newsboat, Feedparser, Reader, SfeedWithEtags)
    for number, reader in enumerate(driven):
        if reader.missing():
            continue
        diary = Diary(reader(tmp_path / reader.name))
        diary.reader.subscribe({name: f"{recorder.base}/feeds/markets.{name}" for name in ("rss", "atom")})
        before = len(room.titles("/feeds/markets.atom"))
        for poll in range(1, reader.conditional_from):
            diary.write(f"poll {poll}", recorder)
        day = f"2026-11-{10 + number}"
        room.write(f"_posts/{day}-for-{reader.name}.md", post(f"For {reader.name}", date=f"{day} 08:00:00 +0800"))
        room.until(lambda count=before + 1: _counts(room, "markets") == {count}, "it is in every feed")  # type: ignore[misc]
        diary.write("published", recorder)
        diary.write("quiet", recorder)

        new, quiet = diary.polls["published"], diary.polls["quiet"]
        assert new.new == Counter((name, f"For {reader.name}") for name in ("rss", "atom")), diary.reader.log()
        assert new.statuses == [226 if reader.asks_for_deltas else 200] * 2, reader.name
        assert (quiet.new, quiet.statuses) == (Counter(), [304] * 2), reader.name


def test_a_reader_finds_the_feeds_of_a_page(house: tuple[Newsroom, Recorder], tmp_path: Path) -> None:
    """Contract L01: the preferred one first; JSON Feed is nothing that sfeed_web knows."""
    _installed(Sfeed)
    room, recorder = house
    sfeed = Sfeed(tmp_path / "sfeed")
    for page, feed in (("/", "/feed"), ("/categories/markets/", "/feeds/markets")):
        assert sfeed.feeds_of_page(room.get(page).body) == [
            (f"{recorder.base}{feed}.rss", "application/rss+xml"),
            (f"{recorder.base}{feed}.atom", "application/atom+xml"),
        ], page


@pytest.mark.parametrize("reader", [Newsboat, Sfeed, Rss2email, Feed2exec], ids=_id)
def test_a_reader_takes_the_list_of_all_feeds(
    house: tuple[Newsroom, Recorder], tmp_path: Path, reader: type[OpmlReader]
) -> None:
    """Contract OP02: imported, every feed is subscribed, and is where the list says."""
    _installed(reader)
    room, recorder = house
    addresses = {f"{recorder.base}/feed.rss", *(f"{recorder.base}/feeds/{name}.rss" for name in ("markets", MARKETS))}
    subscribed = reader(tmp_path / "home").take_list(room.get("/feeds.opml").body)
    assert set(re.findall(rf"{re.escape(recorder.base)}[^\s'\"]*", subscribed)) == addresses
    assert {room.answers(address.removeprefix(recorder.base)) for address in addresses} == {200}


def test_changes_within_one_second_are_all_seen(newsroom: Newsroom, tmp_path: Path) -> None:
    """Contract H51: libcurl throws a 200 away whose Last-Modified is not later than the one it asked with."""
    _installed(Newsboat)
    newsroom.write("_posts/2026-11-01-p1.md", post("1"))
    newsroom.settings["FEEDSVC_FEEDS__CACHE_SECONDS"] = "0"
    newsroom.start()
    newsboat = Newsboat(tmp_path / "newsboat")
    newsboat.subscribe({"rss": f"{newsroom.base}/feeds/markets.rss"})
    for _ in range(3):
        newsboat.poll()
    for number in range(2, 7):
        newsroom.write(f"_posts/2026-11-0{number}-p{number}.md", post(f"{number}", date=f"2026-11-0{number} 08:00"))
        newsroom.until(lambda count=number: len(newsroom.titles("/feeds/markets.rss")) == count, "it shows")  # type: ignore[misc]
        newsboat.poll()
        assert len(newsboat.shown()) == number

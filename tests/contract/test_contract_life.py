"""Contract section 7, and what section 1 says of time, on the whole way: files, pipeline, real SQLite, application."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import strftime

import feedparser
import pytest
from werkzeug.test import Client, TestResponse

from feedsvc.web.app import create_app
from tests.unit.pipeline_rig import Rig, post
from tests.web.live_site import until

SUFFIXES = (".rss", ".atom", ".json")
GRACE = timedelta(minutes=2)


@dataclass
class Desk:
    """A newsroom in one process: what is written in the folder, and what a reader gets from the application."""

    rig: Rig
    client: Client

    def get(self, path: str = "/feed.rss", **headers: str) -> TestResponse:
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def everywhere(self, stem: str = "/feed") -> dict[str, list[tuple[str, str, str, str]]]:
        """(id, title, link, published) of each entry as every format has it."""
        found = {}
        for suffix in SUFFIXES[:2]:
            parsed = feedparser.parse(self.get(stem + suffix).data)
            assert not parsed.bozo
            found[suffix] = [
                (e.id, e.title, e.link, strftime("%Y-%m-%dT%H:%M:%SZ", e.published_parsed)) for e in parsed.entries
            ]
        items = json.loads(self.get(stem + ".json").data)["items"]
        found[".json"] = [(i["id"], i["title"], i["url"], i["date_published"]) for i in items]
        return found

    def ids(self, stem: str = "/feed") -> list[str]:
        """The ids in order, which are the same in every format (contract F07, ID01)."""
        rss, atom, items = ([entry[0] for entry in entries] for entries in self.everywhere(stem).values())
        assert rss == atom == items
        return rss

    def validators(self, path: str = "/feed.rss") -> tuple[str, datetime]:
        headers = self.get(path).headers
        return headers["ETag"], parsedate_to_datetime(headers["Last-Modified"])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    rig = Rig(tmp_path)
    rig.write("_posts/2026-11-01-ferry.md", post("A ferry", "boats", 1))
    rig.write("_posts/2026-11-02-crane.md", post("A crane", "birds", 2))
    rig.rescan()
    rig.later(minutes=1)  # dates that lie ahead of the clock are not told
    app = create_app(rig.settings, rig.store, lambda: rig.now)
    try:
        yield Desk(rig, Client(app))
    finally:
        app.close()
        rig.store.close()


def fresh(desk: Desk) -> None:
    """The application follows the store in the background; this waits until it has seen the last edition."""
    with desk.rig.store.reading() as reader:
        tags = {path: document.etag for path in reader.document_paths() if (document := reader.document(path))}
    until(lambda: all(desk.get(path).headers.get("ETag") == f'"{tag}"' for path, tag in tags.items()), 20)


def rewrite(desk: Desk, name: str, text: str, **later: float) -> None:
    desk.rig.later(**(later or {"minutes": 1}))
    desk.rig.write(name, text)
    desk.rig.rescan()
    fresh(desk)


def move(desk: Desk, old: str, new: str) -> None:
    desk.rig.later(minutes=1)
    target = desk.rig.folder / "site" / new
    target.parent.mkdir(parents=True, exist_ok=True)
    (desk.rig.folder / "site" / old).rename(target)
    for wait in (timedelta(), GRACE):
        desk.rig.now += wait
        desk.rig.rescan()
    fresh(desk)


def test_f07_id01_every_format_says_the_same(desk: Desk) -> None:
    rss, atom, items = desk.everywhere().values()
    assert rss == atom == items
    assert [title for _, title, _, _ in rss] == ["A crane", "A ferry"], "newest first"
    assert desk.ids("/feeds/boats") == desk.ids()[1:], "the same in all feeds"


def test_id01_an_id_survives_everything_that_changes(desk: Desk) -> None:
    """Title, text, category, date and place."""
    before = desk.ids()
    rewrite(desk, "_posts/2026-11-02-crane.md", post("Another title", "birds", 2, "Another text."))
    assert desk.ids() == before
    rewrite(desk, "_posts/2026-11-02-crane.md", post("Another title", "towers", 2, "Another text."))
    assert desk.ids() == before and desk.ids("/feeds/towers") == before[:1]
    move(desk, "_posts/2026-11-02-crane.md", "_posts/2026-11-03-crane.md")
    assert desk.ids() == before
    move(desk, "_posts/2026-11-03-crane.md", "_posts/old/2026-11-03-crane.md")
    assert desk.ids() == before


def test_id01_id03_a_file_with_an_id_may_have_any_name(desk: Desk) -> None:
    """Without one its slug is its id (decision 4): the database can be lost, and nobody shall see anything twice."""
    rewrite(desk, "_posts/2026-11-03-gull.md", post("A gull", "birds", 3, more="id: tag:news.example.com,2026:g1\n"))
    before = desk.ids()
    move(desk, "_posts/2026-11-03-gull.md", "_posts/2026-11-04-heron.md")
    assert desk.ids() == before


def test_id01_another_host_gives_the_same_ids(desk: Desk) -> None:
    before = desk.ids()
    desk.rig.options["site"] = {"url": "https://elsewhere.example", "permalink": "/new/:title/"}
    desk.rig.open()
    desk.rig.rescan()
    fresh(desk)
    assert desk.ids() == before
    assert desk.everywhere()[".rss"][0][2].startswith("https://elsewhere.example/new/")


@pytest.mark.parametrize(
    "given",
    [
        "https://old.example.com/2019/05/01/a-post/",
        "http://old.example.com/?p=123",
        "https://old.example.com/%E6%96%B0%E9%97%BB/",
        "tag:old.example.com,2019:post-7",
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
    ],
)
def test_id02_id03_a_site_keeps_its_guids(desk: Desk, given: str) -> None:
    rewrite(desk, "_posts/2026-11-03-moved.md", post("Moved", "boats", 3, more=f'guid: "{given}"\n'))
    assert desk.ids()[0] == given
    assert f'<guid isPermaLink="false">{given}</guid>'.encode() in desk.get("/feed.rss").data


@pytest.mark.parametrize("given", ["?p=123", "4711", "my post", "№5"])
def test_id02_id03_what_is_no_uri_is_made_one_the_same_everywhere(desk: Desk, given: str) -> None:
    """Atom wants an IRI, and a bare number is not unique enough (validator: NotSufficientlyUnique)."""
    rewrite(desk, "_posts/2026-11-03-moved.md", post("Moved", "boats", 3, more=f'id: "{given}"\n'))
    assert desk.ids()[0].startswith("tag:news.example.com,2026:")


def test_id05_touching_changes_nothing(desk: Desk) -> None:
    before = {suffix: desk.validators("/feed" + suffix) for suffix in SUFFIXES}
    name = "_posts/2026-11-01-ferry.md"
    rewrite(desk, name, (desk.rig.folder / "site" / name).read_text("utf-8"), hours=5)
    assert {suffix: desk.validators("/feed" + suffix) for suffix in SUFFIXES} == before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_id05_rs21_an_edit_moves_updated_and_validators_only(desk: Desk, suffix: str) -> None:
    before, (tag, modified) = desk.everywhere()[suffix], desk.validators("/feed" + suffix)
    rewrite(desk, "_posts/2026-11-01-ferry.md", post("A ferry", "boats", 1, "It sails on Sundays."))
    assert desk.everywhere()[suffix] == before, "ids, titles, links and publication dates stay"
    new_tag, new_modified = desk.validators("/feed" + suffix)
    assert new_tag != tag and new_modified > modified
    item = next(i for i in json.loads(desk.get("/feed.json").data)["items"] if i["title"] == "A ferry")
    assert item["date_modified"] == "2026-11-22T08:02:00Z" and item["date_published"] == "2026-11-01T08:00:00Z"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_id06_h05_withdrawing_the_newest_moves_last_modified_forward(desk: Desk, suffix: str) -> None:
    tag, modified = desk.validators("/feed" + suffix)
    rewrite(desk, "_posts/2026-11-02-crane.md", post("A crane", "birds", 2, more="published: false\n"))
    new_tag, new_modified = desk.validators("/feed" + suffix)
    assert new_tag != tag and new_modified > modified
    assert [entry[1] for entry in desk.everywhere()[suffix]] == ["A ferry"]
    assert desk.everywhere("/feeds/birds")[suffix] == [], "from every feed"


def test_id06_an_id_goes_to_nobody_else(desk: Desk) -> None:
    gone = desk.ids()[0]
    rewrite(desk, "_posts/2026-11-02-crane.md", post("A crane", "birds", 2, more="published: false\n"))
    rewrite(desk, "_posts/2026-11-05-crane.md", post("Another crane", "birds", 5))
    assert gone not in desk.ids() and len(desk.ids()) == 2


def test_id07_links_are_the_pages_themselves(desk: Desk) -> None:
    entries = desk.everywhere()[".atom"]
    assert len(entries) == len(desk.ids()) > 1
    for _, _, link, _ in entries:
        path = "/" + link.partition("://")[2].partition("/")[2]
        assert not path.startswith("/s/") and desk.get(path).status_code == 200


def test_f08_an_article_of_the_future_appears_by_itself(desk: Desk) -> None:
    """Feed, ETag and Last-Modified follow; nobody touches a file."""
    rewrite(desk, "_posts/2026-11-23-gull.md", post("A gull", "birds", 23))
    assert "A gull" not in str(desk.everywhere()) and "gull" not in desk.get("/feed.rss").text
    tag, modified = desk.validators()
    desk.rig.now = datetime(2026, 11, 23, 8, 0, 1, tzinfo=desk.rig.now.tzinfo)
    desk.rig.due()
    fresh(desk)
    assert [entry[1] for entry in desk.everywhere()[".atom"]] == ["A gull", "A crane", "A ferry"]
    new_tag, new_modified = desk.validators()
    assert new_tag != tag and new_modified > modified


def test_f12_one_bad_article_spoils_nothing(desk: Desk) -> None:
    before = desk.ids()
    rewrite(desk, "_posts/2026-11-09-broken.md", b"---\ntitle: [\x00\n  - {\n---\n".decode() + "text\n")
    assert [one for one in desk.ids() if one in before] == before
    with desk.rig.store.reading() as reader:
        assert any("broken" in problem.key for problem in reader.problems())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_h51_two_changes_within_one_second(desk: Desk, suffix: str) -> None:
    """Who only sends If-Modified-Since, between the two or after both, misses neither."""
    path = "/feed" + suffix
    seen = desk.get(path).headers["Last-Modified"]
    for number in (1, 2, 3):
        rewrite(desk, "_posts/2026-11-01-ferry.md", post("A ferry", "boats", 1, f"Text {number}."), milliseconds=100)
        answer = desk.get(path, If_Modified_Since=seen)
        assert answer.status_code == 200 and f"Text {number}." in answer.text
        said = answer.headers.get("Last-Modified")
        assert said is None or parsedate_to_datetime(said) <= desk.rig.now, "never ahead of the clock"
        assert said != seen, "two versions have two dates"
        seen = said or seen
    desk.rig.later(minutes=1)
    seen = desk.get(path).headers["Last-Modified"]
    assert desk.get(path, If_Modified_Since=seen).status_code == 304


def test_f06_h03_a_new_process_serves_the_same(desk: Desk) -> None:
    app = create_app(desk.rig.settings, desk.rig.store, lambda: desk.rig.now + timedelta(days=3))
    try:
        for suffix in SUFFIXES:
            here, there = desk.get("/feed" + suffix), Client(app).get("/feed" + suffix)
            assert (here.data, here.headers["ETag"]) == (there.data, there.headers["ETag"])
            assert here.headers["Last-Modified"] == there.headers["Last-Modified"]
    finally:
        app.close()

"""From files to the index: what changed, who owns an identity, what vanished."""

from __future__ import annotations

import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc import bootstrap
from feedsvc.content.draft import Severity
from feedsvc.errors import ContentUnavailable
from feedsvc.pipeline.check import check
from feedsvc.pipeline.load import octets
from feedsvc.pipeline.publisher import ACCEPT_REMOVALS
from tests.unit.pipeline_rig import Rig, post


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def items(rig: Rig, path: str = "/feed.json") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(rig.body(path))["items"]
    return found


def titles(rig: Rig, path: str = "/feed.json") -> list[str]:
    return [item["title"] for item in items(rig, path)]


def ids(rig: Rig) -> dict[str, str]:
    return {item["title"]: item["id"] for item in items(rig)}


def test_a_first_look_publishes_everything_and_a_second_nothing(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.write("_posts/2026-11-02-b.md", post("B", "ports", 2))
    counts = rig.rescan()
    assert (counts["read"], counts["new"], counts["documents"]) == (2, 2, 9)
    assert titles(rig) == ["B", "A"]
    assert rig.rescan() == {"unchanged": 2}


def test_an_identical_rewrite_costs_one_hash_and_changes_nothing(rig: Rig) -> None:
    """Contract ID05, W02."""
    path = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    before = rig.body()
    rig.later(hours=1)
    os.utime(path)
    rig.age(path)
    assert rig.rescan() == {"read": 1, "identical": 1}
    assert rig.rescan() == {"unchanged": 1}
    assert rig.body() == before


def test_an_edit_moves_updated_to_the_moment_it_was_seen(rig: Rig) -> None:
    """Contract ID05."""
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    rig.later(hours=5)
    rig.write("_posts/2026-11-01-a.md", post("A", body="Corrected."))
    assert rig.rescan()["changed"] == 1
    (item,) = items(rig)
    assert item["date_published"] == "2026-11-01T08:00:00Z"
    assert item["date_modified"] == "2026-11-22T13:00:00Z"


def test_white_space_and_markup_do_not_move_updated(rig: Rig) -> None:
    """Contract ID05 and features.md B3: feeds follow, with another ETag, and no reader shows the article as changed."""
    rig.write("_posts/2026-11-01-a.md", post("A", body="Text of an article."))
    rig.rescan()
    (before,) = items(rig)
    atom = rig.body("/feed.atom")
    rig.later(hours=5)
    rig.write("_posts/2026-11-01-a.md", post("A", body="Text   of\n*an* article.", more="tags: [sea]\n"))
    assert rig.rescan()["changed"] == 1
    (after,) = items(rig)
    assert after["content_html"] == "<p>Text   of\n<em>an</em> article.</p>" and after["tags"] == ["markets", "sea"]
    assert {**after, "content_html": "", "tags": []} == {**before, "content_html": "", "tags": []}
    assert rig.body("/feed.atom") != atom
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", body="Text of *an* article!"))
    rig.rescan()
    assert datetime.fromisoformat(items(rig)[0]["date_modified"]) == rig.now


def test_a_text_indexed_before_texts_were_compared_does_not_count_as_edited(rig: Rig) -> None:
    path = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    (before,) = items(rig)
    with rig.store.writing() as tx:
        (article,) = tx.newest_articles("", 1, rig.now)
        tx.put_articles([dataclasses.replace(article, text_digest="")])
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", body="Other."))
    rig.rescan()
    (after,) = items(rig)
    assert after["date_modified"] == before["date_modified"] and "Other." in after["content_html"]
    rig.later(hours=1)
    path.write_text(post("A", body="Yet another."))
    rig.age(path)
    rig.rescan()
    assert datetime.fromisoformat(items(rig)[0]["date_modified"]) == rig.now


def test_a_renamed_category_takes_its_articles_along(rig: Rig) -> None:
    """Contract M01, ID01: nobody sees them as new, and their pages stay."""
    rig.write("_posts/2026-11-01-a.md", post("A", "[markets, sea]"))
    rig.write("_posts/2026-11-02-b.md", post("B", "harbours", 2))
    rig.write("_posts/2026-11-03-c.md", post("C", "gossip", 3))
    rig.rescan()
    before = items(rig)
    rig.later(days=1)
    rig.options["categories"] = {"renamed": {"markets": "trade"}, "merged": {"harbours": "sea"}, "removed": ["gossip"]}
    rig.open()
    rig.rescan()
    assert [item["tags"] for item in before] == [["gossip"], ["harbours"], ["markets", "sea"]]
    assert [item.get("tags") for item in items(rig)] == [None, ["sea"], ["trade", "sea"]]
    assert [{**item, "tags": []} for item in items(rig)] == [{**item, "tags": []} for item in before]
    assert items(rig)[2]["url"].endswith("/markets/sea/2026/11/01/a.html")
    assert titles(rig, "/feeds/sea.json") == ["B", "A"]
    assert titles(rig, "/feeds/trade.json") == ["A"]


def test_lengths_of_files_in_the_content_are_known(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"site": {"url": "https://n.example", "baseurl": "/b"}, "more_roots": [tmp_path / "more"]})
    rig.write("files/a.mp3", b"12345")
    rig.write("files/图.png", b"123", "more")
    rig.write("_config.yml", "title: T\n")
    rig.write("_config.yml", "title: T\n", "more")
    rig.write("_posts/2026-11-01-a.md", post("A", more="enclosure: /b/files/a.mp3\nimage: /files/图.png\n"))
    rig.rescan()
    with rig.store.reading() as reader:
        (article,) = reader.newest_articles("", 1, rig.now)
    assert (article.image, article.image_length) == ("https://n.example/b/files/%E5%9B%BE.png", 3)
    assert [(e.url, e.media_type, e.length) for e in article.enclosures] == [
        ("https://n.example/b/files/a.mp3", "audio/mpeg", 5)
    ]


@pytest.mark.parametrize(
    "path",
    [
        "../outside.png",
        "%2e%2e/outside.png",
        "..%2Foutside.png",
        "/outside.png",
        "link.png",
        "linked/outside.png",
        "_posts/2026-11-01-a.md",
        ".hidden.png",
        "files",
        "files/",
        "a%00.png",
        "missing.png",
    ],
)
def test_nothing_outside_the_content_and_nothing_hidden_is_measured(tmp_path: Path, path: str) -> None:
    """As web/assets.py serves it."""
    rig = Rig(tmp_path)
    rig.write("outside.png", b"123", "elsewhere")
    for name in ("outside.png", "site/.hidden.png", "site/files/in.png"):
        rig.write(name, b"123", "")
    (tmp_path / "site/link.png").symlink_to(tmp_path / "outside.png")
    (tmp_path / "site/linked").symlink_to(tmp_path)
    (tmp_path / "site/fine.png").symlink_to(tmp_path / "site/files/in.png")
    (tmp_path / "again").symlink_to(tmp_path / "site")
    rules = bootstrap.rules(rig.settings, "n.example,2026").looking_in(bootstrap.roots(rig.settings))
    assert octets(f"{rig.settings.site_base}/{path}", rules) is None
    assert octets(f"{rig.settings.site_base}/fine.png", rules) == 3
    aliased = dataclasses.replace(rules, folders=(str(tmp_path / "again"),))
    assert octets(f"{rig.settings.site_base}/files/in.png", aliased) == 3
    assert octets("https://elsewhere.example/files/in.png", rules) is None


def test_where_files_lie_is_no_reason_to_read_everything_again(rig: Rig) -> None:
    rules = bootstrap.rules(rig.settings, "n.example,2026")
    assert repr(rules.looking_in(bootstrap.roots(rig.settings))) == repr(rules)


def test_check_names_pictures_and_files_that_are_not_there(rig: Rig) -> None:
    rig.write("here.png", b"123")
    rig.write("_posts/2026-11-01-a.md", post("A", more="image: /here.png\nenclosure: https://cdn.example/a.mp3\n"))
    rig.write("_posts/2026-11-02-b.md", post("B", day=2, body="![](/gone.png)", more="enclosure: /gone.mp3\n"))
    rig.write("_posts/2026-11-03-c.md", post("C", day=3, body="![](https://cdn.example/x.png)"))
    problems = check(bootstrap.roots(rig.settings), bootstrap.rules(rig.settings, "x,2026")).problems
    base = rig.settings.site_base
    assert [(p.key, p.code, p.field, p.severity, p.params["url"]) for p in problems] == [
        ("site/_posts/2026-11-02-b.md", "address.missing", "image", Severity.NOTE, f"{base}/gone.png"),
        ("site/_posts/2026-11-02-b.md", "address.missing", "enclosures", Severity.NOTE, f"{base}/gone.mp3"),
    ]


def test_editing_a_file_without_a_date_does_not_move_its_article(rig: Rig) -> None:
    """Contract ID05: a plain folder of notes; the file's time counts only when the file is seen first."""
    rig.now = datetime.now(UTC).replace(microsecond=0)
    path = rig.write("note.md", "# Note\n\nText.\n")
    rig.rescan()
    (before,) = items(rig)
    rig.later(days=1)
    path.write_text("# Note\n\nMore text.\n")
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 600))
    rig.rescan()
    (after,) = items(rig)
    assert (after["date_published"], after["url"]) == (before["date_published"], before["url"])
    assert "More text" in after["content_html"]
    assert datetime.fromisoformat(after["date_modified"]) == rig.now


def test_a_site_whose_posts_folder_is_away_is_still_a_site(rig: Rig) -> None:
    """During a checkout the README must not become an article."""
    rig.write("_config.yml", "title: Site\n")
    rig.write("README.md", "# Read me\n")
    for day in range(1, 4):
        rig.write(f"_posts/2026-11-0{day}-p{day}.md", post(f"P{day}", day=day))
    rig.rescan()
    (rig.folder / "site/_posts").rename(rig.folder / "away")
    assert rig.rescan()["held"] == 3
    assert titles(rig) == ["P3", "P2", "P1"]


def test_last_modified_at_wins_over_what_we_saw(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    rig.write("_posts/2026-11-01-a.md", post("A", body="B", more="last_modified_at: 2026-11-03 00:00:00 +0000\n"))
    rig.rescan()
    assert items(rig)[0]["date_modified"] == "2026-11-03T00:00:00Z"


def test_new_rules_change_articles_but_never_their_dates(rig: Rig) -> None:
    """features.md B2, B3: a new setting must not show every reader everything as new."""
    rig.write("_posts/2026-11-01-a.md", post("A", body='<p>Text <a href="/x">x</a></p>'))
    rig.rescan()
    (before,) = items(rig)
    rig.later(days=1)
    rig.options["site"] = {"url": "https://elsewhere.example"}
    rig.open()
    rig.rescan()
    (after,) = items(rig)
    assert after["url"].startswith("https://elsewhere.example/")
    assert "https://elsewhere.example/x" in after["content_html"]
    assert {name: after[name] for name in ("id", "date_published", "date_modified")} == {
        name: before[name] for name in ("id", "date_published", "date_modified")
    }


def test_posts_that_share_a_slug_but_no_date_are_two_articles(rig: Rig) -> None:
    """Weekly notes: the first keeps the plain identity, whichever was read first."""
    rig.write("_posts/2026-11-08-weekly.md", post("Second", day=8))
    rig.write("_posts/2026-11-01-weekly.md", post("First"))
    rig.rescan()
    assert ids(rig) == {
        "First": "tag:news.example.com,2026:weekly",
        "Second": "tag:news.example.com,2026:weekly@2026-11-08",
    }


def test_an_earlier_namesake_takes_no_identity_away(rig: Rig) -> None:
    rig.write("_posts/2026-11-08-weekly.md", post("Second", day=8))
    rig.rescan()
    rig.write("_posts/2026-11-01-weekly.md", post("First"))
    rig.rescan()
    assert ids(rig)["Second"] == "tag:news.example.com,2026:weekly"
    assert ids(rig)["First"] == "tag:news.example.com,2026:weekly@2026-11-01"


def test_one_id_in_two_files_is_a_duplicate_whatever_their_dates(rig: Rig) -> None:
    """Contract ID03, ID04: an id from the front matter is never changed; the one published first wins."""
    rig.write("_posts/2026-11-01-a.md", post("First", more="id: NW1\n"))
    rig.write("_posts/2026-11-08-b.md", post("Second", day=8, more="id: NW1\n"))
    assert rig.rescan()["duplicates"] == 1
    assert ids(rig) == {"First": "tag:news.example.com,2026:NW1"}
    assert rig.problems() == ["identity.duplicate"]


def test_a_rename_that_keeps_the_slug_keeps_the_article(rig: Rig) -> None:
    """Contract ID01: neither folder, category nor the date in the name is part of the identity."""
    path = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    before = ids(rig)
    (rig.folder / "site/_posts/deep").mkdir()
    path.rename(rig.folder / "site/_posts/deep/2026-11-05-a.md")
    rig.rescan()
    assert ids(rig) == before
    assert rig.problems() == []


def test_two_translations_with_one_file_name_are_two_articles(rig: Rig) -> None:
    rig.write("en/_posts/2026-11-01-hello.md", post("Hello"))
    rig.write("zh/_posts/2026-11-01-hello.md", post("你好"))
    rig.rescan()
    assert ids(rig) == {
        "Hello": "tag:news.example.com,2026:en/hello",
        "你好": "tag:news.example.com,2026:zh/hello",
    }


def test_the_live_file_wins_and_the_archived_one_waits(tmp_path: Path) -> None:
    """Contract ID04; the archived copy takes over, and readers notice nothing."""
    rig = Rig(tmp_path, {"more_roots": [{"path": tmp_path / "old", "tier": "archive"}]})
    live = rig.write("_posts/2026-11-01-a.md", post("Live"))
    rig.write("2026-11-01-a.md", post("Live"), root="old")
    rig.rescan()
    assert rig.problems() == ["identity.duplicate"]
    before = rig.body()
    live.unlink()
    rig.rescan()
    rig.later(seconds=61)
    counts = rig.rescan()
    assert "withdrawn" not in counts
    assert rig.problems() == []
    assert rig.body() == before


def test_the_same_with_hints_only(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"more_roots": [{"path": tmp_path / "old", "tier": "archive"}]})
    (tmp_path / "old").mkdir()
    live = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    before = rig.body()
    old = tmp_path / "old" / live.name
    live.rename(old)
    rig.look(live, old)
    rig.later(seconds=61)
    rig.rescan()
    assert rig.body() == before


def test_a_live_file_takes_over_from_its_archived_copy(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"more_roots": [{"path": tmp_path / "old", "tier": "archive"}]})
    rig.write("2026-11-01-a.md", post("Archived"), root="old")
    rig.rescan()
    rig.write("_posts/2026-11-01-a.md", post("Live"))
    rig.rescan()
    assert titles(rig) == ["Live"]
    assert rig.problems() == ["identity.duplicate"]
    (rig.folder / "site/_posts/2026-11-01-a.md").unlink()
    rig.rescan()
    rig.later(seconds=61)
    rig.rescan()
    assert titles(rig) == ["Archived"]


def test_a_vanished_file_is_withdrawn_after_the_grace_period(rig: Rig) -> None:
    """Contract ID06."""
    rig.write("_posts/2026-11-01-a.md", post("A"))
    gone = rig.write("_posts/2026-11-02-b.md", post("B", day=2))
    rig.rescan()
    gone.unlink()
    assert rig.look(gone)["missing"] == 1
    assert titles(rig) == ["B", "A"]
    assert (rig.alarms["rescan"] - rig.now).total_seconds() == 60
    rig.later(seconds=61)
    assert rig.rescan()["withdrawn"] == 1
    assert titles(rig) == ["A"]
    feed = json.loads(rig.body("/feeds/markets.json"))
    assert [item["title"] for item in feed["items"]] == ["A"]


def test_a_file_that_comes_back_in_time_was_never_away(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A"))
    path = rig.write("_posts/2026-11-02-b.md", post("B", day=2))
    rig.rescan()
    before, text = rig.body(), path.read_text()
    path.unlink()
    rig.rescan()
    rig.write("_posts/2026-11-02-b.md", text)
    rig.rescan()
    rig.later(hours=1)
    rig.rescan()
    assert rig.body() == before


def test_too_much_vanishing_at_once_is_held(rig: Rig) -> None:
    """Contract M05: a disk that is gone is no retraction."""
    paths = [rig.write(f"_posts/2026-11-{day:02}-p{day}.md", post(f"P{day}", day=day)) for day in range(1, 21)]
    rig.rescan()
    for path in paths[:15]:
        path.unlink()
    assert rig.rescan()["held"] == 15
    rig.later(hours=1)
    assert rig.rescan()["held"] == 15
    assert len(titles(rig)) == 20
    assert rig.rescan(ACCEPT_REMOVALS)["withdrawn"] == 15
    assert len(titles(rig)) == 5


def test_another_folder_in_the_same_data_folder_is_said(tmp_path: Path) -> None:
    """Somebody looks at the sample first and then serves his own site from the same place."""
    rig = Rig(tmp_path, {"more_roots": [{"path": tmp_path / "sample"}]})
    for day in range(1, 13):
        rig.write(f"2026-11-{day:02}-p{day}.md", post(f"P{day}", day=day), root="sample")
    rig.rescan()
    rig.options.clear()
    rig.write("_posts/2026-11-20-own.md", post("Own", day=20))
    rig.open()
    rig.rescan()
    with rig.store.reading() as reader:
        held = reader.meta("ingest.hold") or ""
    assert "sample is not among the configured roots any more" in held


def test_many_hints_of_single_removals_are_held_as_well(rig: Rig) -> None:
    paths = [rig.write(f"_posts/2026-11-{day:02}-p{day}.md", post(f"P{day}", day=day)) for day in range(1, 21)]
    rig.rescan()
    for path in paths[:15]:
        path.unlink()
        rig.look(path)
    rig.later(seconds=61)
    rig.rescan()
    assert len(titles(rig)) == 20


def test_a_missing_root_keeps_what_it_published(tmp_path: Path) -> None:
    """Contract M05."""
    rig = Rig(tmp_path, {"more_roots": [{"path": tmp_path / "second"}]})
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.write("2026-11-02-b.md", post("B", day=2), root="second")
    rig.rescan()
    (tmp_path / "second").rename(tmp_path / "away")
    rig.write("_posts/2026-11-03-c.md", post("C", day=3))
    rig.rescan()
    rig.later(hours=1)
    rig.rescan()
    assert titles(rig) == ["C", "B", "A"]
    (tmp_path / "site").rename(tmp_path / "away2")
    with pytest.raises(ContentUnavailable):
        rig.rescan()
    assert titles(rig) == ["C", "B", "A"]


def test_a_broken_file_keeps_its_last_good_version(rig: Rig) -> None:
    """Contract F12."""
    rig.write("_posts/2026-11-01-a.md", post("Good"))
    rig.rescan()
    rig.write("_posts/2026-11-01-a.md", b"---\n[[[ no\n---\n")
    assert rig.rescan()["quarantined"] == 1
    assert titles(rig) == ["Good"]
    rig.write("_posts/2026-11-01-a.md", post("Better"))
    rig.rescan()
    assert titles(rig) == ["Better"]
    assert rig.problems() == []


def test_published_false_withdraws(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    rig.write("_posts/2026-11-01-a.md", post("A", more="published: false\n"))
    counts = rig.rescan()
    assert (counts["hidden"], counts["withdrawn"]) == (1, 1)
    assert titles(rig) == []


def test_an_edited_id_is_another_article(rig: Rig) -> None:
    """The old id is withdrawn, not left behind (contract ID06)."""
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    rig.write("_posts/2026-11-01-a.md", post("A", more="id: NW1\n"))
    rig.rescan()
    assert ids(rig) == {"A": "tag:news.example.com,2026:NW1"}


def test_a_duplicate_takes_over_when_the_winner_gets_an_id_of_its_own(rig: Rig) -> None:
    """What the Problem advises must also work."""
    rig.write("_posts/2026-11-01-a.md", post("Winner"))
    rig.write("_posts/deep/2026-11-01-a.md", post("Loser"))
    rig.rescan()
    assert titles(rig) == ["Winner"]
    rig.write("_posts/2026-11-01-a.md", post("Winner", more="id: NW1\n"))
    rig.rescan()
    assert ids(rig) == {
        "Winner": "tag:news.example.com,2026:NW1",
        "Loser": "tag:news.example.com,2026:a",
    }
    assert rig.problems() == []


def test_leaving_a_category_moves_its_feed(rig: Rig) -> None:
    """Contract AT07: a removal moves the feed's own date."""
    rig.write("_posts/2026-11-01-a.md", post("A", "markets"))
    rig.rescan()
    rig.write("_posts/2026-11-01-a.md", post("A", "ports"))
    rig.rescan()
    assert json.loads(rig.body("/feeds/markets.json"))["items"] == []
    assert "2026-11-22T08:00:00Z" in rig.body("/feeds/markets.atom")
    assert titles(rig, "/feeds/ports.json") == ["A"]


def test_a_future_post_is_published_when_due(rig: Rig) -> None:
    """Contract F08, with a clock of our own."""
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.write("_posts/2026-11-23-b.md", post("B", "ports", 23))
    rig.rescan()
    rig.due()
    assert titles(rig) == ["A"]
    assert titles(rig, "/feeds/ports.json") == []
    assert rig.alarms["due"].isoformat() == "2026-11-23T08:00:00+00:00"
    rig.later(days=1)
    assert rig.due()["due"] == 1
    assert titles(rig) == ["B", "A"]
    assert titles(rig, "/feeds/ports.json") == ["B"]
    rig.later(seconds=10)
    rig.due()  # looks a little back, so that nothing falls between two looks
    rig.later(seconds=10)
    assert rig.due() == {}


def test_with_future_set_nothing_waits(tmp_path: Path) -> None:
    """Jekyll's `future: true`."""
    rig = Rig(tmp_path, {"content": {"future": True}})
    rig.write("_posts/2026-11-23-b.md", post("B", day=23))
    rig.rescan()
    assert titles(rig) == ["B"]


def test_a_post_due_while_nobody_looked_is_published_later(rig: Rig) -> None:
    rig.write("_posts/2026-11-23-b.md", post("B", day=23))
    rig.rescan()
    rig.due()
    rig.later(days=10)
    rig.open()
    rig.due()
    assert titles(rig) == ["B"]


def test_a_category_with_its_own_hours_waits_for_them(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"publisher": {"category_schedules": {"ports": "0 8 * * *"}}})
    rig.write("_posts/2026-11-01-a.md", post("A", "ports"))
    rig.rescan()
    assert titles(rig, "/feeds/ports.json") == ["A"]
    rig.write("_posts/2026-11-02-b.md", post("B", "ports", 2))
    rig.rescan()
    assert titles(rig) == ["B", "A"]
    assert titles(rig, "/feeds/ports.json") == ["A"]
    rig.regenerate("ports")
    assert titles(rig, "/feeds/ports.json") == ["B", "A"]


def test_the_same_store_gives_the_same_bytes(tmp_path: Path) -> None:
    """Contract F06, S16: whatever the order in which the files came."""
    texts = {f"_posts/2026-11-{day:02}-p{day % 4}.md": post(f"P{day}", day=day) for day in range(1, 13)}
    one, other = Rig(tmp_path / "one"), Rig(tmp_path / "other")
    for name, text in texts.items():
        one.write(name, text)
    for name, text in reversed(texts.items()):
        other.write(name, text)
    one.rescan()
    other.rescan()
    assert one.paths() == other.paths()
    assert [one.body(path) for path in one.paths()] == [other.body(path) for path in other.paths()]

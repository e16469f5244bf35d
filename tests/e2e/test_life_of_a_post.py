"""Drop, edit, move, delete, break and repair a file, and watch the feeds, as a reader would."""

from __future__ import annotations

import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import feedparser

from tests.e2e.newsroom import Newsroom, post


def test_a_dropped_file_appears_and_its_share_link_leads_to_it(newsroom: Newsroom) -> None:
    """The main job, end to end; also contract L05, S01, S12, ID07."""
    newsroom.write("_posts/2026-11-01-NW202611010001.md", post("First"))
    newsroom.start()
    assert newsroom.titles() == ["First"]
    newsroom.write("_posts/2026-11-02-NW202611020002.md", post("第二篇", date="2026-11-02 08:00:00 +0800"))
    newsroom.until(lambda: newsroom.titles() == ["第二篇", "First"], "the new post is in the site's feed")
    for suffix in ("rss", "atom", "json"):
        assert newsroom.get(f"/feeds/markets.{suffix}").status == 200
    assert newsroom.titles("/feeds/markets.rss") == ["第二篇", "First"]

    entry = feedparser.parse(newsroom.get("/feed.atom").body).entries[0]
    assert entry.id == "tag:news.example.com,2026:NW202611020002"
    article = newsroom.get(entry.link.removeprefix(newsroom.base))
    assert article.status == 200
    assert "第二篇" in article.body.decode()
    for link in ("/s/NW202611020002", "/html_News/NewsShare.html?infoCode=NW202611020002"):
        answer = newsroom.get(link)
        assert (answer.status, answer.headers["Location"]) == (302, entry.link), link


def test_an_edit_keeps_the_id_and_moves_updated(newsroom: Newsroom) -> None:
    """Contract ID05, H05, H06."""
    path = newsroom.write("_posts/2026-11-01-a.md", post("Before"))
    newsroom.start()
    first = feedparser.parse(newsroom.get("/feed.atom").body).entries[0]
    tag = newsroom.get("/feed.atom").headers["ETag"]
    path.write_text(post("After"))
    newsroom.until(lambda: newsroom.titles() == ["After"], "the edit shows")
    second = feedparser.parse(newsroom.get("/feed.atom").body).entries[0]
    assert (second.id, second.published, second.link) == (first.id, first.published, first.link)
    assert second.updated > first.updated
    assert newsroom.get("/feed.atom", If_None_Match=tag).status == 200


def test_an_identical_rewrite_and_a_touch_change_nothing(newsroom: Newsroom) -> None:
    """Contract ID05, W02: content decides, not file times (content.md 0.3)."""
    path = newsroom.write("_posts/2026-11-01-a.md", post("Same"))
    marker = newsroom.write("_posts/2026-11-01-b.md", post("Marker"))
    newsroom.start()
    tag = newsroom.get("/feeds/markets.atom").headers["ETag"]
    path.write_text(post("Same"))
    os.utime(path)
    marker.write_text(post("Marker", category="elsewhere"))
    newsroom.until(lambda: newsroom.answers("/feeds/elsewhere.atom") == 200, "what came after has been published")
    marker.write_text(post("Marker"))
    newsroom.until(lambda: newsroom.titles("/feeds/elsewhere.atom") == [], "and taken back")
    path.write_text(post("Same"))
    newsroom.run("regenerate", "--all", "--wait")
    entries = feedparser.parse(newsroom.get("/feeds/markets.atom").body).entries
    same = next(entry for entry in entries if entry.title == "Same")
    assert same.updated == same.published
    assert tag


def test_a_move_to_the_archive_changes_nothing_for_readers(newsroom: Newsroom) -> None:
    """Contract ID01, ID06: another root, tier archive; ids, share codes and bytes stay."""
    newsroom.settings["FEEDSVC_CONTENT__ROOTS"] = json.dumps(
        [str(newsroom.content), {"path": str(newsroom.content / "old_post"), "tier": "archive"}]
    )
    path = newsroom.write("_posts/2026-11-01-NW202611010001.md", post("Old"))
    newsroom.write("_posts/2026-11-02-NW202611020002.md", post("New", date="2026-11-02 08:00:00 +0800"))
    (newsroom.content / "old_post").mkdir()
    newsroom.start()
    before = newsroom.get("/feed.atom")
    path.rename(newsroom.content / "old_post" / path.name)
    newsroom.run("rescan", "--wait")
    newsroom.run("regenerate", "--all", "--wait")
    after = newsroom.get("/feed.atom")
    assert after.headers["ETag"] == before.headers["ETag"]
    assert newsroom.get("/s/NW202611010001").status == 302


def test_a_copy_in_the_archive_waits_for_its_turn(newsroom: Newsroom) -> None:
    """Two files with one identity: the live one wins, a Problem names both (ID04); then the other takes over."""
    archive = newsroom.content / "old_post"
    archive.mkdir()
    newsroom.settings["FEEDSVC_CONTENT__ROOTS"] = json.dumps(
        [str(newsroom.content), {"path": str(archive), "tier": "archive"}]
    )
    path = newsroom.write("_posts/2026-11-01-NW202611010001.md", post("Live"))
    newsroom.start()
    tag = newsroom.get("/feed.atom").headers["ETag"]
    shutil.copy(path, archive / path.name)

    def problems() -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(newsroom.run("problems", "--json").stdout)
        return found

    newsroom.until(lambda: any(p["code"] == "identity.duplicate" for p in problems()), "the duplicate is noticed")
    duplicate = next(p for p in problems() if p["code"] == "identity.duplicate")
    assert "site/_posts/2026-11-01-NW202611010001.md" in duplicate["message"]
    assert "old_post/2026-11-01-NW202611010001.md" in duplicate["message"]
    path.unlink()
    newsroom.until(lambda: not problems(), "the archived copy has taken over")
    assert newsroom.get("/s/NW202611010001").status == 302
    assert newsroom.get("/feed.atom").headers["ETag"] == tag


def test_deleting_withdraws_and_putting_back_restores(newsroom: Newsroom) -> None:
    """Contract ID06, S11, H05."""
    newsroom.write("_posts/2026-11-01-a.md", post("Stays"))
    path = newsroom.write("_posts/2026-11-02-b.md", post("Goes", date="2026-11-02 08:00:00 +0800"))
    text = path.read_text()
    newsroom.start()
    newsroom.until(lambda: newsroom.get("/feed.atom").headers["Last-Modified"], "the feed has a date")
    modified = newsroom.get("/feed.atom").headers["Last-Modified"]
    path.unlink()
    newsroom.until(lambda: newsroom.titles() == ["Stays"], "the article is gone from the feed")
    assert newsroom.get("/s/b").status == 410
    # A version of the same second has no date until the clock is there (docs/decisions/0029).
    newsroom.until(lambda: newsroom.get("/feed.atom").headers["Last-Modified"], "the feed has a date")
    assert parsedate_to_datetime(newsroom.get("/feed.atom").headers["Last-Modified"]) > parsedate_to_datetime(modified)
    path.write_text(text)
    newsroom.until(lambda: newsroom.titles() == ["Goes", "Stays"], "the article is back")
    assert newsroom.get("/s/b").status == 302


def test_a_broken_file_keeps_its_last_good_version(newsroom: Newsroom) -> None:
    """Contract F12: one bad article never spoils a feed, and nothing is lost."""
    path = newsroom.write("_posts/2026-11-01-a.md", post("Good"))
    newsroom.write("_posts/2026-11-02-b.md", post("Other", date="2026-11-02 08:00:00 +0800"))
    newsroom.start()
    path.write_bytes(b"---\n[[[[ no front matter at all\n---\nstill here\n")

    def errors() -> bool:
        return '"error"' in newsroom.run("problems", "--json").stdout

    newsroom.until(errors, "the problem is told")
    assert newsroom.titles() == ["Other", "Good"]
    assert newsroom.run("status", check=False).returncode == 1
    path.write_text(post("Repaired"))
    newsroom.until(lambda: newsroom.titles() == ["Other", "Repaired"], "the repaired file is published")
    assert not errors()
    assert newsroom.run("status", check=False).returncode == 0


def test_a_half_written_file_never_reaches_a_feed(newsroom: Newsroom) -> None:
    """content.md 0.4: written in place, slowly, without a temporary file and without a rename."""
    path = newsroom.write("_posts/2026-11-01-a.md", post("Whole", body="old text"))
    newsroom.start()
    seen: set[str] = set()
    text = post("Whole", body="new text, first half; second half")
    with path.open("w") as writer:
        for part in (text[:20], text[20:-14], text[-14:]):
            writer.write(part)
            writer.flush()
            end = time.monotonic() + 0.3
            while time.monotonic() < end:
                seen.add(feedparser.parse(newsroom.get("/feed.atom").body).entries[0].content[0].value)

    def body() -> str:
        value: str = feedparser.parse(newsroom.get("/feed.atom").body).entries[0].content[0].value
        seen.add(value)
        return value

    newsroom.until(lambda: "second half" in body(), "the whole text is published")
    assert len(seen) == 2, seen


def test_when_everything_vanishes_nothing_is_withdrawn(newsroom: Newsroom) -> None:
    """Contract M05: a missing disk is no retraction; health says so, an operator can confirm."""
    for day in range(1, 6):
        newsroom.write(f"_posts/2026-11-0{day}-p{day}.md", post(f"Post {day}", date=f"2026-11-0{day} 08:00:00 +0800"))
    newsroom.start()
    posts = newsroom.content / "_posts"
    away = newsroom.folder / "away"
    posts.rename(away)
    posts.mkdir()
    newsroom.run("rescan", "--wait")
    assert len(newsroom.titles()) == 5
    status = newsroom.run("status", check=False)
    assert status.returncode == 1
    assert "vanished at once" in status.stdout
    posts.rmdir()
    away.rename(posts)
    newsroom.run("rescan", "--wait")
    assert newsroom.run("status", check=False).returncode == 0
    shutil.rmtree(posts)
    posts.mkdir()
    newsroom.run("rescan", "--accept-removals", "--wait")
    newsroom.until(lambda: newsroom.titles() == [], "the workers have seen the new edition")


def test_a_future_post_appears_by_itself(newsroom: Newsroom) -> None:
    """Contract F08."""
    newsroom.write("_posts/2026-11-01-a.md", post("Now"))
    newsroom.start()
    due = datetime.now(UTC) + timedelta(seconds=4)
    newsroom.write("_posts/2026-11-02-b.md", post("Soon", date=due.strftime("%Y-%m-%d %H:%M:%S +0000")))
    newsroom.run("regenerate", "--all", "--wait")
    if datetime.now(UTC) < due:
        assert newsroom.titles() == ["Now"]
        assert newsroom.get("/s/b").status == 404
    newsroom.until(lambda: newsroom.titles() == ["Soon", "Now"], "the post is due")
    assert datetime.now(UTC) >= due.replace(microsecond=0)
    newsroom.until(lambda: newsroom.answers("/s/b") == 302, "its share link works")


def test_regenerate_by_the_api(newsroom: Newsroom) -> None:
    """Press the button: a token, 202, Location, done."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    token_file = newsroom.folder / "data" / "operator.token"
    assert token_file.stat().st_mode & 0o777 == 0o600
    assert newsroom.get("/api/v1/runs", "POST", b"{}").status == 401
    authorization = f"Bearer {token_file.read_text().strip()}"
    answer = newsroom.get(
        "/api/v1/runs",
        "POST",
        b'{"categories": ["markets"]}',
        Authorization=authorization,
        Content_Type="application/json",
    )
    assert answer.status == 202
    place = answer.headers["Location"]

    def outcome() -> str:
        found: str = json.loads(newsroom.get(place, Authorization=authorization).body)["outcome"]
        return found

    newsroom.until(lambda: outcome() == "done", "the run is done")


def test_jekylls_own_addresses_lead_to_the_feeds(newsroom: Newsroom) -> None:
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    for old, new in (("/feed.xml", "/feed.atom"), ("/feed/markets.xml", "/feeds/markets.atom")):
        answer = newsroom.get(old)
        assert answer.status == 301
        assert answer.headers["Location"].removeprefix(newsroom.base) == new


def test_a_rebuilt_database_gives_the_same_bytes_and_codes(newsroom: Newsroom, tmp_path: Path) -> None:
    """Contract F06, S16: everything a reader or a link needs is a function of the content."""
    for day in range(1, 8):
        newsroom.write(f"_posts/2026-11-0{day}-weekly.md", post(f"Week {day}", date=f"2026-11-0{day} 08:00:00 +0800"))
    newsroom.start()
    before = {suffix: newsroom.get(f"/feed.{suffix}").headers["ETag"] for suffix in ("rss", "atom", "json")}
    page = newsroom.get("/categories/markets/").body
    newsroom.stop()
    shutil.rmtree(tmp_path / "data")
    newsroom.start()
    assert {suffix: newsroom.get(f"/feed.{suffix}").headers["ETag"] for suffix in before} == before
    assert newsroom.get("/categories/markets/").body == page

"""Held editions, as an operator meets them: a real server, real commands, the API."""

from __future__ import annotations

import gzip
import json

from feedsvc import bootstrap
from feedsvc.settings import Settings
from tests.e2e.newsroom import Newsroom, post

GUID = "2026-11-{:02} 08:00:00 +0800\nguid: {}://news.example.com/{}"


def write_all(newsroom: Newsroom, scheme: str) -> None:
    """A dozen posts with ids of their own."""
    for day in range(1, 13):
        date = GUID.format(day, scheme, day)
        newsroom.write(f"_posts/2026-11-{day:02}-n{day}.md", post(f"News {day}", date=date))


def test_a_held_edition_is_served_as_it_was_until_somebody_releases_it(newsroom: Newsroom) -> None:
    newsroom.settings |= {"FEEDSVC_PUBLISHER__MODE": "schedule", "FEEDSVC_PUBLISHER__SCHEDULE": "1d"}
    write_all(newsroom, "http")
    newsroom.start()
    before = newsroom.get("/feed.atom")
    assert before.body.count(b"<id>http://news.example.com/") == 12
    assert newsroom.run("guard", "list").stdout == "nothing is held back\n"

    write_all(newsroom, "https")
    assert "held_categories 2" in newsroom.run("rescan", "--wait").stdout, "the site's feed and the category"
    assert newsroom.get("/feed.atom").headers["ETag"] == before.headers["ETag"]
    assert newsroom.get("/feed.atom", If_None_Match=before.headers["ETag"]).status == 304
    assert newsroom.get("/readyz").status == 200

    status = newsroom.run("status", check=False)
    assert status.returncode == 1
    assert "2 feeds are held back because entries get other ids (the whole site, markets)" in status.stdout
    said = newsroom.run("guard", "list").stdout.splitlines()
    assert said[0].startswith("(the whole site): held since 2026-") or said[0].startswith(
        "(the whole site): held since"
    )
    assert said[1].endswith("because entries get other ids (12 of 12 entries), such as 'News 12'")
    shown = newsroom.run("guard", "show", "markets").stdout
    assert shown.count("other id  News") == 12
    assert "http://news.example.com/12\n            https://news.example.com/12\n" in shown

    wrong = newsroom.run("guard", "release", "nowhere", check=False)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "feedsvc: nowhere is not held back; `feedsvc guard list` shows what is.\n",
    )
    assert newsroom.run("guard", "release", check=False).returncode == 2
    released = newsroom.run("guard", "release", "markets", "--wait").stdout
    assert "done (categories 1, documents 3)" in released
    assert [hold["category"] for hold in held(newsroom)] == [""]
    newsroom.until(
        lambda: newsroom.get("/feeds/markets.atom").body.count(b"<id>https://news.example.com/") == 12, "it is served"
    )

    token = (newsroom.folder / "data" / "operator.token").read_text().strip()
    bearer = f"Bearer {token}"
    answer = newsroom.get(
        "/api/v1/guard/release", "POST", b'{"all": true}', Authorization=bearer, Content_Type="application/json"
    )
    assert answer.status == 202
    newsroom.until(lambda: not held(newsroom), "the rest is released")
    newsroom.until(lambda: newsroom.get("/feed.atom").headers["ETag"] != before.headers["ETag"], "it is served")
    assert newsroom.run("status").stdout.startswith("all is well")
    runs = json.loads(newsroom.get("/api/v1/runs", Authorization=bearer).body)["runs"]
    assert [(run["asked_by"], run["categories"]) for run in runs if run["reason"] == "guard-release"] == [
        ("api", [""]),
        ("cli", ["markets"]),
    ]


def test_where_no_publisher_runs_the_command_releases_by_itself(newsroom: Newsroom) -> None:
    """As for those who start `feedsvc build` from outside."""
    write_all(newsroom, "http")
    newsroom.run("build")
    write_all(newsroom, "https")
    summary = json.loads(newsroom.run("build", "--json").stdout)
    assert (summary["held_categories"], summary["documents"]) == (2, 0)
    assert json.loads(newsroom.run("guard", "list", "--json").stdout)[1]["counts"] == {"before": 12, "affected": 12}
    assert "other id" in newsroom.run("guard", "show", "--site").stdout
    assert newsroom.run("guard", "release", "--all").stdout == "released (the whole site), markets\n"
    assert newsroom.run("guard", "release", "--all").stdout == "nothing is held back\n"
    assert json.loads(newsroom.run("build", "--json").stdout)["documents"] == 0


def test_what_a_build_holds_back_it_says_and_can_be_told_to_publish(newsroom: Newsroom) -> None:
    """For those who have no publisher that a run could wait for."""
    write_all(newsroom, "http")
    assert "held back" not in newsroom.run("build").stdout
    write_all(newsroom, "https")
    assert ", 2 feeds held back (`feedsvc guard`), 0 feeds written in " in newsroom.run("build").stdout
    newsroom.run("guard", "release", "--all")
    for path in sorted((newsroom.content / "_posts").iterdir())[1:]:
        path.unlink()
    newsroom.run("build")
    assert ", 11 vanished files held back (see `feedsvc status`), " in newsroom.run("build").stdout
    assert len(newsroom_ids(newsroom)) == 12
    assert ", 11 withdrawn, 6 feeds written in " in newsroom.run("build", "--accept-removals").stdout
    assert newsroom_ids(newsroom) == ["https://news.example.com/1"]
    assert newsroom.run("guard", "list").stdout == "nothing is held back\n"


def test_a_held_category_is_found_however_its_name_was_typed(newsroom: Newsroom) -> None:
    for day in range(1, 13):
        newsroom.write(f"_posts/2026-11-{day:02}-n{day}.md", post("Old", "Café", GUID.format(day, "http", day)))
    newsroom.run("build")
    for day in range(1, 13):
        newsroom.write(f"_posts/2026-11-{day:02}-n{day}.md", post("Old", "Café", GUID.format(day, "https", day)))
    newsroom.run("build")
    typed = "Cafe\u0301"
    assert newsroom.run("guard", "show", typed).stdout.startswith("Café: held since ")
    assert newsroom.run("guard", "release", typed).stdout == "released Café\n"
    assert [hold["category"] for hold in held(newsroom)] == [""]


def newsroom_ids(newsroom: Newsroom) -> list[str]:
    """Ids of the site's feed, read from the database: no server runs."""
    settings = Settings.model_validate({"data_dir": newsroom.folder / "data"})
    store = bootstrap.open_store(settings, create=False)
    with store.reading() as reader:
        document = reader.document("/feed.json")
    store.close()
    assert document is not None
    return [item["id"] for item in json.loads(gzip.decompress(document.gzip))["items"]]


def held(newsroom: Newsroom) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(newsroom.run("guard", "list", "--json").stdout)
    return found

"""`feedsvc link`, as an operator and his scripts use it (contract S14, S16)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedsvc.scheduling.run import Outcome
from feedsvc.sharing.click import Clicks, Visitor
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from tests.e2e.newsroom import Newsroom, post

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date()
ID = "tag:news.example.com,2026:a"


@pytest.fixture
def store(newsroom: Newsroom) -> Iterator[Store]:
    newsroom.write("_posts/2026-11-01-a.md", post("春天 [b]A[/b]").replace("---\n", "---\nshare_code: spring\n", 1))
    newsroom.write("_posts/2026-11-02-b.md", post("B"))
    newsroom.run("build")
    store = open_store(f"sqlite:///{newsroom.folder / 'data' / 'feedsvc.db'}")
    yield store
    store.close()


def test_where_a_link_leads(newsroom: Newsroom, store: Store) -> None:
    counts = {("spring", Visitor.PERSON): 4, ("spring", Visitor.PREVIEW): 2}
    store.add_clicks(Clicks(counts, {("spring", "chat.example.com"): 3}), TODAY, NOW)
    store.add_clicks(Clicks({("spring", Visitor.PERSON): 8}), TODAY - timedelta(days=60), NOW - timedelta(days=60))
    for name in ("spring", "a", ID, "https://any.example/s/spring", "/html_News/NewsShare.html?infoCode=a&from=x"):
        assert newsroom.run("link", "show", name, "--people").stdout == "12\n", name
    shown = newsroom.run("link", "show", "spring").stdout
    for words in (
        f"{newsroom.base}/s/spring",
        "春天 [b]A[/b]",
        ID,
        "share_code",
        "made from the id",
        "chat.example.com",
    ):
        assert words in shown, words
    (day,) = (line for line in shown.splitlines() if f"{TODAY}" in line)
    assert day.split()[2:] == ["4", "0", "2", "0", "0"] and "▇" * 24 in day
    assert f"{TODAY - timedelta(days=60)}" not in shown
    document = json.loads(newsroom.run("link", "show", "spring", "--json").stdout)
    assert document["clicks"]["people"] == 12 and list(document["days"]) == [f"{TODAY}"]
    unknown = newsroom.run("link", "show", "nope", check=False)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr == "feedsvc: There is no share link named 'nope'.\n"


def test_what_is_followed_and_what_leads_nowhere(newsroom: Newsroom, store: Store) -> None:
    assert newsroom.run("link", "top").stdout == "nobody followed a share link in 7 days\n"
    assert newsroom.run("link", "unknown").stdout == "nothing unknown was asked for\n"
    misses = {("nope", True): 3, ("[red]", False): 1, ("a:100:b\u202e", True): 2}
    store.add_clicks(Clicks({("spring", Visitor.PERSON): 4}, {}, misses), TODAY, NOW)
    lines = newsroom.run("link", "top", "--days", "1", "--limit", "5").stdout.splitlines()
    assert len(lines) == 2 and lines[1].split()[0] == "4" and "春天 [b]A[/b]" in lines[1]
    assert json.loads(newsroom.run("link", "top", "--json").stdout)[0]["id"] == ID
    listed = newsroom.run("link", "unknown", "--limit", "9").stdout.splitlines()
    assert [line.split()[-1] for line in listed] == ["name", "nope", r"a:100:b\u202e", "[red]"]
    newsroom.run("link", "unknown", "--forget", "nope", "--forget", "a:100:b\u202e")
    assert [miss["name"] for miss in json.loads(newsroom.run("link", "unknown", "--json").stdout)] == ["[red]"]
    with store.reading() as reader:
        (run,) = (run for run in reader.runs() if run.job == "link-forget")
    assert run.asked_by.startswith("cli") and run.outcome is Outcome.DONE and run.counts == {"names": 2}


def test_old_links_in_and_out(newsroom: Newsroom, store: Store, tmp_path: Path) -> None:
    table, rejected = tmp_path / "old.csv", tmp_path / "rejected.csv"
    table.write_text(f'old,target\nh1,a\nhttps://x.example/show.php?id=2,"{ID}"\nspring,b\nh3,nowhere\n', "utf-8")
    tried = newsroom.run("link", "import", str(table), "--dry-run", check=False)
    assert (tried.returncode, tried.stdout) == (
        1,
        "4 lines: 2 links would be imported, 0 known already, 2 rejected\n",
    )
    assert newsroom.run("link", "export").stdout == "old,target\n"
    done = newsroom.run("link", "import", str(table), "--rejected", str(rejected), check=False)
    assert (done.returncode, done.stdout) == (1, "4 lines: 2 links imported, 0 known already, 2 rejected\n")
    assert "line 4: 'spring' -> 'b': it belongs to site/_posts/2026-11-01-a.md already" in done.stderr
    with rejected.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["old", "target", "line", "reason"]
    assert [row[:3] for row in rows[1:]] == [["spring", "b", "4"], ["h3", "nowhere", "5"]]
    table.write_text("h1,a\n")
    again = newsroom.run("link", "import", str(table))
    assert again.stdout == "1 lines: 0 links imported, 1 known already, 0 rejected\n"

    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.run("build")
    saved = newsroom.run("link", "export").stdout
    assert list(csv.reader(saved.splitlines())) == [
        ["old", "target"],
        ["/show.php?id=2", ID],
        ["h1", ID],
        ["spring", ID],
    ]
    store.close()
    (newsroom.folder / "data" / "feedsvc.db").unlink()
    newsroom.run("build")
    assert newsroom.run("link", "show", "h1", check=False).returncode == 2
    table.write_text(saved)
    newsroom.run("link", "import", str(table))
    assert newsroom.run("link", "export").stdout == saved, "and everything is as it was"
    for name in ("h1", "spring", "/show.php?id=2"):
        assert ID in newsroom.run("link", "show", name).stdout


def test_check_fails_for_two_posts_with_one_code(newsroom: Newsroom) -> None:
    """Contract S16: both files are named."""
    for name in ("2026-11-01-a", "2026-11-02-b"):
        newsroom.write(f"_posts/{name}.md", post(name).replace("---\n", "---\nshare_code: spring\n", 1))
    bad = newsroom.run("check", str(newsroom.content), check=False)
    assert bad.returncode == 1
    assert "site/_posts/2026-11-02-b.md and site/_posts/2026-11-01-a.md both ask for" in bad.stdout

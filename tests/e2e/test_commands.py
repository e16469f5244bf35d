"""What an operator types: output, exit codes, complaints."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url

from feedsvc.scheduling.run import JobState
from feedsvc.sqlstore.store import open_store
from tests.e2e.newsroom import Newsroom, post
from tests.postgres import database


def test_build_publishes_once_and_says_what_it_did(newsroom: Newsroom) -> None:
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.write("_posts/2026-11-02-b.md", b"---\n[[[\n---\n".decode())
    first = json.loads(newsroom.run("build", "--json").stdout)
    assert (first["read"], first["new"], first["quarantined"], first["documents"]) == (2, 1, 1, 6)
    second = newsroom.run("build").stdout
    assert second.startswith("0 read, 2 unchanged")


def test_build_and_serve_take_a_folder(newsroom: Newsroom) -> None:
    other = newsroom.folder / "other site"
    (other / "_posts").mkdir(parents=True)
    (other / "_posts" / "2026-11-01-x.md").write_text(post("X"))
    assert json.loads(newsroom.run("build", str(other), "--json").stdout)["new"] == 1


def test_a_jekyll_site_needs_no_settings(newsroom: Newsroom) -> None:
    """Its _config.yml speaks for it: address, zone, title, permalinks."""
    (newsroom.content / "_config.yml").write_text(
        "url: https://jekyll.example\nbaseurl: /blog\ntitle: 我的站\ntimezone: UTC\npermalink: pretty\nlang: zh\n"
    )
    newsroom.write("_posts/2026-11-01-hello.md", post("Hello"))
    newsroom.start()
    feed = newsroom.get("/feed.json").body.decode()
    assert json.loads(feed)["title"] == "我的站"
    assert json.loads(feed)["items"][0]["url"] == "https://jekyll.example/blog/markets/2026/11/01/hello/"
    shown = {row["name"]: row for row in json.loads(newsroom.run("config", "show", "--json").stdout)}
    assert shown["site.title"]["value"] == "我的站"
    assert shown["site.title"]["from"].startswith("_config.yml in ")
    assert shown["site.authority"]["from"] == "environment"
    assert shown["feeds.max_items"] == {"name": "feeds.max_items", "value": 50, "from": "default"}


def test_check_lints_without_a_database(newsroom: Newsroom) -> None:
    """Contract ID04, F12: exit 1 and both files named; no data folder comes of it."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    good = newsroom.run("check", str(newsroom.content))
    assert good.stdout == "1 files, 1 to publish: 0 errors, 0 warnings, 0 notes\n"
    newsroom.write("_posts/deep/2026-11-01-a.md", post("A again"))
    bad = newsroom.run("check", str(newsroom.content), "--json", check=False)
    assert bad.returncode == 1
    (problem,) = json.loads(bad.stdout)["problems"]
    assert problem["code"] == "identity.duplicate"
    assert "_posts/2026-11-01-a.md" in problem["message"]
    assert "_posts/deep/2026-11-01-a.md" in problem["message"]
    newsroom.write("_posts/deep/2026-11-01-a.md", '---\ntitle: "he said "so" "\ndate: 2026-11-01\nid: z\n---\n')
    assert newsroom.run("check", str(newsroom.content), check=False).returncode == 0
    assert newsroom.run("check", str(newsroom.content), "--strict", check=False).returncode == 1
    assert not (newsroom.folder / "data").exists()


def test_complaints_are_sentences(newsroom: Newsroom) -> None:
    nowhere = newsroom.run("serve", "/nowhere", check=False)
    assert (nowhere.returncode, nowhere.stderr) == (2, "feedsvc: The content folder /nowhere does not exist.\n")
    newsroom.settings["FEEDSVC_SERVER__PRT"] = "1"
    typo = newsroom.run("status", check=False)
    assert typo.returncode == 2
    assert "Did you mean FEEDSVC_SERVER__PORT?" in typo.stderr


def test_serve_complains_before_it_starts(newsroom: Newsroom) -> None:
    """One sentence, not a crowd of tracebacks."""
    wrong = {
        "FEEDSVC_PUBLISHER__SCHEDULE": ("0 25 * * *", "The schedule '0 25 * * *' is wrong"),
        "FEEDSVC_SITE__PERMALINK": ("/:nonsense/", "site.permalink"),
        "FEEDSVC_SERVER__TRUSTED_PROXIES": ('["proxy"]', "server.trusted_proxies"),
        "FEEDSVC_DATABASE__URL": ("postgresql://u:s3cr3t@h:bad/d", "database.url: the port must be a number"),
    }
    for variable, (value, expected) in wrong.items():
        newsroom.settings[variable] = value
        answer = newsroom.run("serve", check=False)
        assert answer.returncode == 2, variable
        assert answer.stderr.startswith("feedsvc: "), answer.stderr
        assert expected in answer.stderr
        assert answer.stderr.count("\n") == 1, answer.stderr
        del newsroom.settings[variable]


def test_a_publisher_complains_before_it_stands_by(newsroom: Newsroom) -> None:
    wrong = {
        "FEEDSVC_PUBLISHER__SCHEDULE": ("0 25 * * *", "The schedule '0 25 * * *' is wrong"),
        "FEEDSVC_SITE__PERMALINK": ("/:nonsense/", "site.permalink"),
        "FEEDSVC_CONTENT__STRIP_TAIL": ('["("]', "content.strip_tail"),
    }
    for variable, (value, expected) in wrong.items():
        newsroom.settings[variable] = value
        answer = newsroom.run("publisher", check=False)
        assert (answer.returncode, answer.stderr.count("\n")) == (2, 1), answer.stderr
        assert expected in answer.stderr
        del newsroom.settings[variable]
    assert not (newsroom.folder / "data").exists()


def test_status_is_whole_in_a_pipe(newsroom: Newsroom) -> None:
    """Lines are as long as they need to be, and brackets are no markup."""
    newsroom.settings["FEEDSVC_DATABASE__URL"] = f"sqlite:///{newsroom.folder / 'f.db'}"
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.run("build")
    message = "[bold] why it went wrong, at length " * 8
    store = open_store(f"sqlite:///{newsroom.folder / 'f.db'}")
    with store.writing() as tx:
        tx.put_job_state(JobState("rescan", last_outcome="failed", message=message))
    store.close()
    assert message.strip() in newsroom.run("status", check=False).stdout


def test_a_port_in_use_is_named(newsroom: Newsroom) -> None:
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    second = newsroom.run("serve", check=False)
    assert (second.returncode, second.stderr.count("\n")) == (2, 1)
    assert f"port {newsroom.port}" in second.stderr


def test_regenerate_needs_a_known_category(newsroom: Newsroom) -> None:
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    assert newsroom.run("regenerate", "markets", "--wait").stdout.count("done") == 1
    unknown = newsroom.run("regenerate", "nothing", check=False)
    assert (unknown.returncode, unknown.stderr) == (2, "feedsvc: There is no category named 'nothing'.\n")
    assert newsroom.run("regenerate", check=False).returncode == 2


def test_without_a_publisher_status_says_down(newsroom: Newsroom) -> None:
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.run("build")
    status = newsroom.run("status", check=False)
    assert status.returncode == 2
    assert "No publisher is running" in status.stdout


def test_only_the_schedule_counts_when_told_so(newsroom: Newsroom) -> None:
    """publisher.mode = schedule: a dropped file waits for the next edition; last and next run are told."""
    newsroom.settings |= {"FEEDSVC_PUBLISHER__MODE": "schedule", "FEEDSVC_PUBLISHER__SCHEDULE": "3s"}
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.start()
    newsroom.write("_posts/2026-11-02-b.md", post("B", date="2026-11-02 08:00:00 +0800"))
    newsroom.until(lambda: newsroom.titles() == ["B", "A"], "the next edition is out")
    jobs = {job["job"]: job for job in json.loads(newsroom.run("status", "--json").stdout)["jobs"]}
    edition = jobs["edition"]
    assert edition["last_outcome"] == "done"
    assert datetime.fromisoformat(edition["next_run"]) > datetime.fromisoformat(edition["last_run"])


def test_config_show_is_whole_in_a_pipe_and_without_passwords(newsroom: Newsroom) -> None:
    title = "a title that is far longer than any terminal is wide, [/bold] and so on, " * 3
    newsroom.settings |= {"FEEDSVC_SITE__TITLE": title, "FEEDSVC_DATABASE__URL": "postgresql://u:s3@cr3t@h/d"}
    shown = newsroom.run("config", "show").stdout
    assert f'site.title = "{title}"  # environment\n' in shown
    assert "feeds.max_items = 50  # default\n" in shown
    assert 'database.url = "postgresql://u:***@h/d"  # environment\n' in shown
    assert "cr3t" not in newsroom.run("config", "show", "--json").stdout


def test_looking_in_the_wrong_folder_creates_nothing(newsroom: Newsroom) -> None:
    for command in (("problems",), ("regenerate", "--all"), ("rescan",)):
        answer = newsroom.run(*command, check=False)
        assert (answer.returncode, answer.stderr.count("\n")) == (2, 1), command
        assert answer.stderr.startswith(f"feedsvc: Nothing has been published in {newsroom.folder / 'data'} yet.")
    status = newsroom.run("status", check=False)
    assert (status.returncode, status.stdout[:35]) == (2, "down: Nothing has been published in")
    as_json = newsroom.run("status", "--json", check=False)
    assert (as_json.returncode, json.loads(as_json.stdout)["level"]) == (2, "down")
    assert [path.name for path in newsroom.folder.iterdir()] == ["site"]


def test_looking_into_an_empty_postgresql_creates_nothing(newsroom: Newsroom, postgres_server: str) -> None:
    with database(make_url(postgres_server)) as url:
        newsroom.settings["FEEDSVC_DATABASE__URL"] = url.render_as_string(hide_password=False)
        assert "Nothing has been published" in newsroom.run("status", check=False).stdout
        engine = create_engine(url.set(drivername="postgresql+psycopg"))
        assert inspect(engine).get_table_names() == []
        newsroom.run("build")
        assert "No publisher is running" in newsroom.run("status", check=False).stdout
        assert inspect(engine).has_table("articles")
        engine.dispose()


def test_roots_in_one_another_are_refused(newsroom: Newsroom) -> None:
    newsroom.write("a.md", post("A"))
    newsroom.write("sub/b.md", post("B"))
    newsroom.settings["FEEDSVC_CONTENT__ROOTS"] = json.dumps([str(newsroom.content), str(newsroom.content / "sub")])
    for command in ("serve", "publisher", "build", "check"):
        answer = newsroom.run(command, check=False)
        assert (answer.returncode, answer.stderr.strip().count("\n")) == (2, 0), (command, answer.stderr)
        assert "would be published twice" in answer.stderr


def test_the_data_folder_must_be_usable(newsroom: Newsroom) -> None:
    """One sentence, from every command that needs it."""
    (newsroom.folder / "file").write_text("")
    newsroom.settings["FEEDSVC_DATA_DIR"] = str(newsroom.folder / "file")
    for command in ("serve", "web", "publisher", "build", "status"):
        answer = newsroom.run(command, check=False)
        assert (answer.returncode, answer.stderr.count("\n")) == (2, 1), (command, answer.stderr)
        assert "is a file, not a folder (setting data_dir)" in answer.stderr


def test_without_room_for_the_token_postgresql_does_not_help(newsroom: Newsroom, postgres_server: str) -> None:
    with database(make_url(postgres_server)) as url:
        newsroom.settings["FEEDSVC_DATABASE__URL"] = url.render_as_string(hide_password=False)
        newsroom.settings["FEEDSVC_DATA_DIR"] = "/proc"  # nobody can write there
        for command in ("serve", "web", "publisher"):
            answer = newsroom.run(command, check=False)
            assert (answer.returncode, answer.stderr.count("\n")) == (2, 1), (command, answer.stderr)
            assert "token /proc/operator.token cannot be written" in answer.stderr


def test_a_publisher_alone_makes_the_token(newsroom: Newsroom) -> None:
    newsroom.server = newsroom.popen("publisher")
    newsroom.until((newsroom.folder / "data" / "operator.token").exists, "there is a token")


def test_the_welcome_asks_no_proxy_and_says_that_there_are_no_posts(newsroom: Newsroom) -> None:
    newsroom.settings["http_proxy"] = "http://127.0.0.1:9"  # nobody listens there
    newsroom.settings["no_proxy"] = ""
    newsroom.start()
    newsroom.until(lambda: "feedsvc is serving:" in newsroom.log(), "it says where to look")
    newsroom.until(lambda: f"no posts found in {newsroom.content} yet" in newsroom.log(), "and that nothing is there")
    assert newsroom.titles() == []

"""The database goes away under real web workers, and comes back: no server ends, nobody has to start anything anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.e2e.newsroom import DEADLINE, Newsroom, post
from tests.postgres import database, run

ROOT = Path(__file__).parents[2]


def children(pid: int) -> set[int]:
    """Process ids of its living children."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = entry.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(parent) == pid and state != "Z":
            found.add(int(entry.parent.name))
    return found


@contextmanager
def web(newsroom: Newsroom, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """gunicorn's master: `feedsvc web`, or another command, in the newsroom's folder."""
    with (newsroom.folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *(command or ("-m", "feedsvc.cli", "web"))],
            env=newsroom.environment,
            cwd=newsroom.folder,
            stdout=log,
            stderr=log,
        )
    newsroom.server = process
    try:
        newsroom.until(lambda: newsroom.answers("/healthz") == 200, "the web server answers")
        yield process
    finally:
        newsroom.stop()


def crash_worker(newsroom: Newsroom, master: int) -> None:
    """Kill the only worker, as the machine's memory guard does, and wait for its successor."""
    (worker,) = children(master)
    os.kill(worker, signal.SIGKILL)
    newsroom.until(lambda: children(master) - {worker}, "another worker has been started")
    newsroom.until(lambda: newsroom.answers("/healthz") == 200, "it answers, and the master has not ended")


def expect_patience(newsroom: Newsroom) -> None:
    """Contract M05, M06: 503 and when to ask again, soon, for whatever is asked."""
    for path in ("/feed.atom", "/feeds/markets.rss", "/", "/s/a", "/readyz"):
        asked = time.monotonic()
        answer = newsroom.get(path)
        assert answer.status == 503, path
        assert int(answer.headers["Retry-After"]) > 0
        assert time.monotonic() - asked < 5


def test_a_worker_starts_while_sqlite_is_away(newsroom: Newsroom) -> None:
    """Contract M05: a worker that crashes while the database cannot be opened takes nothing down with it."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.run("build")
    data, away = newsroom.folder / "data", newsroom.folder / "away"
    with web(newsroom) as master:
        assert newsroom.titles() == ["A"]
        data.rename(away)
        data.write_text("no folder")
        crash_worker(newsroom, master.pid)
        expect_patience(newsroom)
        crash_worker(newsroom, master.pid)
        data.unlink()
        away.rename(data)
        newsroom.until(lambda: newsroom.answers("/feed.atom") == 200, "it serves again")
        assert newsroom.titles() == ["A"]
        assert master.poll() is None


def test_a_worker_starts_while_postgresql_is_away(newsroom: Newsroom, postgres_server: str) -> None:
    """Contract M05; what a living worker has in memory it goes on serving."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    server = make_url(postgres_server)
    with database(server) as url:
        newsroom.settings["FEEDSVC_DATABASE__URL"] = url.render_as_string(hide_password=False)
        newsroom.run("build")
        with web(newsroom) as master:
            assert newsroom.titles() == ["A"]
            run(
                server,
                f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS false',
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'",
            )
            newsroom.until(lambda: newsroom.answers("/readyz") == 503, "the worker knows")
            assert newsroom.titles() == ["A"]
            crash_worker(newsroom, master.pid)
            expect_patience(newsroom)
            run(server, f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS true')
            newsroom.until(lambda: newsroom.answers("/feed.atom") == 200, "it serves again")
            assert master.poll() is None


def test_gunicorn_alone_starts_before_its_database(newsroom: Newsroom, postgres_server: str) -> None:
    """`gunicorn wsgi:app` needs nobody to start it a second time; whoever comes first makes the tables."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    name = f"feedsvc_late_{os.getpid()}"
    server = make_url(postgres_server)
    newsroom.settings["FEEDSVC_DATABASE__URL"] = server.set(database=name).render_as_string(hide_password=False)
    config = ("-m", "gunicorn", "--chdir", str(ROOT), "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app")
    with web(newsroom, *config) as master:
        expect_patience(newsroom)
        with database(server, name):
            newsroom.run("build")
            newsroom.until(lambda: newsroom.answers("/feed.atom") == 200, "it serves")
            assert newsroom.titles() == ["A"]
            assert master.poll() is None
            newsroom.stop()


def gunicorn_alone(newsroom: Newsroom) -> subprocess.CompletedProcess[str]:
    """What `gunicorn --print-config wsgi:app` says in the folder of wsgi.py."""
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "--print-config", "wsgi:app"],
        cwd=ROOT,
        env=newsroom.environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )


def test_gunicorn_alone_reads_our_configuration(newsroom: Newsroom) -> None:
    """It finds gunicorn.conf.py by itself: threads, and no control socket."""
    newsroom.settings["FEEDSVC_SERVER__THREADS"] = "5"
    shown = gunicorn_alone(newsroom).stdout
    found = {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in shown.splitlines())}
    assert (found["worker_class"], found["threads"]) == ("gthread", "5")
    assert found["control_socket_disable"] == "True"
    assert found["bind"] == f"['127.0.0.1:{newsroom.port}']"


def test_gunicorn_alone_tells_a_wrong_setting_in_a_sentence(newsroom: Newsroom) -> None:
    newsroom.settings["FEEDSVC_SERVER__THREADS"] = "many"
    done = gunicorn_alone(newsroom)
    assert done.returncode == 1
    assert done.stderr.startswith("feedsvc: ") and "Traceback" not in done.stderr

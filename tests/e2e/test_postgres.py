"""Several nodes on one PostgreSQL: two publishers, two web servers, one of each dies."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy.engine import make_url

from tests.e2e.newsroom import Newsroom, free_port, post
from tests.postgres import database


def test_two_nodes_on_one_database(newsroom: Newsroom, postgres_server: str) -> None:
    """design.md 5: the same tables on PostgreSQL by one setting; any number of publishers, a lease decides."""
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    with database(make_url(postgres_server)) as url:
        newsroom.settings["FEEDSVC_DATABASE__URL"] = url.render_as_string(hide_password=False)
        newsroom.settings["FEEDSVC_PUBLIC_URL"] = "https://feeds.example.com"
        other = replace(newsroom, port=free_port())
        processes = [newsroom.popen("publisher"), other.popen("publisher"), newsroom.popen("web"), other.popen("web")]
        try:
            for node in (newsroom, other):
                newsroom.until(lambda node=node: node.answers("/readyz") == 200, "each node is ready")  # type: ignore[misc]
            assert newsroom.get("/feed.atom").body == other.get("/feed.atom").body
            newsroom.write("_posts/2026-11-02-b.md", post("B", date="2026-11-02 08:00:00 +0800"))
            newsroom.until(lambda: newsroom.titles() == other.titles() == ["B", "A"], "both nodes serve it")

            status = json.loads(newsroom.run("status", "--json").stdout)
            leader = next(process for process in processes if f":{process.pid}:" in status["leader"])
            leader.kill()
            newsroom.write("_posts/2026-11-03-c.md", post("C", date="2026-11-03 08:00:00 +0800"))
            newsroom.until(lambda: other.titles() == ["C", "B", "A"], "the other publisher has taken over")
            newsroom.until(lambda: newsroom.titles() == ["C", "B", "A"], "and the first node serves it too")
            assert newsroom.get("/feed.atom").headers["ETag"] == other.get("/feed.atom").headers["ETag"]
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(20)


def test_a_value_too_long_for_postgresql_is_one_posts_problem(newsroom: Newsroom, postgres_server: str) -> None:
    """Contract F12: an index row of PostgreSQL holds 2,704 octets."""
    newsroom.write("_posts/2026-11-01-a.md", post("Good"))
    # Random enough that the database cannot compress it.
    slug = "".join(chr(0x4E00 + (number * number * 7919) % 20000) for number in range(2000))
    newsroom.write("_posts/2026-11-02-b.md", post("Long", date=f"2026-11-02 08:00:00 +0800\nslug: {slug}"))
    with database(make_url(postgres_server)) as url:
        newsroom.settings["FEEDSVC_DATABASE__URL"] = url.render_as_string(hide_password=False)
        summary = json.loads(newsroom.run("build", "--json").stdout)
        assert (summary["new"], summary["quarantined"]) == (1, 1)
        problems = json.loads(newsroom.run("problems", "--json").stdout)
        assert [problem["code"] for problem in problems] == ["record-refused"]

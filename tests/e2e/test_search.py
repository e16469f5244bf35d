"""Search with real processes: what is dropped into the folder is found, on one machine and through PostgreSQL."""

from __future__ import annotations

import json
from urllib.parse import quote

from sqlalchemy.engine import make_url

from tests.e2e.newsroom import Newsroom, post
from tests.postgres import database

FEED = f"/search.atom?q={quote('渡轮')}"


def test_a_dropped_post_is_found_and_an_edited_one_by_its_new_words(newsroom: Newsroom) -> None:
    """Contract F08; the pages and feeds of a search follow by themselves."""
    newsroom.settings["FEEDSVC_SEARCH__REQUESTS"] = "0"
    newsroom.write("_posts/2026-11-01-a.md", post("渡轮时刻表"))
    newsroom.start()
    newsroom.until(lambda: newsroom.titles(FEED) == ["渡轮时刻表"], "it is found")
    newsroom.write("_posts/2026-11-02-b.md", post("灯塔", date="2026-11-02 08:00:00 +0800", body="渡轮经过。"))
    newsroom.until(lambda: newsroom.titles(FEED) == ["灯塔", "渡轮时刻表"], "the new one is found, first")
    page = newsroom.get(f"/search?q={quote('渡轮')}").body.decode()
    assert "<mark>渡轮</mark>时刻表" in page and "<mark>渡轮</mark>经过" in page
    newsroom.write("_posts/2026-11-01-a.md", post("航班时刻表"))
    newsroom.until(lambda: newsroom.titles(FEED) == ["灯塔"], "the edited one is not found any more")
    status = json.loads(newsroom.run("status", "--json", check=False).stdout)
    assert "search" in {job["job"] for job in status["jobs"]}, status
    token = (newsroom.folder / "data" / "operator.token").read_text().strip()
    runs = json.loads(newsroom.get("/api/v1/runs", Authorization=f"Bearer {token}").body)
    assert "refresh" in str(runs) and "'search'" not in str(runs), "slices of the index are no news"


def test_build_indexes_all_and_says_so(newsroom: Newsroom, postgres_server: str) -> None:
    with database(make_url(postgres_server)) as url:
        newsroom.settings["FEEDSVC_DATABASE__URL"] = url.render_as_string(hide_password=False)
        for number in range(3):
            newsroom.write(f"_posts/2026-11-01-n{number}.md", post(f"渡轮 {number}"))
        assert json.loads(newsroom.run("build", "--json").stdout)["searchable"] == 3
        again = json.loads(newsroom.run("build", "--json").stdout)
        assert "searchable" not in again
        newsroom.start()
        assert sorted(newsroom.titles(FEED)) == ["渡轮 0", "渡轮 1", "渡轮 2"]
        newsroom.stop()

"""Search: what the index costs, and how long it takes to find, against a scan of the plain texts (LIKE)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.content import Author, categories_for, write_site
from benchmarks.measure import FEEDSVC, Finished, Row, environment, folder_octets, run
from feedsvc.articles.summary import plain_text
from feedsvc.articles.words import wanted
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store

PAGE = 20  # results that are asked for
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def build(site: Path, data: Path, search: bool) -> Finished:
    return run([*FEEDSVC, "build"], environment(site, data, FEEDSVC_SEARCH__ENABLED=str(search).lower()))


def queries(author: Author, oldest_title: str) -> dict[str, str]:
    """What is asked -> the query. The words of the posts are as frequent as their rank says (content.py)."""
    words = author.words
    return {
        "a word of every post": words[0],
        "a word of few posts": words[-1],
        "the oldest post's title": oldest_title,
        "six words": " ".join(words[20:26]),
        "a single character": words[40][0],
        "a word that is nowhere": "zyzzyva",
    }


def plain_copy(store: Store, path: Path) -> sqlite3.Connection:
    """The plain texts in a table of their own, in the order of publication: as kind to LIKE as can be."""
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE posts (n INTEGER PRIMARY KEY, title TEXT, content TEXT)")
    with store.reading() as reader:
        ids = [line.id for line in reversed(reader.listed("", 10_000_000, LATER))]
        for start in range(0, len(ids), 1000):
            found = reader.articles(ids[start : start + 1000])
            lines = [(found[one].title, plain_text(found[one].content_html)) for one in ids[start : start + 1000]]
            conn.executemany("INSERT INTO posts (title, content) VALUES (?, ?)", lines)
    conn.commit()
    return conn


def scan(conn: sqlite3.Connection, query: str) -> None:
    words = query.split()
    where = " AND ".join(["(title LIKE ? OR content LIKE ?)"] * len(words))
    values = [f"%{word}%" for word in words for _ in range(2)]
    conn.execute(f"SELECT n FROM posts WHERE {where} ORDER BY n DESC LIMIT {PAGE}", values).fetchall()


def p50(work: Callable[[], None], rounds: int) -> float:
    """Milliseconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return median(times) * 1000


def bench(work: Path, posts: int, rounds: int = 15) -> list[Row]:
    """`work` is a scratch folder."""
    site, data = work / "site", work / "data"
    write_site(site, posts, categories_for(posts))
    cold = build(site, data, search=False)
    without = folder_octets(data)
    restart = build(site, data, search=False)
    indexed = build(site, data, search=True)
    with_index = folder_octets(data)
    rows = [
        Row("search", f"indexing {posts:,} posts", indexed.wall - restart.wall, "s", cold.wall, "cold build"),
        Row("search", "  of it, processor time", indexed.cpu - restart.cpu, "s", cold.cpu, "cold build"),
        Row("search", "index", (with_index - without) / 1e6, "MB", without / 1e6, "the rest", "<= 0.4"),
    ]
    store = open_store(f"sqlite:///{data / 'feedsvc.db'}")
    try:
        author = Author(categories_for(posts))
        with store.reading() as reader:
            [oldest] = reader.listed("", 1, LATER, posts - 1)
        plain = plain_copy(store, work / "plain.db")
        for what, query in queries(author, oldest.title).items():
            asked = wanted(query)
            assert asked is not None

            def ours(asked: object = asked) -> None:
                with store.reading() as reader:
                    reader.search(asked, PAGE, LATER)  # type: ignore[arg-type]

            peer = p50(lambda query=query: scan(plain, query), max(3, rounds // 5))  # type: ignore[misc]
            rows.append(Row("search", f"p50, {what}", p50(ours, rounds), "ms", peer, "LIKE"))
        plain.close()
    finally:
        store.close()
    return rows

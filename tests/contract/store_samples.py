"""Sample values for the store's tests, and the waiting that no test does by sleeping for luck."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from feedsvc.articles.article import Article
from feedsvc.publishing.document import Document
from feedsvc.scheduling.run import Run

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
TTL = timedelta(seconds=6)


def an_article(name: str = "NW1", **other: Any) -> Article:
    values: dict[str, Any] = {
        "id": f"tag:example.com,2026:{name}",
        "identity": name,
        "slug": name.rpartition("/")[2],
        "title": f"标题 {name}",
        "published": NOW - HOUR,
        "updated": NOW - HOUR,
        "content_html": f"<p>正文 {name}</p>",
        "summary": f"摘要 {name}",
        "canonical_url": f"https://example.com/{name}.html",
        "path": f"/{name}.html",
        "order_key": f"_posts/2026-11-22-{name}.md",
        "source_key": f"content/_posts/2026-11-22-{name}.md",
        "digest": f"digest-{name}",
        "categories": ("evening",),
    }
    return Article(**(values | other))


def a_document(path: str = "/feed.rss", **other: Any) -> Document:
    values: dict[str, Any] = {
        "path": path,
        "media_type": "application/rss+xml; charset=utf-8",
        "etag": f"etag-{path}",
        "gzip": b"\x1f\x8b not really",
        "length": 42,
        "category": "",
        "max_age": 300,
        "modified": 1_795_000_000,
    }
    return Document(**(values | other))


def a_run(run_id: str = "r1", **other: Any) -> Run:
    values: dict[str, Any] = {
        "id": run_id,
        "job": "regenerate",
        "reason": "request",
        "asked_by": "cli",
        "created": NOW,
    }
    return Run(**(values | other))


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Until the condition holds; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


def child(*arguments: str) -> subprocess.Popen[str]:
    """A process of store_child.py, whose lines are read from its stdout."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.contract.store_child", *arguments],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()  # "" when it has died

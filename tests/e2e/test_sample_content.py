"""The content we ship, through the whole pipeline: every feed is read back by an independent parser."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from feedsvc import bootstrap
from feedsvc.pipeline.workers import Workers
from feedsvc.scheduling.run import Run

CONTENT = Path(__file__).parents[2] / "content"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """path -> body of everything that is published from content/."""
    folder = tmp_path_factory.mktemp("sample")
    roots = {"roots": [{"path": CONTENT}]}
    settings = bootstrap.load_settings({"content": roots, "data_dir": folder}).settings
    store = bootstrap.open_store(settings)
    lease = store.acquire_lease("publisher", "x", NOW - NOW.replace(year=2025), NOW)
    assert lease is not None
    publisher = bootstrap.publisher(settings, store, lambda: lease, Workers(1), lambda: NOW)
    counts = publisher.rescan(Run(id="t", job="rescan", reason="t", asked_by="t", created=NOW))
    assert counts["read"] >= 64
    with store.reading() as reader:
        found = {path: reader.document(path) for path in reader.document_paths()}
    return {path: gzip.decompress(document.gzip) for path, document in found.items() if document}


def test_feedparser_reads_every_feed(documents: dict[str, bytes]) -> None:
    """Contract F01, F05, F07: no bozo, and the three formats say the same."""
    bases = sorted({path.rpartition(".")[0] for path in documents if not path.endswith(".opml")})
    assert len(bases) >= 9
    for base in bases:
        rss, atom = feedparser.parse(documents[f"{base}.rss"]), feedparser.parse(documents[f"{base}.atom"])
        items = json.loads(documents[f"{base}.json"])["items"]
        assert not rss.bozo, (base, rss.get("bozo_exception"))
        assert not atom.bozo, (base, atom.get("bozo_exception"))
        told = [[(entry.id, entry.title, entry.link) for entry in feed.entries] for feed in (rss, atom)]
        assert told[0] == told[1] == [(item["id"], item["title"], item["url"]) for item in items], base
        assert all(entry.published_parsed and entry.summary for entry in rss.entries), base


def test_what_must_not_show_does_not(documents: dict[str, bytes]) -> None:
    """Contract F08, F12: no future post, no draft, nothing unpublished, in no feed."""
    dates = [item["date_published"] for item in json.loads(documents["/feed.json"])["items"]]
    assert max(dates) < "2026-11-22T12:00:00Z"
    everything = b"".join(documents.values()).decode()
    for word in ("display:none", "<script", "infoCode=NW", "返回首页"):
        assert word not in everything, word


def test_every_category_has_its_feeds_and_names_differ_by_case(documents: dict[str, bytes]) -> None:
    """content.md 0.8, 0.9: categories as written, display names from the tags."""
    for name in ("TechDaily", "Techdaily", "anhaizhengquan%28xianggang%29"):
        for suffix in ("rss", "atom", "json"):
            assert f"/feeds/{name}.{suffix}" in documents, name
    titles = {json.loads(body)["title"] for path, body in documents.items() if path.endswith(".json")}
    assert any("晚报" in title for title in titles)
    assert not any(title.endswith("新闻") for title in titles)

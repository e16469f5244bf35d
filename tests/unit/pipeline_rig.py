"""The pipeline on a real folder and a real SQLite file, with a clock that stands until it is moved."""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedsvc import bootstrap
from feedsvc.pipeline.publisher import Publisher
from feedsvc.pipeline.workers import Workers
from feedsvc.scheduling.lease import Lease
from feedsvc.scheduling.run import Run
from feedsvc.settings import Settings
from feedsvc.store import Store

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@dataclass
class Rig:
    folder: Path
    options: dict[str, object] = field(default_factory=dict)
    now: datetime = START
    alarms: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "site").mkdir(parents=True, exist_ok=True)
        self.open()

    def open(self) -> None:
        """The publisher as after a start, with the options as they are now."""
        settings = Settings.model_validate(
            {
                "data_dir": self.folder / "data",
                "content": {
                    "roots": [{"path": self.folder / "site"}, *self.options.get("more_roots", [])],  # type: ignore[misc]
                    **self._section("content"),
                },
                "site": {"authority": "news.example.com,2026", "timezone": "UTC", **self._section("site")},
                "publisher": {"processes": 1, "grace_seconds": 60, **self._section("publisher")},
                **{
                    name: self._section(name)
                    for name in ("feeds", "categories", "guard", "database", "limits", "search")
                },
            }
        )
        self.settings = settings
        self.store: Store = bootstrap.open_store(settings)
        lease = self.store.acquire_lease("publisher", "rig", timedelta(days=999), self.now)
        assert lease is not None
        self.lease: Lease = lease
        self.publisher: Publisher = bootstrap.publisher(
            settings, self.store, lambda: self.lease, Workers(1), lambda: self.now, self.alarms.__setitem__
        )

    def _section(self, name: str) -> dict[str, object]:
        section = self.options.get(name, {})
        assert isinstance(section, dict)
        return section

    def write(self, name: str, text: str | bytes, root: str = "site") -> Path:
        path = self.folder / root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        self.age(path)
        return path

    def age(self, path: Path) -> None:
        """An hour old: settled beyond doubt."""
        stat = path.stat()
        os.utime(path, ns=(stat.st_mtime_ns, stat.st_mtime_ns - 3_600_000_000_000))

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def rescan(self, reason: str = "test") -> Mapping[str, int]:
        return self.publisher.rescan(self._run("rescan", reason))

    def look(self, *paths: Path) -> Mapping[str, int]:
        self.publisher.hint(paths)
        return self.publisher.refresh(self._run("refresh"))

    def due(self) -> Mapping[str, int]:
        return self.publisher.due(self._run("due"))

    def regenerate(self, *categories: str) -> Mapping[str, int]:
        return self.publisher.regenerate(self._run("regenerate", categories=categories))

    def search(self) -> Mapping[str, int]:
        return self.publisher.search(self._run("search"))

    def _run(self, job: str, reason: str = "test", categories: tuple[str, ...] = ()) -> Run:
        return Run(id="t", job=job, reason=reason, asked_by="test", created=self.now, categories=categories)

    def body(self, path: str = "/feed.json") -> str:
        with self.store.reading() as reader:
            document = reader.document(path)
        assert document is not None, path
        return gzip.decompress(document.gzip).decode()

    def paths(self) -> list[str]:
        with self.store.reading() as reader:
            return reader.document_paths()

    def problems(self) -> list[str]:
        with self.store.reading() as reader:
            return [problem.code for problem in reader.problems()]


def post(title: str = "Title", category: str = "markets", day: int = 1, body: str = "Text.", more: str = "") -> str:
    return f"---\ntitle: {title}\ndate: 2026-11-{day:02} 08:00:00 +0000\ncategories: {category}\n{more}---\n{body}\n"

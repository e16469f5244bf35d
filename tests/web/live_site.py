"""A site whose feeds are really published: the pipeline's rig, and the application with all it can make on demand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from werkzeug.test import Client, TestResponse

from feedsvc import bootstrap
from feedsvc.web.app import create_app
from feedsvc.web.hot import HotLayer
from tests.unit.pipeline_rig import Rig


@dataclass
class Live:
    rig: Rig
    app: HotLayer
    client: Client

    def get(self, target: str, **headers: str) -> TestResponse:
        """headers: If_None_Match for If-None-Match."""
        path = target.removeprefix(self.rig.settings.public_base)
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def look(self) -> None:
        """Read the content and publish; the application has noticed when this returns."""
        self.rig.rescan()
        self.caught_up()

    def caught_up(self) -> None:
        self.app._shelf.get("")  # it follows from its first use on
        until(lambda: self.app._shelf.edition >= self.rig.store.edition())

    @contextmanager
    def another(self) -> Iterator[Live]:
        """A second worker on the same store, as after a restart."""
        with serving(self.rig) as live:
            yield live


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not within the time allowed"
        time.sleep(0.005)


@contextmanager
def serving(rig: Rig) -> Iterator[Live]:
    maker = bootstrap.on_demand(rig.settings, rig.store, lambda: rig.now)
    app = create_app(rig.settings, rig.store, lambda: rig.now, maker)
    try:
        yield Live(rig, app, Client(app))
    finally:
        app.close()


@contextmanager
def live_site(folder: Path, options: dict[str, object] | None = None) -> Iterator[Live]:
    """Nothing is written and published yet."""
    rig = Rig(folder, options or {})
    try:
        with serving(rig) as live:
            yield live
    finally:
        rig.store.close()


def month_post(title: str, categories: str, month: int, day: int, more: str = "") -> str:
    """A post of 2026."""
    return (
        f"---\ntitle: {title}\ndate: 2026-{month:02}-{day:02} 08:00:00 +0000\ncategories: {categories}\n{more}---\n"
        f"Text of {title}.\n"
    )

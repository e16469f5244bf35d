"""A newsroom for a browser to look at."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.invented import Post
from tests.e2e.newsroom import Newsroom, free_port

ASSETS = Path(__file__).parents[2] / "content" / "assets"


@contextmanager
def newsroom_with(folder: Path, articles: Iterable[Post], **settings: str) -> Iterator[Newsroom]:
    """A running server on these articles."""
    room = Newsroom(folder, free_port(), settings)
    for article in articles:
        room.write(article.name, article.text)
    shutil.copytree(ASSETS, room.content / "assets")
    room.start()
    assert room.server is not None
    try:
        yield room
    finally:  # not asked to end: it would wait for connections that the browser opened in advance
        os.killpg(room.server.pid, signal.SIGKILL)
        room.server.wait(20)

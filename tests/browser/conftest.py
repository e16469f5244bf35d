"""One server with invented news and one browser for all tests of this folder; a person (a profile) for each test.

The browser is the system's Chromium, or the program that FEEDSVC_CHROMIUM names; without one the tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.browser.invented import LINKED, WITHDRAWN, Post, posts
from tests.e2e.newsroom import Newsroom, free_port

ASSETS = Path(__file__).parents[2] / "content" / "assets"
REFUSED = "Failed to load resource: the server responded with a status of "  # also said of a page that is an error page


@dataclass
class Person:
    """A page in a profile of its own, and all that went wrong on it."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    asked: str = ""

    def heard(self, message: ConsoleMessage) -> None:
        """What the browser has to say: blocked scripts and styles, files that are missing, faults of our script."""
        of_the_page = message.text.startswith(REFUSED) and message.location["url"].partition("#")[0] == self.asked
        if message.type in ("error", "warning") and not of_the_page:
            self.faults.append(f"{message.text} ({message.location['url']})")

    def sent(self, request: Request) -> None:
        self.requests.append(request.url)
        if request.is_navigation_request():
            self.asked = request.url.partition("#")[0]
        if urlsplit(request.url).scheme != "data" and not request.url.startswith(self.base + "/"):
            self.faults.append(f"a request to elsewhere: {request.url}")

    def go(self, path: str) -> int:
        """Open a page of the site; its status."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        return answer.status


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("FEEDSVC_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed (FEEDSVC_CHROMIUM may name it)")
    options = ["--no-sandbox", "--disable-gpu"]
    with sync_playwright() as play, play.chromium.launch(executable_path=program, args=options) as started:
        yield started


@pytest.fixture(scope="session")
def wire(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:  # none without browser
    """A running newsroom: forty categories, several hundred articles, one of them withdrawn after it was published."""
    settings = {
        "FEEDSVC_SITE__TITLE": "江湾联合新闻",
        "FEEDSVC_SITE__DESCRIPTION": "四十种虚构的报刊，一处订阅。",
        "FEEDSVC_CATEGORIES__SPLIT": "whole",
        "FEEDSVC_SEARCH__REQUESTS": "0",
    }
    with newsroom_with(tmp_path_factory.mktemp("wire"), posts(datetime.now(UTC)), **settings) as room:
        assert room.get(f"/s/{WITHDRAWN}").status == 302
        next(room.content.glob(f"_posts/*-{WITHDRAWN}.md")).unlink()
        room.until(lambda: room.get(f"/s/{WITHDRAWN}").status == 410, "the article is withdrawn")
        query, attempt = "/search?q=" + quote("雾中的渡轮"), count()  # another address each time: pages are remembered
        room.until(lambda: LINKED.encode() in room.get(f"{query}&n={next(attempt)}").body, "texts can be searched")
        yield room


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


Visit = Callable[..., Person]


@pytest.fixture
def visit(browser: Browser, wire: Newsroom) -> Iterator[Visit]:
    """visit(base=…, **options of a browser context): a person who has just opened a window.

    Afterwards nobody may have seen an error, a warning, or a request to another host than his own.
    """
    people: list[Person] = []

    def opened(base: str = "", **options: Any) -> Person:
        context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})
        person = Person(context.new_page(), base or wire.base)
        person.page.set_default_timeout(10_000)
        person.page.on("console", person.heard)
        person.page.on("request", person.sent)
        person.page.on("pageerror", lambda error: person.faults.append(str(error)))
        people.append(person)
        return person

    yield opened
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.page.context.close()
    assert faults == []


@pytest.fixture
def person(visit: Visit) -> Person:
    return visit()


@pytest.fixture
def chinese(visit: Visit) -> Person:
    return visit(locale="zh-CN")


@pytest.fixture
def plain(visit: Visit) -> Person:
    """Somebody without JavaScript."""
    return visit(java_script_enabled=False)

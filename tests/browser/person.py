"""Somebody with a browser, and all that goes wrong before his eyes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

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


Visit = Callable[..., Person]

"""A newsroom on this machine: a content folder, a real `feedsvc serve`, a reader that asks over the wire."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

import feedparser
import pytest

from feedsvc.cli.main import COMMANDS as MODULES
from feedsvc.cli.main import main

COMMANDS = multiprocessing.get_context("forkserver")
COMMANDS.set_forkserver_preload([f"feedsvc.cli.{name}" for name in sorted({"main", *MODULES.values()})])
DEADLINE = 20.0  # seconds any single thing may take; only a broken server needs them


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes


@dataclass
class Newsroom:
    """content: the folder. Start and stop the server as often as wanted; the data folder stays."""

    folder: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = None

    @property
    def content(self) -> Path:
        return self.folder / "site"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}
        return {
            **clean,
            "FEEDSVC_CONTENT__ROOTS": f'["{self.content}"]',
            "FEEDSVC_DATA_DIR": str(self.folder / "data"),
            "FEEDSVC_SERVER__PORT": str(self.port),
            "FEEDSVC_SERVER__WORKERS": "1",
            "FEEDSVC_PUBLISHER__GRACE_SECONDS": "0",
            "FEEDSVC_PUBLISHER__LEASE_SECONDS": "2",
            "FEEDSVC_SITE__AUTHORITY": "news.example.com,2026",
            **self.settings,
        }

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A feedsvc command in a process of its own, forked from one that has imported everything already."""
        scratch = Path(tempfile.mkdtemp(prefix="feedsvc-command-"))
        out, err = scratch / "out", scratch / "err"
        process = COMMANDS.Process(target=_command, args=(arguments, self.environment, self.folder, out, err))
        process.start()
        process.join(60)
        if process.exitcode is None:
            process.kill()
            pytest.fail(f"feedsvc {' '.join(arguments)} did not end within a minute")
        done = subprocess.CompletedProcess(arguments, process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))
        shutil.rmtree(scratch)
        if check and done.returncode:
            pytest.fail(f"feedsvc {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def popen(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "server.log").open("ab")
        return subprocess.Popen(
            [sys.executable, "-m", "feedsvc.cli", *arguments],
            env=self.environment,
            cwd=self.folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def start(self) -> None:
        self.server = self.popen("serve")
        self.until(lambda: self.answers("/readyz") == 200, "the server is ready")

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(DEADLINE)
            self.server = None

    def answers(self, path: str) -> int:
        """The status, 0 while nobody listens."""
        try:
            return self.get(path).status
        except OSError:
            return 0

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def titles(self, path: str = "/feed.atom") -> list[str]:
        """What a reader sees, newest first; no feed may ever be broken."""
        answer = self.get(path)
        assert answer.status == 200, (path, answer)
        parsed = feedparser.parse(answer.body)
        assert not parsed.bozo, parsed.get("bozo_exception")
        return [entry.title for entry in parsed.entries]

    def write(self, name: str, text: str) -> Path:
        path = self.content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def until(self, condition: Callable[[], object], what: str, deadline: float = DEADLINE) -> None:
        """Wait for a condition, not for luck."""
        end = time.monotonic() + deadline
        while not condition():
            if self.server is not None and self.server.poll() is not None:
                pytest.fail(f"the server ended while waiting until {what}:\n{self.log()}")
            if time.monotonic() > end:
                pytest.fail(f"not within {deadline:g} s: {what}\n{self.log()}")
            time.sleep(0.02)

    def log(self) -> str:
        path = self.folder / "server.log"
        return path.read_text(errors="replace")[-5000:] if path.exists() else ""


def post(title: str, category: str = "markets", date: str = "2026-11-01 08:00:00 +0800", body: str = "Text.") -> str:
    return f"---\ntitle: {title}\ndate: {date}\ncategories: {category}\n---\n{body}\n"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _command(arguments: tuple[str, ...], environment: dict[str, str], folder: Path, out: Path, err: Path) -> None:
    """In the child: become the command."""
    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["feedsvc", *arguments]
    main()

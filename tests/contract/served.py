"""A real gunicorn over a store that the test filled, for the contract tests that need the whole way."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"


@dataclass
class Answer:
    """One answer, read whole. headers: names in lower case, the last one wins."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass
class Server:
    """A running server. folder: its data folder."""

    host: str
    port: int
    folder: Path

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """One request, exactly as written: no header is added but Host."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=15)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def say(self, data: bytes) -> int:
        """Raw bytes; the status of the answer, 0 when the connection was closed without one."""
        with socket.create_connection((self.host, self.port), timeout=15) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            line = sock.makefile("rb").readline(200)
        parts = line.split()
        return int(parts[1]) if len(parts) > 1 else 0


@contextmanager
def serving(folder: Path, listener: socket.socket, workers: int = 1) -> Iterator[Server]:
    """gunicorn with our own configuration over the store in the folder, on a socket that is listening already."""
    host, port = listener.getsockname()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:feedsvc.cli.gunicorn_config"]
    command += ["--workers", str(workers), "--log-level", "error", "--keep-alive", "5"]
    command += ["--bind", f"fd://{listener.fileno()}", "tests.web.served_site:application()"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}
    env = {**clean, "WEB_TEST_SITE": str(folder), "WEB_TEST_PUBLIC": f"http://{host}:{port}"}
    process = subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[listener.fileno()])
    server = Server(host, port, folder)
    try:
        deadline = time.monotonic() + 30
        while True:
            assert process.poll() is None, "gunicorn stopped"
            try:
                if server.ask("/healthz").status == 200:
                    break
            except OSError:
                assert time.monotonic() < deadline, "gunicorn does not answer"
                time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def check_script(name: str) -> Path:
    """A conformance check from the reference folder beside the checkout; the test is skipped without it."""
    path = SHARED / "checks" / name
    if not path.exists():
        pytest.skip(f"{name} is not there")
    return path


def failures(script: Path, *arguments: str) -> tuple[list[str], str]:
    """Run a check: the rules that failed, and all it printed."""
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=120)
    assert "PASS" in done.stdout, done.stdout + done.stderr
    return [line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAIL")], done.stdout

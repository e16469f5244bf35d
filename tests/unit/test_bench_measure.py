"""The benchmarks' own instruments: a wrong ruler measures nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks/ is beside the package, not in it

from benchmarks.__main__ import table
from benchmarks.load import first_answer, load
from benchmarks.measure import Row, environment, folder_octets, percentile, run

BODY = b"x" * 100_000
REQUEST = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"


class Counting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = Lock()
    served = 0

    def do_GET(self) -> None:
        with Counting.lock:
            Counting.served += 1
            later = Counting.served > 20
        status = 503 if self.path == "/tired" and later else 304 if self.path == "/304" else 200
        self.send_response(status)
        if status == 304:
            self.end_headers()
            return
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Patient(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A load generator hangs up in the middle of an answer; that is no news."""


@pytest.fixture
def port() -> Iterator[int]:
    Counting.served = 0
    with Patient(("127.0.0.1", 0), Counting) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", [b"/200", b"/304"])
def test_the_load_generator_counts_whole_answers(port: int, path: bytes) -> None:
    answers, took = load("127.0.0.1", port, REQUEST % path, seconds=0.3, connections=3)
    others = 1 + 3  # the first look, and what was under way at the end, one a connection
    assert Counting.served - others <= answers < Counting.served
    assert took >= 0.3


def test_the_load_generator_reads_a_whole_first_answer(port: int) -> None:
    assert first_answer("127.0.0.1", port, REQUEST % b"/200").endswith(BODY)


def test_the_load_generator_refuses_other_answers(port: int) -> None:
    with pytest.raises(RuntimeError, match="another answer"):
        load("127.0.0.1", port, REQUEST % b"/tired", seconds=5, connections=3)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 5), (0.9, 9), (0.99, 10), (1.0, 10)])
def test_percentiles(share: float, value: float) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == value


def test_a_run_is_weighed_with_its_children() -> None:
    busy = "sum(i * i for i in range(3_000_000))"
    done = run([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{busy}'])"])
    assert done.cpu > 0.05
    assert done.wall > 0
    assert done.memory > 5


def test_a_failed_run_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_callers_settings_stay_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FEEDSVC_SITE__URL", "https://elsewhere.example.com")
    env = environment(tmp_path, tmp_path / "data", FEEDSVC_SERVER__WORKERS="1")
    ours = {name for name in env if name.startswith("FEEDSVC_")}
    assert ours == {"FEEDSVC_CONTENT__ROOTS", "FEEDSVC_DATA_DIR", "FEEDSVC_SERVER__WORKERS"}


def test_the_table_shows_ratios_and_says_nothing_without_a_peer() -> None:
    lines = table([Row("a", "x", 50, "s", 200, "peer", "<= 1"), Row("a", "y", 1234, "ms", None, "")]).splitlines()
    assert "0.25" in lines[1]
    assert "1,234" in lines[2]
    assert len(lines) == 3


def test_octets_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"123")
    (tmp_path / "c").write_bytes(b"4567")
    assert folder_octets(tmp_path) == 7

"""What a hot feed, its 304 and a share link cost, against a trivial WSGI app and Flask on the same gunicorn settings.

One worker on one core, the load on another. nginx, when installed, serves the same bytes as the far end of the scale.
"""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.content import write_site
from benchmarks.measure import FEEDSVC, ROOT, Row, environment, free_port, pinned, run, server

SERVER_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 16
ITEMS = 8  # entries of the feed: about 23 KB compressed, like the one that was measured before
GUNICORN = ("-m", "gunicorn", "-c", "python:feedsvc.cli.gunicorn_config")

Requests = Mapping[str, tuple[int, bytes]]  # scenario -> (port, the request's bytes)


def request(path: str, **headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "User-Agent: bench", "Accept-Encoding: gzip"]
    return "\r\n".join(
        [*lines, *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items()), "", ""]
    ).encode()


def ask(port: int, path: str) -> tuple[int, str, bytes]:
    """(status, ETag, gzip body)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers.get("ETag", ""), body


def per_second(port: int, wanted: bytes, seconds: float) -> float:
    """By wrk when it is installed (our own generator is slower than nginx), always from the other core."""
    command = wrk(port, wanted, seconds) if shutil.which("wrk") else own_load(port, seconds)
    result = subprocess.run(
        [*pinned(LOAD_CORE), *command], input=wanted, cwd=ROOT, env=environment(), capture_output=True
    )
    output = result.stdout.decode("utf-8", "replace")
    if result.returncode or "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(output + result.stderr.decode("utf-8", "replace")[-500:])
    found = re.search(r"Requests/sec:\s*([\d.]+)", output)
    return float(found[1] if found else output)


def own_load(port: int, seconds: float) -> list[str]:
    return [sys.executable, "-m", "benchmarks.load", "127.0.0.1", str(port), str(seconds), str(CONNECTIONS)]


def wrk(port: int, wanted: bytes, seconds: float) -> list[str]:
    first, *headers = wanted.decode().rstrip().split("\r\n")
    options = [text for header in headers for text in ("-H", header)]
    return [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds:.0f}s",
        *options,
        f"http://127.0.0.1:{port}{first.split()[1]}",
    ]


@contextmanager
def gunicorn(application: str, env: dict[str, str]) -> Iterator[int]:
    port = free_port()
    env = env | {"FEEDSVC_SERVER__PORT": str(port), "FEEDSVC_SERVER__WORKERS": "1"}
    with server([*pinned(SERVER_CORE), sys.executable, *GUNICORN, application], port, env):
        yield port


@contextmanager
def nginx(folder: Path, body: bytes) -> Iterator[int]:
    port = free_port()
    folder.mkdir()
    (folder / "200.gz").write_bytes(body)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log; events {{}}\n"
        f"http {{ access_log off; keepalive_requests 100000000; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}; gzip_static always;\n"
        "location = /302 { return 302 https://news.example.com/category/2026/11/22/NW1.html; } } }\n",
        "utf-8",
    )
    command = ["nginx", "-p", str(folder), "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf"]
    folder.chmod(0o755)
    with server([*pinned(SERVER_CORE), *command], port, environment()):
        yield port


def simple(port: int, etag: str) -> Requests:
    """The peers' three addresses."""
    unchanged = "/304" if etag == '"peer-gz"' else "/200"
    return {
        "200 gzip": (port, request("/200")),
        "304": (port, request(unchanged, If_None_Match=etag)),
        "302": (port, request("/302")),
    }


def bench(work: Path, seconds: float, rounds: int) -> list[Row]:
    """Answers per second, medians of alternating rounds."""
    site, data = work / "site", work / "data"
    made = write_site(site, 300, 5)
    env = environment(site, data, FEEDSVC_FEEDS__MAX_ITEMS=str(ITEMS), PEER_BODY=str(work / "body.gz"))
    run([*FEEDSVC, "build"], env)
    code = max((site / "_posts").iterdir()).stem[11:]
    feed, share = f"/feeds/{made.categories[0]}.rss", f"/s/{code}"
    with ExitStack() as stack:
        port = stack.enter_context(gunicorn("feedsvc.cli.application:application()", env))
        status, etag, body = ask(port, feed)
        if status != 200 or not body.startswith(b"\x1f\x8b") or ask(port, share)[0] != 302:
            raise RuntimeError(f"{feed} or {share} is not served as expected")
        (work / "body.gz").write_bytes(body)
        sides: dict[str, Requests] = {
            "feedsvc": {
                "200 gzip": (port, request(feed)),
                "304": (port, request(feed, If_None_Match=etag)),
                "302": (port, request(share)),
            },
            "trivial WSGI app": simple(
                stack.enter_context(gunicorn("benchmarks.serve_peers:trivial", env)), '"peer-gz"'
            ),
            "Flask route": simple(stack.enter_context(gunicorn("benchmarks.serve_peers:flask", env)), '"peer-gz"'),
        }
        if shutil.which("nginx"):
            port = stack.enter_context(nginx(work / "nginx", body))
            sides["nginx"] = simple(port, ask(port, "/200")[1])
        measured: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for scenario in ("200 gzip", "304", "302"):
                for side, requests in sides.items():
                    measured.setdefault((scenario, side), []).append(per_second(*requests[scenario], seconds))
    goals = {("302", "trivial WSGI app"): ">= 0.9", ("302", "Flask route"): ">= 2"}
    rows = []
    for scenario in ("200 gzip", "304", "302"):
        mine = median(measured[scenario, "feedsvc"])
        what = f"200 gzip, {len(body) / 1000:.0f} KB" if scenario == "200 gzip" else scenario
        for side in list(sides)[1:]:
            goal = goals.get((scenario, side), ">= 0.95" if side == "trivial WSGI app" else "")
            rows.append(Row("serve", what, mine, "/s", median(measured[scenario, side]), side, goal))
    return rows

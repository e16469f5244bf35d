"""What a hot feed, a share link (counted) and the directory cost, against a trivial WSGI app and Flask on one gunicorn.

One worker on one core, the load on another. Counted are answers per second of the server's processor time: that is what
the machine can do, and it stays the same while something else runs. The trivial app sends the same headers and bytes
without deciding anything. nginx, when installed, serves the same bytes as the far end of the scale.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.content import write_site
from benchmarks.measure import FEEDSVC, ROOT, Row, environment, free_port, pinned, processor_time, run, server

SERVER_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 16
ITEMS = 8  # entries of the feed: about 23 KB compressed, like the one that was measured before
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"  # a person: that is what costs most
GUNICORN = ("-m", "gunicorn", "-c", "python:feedsvc.cli.gunicorn_config")


@dataclass(frozen=True)
class Side:
    """A running server, and what to ask it: scenario -> the request's bytes."""

    port: int
    pid: int
    requests: Mapping[str, bytes]


def request(path: str, agent: str = "bench", **headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"User-Agent: {agent}", "Accept-Encoding: gzip"]
    return "\r\n".join(
        [*lines, *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items()), "", ""]
    ).encode()


def ask(port: int, wanted: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """(status, headers without those that gunicorn adds, body)"""
    first, *lines = wanted.decode().rstrip().split("\r\n")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", first.split()[1], headers=dict(line.split(": ", 1) for line in lines))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return (
        answer.status,
        [pair for pair in answer.getheaders() if pair[0] not in {"Server", "Date", "Connection"}],
        body,
    )


def per_second(side: Side, scenario: str, seconds: float) -> float:
    """Answers per second of processor time, or of the clock where the former is not known.

    By wrk when it is installed (our own generator is slower than nginx), always from the other core.
    """
    wanted = side.requests[scenario]
    command = wrk(side.port, wanted, seconds) if shutil.which("wrk") else own_load(side.port, seconds)
    before = processor_time(side.pid)
    result = subprocess.run(
        [*pinned(LOAD_CORE), *command], input=wanted, cwd=ROOT, env=environment(), capture_output=True
    )
    used = processor_time(side.pid) - before
    output = result.stdout.decode("utf-8", "replace")
    found = re.search(r"(\d+) requests in ([\d.]+)s", output)
    if result.returncode or found is None or found[1] == "0" or "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(output + result.stderr.decode("utf-8", "replace")[-500:])
    return int(found[1]) / (used or float(found[2]))


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
def gunicorn(application: str, env: dict[str, str]) -> Iterator[tuple[int, int]]:
    port = free_port()
    env = env | {"FEEDSVC_SERVER__PORT": str(port), "FEEDSVC_SERVER__WORKERS": "1"}
    with server([*pinned(SERVER_CORE), sys.executable, *GUNICORN, application], port, env) as pid:
        yield port, pid


@contextmanager
def nginx(folder: Path) -> Iterator[tuple[int, int]]:
    """Serves 200.gz and page.gz in the folder, and a redirect."""
    port = free_port()
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
    with server([*pinned(SERVER_CORE), *command], port, environment()) as pid:
        yield port, pid


def simple(port: int, pid: int, tags: tuple[str, str], unchanged: tuple[str, str]) -> Side:
    """A peer with its addresses. tags, unchanged: what to send, and where, for a 304 of the feed and of the page."""
    requests = {
        "200 gzip": request("/200"),
        "304": request(unchanged[0], If_None_Match=tags[0]),
        "302": request("/302", BROWSER),
        "200 page": request("/page", BROWSER),
        "304 page": request(unchanged[1], BROWSER, If_None_Match=tags[1]),
    }
    return Side(port, pid, requests)


def ours(port: int, pid: int, feed: str, share: str, answers: Path) -> Side:
    """feedsvc, checked to answer as it should; its answers are left for the peers."""
    requests = {
        "200 gzip": request(feed),
        "304": request(feed, If_None_Match=tag_of(port, feed)),
        "302": request(share, BROWSER),
        "200 page": request("/", BROWSER),
        "304 page": request("/", BROWSER, If_None_Match=tag_of(port, "/")),
    }
    looked = {name: ask(port, wanted) for name, wanted in requests.items()}
    body = looked["200 gzip"][2]
    if any(str(answer[0]) != name.split()[0] for name, answer in looked.items()) or not body.startswith(b"\x1f\x8b"):
        raise RuntimeError(f"{feed} or {share} is not served as expected: {looked}")
    answers.mkdir()
    (answers / "200.gz").write_bytes(body)
    (answers / "302.body").write_bytes(looked["302"][2])
    (answers / "page.gz").write_bytes(looked["200 page"][2])
    (answers / "headers.json").write_text(json.dumps({case: answer[1] for case, answer in looked.items()}))
    return Side(port, pid, requests)


def tag_of(port: int, path: str) -> str:
    return dict(ask(port, request(path))[1])["ETag"]


def bench(work: Path, seconds: float, rounds: int) -> list[Row]:
    """Medians of alternating rounds."""
    site, data, answers = work / "site", work / "data", work / "answers"
    made = write_site(site, 300, 5)
    env = environment(site, data, FEEDSVC_FEEDS__MAX_ITEMS=str(ITEMS), PEER_ANSWERS=str(answers))
    run([*FEEDSVC, "build"], env)
    code = max((site / "_posts").iterdir()).stem[11:]
    feed, share = f"/feeds/{made.categories[0]}.rss", f"/s/{code}"
    with ExitStack() as stack:
        start = stack.enter_context
        mine = ours(*start(gunicorn("feedsvc.cli.application:application()", env)), feed, share, answers)
        tags, unchanged = (tag_of(mine.port, feed), tag_of(mine.port, "/")), ("/304", "/page304")
        sides = {
            "feedsvc": mine,
            "trivial WSGI app": simple(*start(gunicorn("benchmarks.serve_peers:trivial", env)), tags, unchanged),
            "Flask route": simple(*start(gunicorn("benchmarks.serve_peers:flask", env)), tags, unchanged),
        }
        if shutil.which("nginx"):
            port, pid = start(nginx(answers))
            sides["nginx"] = simple(port, pid, (tag_of(port, "/200"), tag_of(port, "/page")), ("/200", "/page"))
        for name, side in sides.items():
            for scenario, wanted in side.requests.items():
                if str(ask(side.port, wanted)[0]) != scenario.split()[0]:
                    raise RuntimeError(f"{name} does not answer {scenario}")
        measured: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for scenario in mine.requests:
                for name, side in sides.items():
                    measured.setdefault((scenario, name), []).append(per_second(side, scenario, seconds))
    feeds, trivial = {"200 gzip", "304"}, "trivial WSGI app"
    goals = {(scenario, trivial): ">= 0.95" if scenario in feeds else ">= 0.7" for scenario in mine.requests}
    goals |= {("302", trivial): ">= 0.9", ("302", "Flask route"): ">= 2"}
    sizes = {"200 gzip": answers / "200.gz", "200 page": answers / "page.gz"}
    names = {"302": "share link, 302", "200 page": "directory, 200 gzip", "304 page": "directory, 304"}
    rows = []
    for scenario in mine.requests:
        what = names.get(scenario, scenario)
        if scenario in sizes:
            what += f", {sizes[scenario].stat().st_size / 1000:.0f} KB"
        for name in list(sides)[1:]:
            goal = goals.get((scenario, name), "")
            found, peer = median(measured[scenario, "feedsvc"]), median(measured[scenario, name])
            rows.append(Row("serve", what, found, "/cpu s", peer, name, goal))
    return rows

"""The proxy examples in deploy/, started for real in front of a small upstream: the contract passes through unchanged.

What a reader gets through the proxy must be what feedsvc said: status, ETag, Vary also on 304 (contract H20-H22),
HEAD like GET (H25), the length (H42), the bytes of the coding that was chosen, and the path as it was sent.
"""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
BODY = "<rss>中文 &amp; 文字</rss>\n".encode() * 500
PACKED = gzip.compress(BODY, mtime=0)
PROXY_OWN = {"date", "server", "connection", "keep-alive", "via", "alt-svc", "transfer-encoding"}


@dataclass
class Seen:
    path: str
    headers: dict[str, str]


@dataclass
class Upstream:
    port: int
    seen: list[Seen] = field(default_factory=list)


class Answer(BaseHTTPRequestHandler):
    """What feedsvc says of one feed, in both codings, with strong tags per coding."""

    protocol_version = "HTTP/1.1"
    seen: list[Seen]

    def do_GET(self) -> None:
        self.seen.append(Seen(self.path, {name.lower(): value for name, value in self.headers.items()}))
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        etag = '"abc-gz"' if packed else '"abc"'
        if self.path == "/s/code":
            self.send_response(302)
            self.send_header("Location", "https://site.example.com/%E6%96%B0%2Fa%20b.html?x=%7E")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        unchanged = etag in self.headers.get("If-None-Match", "")
        self.send_response(304 if unchanged else 200)
        self.send_header("ETag", etag)
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 08:00:00 GMT")
        self.send_header("Vary", "Accept, Accept-Encoding")
        self.send_header("Cache-Control", "public, max-age=300, stale-while-revalidate=60")
        self.send_header("Access-Control-Allow-Origin", "*")
        if not unchanged:
            body = PACKED if packed else BODY
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if packed:
                self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if not unchanged and self.command == "GET":
            self.wfile.write(PACKED if packed else BODY)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    seen: list[Seen] = []
    handler = type("Handler", (Answer,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Upstream(server.server_port, seen)
        server.shutdown()
        thread.join()


def nginx_command(folder: Path, port: int, upstream_port: int) -> list[str]:
    """nginx with our file inside a main configuration that needs no root and no folder of the system."""
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    for old, new in (("listen 80;", f"listen 127.0.0.1:{port};"), ("127.0.0.1:8000", f"127.0.0.1:{upstream_port}")):
        assert site.count(old) == 1, old
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site, "utf-8")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "main.conf"
    main.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder}/site.conf;\n}}\n",
        "utf-8",
    )
    return ["nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(main)]


def caddy_command(folder: Path, port: int, upstream_port: int) -> list[str]:
    """Caddy with our file, told by its environment where to listen; no admin port."""
    config = folder / "Caddyfile"
    site = (DEPLOY / "Caddyfile").read_text("utf-8")
    config.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + site, "utf-8")
    return ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"]


COMMANDS = {"nginx": nginx_command, "caddy": caddy_command}


@pytest.fixture(scope="module", params=sorted(COMMANDS))
def proxy(
    request: pytest.FixtureRequest, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    name = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    folder, port = tmp_path_factory.mktemp(name), free_port()
    environment = os.environ | {
        "SITE": f"http://127.0.0.1:{port}",
        "UPSTREAM": f"127.0.0.1:{upstream.port}",
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            COMMANDS[name](folder, port, upstream.port), env=environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                said = (folder / "output").read_text("utf-8", "replace")
                assert process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(port: int, path: str, method: str = "GET", **headers: str) -> Response:
    """One request whose path and headers go out exactly as given; header names have - for _."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    got = Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    connection.close()
    return got


def kept(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in PROXY_OWN}


@pytest.mark.parametrize("accept", ["", "gzip", "gzip, deflate, br, zstd"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_answer_is_the_upstreams(proxy: int, upstream: Upstream, method: str, accept: str) -> None:
    headers = {"Accept_Encoding": accept} if accept else {}
    through, direct = ask(proxy, "/f.rss", method, **headers), ask(upstream.port, "/f.rss", method, **headers)
    assert (through.status, through.body) == (direct.status, direct.body)
    assert kept(through) == kept(direct)
    assert through.headers["etag"] == ('"abc-gz"' if accept else '"abc"')


@pytest.mark.parametrize(("accept", "etag"), [("gzip", '"abc-gz"'), ("", '"abc"')])
def test_304_keeps_vary_etag_and_cache_control(proxy: int, accept: str, etag: str) -> None:
    headers = {"Accept_Encoding": accept} if accept else {}
    answer = ask(proxy, "/f.rss", If_None_Match=etag, **headers)
    assert answer.status == 304
    assert answer.body == b""
    assert answer.headers["etag"] == etag
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=60"
    assert "content-encoding" not in answer.headers


def test_the_question_is_the_readers(proxy: int, upstream: Upstream) -> None:
    """The proxy asks for no coding of its own and drops no condition."""
    ask(proxy, "/f.rss", If_Modified_Since="Sat, 21 Nov 2026 08:00:00 GMT", User_Agent="reader; 3 subscribers")
    headers = upstream.seen[-1].headers
    assert headers.get("accept-encoding", "") == ""
    assert headers["if-modified-since"] == "Sat, 21 Nov 2026 08:00:00 GMT"
    assert headers["user-agent"] == "reader; 3 subscribers"


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/a%2Fb.rss",
        "/feeds/a%20b.rss",
        "/feeds/%E6%96%B0%E9%97%BB.rss",
        "/feeds/%e6%96%b0.rss",
        "/feeds/anhai(xianggang).rss",
        "/feeds/anhai%28xianggang%29.rss",
        "/feeds//double.rss",
        "/feeds/a%25b.rss",
        "/feeds/a%3Fb.rss?x=%2F&y=a+b",
    ],
)
def test_paths_arrive_as_they_were_sent(proxy: int, upstream: Upstream, path: str) -> None:
    ask(proxy, path)
    assert upstream.seen[-1].path == path


def test_a_share_link_leads_where_it_led(proxy: int) -> None:
    answer = ask(proxy, "/s/code")
    assert (answer.status, answer.headers["cache-control"]) == (302, "no-store")
    assert answer.headers["location"] == "https://site.example.com/%E6%96%B0%2Fa%20b.html?x=%7E"


def test_what_a_client_claims_about_itself_is_dropped(proxy: int, upstream: Upstream) -> None:
    ask(proxy, "/f.rss", X_Forwarded_For="203.0.113.9", X_Forwarded_Host="evil.example.com", X_Forwarded_Proto="gopher")
    headers = upstream.seen[-1].headers
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert "evil" not in headers["x-forwarded-host"]


def test_nothing_is_answered_from_a_cache(proxy: int, upstream: Upstream) -> None:
    before = len(upstream.seen)
    for _ in range(3):
        ask(proxy, "/f.rss", Accept_Encoding="gzip")
    assert len(upstream.seen) == before + 3

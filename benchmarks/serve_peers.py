"""The peers of bench_serve: the least that can be served by gunicorn, and the usual Flask way. Same bytes as ours.

PEER_BODY names a file with the gzip bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, redirect, request
from werkzeug import Response as BaseResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY = Path(os.environ["PEER_BODY"]).read_bytes()
ETAG = "peer-gz"
TARGET = "https://news.example.com/category/2026/11/22/NW1.html"
FEED = [
    ("Content-Type", "application/rss+xml; charset=utf-8"),
    ("Content-Encoding", "gzip"),
    ("Content-Length", str(len(BODY))),
    ("ETag", f'"{ETAG}"'),
    ("Cache-Control", "public, max-age=300"),
    ("Vary", "Accept, Accept-Encoding"),
]


def trivial(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """/200, /304 and /302, decided by nothing but the path."""
    path = environ["PATH_INFO"]
    if path == "/200":
        start_response("200 OK", FEED)
        return [BODY]
    if path == "/304":
        start_response("304 Not Modified", FEED[3:])
        return []
    start_response("302 Found", [("Location", TARGET), ("Content-Length", "0"), ("Cache-Control", "no-store")])
    return []


flask = Flask(__name__)


@flask.get("/200")
@flask.get("/304")
def feed() -> BaseResponse:
    """A feed from memory with an ETag, as a Flask view does it."""
    response = Response(BODY, content_type="application/rss+xml; charset=utf-8")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Vary"] = "Accept, Accept-Encoding"
    response.set_etag(ETAG)
    return response.make_conditional(request)


@flask.get("/302")
def share() -> BaseResponse:
    return redirect(TARGET, 302)

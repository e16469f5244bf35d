"""The peers of bench_serve: the least that can be served by gunicorn, and the usual Flask way. Same bytes as ours.

PEER_ANSWERS names a folder with feedsvc's own answers: 200.gz, page.gz, 302.body, and the headers of each case in
headers.json.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug import Response as BaseResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ANSWERS = Path(os.environ["PEER_ANSWERS"])
BODY, PAGE, REDIRECT = ((ANSWERS / name).read_bytes() for name in ("200.gz", "page.gz", "302.body"))
HEADERS = {
    case: [(n, v) for n, v in pairs] for case, pairs in json.loads((ANSWERS / "headers.json").read_text()).items()
}


def trivial(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """/200, /304, /page, /page304 and /302, decided by nothing but the path."""
    path = environ["PATH_INFO"]
    if path == "/200":
        start_response("200 OK", HEADERS["200 gzip"])
        return [BODY]
    if path == "/304":
        start_response("304 Not Modified", HEADERS["304"])
        return []
    if path == "/page":
        start_response("200 OK", HEADERS["200 page"])
        return [PAGE]
    if path == "/page304":
        start_response("304 Not Modified", HEADERS["304 page"])
        return []
    start_response("302 Found", HEADERS["302"])
    return [REDIRECT]


flask = Flask(__name__)


@flask.get("/200")
@flask.get("/304")
def feed() -> BaseResponse:
    """A feed from memory with an ETag, as a Flask view does it."""
    return Response(BODY, headers=HEADERS["200 gzip"]).make_conditional(request)


@flask.get("/page")
@flask.get("/page304")
def page() -> BaseResponse:
    return Response(PAGE, headers=HEADERS["200 page"]).make_conditional(request)


@flask.get("/302")
def share() -> BaseResponse:
    return Response(REDIRECT, 302, HEADERS["302"])

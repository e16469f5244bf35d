"""Errors as answers: problem documents for programs (RFC 9457), plain text for feed readers, pages for people."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Response

RETRY_AFTER = "5"  # seconds (contract M06)


def problem(status: int, code: str, detail: str, **members: object) -> Response:
    """An application/problem+json answer. code: stable, e.g. "token-missing"; detail: one sentence in English."""
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body = json.dumps({**document, "detail": detail, "code": code, **members}) + "\n"  # ASCII: lone surrogates survive
    response = Response(body, status, content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def plain(status: int, text: str, cache_control: str = "no-store") -> Response:
    """A text/plain answer for programs that expected a feed."""
    response = Response(text + "\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = cache_control
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER
    return response

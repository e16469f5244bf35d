"""Pages for people: rendered and tagged, for page_memory.py to keep; nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from urllib.parse import urlencode

from flask import Response, render_template, request

from feedsvc.articles.category import SITE
from feedsvc.web import language
from feedsvc.web.discovery import FeedLink, feed_links
from feedsvc.web.services import services

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' http: https: data:; media-src 'self' http: https:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def page(
    template: str, *, status: int = 200, max_age: int = 60, feeds: tuple[FeedLink, ...] = (), **values: object
) -> Response:
    """A rendered template. feeds: what it offers for autodiscovery, the site's own by default (contract L01).

    max_age: seconds a cache may keep it; 0 means no cache at all.
    """
    body = render_template(
        template, feeds=feeds or feed_links(SITE, services().settings.public_base), **values
    ).encode()
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Vary"] = "Accept-Language"
    response.headers["Content-Language"] = language.page_language()
    response.headers["Cache-Control"] = f"public, max-age={max_age}" if max_age else "no-store"
    if status == 200:
        response.headers["ETag"] = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    return response


def message(status: int, title: str, text: str) -> Response:
    """A short page that says what is the matter (contract S07, S11)."""
    max_age = {404: 60, 410: 3600}.get(status, 0)
    return page("message.html", status=status, max_age=max_age, heading=title, text=text, robots="noindex")


def here(path: str, query: Mapping[str, str] | None = None) -> str:
    """An address on this server: path percent-encoded, under the public prefix, keeping a chosen language."""
    parameters = {name: value for name, value in (query or {}).items() if value}
    if picked := language.chosen():
        parameters.setdefault("lang", picked)
    return services().root + path + (f"?{urlencode(parameters)}" if parameters else "")


def page_number(text: str | None) -> int | None:
    """1 and up; None for anything else (contract P02)."""
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        return None
    return int(text) or None


def moved(path: str, max_age: int = 3600) -> Response:
    """301 to the canonical path on this server. max_age: seconds a cache may keep it."""
    query = request.args.to_dict()
    if query.get("page") == "1":
        del query["page"]
    response = Response(status=301, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = here(path, query)
    response.headers["Cache-Control"] = f"public, max-age={max_age}"
    return response


def not_found() -> Response:
    return message(404, language.gettext("Page not found"), language.gettext("There is no page at this address."))

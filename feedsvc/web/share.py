"""Share links that do not redirect: explained to people (contract S07, S10, S11). Redirects are made in links.py."""

from __future__ import annotations

from flask import Response, request

from feedsvc.sharing.resolve import Gone, Redirect
from feedsvc.web.language import gettext
from feedsvc.web.links import prepare_redirect
from feedsvc.web.pages import message
from feedsvc.web.services import services


def answer(raw: str) -> Response:
    """404, 405, 410, or the redirect when the article came back in this very moment."""
    if request.method not in ("GET", "HEAD"):
        response = Response("A share link can only be followed.\n", 405, content_type="text/plain; charset=utf-8")
        response.headers["Allow"] = "GET, HEAD"
        return response
    links = services().links
    found = links.resolve(links.name(raw, request.environ.get("QUERY_STRING", "")))
    if isinstance(found, Redirect):
        link = prepare_redirect(found.target, 0, 0)
        return Response(link.body[0], 302, headers=link.headers)
    if isinstance(found, Gone):
        response = message(410, gettext("Withdrawn"), gettext("The article behind this link has been withdrawn."))
    else:
        response = message(404, gettext("Unknown link"), gettext("No article belongs to this link."))
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response

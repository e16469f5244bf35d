"""For search engines: /robots.txt, /sitemap.xml, /news-sitemap.xml."""

from __future__ import annotations

from flask import Blueprint, Response

from feedsvc.web.problems import plain

blueprint = Blueprint("sitemap", __name__)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Share links may be fetched: previews need them (contract S04)."""
    return plain(200, "User-agent: *\nDisallow: /api/", "public, max-age=3600")

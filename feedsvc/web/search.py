"""Search over titles, summaries and texts, as a page and as a feed."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("search", __name__)

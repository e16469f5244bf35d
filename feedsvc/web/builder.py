"""What a feed is, in plain words, and the builder that puts one together from what somebody ticks."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("builder", __name__)

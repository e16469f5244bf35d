"""The web application for a WSGI server: `gunicorn 'feedsvc.cli.application:application()'`, or wsgi.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.bootstrap import load_settings, now, open_store
from feedsvc.web.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def application() -> WSGIApplication:
    """Read the settings from environment and file, open the store, join them. Runs in each worker after its fork."""
    settings = load_settings().settings
    return create_app(settings, open_store(settings), now)

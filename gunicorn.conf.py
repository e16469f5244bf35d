"""`gunicorn wsgi:app` in this folder reads this file by itself, and so gets the settings of `feedsvc web`."""

import sys

from feedsvc.errors import FeedsvcError

try:
    from feedsvc.cli.gunicorn_config import *  # noqa: F403
except FeedsvcError as error:
    sys.exit(f"feedsvc: {error.message}")

"""gunicorn's settings for `feedsvc serve` and `feedsvc web`; also usable as `gunicorn -c`.

Everything comes from feedsvc's own settings, so that one file, one environment rules both.
"""

from __future__ import annotations

from feedsvc.bootstrap import load_settings
from feedsvc.cli.lifeline import end_with_parent

_settings = load_settings().settings
_server = _settings.server

bind = f"[{_server.host}]:{_server.port}" if ":" in _server.host else f"{_server.host}:{_server.port}"
workers = _server.workers
threads = _server.threads
worker_class = "gthread"  # a half-open client would block a sync worker
preload_app = False  # the store must be opened after the fork
control_socket_disable = True  # its default path collides between instances of one user
forwarded_allow_ips = ""  # the application decides whom it believes (server.trusted_proxies)
keepalive = 75  # readers behind one proxy reuse connections
graceful_timeout = 10  # seconds for running requests after SIGTERM; a silent connection is waited for as well
timeout = 60
limit_request_line = 8190
limit_request_field_size = 16380
limit_request_fields = 100
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "feedsvc"


def when_ready(server: object) -> None:
    """The master ends when `feedsvc serve` does, however that ended."""
    end_with_parent()


def pre_request(worker: object, request: object) -> None:
    """Nothing. gunicorn's own hook words a debug line for each request, which this log level never shows."""

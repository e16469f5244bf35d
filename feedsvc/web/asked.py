"""What a request says before Flask sees it: its path as it was written, its size; and notes for whoever answers."""

from __future__ import annotations

from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

LONGEST_TARGET = 8_000  # characters of path and query (contract M07)
MOST_HEADERS = 16_384  # octets of all header fields (contract M07)

# Notes in the environ, left by whoever looked first
PAGE_KEY = "feedsvc.feed_page"  # the address of the feed that a person's browser is to be shown as a page
PREVIEW_KEY = "feedsvc.preview"  # a robot wants a share link's card instead of the redirect (contract S13)
TROUBLE_KEY = "feedsvc.trouble"  # why a feed that exists cannot be answered


def raw_path(environ: WSGIEnvironment) -> str:
    """The path as it stood in the request line, still percent-encoded, without query and fragment.

    gunicorn keeps the whole target in RAW_URI; of servers that do not, the decoded path is quoted anew.
    """
    target: str | None = environ.get("RAW_URI")
    if target is None:
        decoded = environ.get("PATH_INFO", "").encode("latin-1")
        # A combination's own signs; those of a name in it, if it has any, cannot be told apart any more.
        return quote(decoded, safe="/+,!*" if decoded.startswith(b"/feeds/+") else "/") or "/"
    path = target.partition("?")[0].partition("#")[0]
    if not path.startswith("/"):  # absolute form: http://host/path
        _, scheme, rest = path.partition("://")
        path = "/" + rest.partition("/")[2] if scheme else "/" + path
    prefix = environ.get("SCRIPT_NAME", "")
    if prefix and path.startswith(prefix + "/"):
        path = path[len(prefix) :]
    return path


def headers_size(environ: WSGIEnvironment) -> int:
    """Octets of all header fields, without their punctuation."""
    return sum(len(name) - 5 + len(value) for name, value in environ.items() if name.startswith("HTTP_"))


def is_oversized(environ: WSGIEnvironment, target: str) -> bool:
    """Whether it is more than is read (contract M07). target: as it stood in the request line."""
    return len(target) > LONGEST_TARGET or headers_size(environ) > MOST_HEADERS

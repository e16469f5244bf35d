"""Pictures and other files that posts refer to, when this server is the canonical site (as Jekyll copies them).

Only kinds of files that a browser shows or saves and never runs with our pages; nothing whose name, or whose folder's
name, begins with `_` or `.`; nothing outside the content roots, also not through a symlink.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from flask import Response, send_file

from feedsvc.web.services import services
from feedsvc.web.spelling import decoded

MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".pdf": "application/pdf",
}
ASSET_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # an SVG is a document of our origin


def answer(raw: str) -> Response | None:
    """The file at this path, None when there is no such public file."""
    app = services()
    if not app.canonical:
        return None
    text, base = decoded(raw), unquote(app.site_path)
    if text is None or not text.startswith(base + "/"):
        return None
    parts = text.removeprefix(base).split("/")[1:]
    media_type = MEDIA_TYPES.get(Path(parts[-1]).suffix.lower())
    if media_type is None or any(not part or part[0] in "._~#" or "\\" in part for part in parts):
        return None
    for root in app.settings.content.roots:
        found = _inside(root.path, parts)
        if found is not None:
            response = send_file(found, mimetype=media_type, conditional=True, max_age=3600)
            response.headers["Content-Security-Policy"] = ASSET_POLICY
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # feed readers show our pictures
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response
    return None


def _inside(root: Path, parts: list[str]) -> Path | None:
    try:
        home = root.resolve(strict=True)
        found = home.joinpath(*parts).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    return found if found.is_relative_to(home) and found.is_file() else None

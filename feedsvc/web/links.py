"""Share links in this process' memory: a popular link costs no database and no Flask (contract S01-S05).

A resolved link is believed for a second, and no longer than the edition it was resolved under; while the database is
away, for as long as that lasts. Only redirects are kept: what is gone or unknown is Flask's to explain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from time import monotonic
from urllib.parse import unquote_plus

from feedsvc.errors import StoreUnavailable
from feedsvc.sharing.resolve import Redirect, Resolution, Unknown, name_in, resolve
from feedsvc.store import Store
from feedsvc.web.prepared import NOSNIFF, REFERRER, Headers

PREFIX = "/s/"
LIFETIME = 1.0  # seconds a resolved link is believed


@dataclass(frozen=True, slots=True)
class HotLink:
    """The prepared redirect of one name. until: by time.monotonic. edition: of the shelf when it was resolved."""

    headers: Headers
    body: tuple[bytes, ...]
    until: float
    edition: int


class Links:
    """Resolves names of share links. Safe to use from several threads."""

    def __init__(
        self, store: Store, legacy: Mapping[str, str], visible: Callable[[], datetime], limit: int = 20_000
    ) -> None:
        """legacy: old path -> query parameter with the name. visible: articles dated until then are public."""
        self._store = store
        self._legacy = {path: parameter.lower() for path, parameter in legacy.items()}
        self._visible = visible
        self._limit = limit
        self._hot: dict[str, HotLink] = {}

    def is_link(self, path: str) -> bool:
        """Whether this raw path is one of a share link, with a sensible name or not."""
        return path.startswith(PREFIX) or path in self._legacy

    def name(self, path: str, query: str) -> str:
        """The code or identity asked for; "" when there is none worth looking for."""
        if path.startswith(PREFIX):
            return name_in(path[len(PREFIX) :])
        wanted = self._legacy[path]
        for pair in query.split("&"):
            parameter, _, value = pair.partition("=")
            if unquote_plus(parameter).lower() == wanted:
                return name_in(value.replace("+", " "))
        return ""

    def redirect(self, name: str, edition: int) -> HotLink | None:
        """The prepared redirect, None when the name leads nowhere (now). Raises StoreUnavailable."""
        known = self._hot.get(name)
        if known is not None and known.edition == edition and monotonic() < known.until:
            return known
        try:
            found = self.resolve(name)
        except StoreUnavailable:
            if known is None:
                raise
            return known
        if not isinstance(found, Redirect):
            self._hot.pop(name, None)
            return None
        if len(self._hot) >= self._limit and name not in self._hot:
            self._hot = {}  # rare; the few links that are popular come back at once
        link = prepare_redirect(found.target, monotonic() + LIFETIME, edition)
        self._hot[name] = link
        return link

    def resolve(self, name: str) -> Resolution:
        """Ask the store: first the codes, then the identities."""
        if not name:
            return Unknown()
        with self._store.reading() as reader:
            found = reader.link(name)
            headline = found[1] if found else reader.headline_by_identity(name)
        return resolve(headline, self._visible())


def prepare_redirect(target: str, until: float, edition: int) -> HotLink:
    """The answer of contract S01-S05. target: absolute, percent-encoded ASCII."""
    shown = escape(target, quote=True)
    body = f'<!doctype html>\n<meta charset="utf-8">\n<title>Redirect</title>\n<p><a href="{shown}">{shown}</a></p>\n'
    data = body.encode()
    headers: Headers = [
        ("Location", target),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(data))),
        ("Cache-Control", "no-store"),
        ("X-Robots-Tag", "noindex"),
        REFERRER,
        NOSNIFF,
        ("Content-Security-Policy", "default-src 'none'"),
    ]
    return HotLink(headers, (data,), until, edition)

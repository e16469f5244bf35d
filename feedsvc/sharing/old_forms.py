"""Which name an address means that somebody has in a table or on the clipboard: of any host, old or new. Pure.

web/links.py reads requests by the same settings; there the host is known and the path is the server's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_plus, urlsplit

from feedsvc.content.share_names import LONGEST_CODE, path_name
from feedsvc.settings import Settings
from feedsvc.sharing.resolve import name_in

SHARE_PREFIX = "/s/"

# What chats, mail and advertising put behind addresses; no site needs it to find a page.
_ADDED = re.compile(
    r"(?:utm_\w+|from|isappinstalled|scene|clicktime|enterid|nsukey|spm|fbclid|[gy]clid|msclkid|_ga|mc_[ce]id)(?:=.*)?",
    re.IGNORECASE | re.DOTALL,
)
_NEVER = re.compile(r"[\x00\ud800-\udfff]")  # databases refuse them
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")


class OldForms:
    """legacy: old path -> query parameter with the name. patterns: for a path with its query, each with a group `code`.

    roots: paths under which this server, or the site, lies on its host; what follows them is meant.
    """

    def __init__(
        self, legacy: Mapping[str, str] | None = None, patterns: Sequence[str] = (), roots: Sequence[str] = ()
    ) -> None:
        self._legacy = {path: parameter.lower() for path, parameter in (legacy or {}).items()}
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._roots = sorted({root.rstrip("/") for root in roots} - {""}, key=len, reverse=True)

    @classmethod
    def from_settings(cls, settings: Settings) -> OldForms:
        roots = [urlsplit(base).path for base in (settings.public_base, settings.site_base)]
        return cls(settings.share.legacy_paths, settings.share.patterns, roots)

    def old_name(self, text: str) -> str:
        """The one name for which an old code, path or address stands; "" when it can be none.

        An old code may have other characters than one that is chosen now, but no slash, no blank, and no more than 64.
        """
        text = text.strip()
        if not _is_place(text):
            name = unicodedata.normalize("NFC", text)
            return name if _old_code(name) else ""
        path, query = _place(text)
        for inner in self._inside(path):
            code = self._code(inner, query)
            if code is not None:
                return code if _old_code(code) else ""
        return path_name(self._inside(path)[0], query)

    def names(self, text: str) -> tuple[str, ...]:
        """The names under which an article may be known that somebody calls so, best first; () for nonsense.

        A code, an identity, a full id, a path, or a whole address: of its page, of a share link, in an old form.
        """
        text = text.strip()
        if not _is_place(text):
            found = [unicodedata.normalize("NFC", text), name_in(text)]
        else:
            path, query = _place(text)
            inner = self._inside(path)
            codes = [code for part in inner if (code := self._code(part, query)) is not None]
            paths = [path_name(part, asked) for asked in queries(query) for part in (*inner, path)]
            whole = [] if text.startswith("/") else [text]
            found = [*whole, *(codes or paths)]
        return tuple(name for name in dict.fromkeys(found) if name and not _NEVER.search(name))

    def _inside(self, path: str) -> list[str]:
        """The path as this server, or the site, sees it; itself when it lies under neither."""
        return [path.removeprefix(root) for root in self._roots if path.startswith(root + "/")] or [path]

    def _code(self, path: str, query: str) -> str | None:
        """The code in a share link or an old form, "" for one without; None when the path is neither."""
        if path.startswith(SHARE_PREFIX):
            return name_in(path.removeprefix(SHARE_PREFIX))
        if wanted := self._legacy.get(path):
            for pair in query.split("&"):
                parameter, _, value = pair.partition("=")
                if unquote_plus(parameter).lower() == wanted:
                    return name_in(value.replace("+", " "))
            return ""
        for pattern in self._patterns:
            for whole in dict.fromkeys((f"{path}?{query}" if query else path, path)):
                if match := pattern.fullmatch(whole):
                    return name_in(match["code"] or "")
        return None


def queries(query: str) -> tuple[str, ...]:
    """The raw queries under which an old path may be known, best first: as asked, without what was added on the way
    (`from=timeline`), without any."""
    kept = "&".join(pair for pair in query.split("&") if not _ADDED.fullmatch(pair))
    return tuple(dict.fromkeys((query, kept, "")))


def _is_place(text: str) -> bool:
    """Whether it is a path or an address, not a bare name; ids such as tag:… are names."""
    return text.startswith("/") or _ADDRESS.match(text) is not None


def _place(text: str) -> tuple[str, str]:
    """Path and query of a path or an address; ("", "") when it is broken."""
    text = text.partition("#")[0]
    if _ADDRESS.match(text):
        try:
            parts = urlsplit(text)
        except ValueError:
            return "", ""
        return parts.path or "/", parts.query
    path, _, query = text.partition("?")
    return path, query


def _old_code(name: str) -> bool:
    return 0 < len(name) <= LONGEST_CODE and name == name_in(name) and "/" not in name and name not in (".", "..")

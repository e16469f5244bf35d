"""One address per document: which canonical path another spelling means (contract H54). Pure."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes


def decoded(raw: str) -> str | None:
    """The text of a percent-encoded path, NFC; None when it is no UTF-8 or holds control characters (M07)."""
    try:
        text = unquote_to_bytes(raw.encode("latin-1")).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None
    if any(ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0 for sign in text):
        return None
    return unicodedata.normalize("NFC", text)


def squeezed(raw: str) -> str:
    """Without doubled and trailing slashes."""
    return "/" + "/".join(part for part in raw.split("/") if part)


class Spellings:
    """Finds the published path that a differently written one means."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._folded: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            text = decoded(path)
            if text is not None:
                self._exact[text] = path
                self._folded[text.casefold()].append(path)

    def canonical(self, raw: str) -> str | None:
        """The one published path meant, which may be `raw` itself; None when there is none or no telling which.

        Escapes, slashes and the suffix' letter case are repaired first; another letter case of the name only counts
        when exactly one published path has it.
        """
        text = decoded(squeezed(raw))
        if text is None:
            return None
        text = _jekyll_feed_address(text)
        stem, dot, suffix = text.rpartition(".")
        text = stem + dot + suffix.lower()
        if text in self._exact:
            return self._exact[text]
        alike = self._folded.get(text.casefold(), [])
        return alike[0] if len(alike) == 1 else None


def _jekyll_feed_address(text: str) -> str:
    """jekyll-feed's own addresses stand for the Atom feeds, so that subscribers of a moved site lose nothing."""
    if not text.endswith(".xml"):
        return text
    if text == "/feed.xml":
        return "/feed.atom"
    name = text.removeprefix("/feed/").removesuffix(".xml")
    return f"/feeds/{name}.atom" if text.startswith("/feed/") else text

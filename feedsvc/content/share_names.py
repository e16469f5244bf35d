"""What can be a name that leads to an article: a code that somebody chose, or an old path (contract S07, S16)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes

LONGEST_CODE = 64  # characters
LONGEST_PATH = 1_000  # octets, percent-encoded, with the query

_MARKS = frozenset("-._~")
_PATH_SAFE = "/-._~!$&'()*+,;=:@"  # what Article.path leaves as it is
_QUERY_SAFE = _PATH_SAFE + "?%"
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_LOOSE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_NEVER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff\\]")


def is_code(text: str) -> bool:
    """Whether this can be a share code that somebody chose: 1 to 64 letters of any script, digits and -._~, in NFC.

    Not "." and "..", which browsers take for folders.
    """
    return (
        0 < len(text) <= LONGEST_CODE
        and all(map(fits, text))
        and unicodedata.is_normalized("NFC", text)
        and text not in (".", "..")
    )


def fits(sign: str) -> bool:
    """Whether a code may have this character."""
    return sign in _MARKS or sign.isalpha() or sign.isdecimal() or unicodedata.category(sign)[0] == "M"


def path_name(path: str, query: str = "") -> str:
    """The one way in which a path of this server is written as a name, "" when it can be none.

    path: with a leading slash, escaped or not; query: without its question mark. Escapes as in Article.path, whatever
    octets they stand for (old sites wrote GBK); of the query only their letter case is changed.
    """
    if not path.startswith("/") or path == "/" or len(path) + len(query) > LONGEST_PATH:
        return ""
    if _NEVER.search(path) or _NEVER.search(query):
        return ""
    octets = unquote_to_bytes(_LOOSE_PERCENT.sub("%25", path))
    name = quote(octets, safe=_PATH_SAFE)
    if min(octets) < 0x20 or {".", ".."} & set(name.split("/")):
        return ""
    if query:
        rest = quote(_LOOSE_PERCENT.sub("%25", query), safe=_QUERY_SAFE)
        name += "?" + _ESCAPE.sub(lambda escape: escape[0].upper(), rest)
    return name if len(name) <= LONGEST_PATH else ""

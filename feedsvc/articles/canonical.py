"""Whether a URI is written in its one canonical way (contract AT09; RFC 4287 section 4.2.6.1, RFC 3986 section 6.2.2).

Readers compare ids letter by letter, so we never rewrite one that was given; the check command names it.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SCHEMES = frozenset({"http", "https", "ftp", "tag", "urn", "info", "mid", "cid", "news", "nntp"})
_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")
_ESCAPED_ESCAPE = re.compile("%25[0-9A-Fa-f]{2}")
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]+")
_TAG = re.compile(r"tag:(?:[a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(?:-\d\d){0,2}:[^\[\]]*")  # RFC 4151
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_canonical(uri: str) -> bool:
    """No other spelling of this absolute URI would be tidier.

    A registered scheme that ids are made of, it and the host in lower case, no default port, a path, no dot segments,
    no needless escape, capitals in the others, and none that decoding twice would find. `tag:` and `urn:uuid:` must be
    well-formed.
    """
    scheme = uri.partition(":")[0]
    if scheme not in _SCHEMES or not _CHARACTERS.fullmatch(uri) or _ESCAPED_ESCAPE.search(uri):
        return False
    for escape in _ESCAPE.finditer(uri):
        digits = escape[1]
        if not digits or digits != digits.upper() or re.match(r"[A-Za-z0-9._~-]", chr(int(digits, 16))):
            return False
    if scheme == "tag":
        return _TAG.fullmatch(uri) is not None
    if uri.lower().startswith("urn:uuid:"):
        return _UUID.fullmatch(uri) is not None
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    if not parts.netloc:
        return scheme not in _DEFAULT_PORTS
    written = f":{port}" if port is not None else ""
    return (
        parts.netloc == parts.netloc.lower()
        and parts.netloc.rpartition("@")[2] == (parts.hostname or "") + written
        and port != _DEFAULT_PORTS.get(scheme)
        and parts.path.startswith("/")
        and not {".", ".."} & set(parts.path.split("/"))
    )

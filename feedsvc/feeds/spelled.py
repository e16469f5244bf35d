"""The text behind a percent-encoded piece of an address."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote_to_bytes


def unquoted(raw: str) -> str | None:
    """In NFC; None when it is no UTF-8 or holds control characters (contract M07)."""
    try:
        text = unquote_to_bytes(raw.encode("latin-1")).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None
    if any(ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0 for sign in text):
        return None
    return unicodedata.normalize("NFC", text)

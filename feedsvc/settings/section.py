"""What all sections share: how strict they are, and the forms of addresses and names."""

from __future__ import annotations

import re
from unicodedata import normalize
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict

WEB = re.compile(r"https?://[^/\s]+")  # how a web address begins


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def web_address(value: str) -> str:
    """An absolute http(s) address without query and without password, or "" """
    if value and not _is_web_address(value):
        raise ValueError("must be an address such as https://news.example.com")
    return value.rstrip("/")


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port  # a port that is none is a ValueError
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme in ("http", "https") and bool(host) and plain


def origin(address: SplitResult) -> tuple[str, str | None, int]:
    """Scheme, host and port; the port that a scheme means by itself is as good as written."""
    return address.scheme, address.hostname, address.port or {"http": 80, "https": 443}.get(address.scheme, 0)


def nfc(value: object) -> object:
    """Names in the form in which the index has them, however they were typed."""
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, dict):
        return {nfc(key): nfc(inner) for key, inner in value.items()}
    return [nfc(inner) for inner in value] if isinstance(value, list | tuple) else value

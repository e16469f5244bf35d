"""The operator's bearer token (RFC 6750), read from a file that only the service's user can read."""

from __future__ import annotations

import hmac
import os
import threading
from pathlib import Path

FILE_NAME = "operator.token"


class TokenFile:
    """The token in <data_dir>/operator.token; read when first needed and again whenever the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._token = b""

    def accepts(self, authorization: str | None) -> bool:
        """Whether an Authorization header holds the token; compared in constant time. No file: never."""
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        token = self._current()
        # compared first, so that an empty file takes as long as a wrong token
        equal = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token)
        return equal and bool(token)

    def _current(self) -> bytes:
        with self._lock:
            try:
                status = os.stat(self._path)  # noqa: PTH116  (cheaper, once a request)
                seen = (status.st_mtime_ns, status.st_size, status.st_ino)
                if seen != self._seen:
                    self._token = self._path.read_bytes().strip()
                    self._seen = seen
            except OSError:
                self._token, self._seen = b"", None
            return self._token

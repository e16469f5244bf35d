"""Every error feedsvc raises on purpose: data and a stable code, no HTTP and no markup.

The web folder turns them into problem documents (RFC 9457), the command line into a sentence and an exit code.
"""

from __future__ import annotations


class FeedsvcError(Exception):
    """What went wrong, as a sentence that says what to do; `code` is stable and may be matched on."""

    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingsError(FeedsvcError):
    """A setting is wrong; the message names the setting and the source it came from."""

    code = "settings"


class ContentUnavailable(FeedsvcError):
    """A content root cannot be read now: what is published stays published (contract M05)."""

    code = "content-unavailable"


class StoreUnavailable(FeedsvcError):
    """The database does not answer."""

    code = "store-unavailable"


class RecordRefused(FeedsvcError):
    """The database answers, but does not take a value: too long for its indexes, say. The transaction is undone."""

    code = "record-refused"


class LeaseLost(FeedsvcError):
    """Somebody else leads: whatever this process was about to commit must not be committed."""

    code = "lease-lost"


class NotFound(FeedsvcError):
    """The thing named does not exist; `what` is its kind ("category", "run") and `name` what was asked for."""

    code = "not-found"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"There is no {what} named {name!r}.")
        self.what = what
        self.name = name

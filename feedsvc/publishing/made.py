"""Documents that are made when somebody asks: what whoever makes them gives, and what he may have to say instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from feedsvc.errors import FeedsvcError
from feedsvc.feeds.target import Target
from feedsvc.publishing.document import Document


@dataclass(frozen=True, slots=True)
class Made:
    """version: equal as long as the document is; means nothing else."""

    document: Document
    version: str


class Maker(Protocol):
    """Makes documents from the index. Same index, same bytes and dates, on every machine."""

    def make(self, target: Target, known: str = "") -> Made | None:
        """The document; None when its version is still `known`. Raises Missing, Held, StoreUnavailable."""
        ...

    def delta(self, path: str, etag: str, current: str) -> Document | None:
        """What is new in the published document `path` since its version `etag` (RFC 3229, contract D02).

        current: the tag of the version that is served. None when it cannot be told; StoreUnavailable may be raised.
        """
        ...


class Missing(FeedsvcError):
    """There is no such document, and nothing that it could be made of."""

    code = "missing"


class Held(FeedsvcError):
    """It would show an edition that is held back (guard.py): nobody gets it until that is resolved."""

    code = "held"

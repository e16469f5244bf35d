"""A ShareLink: a short code that leads to one article for ever (contract section 15)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShareLink:
    """code: compared exactly, unique. article_id: the permanent id of the article it leads to."""

    code: str
    article_id: str

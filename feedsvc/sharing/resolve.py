"""Where a share link leads: a pure decision (contract S01, S07, S08, S11)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_to_bytes

from feedsvc.articles.article import Article, Headline, Status

LONGEST_NAME = 400  # characters; codes have at most 64, but an identity with folders may be longer

_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff\\]")
_TARGET = re.compile(r"https?://[\x21\x23-\x3b\x3d\x3f-\x7e]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Redirect:
    """To the canonical page: absolute, percent-encoded ASCII."""

    target: str


@dataclass(frozen=True, slots=True)
class Gone:
    """There was such an article; it has been withdrawn."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing public has this code."""


Resolution = Redirect | Gone | Unknown


def resolve(article: Headline | Article | None, now: datetime) -> Resolution:
    """What to answer for the article found under a code. A future article is as unknown as none at all."""
    if article is None or article.published > now:
        return Unknown()
    if article.status is not Status.PUBLISHED:
        return Gone()
    # The host was checked when the content was loaded; this keeps anything that is no plain address out of a header.
    if not _TARGET.fullmatch(article.canonical_url):
        return Unknown()
    return Redirect(article.canonical_url)


def name_in(raw: str) -> str:
    """The code or identity in a percent-encoded path or query part; "" when it can be neither (S07)."""
    if not raw or len(raw) > 3 * 4 * LONGEST_NAME:
        return ""
    if "%" in raw:
        try:
            raw = unquote_to_bytes(raw).decode()
        except UnicodeDecodeError:
            return ""
    if len(raw) > LONGEST_NAME or _UNFIT.search(raw):
        return ""
    return unicodedata.normalize("NFC", raw)

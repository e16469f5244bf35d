"""A ShareLink: a name that leads to one article for ever (contract section 15)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class LinkKind(IntEnum):
    """Why a name belongs to an article. Of several claims of one name, the smaller kind wins (store/reader.py)."""

    DERIVED = 0  # made from the article's permanent id; never changes (codes.py)
    CUSTOM = 1  # front matter `share_code`
    ALIAS = 2  # front matter `share_aliases`, `redirect_from`
    IMPORTED = 3  # from a table of old links
    FORMER = 4  # the front matter said so once, and does not any more


@dataclass(frozen=True, slots=True)
class ShareLink:
    """code: the name, NFC; one that begins with "/" is an old path (with its query, if it has one) of this server.

    Compared exactly. article_id: the permanent id of the article it leads to.
    """

    code: str
    article_id: str
    kind: LinkKind = LinkKind.DERIVED

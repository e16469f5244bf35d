"""Which change of an article is worth telling: the one after which a person reads something else (features.md B2).

Significant, and so moving `updated`: another title, another text, another file that belongs to the article, another
summary if the author wrote it. Not significant: white space, markup, the spelling of a character as an entity, the
target of a link, a picture and its size, categories, tags, authors, the summary made from the text. Such an edit is
published like any other, feeds and their ETags follow; but no reader shows the article as changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

from feedsvc.content.draft import Enclosure

_TAG = re.compile(r"<[^<>]*>")  # clean HTML: what else is written with < or > is an entity, in attributes too


def text_digest(title: str, content_html: str, author_summary: str = "", enclosures: Sequence[Enclosure] = ()) -> str:
    """Hex digits that change exactly when a change is significant.

    content_html: clean (articles/sanitize.py). author_summary: "" unless the author wrote it. Of enclosures only the
    addresses count. A checksum and the length do, for a fourth of what a hash costs: only versions of one article are
    ever compared, and of edits that keep the length one in 2^32 goes unnoticed.
    """
    parts = [title, _text(content_html), author_summary, *(enclosure.url for enclosure in enclosures)]
    data = "\n".join([_letters(part) for part in parts]).encode("utf-16-le", "surrogatepass")  # nothing to convert
    return f"{crc32(data):08x}{len(data):x}"


def _text(html: str) -> str:
    """What stands between the tags, read as a parser reads what the cleaner wrote."""
    text = _TAG.sub("", html)
    if "&" in text:
        text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text


def _letters(text: str) -> str:
    """All but white space, the ideographic and the no-break space included."""
    if text.isascii():  # English has hundreds of blanks, and splitting there takes three times as long
        text = text.replace(" ", "")
    return "".join(text.split())

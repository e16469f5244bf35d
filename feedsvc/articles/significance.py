"""Which change of an article is worth telling: the one after which a person reads something else (features.md B2).

Significant, and so moving `updated`: another title, another text, another file that belongs to the article, another
summary if the author wrote it. Not significant: white space, markup, the spelling of a character as an entity, the
target of a link, a picture and its size, categories, tags, authors, the summary made from the text. Such an edit is
published like any other, feeds and their ETags follow; but no reader shows the article as changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

from feedsvc.content.draft import Enclosure

_TAG = re.compile(r"<[^<>]*>")  # clean HTML: what else is written with < or > is an entity, in attributes too
_WHITE = b" \t\n\r\f\v"
_INVISIBLE = ("\u200b", "\ufeff", "\u2060", "\xad")  # what is written to allow or forbid a line break


def text_digest(title: str, content_html: str, author_summary: str = "", enclosures: Sequence[Enclosure] = ()) -> str:
    """32 hex digits that change exactly when a change is significant.

    content_html: clean (articles/sanitize.py). author_summary: "" unless the author wrote it. Of enclosures only the
    addresses count.
    """
    parts = [_letters(title), _letters(_text(content_html)), _letters(author_summary)]
    parts += [enclosure.url.encode() for enclosure in enclosures]
    return blake2b(b"\n".join(parts), digest_size=16).hexdigest()  # no part can hold a line break


def _text(html: str) -> str:
    """What stands between the tags, read as a parser reads what the cleaner wrote."""
    text = _TAG.sub("", html)
    if "&" in text:
        text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text


def _letters(text: str) -> bytes:
    """All but white space, the ideographic and no-break space included."""
    if text.isascii():
        return text.encode().translate(None, _WHITE)
    text = "".join(text.split())
    for char in _INVISIBLE:
        text = text.replace(char, "")
    return text.encode("utf-8", "surrogatepass")

"""Plain text out of HTML, and summaries of it that end where a sentence does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|<!--.*?-->", re.DOTALL)
_SENTENCE_PART = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark picture q rp rt ruby s samp small"
    " source span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_SENTENCE_PART.split())
_ASIDE = frozenset({"rp", "rt"})  # the reading of a ruby is said twice otherwise
_SPACE = re.compile(r"[ \t\n\r\f\v\x85\u2028\u2029]+")
_INDENTED = re.compile(" [ \u3000]+")
_SENTENCE_END = re.compile(r"[。！？；…!?][”’」』）)\"']*|\.[”’)\"']*(?=\s)")


def plain_text(html: str) -> str:
    """The text that clean HTML shows, white space folded to single spaces (U+3000 and no-break spaces are kept)."""
    return _fold("".join(_pieces(html)))


INDENT = "\u3000 "  # of a paragraph: its layout, not its text


def summarize(html: str, chars: int) -> str:
    """The beginning of the text, at most `chars` characters, cut at a sentence's end.

    Without one in the last two thirds: at the last space, else anywhere, with "…" (which counts).
    """
    taken: list[str] = []
    length, enough = 0, chars + 20  # a little white space will fold away
    for piece in _pieces(html):
        taken.append(piece)
        length += len(piece)
        if length > enough:
            text = _unindented("".join(taken))
            if len(text) > chars:
                return shorten(text, chars)
            enough = 2 * length
    return shorten(_unindented("".join(taken)), chars)


def shorten(text: str, chars: int) -> str:
    """Plain text cut to at most `chars` characters, as summarize() does it."""
    if len(text) <= chars:
        return text
    window = text[: chars + 1]
    ends = [m.end() for m in _SENTENCE_END.finditer(window) if chars / 3 <= m.end() <= chars]
    if ends:
        return text[: ends[-1]].rstrip()
    window = text[:chars]
    space = window.rfind(" ")
    cut = space if space >= chars / 2 else chars - 1
    return text[:cut].rstrip(" ，,、；;：:") + "…"


def _pieces(html: str) -> Iterator[str]:
    """Runs of text, with a space where an element that is no part of a sentence begins or ends."""
    position, skipping = 0, 0
    for tag in _TAG.finditer(html):
        start, end = tag.span()
        if start > position and not skipping:
            yield unescape(html[position:start])
        position = end
        name = (tag[2] or "").lower()
        if name in _ASIDE:
            skipping = max(0, skipping + (-1 if tag[1] else 1))
        elif name and name not in _INLINE:
            skipping = 0
            yield " "
    if not skipping:
        yield unescape(html[position:])


def _unindented(text: str) -> str:
    folded = _fold(text)
    return (_INDENTED.sub(" ", folded) if " \u3000" in folded else folded).lstrip(INDENT)


def _fold(text: str) -> str:
    return _SPACE.sub(" ", text).strip(" ")

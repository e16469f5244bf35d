"""Words: what of a text can be searched for, and what a search asks for. One cutting for both databases.

Scripts written without spaces (Han, Kana, and Hangul, whose words carry endings) are cut into overlapping pairs:
"中文网" has 中文 and 文网, and its last sign alone, so that every sign begins something. Everything else is cut into
words of letters and digits. Both as Unicode's NFKC and case folding have them, and without the accents of Latin,
Greek and Cyrillic: who searches for "cafe" finds "Café", and the other way round.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add

MOST_OF_A_TEXT = 20_000  # different words of one text that are kept, the first ones
MOST_WANTED = 12  # words of a search that count, the first ones
LONGEST_WORD = 40  # characters; of longer ones the beginning counts, in texts and searches alike
LONGEST_QUERY = 100  # characters of a search
SHORTEST_BEGINNING = 2  # letters; fewer begin too many words

_SIGNS = re.compile("[\u2026\u3000\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+")
_ACCENT = re.compile("[\u0300-\u036f]")
_UNSPACED = (
    "\u1100-\u11ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\U00016fe0-\U0001b2ff\U00020000-\U0003ffff"
)
_PIECE = re.compile(rf"([{_UNSPACED}]+)|(?:(?![{_UNSPACED}])[^\W_])+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for: every word of `words`, and for each of `beginnings` some word that begins so."""

    words: tuple[str, ...]
    beginnings: tuple[str, ...] = ()


def words_of(text: str) -> frozenset[str]:
    """All that finds this text: at most MOST_OF_A_TEXT words of at most LONGEST_WORD characters."""
    found: set[str] = set()
    for piece in _PIECE.finditer(_folded(text)):
        if run := piece[1]:
            found.update(map(add, run, run[1:MOST_OF_A_TEXT]))
            found.add(run[-1])
        else:
            found.add(piece[0][:LONGEST_WORD])
        if len(found) >= MOST_OF_A_TEXT:
            break
    return frozenset(found)


def wanted(query: str) -> Wanted | None:
    """What somebody who types this searches for; None when there is no word in it.

    Quotes, signs and operators mean nothing. The last word may go on, for he may be typing still; so may a single
    Han character, which is no pair.
    """
    words: dict[str, None] = {}
    beginnings: dict[str, None] = {}
    pieces = list(_pieces(_folded(query[:LONGEST_QUERY])))
    for number, (run, word) in enumerate(pieces, start=1):
        if len(run) == 1:
            beginnings[run] = None
        elif run:
            words |= dict.fromkeys(map(add, run, run[1:]))
        elif number == len(pieces) and SHORTEST_BEGINNING <= len(word) < LONGEST_WORD:
            beginnings[word] = None
        else:
            words[word] = None
    kept = tuple(words)[:MOST_WANTED]
    begun = tuple(beginnings)[: MOST_WANTED - len(kept)]
    return Wanted(kept, begun) if kept or begun else None


def tidy_query(query: str) -> str:
    """The one way to write a search: NFKC, single spaces, at most LONGEST_QUERY characters, no control characters."""
    text = unicodedata.normalize("NFKC", query)
    text = "".join(" " if sign.isspace() else sign for sign in text if sign.isspace() or sign.isprintable())
    return " ".join(text.split())[:LONGEST_QUERY].rstrip()


def spots(text: str, asked: Wanted) -> list[tuple[int, int]]:
    """Where in a text the words are that were searched for: (start, end), in order and apart from each other."""
    folded: list[str] = []
    origin: list[int] = []  # of each folded character
    for at, sign in enumerate(text):
        as_found = sign.lower() if sign.isascii() else _folded(sign)
        folded.append(as_found)
        origin += [at] * len(as_found)
    plain = "".join(folded)
    ends = [*origin[1:], len(text)]
    found: list[tuple[int, int]] = []
    for piece in _PIECE.finditer(plain):
        start, end = piece.span()
        if piece[1]:
            inside = [
                (start + hit.start(), start + hit.start() + len(word))
                for word in (*asked.words, *asked.beginnings)
                for hit in re.finditer(f"(?={re.escape(word)})", piece[0])
            ]
        else:
            word = piece[0][:LONGEST_WORD]
            begun = max((len(one) for one in asked.beginnings if word.startswith(one)), default=0)
            whole = word in asked.words
            inside = [(start, end if whole else start + begun)] if whole or begun else []
        found += inside
    joined: list[tuple[int, int]] = []
    for start, end in sorted((origin[a], max(ends[b - 1], origin[b - 1] + 1)) for a, b in found):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    # The signs of Chinese prose first, which no word has: without them most texts are in normal form, which is quickly
    # seen, while normalising takes as long as the cutting.
    text = _nfkc(_SIGNS.sub(" ", text)).casefold()
    apart = unicodedata.normalize("NFKD", text)
    return _nfkc(_ACCENT.sub("", apart)) if _ACCENT.search(apart) else _nfkc(text)


def _nfkc(text: str) -> str:
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(run of a script without spaces, "") or ("", word), in order."""
    for piece in _PIECE.finditer(text):
        yield (piece[1], "") if piece[1] else ("", piece[0][:LONGEST_WORD])

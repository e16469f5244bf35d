"""Which names somebody may have meant who asked for one that leads nowhere (contract S07).

Links are copied from chats with half a sentence behind them, typed from paper, cut off at a line's end. The store is
asked once about all that `near` gives; what of it exists is what was meant, most probably the first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import unquote

from feedsvc.sharing.codes import ALPHABET, LENGTH

MOST = 800  # names that are looked up at the most
LONGEST = 64  # characters; whatever is longer was no code
SHORTEST = 4  # characters of a name that glued text was cut off from

_DIGITS, _SMALL, _LARGE = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DERIVED = re.compile(f"[a-z0-9]{{{LENGTH - 1},{LENGTH + 2}}}")
_NAME = re.compile(r"[\w~.-]+(?:/[\w~.-]+)*")
_LATIN = re.compile(r"[A-Za-z0-9_~.-]+(?:/[A-Za-z0-9_~.-]+)*")
_NUMBERED = re.compile("[A-Za-z]{1,4}[0-9]{6,}")
_FIT = re.compile(r"[^\x00-\x20\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff\\]+")
_EDGES = "-._~/"
_ALIKE = (
    str.maketrans("oOlLiI", "001111"),
    str.maketrans("01", "ol"),
    str.maketrans("01", "oi"),
    str.maketrans("01", "OI"),
    str.maketrans("lI", "Il"),
)


def near(name: str) -> tuple[str, ...]:
    """Other spellings, best first: at most MOST, never `name` itself, none for what is longer than LONGEST.

    Full-width letters, escapes, glued text and punctuation, letter case, look-alikes (0 and o, 1, l and i), then one
    letter swapped, too many, wrong or missing, then ever shorter beginnings.
    """
    if not 0 < len(name) <= LONGEST:
        return ()
    found = dict.fromkeys(islice(_spellings(name), 2 * MOST))
    return tuple(islice((it for it in found if it != name and _FIT.fullmatch(it)), MOST))


def core(name: str) -> str:
    """What of it most probably is the name, in the letter case it should have; "" when nothing is."""
    parts = list(_parts(_plain(name[:LONGEST])))
    return _likeliest(parts[0]) if parts else ""


def _spellings(name: str) -> Iterator[str]:
    plain = _plain(name)
    bare = tuple(dict.fromkeys((*_parts(plain), name, plain, *_joined(plain))))
    for text in bare:
        yield from _cases(text)
    for text in bare:
        for table in _ALIKE:
            yield from _cases(text.translate(table))
    for text in bare:
        yield from _beginnings(text.lower(), LENGTH - 1)
    yield from _one_letter_off(_likeliest(bare[0]))
    for text in (_likeliest(bare[0]), *bare):
        yield from _beginnings(text, SHORTEST)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", unquote(name))[:LONGEST]


def _parts(text: str) -> Iterator[str]:
    """What stands between punctuation, and the Latin part of that, each the longest first."""
    for pattern in (_LATIN, _NAME):
        parts = [part.strip(_EDGES) for part in pattern.findall(text)]
        yield from sorted(filter(None, parts), key=len, reverse=True)[:3]


def _joined(text: str) -> Iterator[str]:
    """Without what is between the parts, as where a line was broken."""
    for pattern in (_NAME, _LATIN):
        yield "".join(pattern.findall(text)).strip(_EDGES)


def _cases(text: str) -> Iterable[str]:
    return text, text.lower(), text.upper(), text.title()


def _beginnings(text: str, shortest: int) -> Iterator[str]:
    return (text[:end] for end in range(len(text) - 1, shortest - 1, -1))


def _likeliest(text: str) -> str:
    """In which letter case a wrong letter is looked for: derived codes are small, numbers have large letters before."""
    if _DERIVED.fullmatch(text.lower()):
        return text.lower()
    return text.upper() if _NUMBERED.fullmatch(text) else text


def _one_letter_off(text: str) -> Iterator[str]:
    """Swapped, too many, wrong, missing."""
    for at in range(len(text) - 1):
        yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    for at in range(len(text)):
        yield text[:at] + text[at + 1 :]
    for at in range(len(text)):
        yield from (text[:at] + letter + text[at + 1 :] for letter in _letters(text, at))
    for at in range(len(text) + 1):
        yield from (text[:at] + letter + text[at:] for letter in _letters(text, at))


def _letters(text: str, at: int) -> str:
    """What may stand there: a code's alphabet in a code, else the kinds of letters that are there and beside it."""
    if _DERIVED.fullmatch(text) and sum(letter not in ALPHABET for letter in text) <= 1:
        return ALPHABET
    around = text[max(at - 1, 0) : at + 2]
    return "".join(kind for kind in (_DIGITS, _SMALL, _LARGE) if any(letter in kind for letter in around))

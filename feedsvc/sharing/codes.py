"""Share codes: short, readable aloud, and a pure function of the article's permanent id (contract S16).

A rebuilt database therefore gives every old link back. The alphabet has no look-alikes (0/o, 1/i/l) and no vowels, so
that no code spells a word. A longer code begins with the shorter one: two articles with one code are told apart by
lengthening, never by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
LENGTH = 10
PAIRS = [first + second for second in ALPHABET for first in ALPHABET]
WORD, LETTERS = 8, 8  # octets of the digest that make so many letters: 27^8 is a small part of 2^64
LONGEST = 32  # 27^32 is far beyond 2^128: no two ids ever agree in so many letters


def share_code(article_id: str, length: int = LENGTH) -> str:
    """The code of the article with this permanent id; `length` letters, 1 to 32."""
    if not 1 <= length <= LONGEST:
        raise ValueError(f"a share code has 1 to {LONGEST} letters, not {length}")
    digest = blake2b(article_id.encode(), digest_size=WORD * (LONGEST // LETTERS), person=b"share-code").digest()
    letters = []
    for start in range(0, WORD * -(-length // LETTERS), WORD):
        number = int.from_bytes(digest[start : start + WORD], "big")
        for _ in range(LETTERS // 2):
            number, rest = divmod(number, len(PAIRS))
            letters.append(PAIRS[rest])
    return "".join(letters)[:length]


def candidates(article_id: str, count: int = 3) -> tuple[str, ...]:
    """The codes an article may get, best first: what to ask the store about before `assign`."""
    return tuple(share_code(article_id, LENGTH + more) for more in range(count))


def assign(ids: Sequence[str], taken: Mapping[str, str]) -> dict[str, str]:
    """A code for each id. taken: code -> article id, for the codes that exist already.

    An id that has its code keeps it; a code of somebody else is never given. The order of `ids` does not matter.
    """
    used = dict(taken)
    codes: dict[str, str] = {}
    for article_id in sorted(set(ids)):
        for length in range(LENGTH, LONGEST + 1):
            code = share_code(article_id, length)
            if used.setdefault(code, article_id) == article_id:
                codes[article_id] = code
                break
        else:
            raise ValueError(f"no free share code for {article_id!r}")
    return codes

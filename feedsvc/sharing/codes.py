"""Share codes: short, readable aloud, and a pure function of the article's permanent id (contract S16).

A rebuilt database therefore gives every old link back. The alphabet has no look-alikes (0/o, 1/i/l) and no vowels, so
that no code spells a word. A longer code begins with the shorter one: two articles with one code are told apart by
lengthening, never by chance. What an author may choose as a code is said in content/share_names.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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


def derived(ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The codes that each of these articles claims because of its id, the shortest first.

    ids: all articles that share their first code with one of these must be among them. Where several would have one
    code, all of them claim it and their longer ones too: so nothing depends on who came first, and whichever article
    wins the short code (by its date, which may be edited), the others are found under a longer one.
    """
    claims: dict[str, tuple[str, ...]] = dict.fromkeys(ids, ())
    groups, length = [sorted(claims)], LENGTH
    while groups and length <= LONGEST:
        together: list[list[str]] = []
        for group in groups:
            alike: defaultdict[str, list[str]] = defaultdict(list)
            for article_id in group:
                code = share_code(article_id, length)
                claims[article_id] += (code,)
                alike[code].append(article_id)
            together += [its for its in alike.values() if len(its) > 1]
        groups, length = together, length + 1
    return claims

"""Words: what of a text can be searched for, and what a search asks for. One cutting for both databases."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for: every word of `words`, and for each of `beginnings` some word that begins so."""

    words: tuple[str, ...]
    beginnings: tuple[str, ...] = ()

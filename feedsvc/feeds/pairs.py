"""Settings by name, as sorted tuples: they pickle, hash and print the same in every process, unlike a dict.

Names are spelled as articles have them: a right whose category was typed in another Unicode form must not be passed
over.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Mapping
from operator import itemgetter
from typing import TypeVar

Value = TypeVar("Value")
Pairs = tuple[tuple[str, Value], ...]

_name = itemgetter(0)


def pairs(values: Mapping[str, Value]) -> Pairs[Value]:
    """In the order of their names, by code point."""
    return tuple(sorted(((spelled(name), value) for name, value in values.items()), key=_name))


def named(values: Pairs[Value], name: str) -> Value | None:
    """The value of this name, None without one."""
    if not values:
        return None
    place = bisect_left(values, name, key=_name)
    return values[place][1] if place < len(values) and values[place][0] == name else None


def spelled(name: str) -> str:
    """As content/coerce.py has it, which would load YAML into every web worker."""
    return unicodedata.normalize("NFC", name.strip())

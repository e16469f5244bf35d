"""From front-matter text to what a Draft holds, by Jekyll's rules for lists and people (jekyll-compat.md section 5).

Words stay as they were written: a category `NO`, a title `007` and a tag `360` are text, never a flag or a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from feedsvc.content.draft import Enclosure
from feedsvc.content.yaml_text import Scalar, Value

_BLANKS = re.compile(r"[ \t\n\v\f\r]+")  # Ruby's split: ASCII only, so U+3000 and NBSP stay inside a name
_DEEP_ENOUGH = 3


def text_of(value: Value | None) -> str | None:
    """The words of a scalar, None when there are none (absent, null); lists and mappings are joined by commas."""
    if value is None:
        return None
    if isinstance(value, Scalar):
        return None if value.is_null else value.text
    if isinstance(value, list):
        return ", ".join(filter(None, map(text_of, value)))
    return ", ".join(f"{key}: {text_of(item) or ''}" for key, item in value.items())


def word_of(value: Value | None) -> str:
    """The words of a scalar on one line, "" when there are none or it is no scalar."""
    return value.text.strip() if isinstance(value, Scalar) and not value.is_null else ""


def names(value: Value | None, split: Literal["jekyll", "whole"]) -> list[str]:
    """A list of names. A string is cut at ASCII blanks (`jekyll`) or one name (`whole`); list items stay whole."""
    if isinstance(value, Scalar):
        if value.is_null:
            return []
        parts = _BLANKS.split(value.text) if split == "jekyll" else [value.text]
        return [name for part in parts if (name := name_of(part))]
    return [name for item in flat(value) if (name := name_of(item.text))] if value else []


def flat(value: Value | None) -> list[Scalar]:
    """The scalars of a list, of lists in it as well; null items left out, mappings too."""
    if isinstance(value, Scalar):
        return [] if value.is_null else [value]
    if isinstance(value, list):
        return [scalar for item in value for scalar in flat(item)]
    return []


def authors_of(value: Value | None, known: Mapping[str, tuple[str, str]]) -> list[str]:
    """Display names, looked up in `known` (short name -> name, address), in order, each once."""
    if value is None:
        return []
    if isinstance(value, list):
        found = [name for item in value for name in authors_of(item, known)]
    elif isinstance(value, dict):
        found = [next((name for key in ("name", "display_name", "email") if (name := word_of(value.get(key)))), "")]
    else:
        name = word_of(value)
        found = [known[name][0] or name if name in known else name]
    return [*dict.fromkeys(name for text in found if (name := name_of(text)))]


def address_of(value: Value | None) -> str:
    """Where a picture or file is: a string, the first of a list, or a mapping's `path`, `url`, `src` or `href`."""
    for _ in range(_DEEP_ENOUGH):
        if isinstance(value, list) and value:
            value = value[0]
        elif isinstance(value, dict):
            value = next((value[key] for key in ("path", "url", "src", "href") if key in value), None)
    return word_of(value)


def enclosures_of(value: Value | None) -> tuple[Enclosure, ...]:
    """One or several files: an address, or a mapping with `url`, `type` and `length`."""
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items:
        url = address_of(item)
        if not url:
            continue
        more = item if isinstance(item, dict) else {}
        kind = next((word for key in ("type", "media_type", "mime_type") if (word := word_of(more.get(key)))), "")
        length = next((word for key in ("length", "size") if (word := word_of(more.get(key)))), "")
        octets = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
        found.append(Enclosure(url, kind, octets))
    return tuple(found)


def plain(value: Value) -> object:
    """A value as text, lists and mappings of text; null is None."""
    if isinstance(value, Scalar):
        return None if value.is_null else value.text
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()}


@lru_cache(maxsize=4096)  # a few names stand in very many posts
def name_of(text: str) -> str:
    """NFC, on one line, without blanks around it."""
    text = text.strip(" \t\n\r\v\f")
    if text.isascii():
        return _BLANKS.sub(" ", text) if "\n" in text or "\t" in text else text
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text))

"""Front matter's `share_code`, `share_aliases` and `redirect_from` (contract S16).

What cannot be a name is left out and told as a Problem: a bad code never costs the article.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from feedsvc.content.coerce import flat
from feedsvc.content.front_matter import quote
from feedsvc.content.problems import Problems
from feedsvc.content.share_names import LONGEST_CODE, LONGEST_PATH, fits, is_code, path_name
from feedsvc.content.yaml_text import Scalar, Value, line_of

_BETWEEN = re.compile(r"[\s,，、]+")


class _Item(NamedTuple):
    """One name as it was written, with the line that would be right up to the name."""

    text: str
    line: int
    before: str


def code_in(value: Value | None, field: str, found: Problems) -> str:
    """The code that a field gives, "" without one."""
    if value is None or isinstance(value, Scalar):
        return next(iter(_codes(_items(value, field), field, found)), "")
    first = next((_tidy(item.text) for item in flat(value)), "")
    message = f"`{field}` is one code; further ones belong into `share_aliases`. It was left out."
    found.add("share.malformed", message, line=line_of(value), field=field, repair=_line(f"{field}: ", first))
    return ""


def codes_in(value: Value | None, field: str, found: Problems) -> tuple[str, ...]:
    """The codes of a list, or of a string that is split at blanks and commas; each once."""
    if isinstance(value, Scalar) and not value.is_null:
        items = [_Item(part, value.line, f"{field}: ") for part in _BETWEEN.split(value.text) if part]
    else:
        items = _items(value, field, found)
    return tuple(dict.fromkeys(_codes(items, field, found)))


def paths_in(value: Value | None, field: str, found: Problems) -> tuple[str, ...]:
    """The paths of a string or list, each as path_name writes it; of a whole address its path.

    As jekyll-redirect-from has it: a string is one path, the slash at its front may be missing.
    """
    return tuple(dict.fromkeys(_paths(_items(value, field, found), field, found)))


def _items(value: Value | None, field: str, found: Problems | None = None) -> list[_Item]:
    if value is None:
        return []
    if isinstance(value, Scalar):
        return [] if value.is_null or not value.text.strip() else [_Item(value.text, value.line, f"{field}: ")]
    if isinstance(value, dict) and found is not None:
        message = f"`{field}` should be text or a list, not a mapping. It was left out."
        found.add("share.malformed", message, line=line_of(value), field=field)
    return [_Item(item.text, item.line, "- ") for item in flat(value) if item.text.strip()]


def _codes(items: list[_Item], field: str, found: Problems) -> Iterator[str]:
    for item in items:
        code = unicodedata.normalize("NFC", item.text.strip())
        if is_code(code):
            yield code
            continue
        message = (
            f"`{field}`: {item.text[:80]!r} cannot be a share code: letters, digits and -._~, at most {LONGEST_CODE} "
            "of them. It was left out."
        )
        repair = _line(item.before, _tidy(code))
        found.add("share.malformed", message, line=item.line, field=field, repair=repair, name=item.text[:80])


def _paths(items: list[_Item], field: str, found: Problems) -> Iterator[str]:
    for item in items:
        text, wrong = item.text.strip(), ""
        if "://" in text:
            text, wrong = _path_of(text), "is a whole address; its path was taken"
        path, _, query = text.partition("#")[0].partition("?")
        name = path_name(path if path.startswith("/") else f"/{path}", query)
        if not name:
            wrong = f"cannot be a path of this site (at most {LONGEST_PATH} octets). It was left out"
        if wrong:
            message = f"`{field}`: {item.text[:80]!r} {wrong}."
            repair = _line(item.before, name)
            found.add("share.malformed", message, line=item.line, field=field, repair=repair, name=item.text[:80])
        if name:
            yield name


def _path_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _tidy(text: str) -> str:
    """The code that was probably meant, "" when there is no telling."""
    kept = "".join(sign if fits(sign) else "-" for sign in text)
    kept = re.sub("-{2,}", "-", kept).strip("-")[:LONGEST_CODE]
    return kept if is_code(kept) else ""


def _line(before: str, name: str) -> str:
    if not name:
        return ""
    return before + (name if re.fullmatch(r"[A-Za-z/][A-Za-z0-9/._~-]*", name) else quote(name))

"""Campaign parameters of share links (contract S15): added to the target, which otherwise stays what it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus, unquote_plus, unquote_to_bytes

MOST_PASSED = 10
LONGEST_VALUE = 300  # octets of an incoming parameter, escapes undone

_NAME = re.compile(r"utm_[a-z][a-z_]{0,30}")


def passed_on(query: str) -> tuple[str, ...]:
    """The `utm_*` pairs of a raw query, the first of each name, written anew: nothing else can get through."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, sign, raw = pair.partition("=")
        value = unquote_to_bytes(raw.replace("+", " "))
        if sign and _NAME.fullmatch(name) and value.strip() and len(value) <= LONGEST_VALUE and min(value) >= 0x20:
            found.setdefault(name, f"{name}={quote(value, safe='')}")
            if len(found) == MOST_PASSED:
                break
    return tuple(found.values())


def pairs_of(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """As in a query, in the order given."""
    return tuple(f"{quote_plus(name)}={quote(value, safe='')}" for name, value in parameters.items() if name)


def with_campaign(target: str, pairs: Iterable[str]) -> str:
    """The address with these pairs at the end of its query; those whose name it has already are left out.

    target: percent-encoded; its own query and fragment are kept, letter for letter.
    """
    address, mark, fragment = target.partition("#")
    base, asked, query = address.partition("?")
    known = {unquote_plus(pair.partition("=")[0]) for pair in query.split("&")}
    new = []
    for pair in pairs:
        name = unquote_plus(pair.partition("=")[0])
        if name not in known:
            known.add(name)
            new.append(pair)
    if new:
        own = query.rstrip("&")
        query = "&".join([own, *new] if own else new)
        asked = "?"
    return base + asked + query + mark + fragment

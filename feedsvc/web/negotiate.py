"""Which coding a client gets (RFC 9110 section 12.5.3). Contract H19, H23, H24."""

from __future__ import annotations

import re
from functools import lru_cache

_QUALITY = re.compile(r"[ \t]*q[ \t]*=[ \t]*(0(?:\.\d*)?|1(?:\.0*)?)[ \t]*", re.IGNORECASE)


@lru_cache(maxsize=512)
def wants_gzip(accept_encoding: str | None) -> bool:
    """True when the gzip form is to be sent.

    Only who names gzip (or x-gzip) gets it, or who refuses the plain form and takes anything else: a bare `*` allows
    both, and plain bytes can be read by everybody. Members whose weight cannot be read count as not given.
    """
    if not accept_encoding:
        return False
    weights: dict[str, float] = {}
    for member in accept_encoding.lower().split(","):
        coding, *parameters = member.split(";")
        coding = coding.strip(" \t")
        weight = 1.0
        if parameters:
            quality = _QUALITY.fullmatch(parameters[0])
            if quality is None:
                continue
            weight = float(quality[1])
        if coding:
            name = "gzip" if coding == "x-gzip" else coding
            weights[name] = min(weight, weights.get(name, 1.0))
    rest = weights.get("*")
    gzip = weights.get("gzip")
    identity = weights.get("identity", rest if rest == 0 else None)
    if gzip is None:
        return bool(rest) and identity == 0
    return gzip > 0 and (identity is None or gzip >= identity)

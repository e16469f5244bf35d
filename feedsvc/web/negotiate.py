"""Which coding a client gets, and whether it is a person's browser that asks (RFC 9110 section 12.5).

Contract H19, H23, H24; H43, H47, V01, V03.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What a feed is, or may be called. Who likes one of these as much as HTML is no browser.
_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/json",
    "application/xml",
    "text/xml",
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?')
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


@lru_cache(maxsize=512)
def wants_page(accept: str | None, sec_fetch_dest: str | None) -> bool:
    """True when a person's browser goes to a feed's address: it is shown an HTML page, everybody else gets the feed.

    Only if `text/html` itself is named and weighs more than every type of a feed, each by its most specific match;
    ties are the feed's (contract V01). A page's own fetch() says in Sec-Fetch-Dest that it is none (contract V03).
    In doubt it is a reader: of two members for one type the feed's favourite counts, a weight that cannot be read is 1
    for a feed and 0 for HTML.
    """
    if not accept or (sec_fetch_dest is not None and sec_fetch_dest.strip(" \t").lower() != "document"):
        return False
    page: float | None = None
    weights: dict[str, float] = {}
    for member in _QUOTED.sub("", accept.lower()).split(","):
        name, *parameters = (part.strip(" \t") for part in member.split(";"))
        said = next((part for part in parameters if part.partition("=")[0].strip(" \t") == "q"), "q=1")
        quality = _QUALITY.fullmatch(said)
        weight = float(quality[1]) if quality else 1.0
        if name == "text/html":
            page = min(weight if quality else 0.0, 1.0 if page is None else page)
        elif name:
            weights[name] = max(weight, weights.get(name, 0.0))
    if page is None:
        return False
    anything = weights.get("*/*", 0.0)
    ranges = {kind: weights.get(f"{kind}/*", anything) for kind in ("application", "text")}
    return all(page > weights.get(name, ranges[name.partition("/")[0]]) for name in _FEED_TYPES)

"""The article's text: Markdown where there is Markdown, the site's tail left out, cleaned for readers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from feedsvc.articles.markdown import markdown_to_html
from feedsvc.articles.sanitize import sanitize

HTML_EXTENSIONS = frozenset({".html", ".htm", ".xhtml"})

_TAIL_LINE_CHARS = 4_000  # longer lines are no navigation, and a pattern could take for ever on them
_DEEPEST = 200
_HUGE_TAG_CHARS = 50_000  # pictures written into the address, which feeds do not carry, or thousands of attributes
_HUGE_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_HUGE_TAG_CHARS},}}>?")
_OPEN_OR_CLOSE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>?")
# End tags of these may be left out, or there are none: they do not nest by being forgotten.
_FLAT_NAMES = "p br hr img li dt dd tr td th tbody thead tfoot option wbr col source a script style"
_FLAT = frozenset(_FLAT_NAMES.split())


def clean_body(body: str, ext: str, page_url: str, strip_tail: Sequence[str] = ()) -> str:
    """The body of a post as the HTML that feeds carry (contract HC01-HC06).

    ext: of the file; HTML files are not read as Markdown. page_url: what relative addresses start from.
    strip_tail: regular expressions; last lines that match one of them whole are left out.
    """
    return render(without_tail(body, strip_tail), ext, page_url)


def render(body: str, ext: str, page_url: str) -> str:
    """clean_body() without looking at the tail."""
    html = body if ext.lower() in HTML_EXTENSIONS else markdown_to_html(body)
    if len(html) > _HUGE_TAG_CHARS:
        html = _HUGE_TAG.sub(" ", html)
    return sanitize(flatten(html) if is_tangled(html) else html, page_url).strip()


def without_tail(body: str, patterns: Sequence[str]) -> str:
    """Drop the last lines that match one of the patterns whole, and the blank lines around them."""
    body = body.rstrip()
    compiled = _compiled(tuple(patterns))
    returns = "\r" in body
    while body:
        start = (max(body.rfind("\n"), body.rfind("\r")) if returns else body.rfind("\n")) + 1
        line = body[start:].strip()
        if len(line) > _TAIL_LINE_CHARS or not any(p.fullmatch(line) for p in compiled):
            break
        body = body[:start].rstrip()
    return body


def is_tangled(html: str) -> bool:
    """Whether elements are nested, or left open, deeper than any text needs: a parser takes quadratic time on them."""
    if html.count("<") <= _DEEPEST:
        return False
    unclosed: Counter[str] = Counter()
    depth = 0
    for closing, name in _OPEN_OR_CLOSE.findall(html):
        if name in _FLAT or name.lower() in _FLAT:
            continue
        if not closing:
            unclosed[name.lower()] += 1
            depth += 1
            if depth > _DEEPEST:
                return True
        elif unclosed[name.lower()]:
            unclosed[name.lower()] -= 1
            depth -= 1
    return False


def flatten(html: str) -> str:
    """The same text without the elements that can nest."""
    return _OPEN_OR_CLOSE.sub(lambda tag: tag[0] if tag[2].lower() in _FLAT else " ", html)


@lru_cache(maxsize=8)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)

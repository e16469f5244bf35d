"""Elements that turn into others before cleaning: frames into links, drawings and formulas into their text.

Also dropped here, with all they hold: elements that the page hides. Works on HTML that an HTML5 serializer wrote (each
element closed, attributes in double quotes), so that plain matching is exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from feedsvc.articles.address import absolute
from feedsvc.articles.summary import plain_text

EXTRA_TAGS = frozenset({"iframe", "object", "embed", "svg", "math", "title", "desc", "text", "tspan"})
EXTRA_ATTRIBUTES = frozenset(
    {"style", "hidden", "aria-label", "alttext", "data", "data-src", "data-original", "data-lazy-src"}
)
_FRAMES = {"iframe": ("src", "data-src"), "object": ("data",), "embed": ("src",)}
_VOID = frozenset({"br", "hr", "img", "col", "source", "track", "wbr", "embed"})
_TRIGGERS = frozenset({"iframe", "object", "embed", "svg", "math"})
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|<[^<>]*\shidden[\s=/>]|data-(?:lazy-)?(?:src|orig)", re.I
)
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\s*(?:!|;|$)", re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:\s+[^\s\"=<>]+(?:=\"[^\"]*\")?)*)\s*/?>")
_ATTRIBUTE = re.compile(r"([^\s\"=<>]+)(?:=\"([^\"]*)\")?")
_TITLE = re.compile(r"<title(?:\s[^>]*)?>(.*?)</title>", re.DOTALL)


def needs_reshaping(html: str, names: set[str]) -> bool:
    """A cheap look; names: the lower-case names of all elements in the text."""
    if not _TRIGGERS.isdisjoint(names):
        return True
    ascii_only = html.encode("ascii", "ignore").lower()  # far cheaper than the whole text in lower case
    if b"hidden" not in ascii_only and b"none" not in ascii_only and b"data-" not in ascii_only:
        return False
    return _HIDING.search(html.lower()) is not None


def reshape(html: str, page_url: str) -> str:
    """Apply it to serialized HTML; the result may be nested wrongly and must be cleaned again."""
    return "".join(_reshaped(html, page_url))


def _reshaped(html: str, page_url: str) -> Iterator[str]:
    position = 0
    while True:
        tag = _TAG.search(html, position)
        if tag is None:
            yield html[position:]
            return
        yield html[position : tag.start()]
        position = tag.end()
        name = tag[2]
        attributes = {} if tag[1] else {k: unescape(v) for k, v in _ATTRIBUTE.findall(tag[3])}
        if tag[1] or (not attributes and name not in _TRIGGERS):
            yield tag[0]
        elif _is_hidden(attributes):
            position = _after(html, name, position)[1]
        elif name in _FRAMES:
            position = _after(html, name, position)[1]
            yield _link(name, attributes, page_url)
        elif name in ("svg", "math"):
            end, position = _after(html, name, position)
            yield escape(_said(attributes, html[tag.end() : end]), quote=False)
        elif name == "img":
            yield _with_real_source(attributes)
        else:
            yield tag[0]


def _after(html: str, name: str, position: int) -> tuple[int, int]:
    """Where the element that was opened before `position` has its end tag: its beginning and what follows it."""
    if name in _VOID:
        return position, position
    depth = 1
    ends = re.compile(rf"<(/?){re.escape(name)}(?=[\s/>])[^>]*>")
    for tag in ends.finditer(html, position):
        depth += -1 if tag[1] else 1
        if depth == 0 or (tag[1] and name == "iframe"):  # a frame's content is no markup
            return tag.start(), tag.end()
    return len(html), len(html)


def _is_hidden(attributes: dict[str, str]) -> bool:
    return "hidden" in attributes or _HIDDEN_STYLE.search(attributes.get("style", "")) is not None


def _link(name: str, attributes: dict[str, str], page_url: str) -> str:
    sources = (attributes.get(key, "") for key in _FRAMES[name])
    url = next((u for u in (absolute(s, page_url) for s in sources if s) if u), "")
    if not url:
        return ""
    text = " ".join(attributes.get("title", "").split()) or url
    return f'<a href="{escape(url)}">{escape(text, quote=False)}</a>'


def _said(attributes: dict[str, str], inner: str) -> str:
    """What a drawing or formula says: its label, its title, its source text, else the text in it."""
    for key in ("aria-label", "alttext"):
        if attributes.get(key, "").strip():
            return attributes[key].strip()
    title = _TITLE.search(inner)
    return plain_text(title[1]) if title else attributes.get("title", "").strip() or plain_text(inner)


def _with_real_source(attributes: dict[str, str]) -> str:
    """An image that a script would load gets its real address."""
    late = next((attributes[k] for k in ("data-src", "data-original", "data-lazy-src") if attributes.get(k)), "")
    if late:
        attributes = attributes | {"src": late}
    return "<img " + " ".join(f'{k}="{escape(v)}"' for k, v in attributes.items()) + ">"

"""HTML that feed readers may show: by allow-list, every address absolute (contract HC01-HC06).

`nh3` (html5ever, an HTML5 parser) reads and writes it. What it cannot do, elements that turn into others, is done in
reshape.py between two passes, and only for the few articles that need it.
"""

from __future__ import annotations

import re
import threading

import nh3

from feedsvc.articles.address import LINKS, absolute, absolute_srcset
from feedsvc.articles.reshape import EXTRA_ATTRIBUTES, EXTRA_TAGS, needs_reshaping, reshape
from feedsvc.content.encoding import ILLEGAL, first_illegal

_ALLOWED = (
    "a abbr acronym address article aside audio b bdi bdo big blockquote br caption center cite code col colgroup data"
    " dd del details dfn dir div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li"
    " mark menu nav ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup"
    " table tbody td tfoot th thead time tr track tt u ul var video wbr"
)
TAGS = frozenset(_ALLOWED.split())
_REMOVED = (
    "script style iframe object applet frameset noframes noembed noscript slot template title select textarea datalist"
    " canvas"
)
REMOVED_WITH_CONTENT = frozenset(_REMOVED.split())
ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": frozenset({"lang", "dir", "title"}),
    "a": frozenset({"href", "hreflang", "type"}),
    "audio": frozenset({"src", "controls", "loop", "muted", "preload"}),
    "blockquote": frozenset({"cite"}),
    "code": frozenset({"class"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "data": frozenset({"value"}),
    "del": frozenset({"cite", "datetime"}),
    "details": frozenset({"open"}),
    "img": frozenset({"src", "srcset", "sizes", "alt", "width", "height"}),
    "ins": frozenset({"cite", "datetime"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "q": frozenset({"cite"}),
    "source": frozenset({"src", "srcset", "sizes", "type", "media", "width", "height"}),
    "td": frozenset({"colspan", "rowspan", "headers", "align"}),
    "th": frozenset({"colspan", "rowspan", "headers", "align", "scope", "abbr"}),
    "time": frozenset({"datetime"}),
    "track": frozenset({"src", "kind", "srclang", "label", "default"}),
    "video": frozenset({"src", "poster", "controls", "loop", "muted", "preload", "width", "height"}),
}
_DELICATE = frozenset({"ruby", "rt", "rp", "summary", "figcaption"})
_TABLE = frozenset({"table", "caption", "colgroup", "col", "tbody", "thead", "tfoot", "tr", "td", "th"})
# One pass gives a stable tree for these; anything else may leave a nesting that a parser would not build again.
_SIMPLE = TAGS - _TABLE - _DELICATE
_NAME = re.compile(r"<([a-zA-Z][^\s/>]*)")
_PRE = re.compile(r"(<pre[^>]*>)\n+")  # parsers drop the first line break; without any, all read the same
_LANGUAGE_CLASS = re.compile(r"(?:^|\s)(language-[A-Za-z0-9+#_.-]{1,40})(?=\s|$)")
# Paragraphs of mere text, written as the cleaner writes them: there is nothing to clean but their classes.
_CLEAN_TEXT = "[\t\n\x20-%'-;=?-\x7e\xa1-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc\U00010000-\U0001fffd\U00020000-\U0002fffd]"
_CLEAN_PARAGRAPHS = re.compile(rf'(?:<p(?: class="[\w -]*+")?>{_CLEAN_TEXT}*+</p>[ \t\n]*+)+')
_CLASSED = re.compile(r"<p [^>]*>")
_BEFORE = "<p></p>"  # stands for them: a parser drops a byte order mark that comes first of all
# An image whose address was none: its text stays.
_SOURCELESS = re.compile(r"<img(?:\s+(?:alt=\"([^\"]*)\"|(?!src=|srcset=)[^\s\"=<>]+=\"[^\"]*\"))*>")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)(?:\s[^\s\"=<>]+=\"[^\"]*\")*>")
_LISTS = frozenset({"ul", "ol", "dl", "menu", "dir"})
_VOID = frozenset({"br", "hr", "img", "col", "source", "track", "wbr"})
_MOST_PASSES = 5


class _Washer(threading.local):
    """The two cleaners and the address of the page whose text is being cleaned; one set per thread."""

    page_url: str

    def __init__(self) -> None:
        attributes = {tag: set(names) for tag, names in ATTRIBUTES.items()}
        self.strict = nh3.Cleaner(
            tags=set(TAGS),
            clean_content_tags=set(REMOVED_WITH_CONTENT),
            attributes=attributes,
            attribute_filter=self.attribute,
            link_rel=None,
            url_schemes=set(LINKS),
        )
        self.wide = nh3.Cleaner(
            tags=set(TAGS) | EXTRA_TAGS,
            clean_content_tags=set(REMOVED_WITH_CONTENT) - EXTRA_TAGS,
            attributes={"*": {a for names in attributes.values() for a in names} | EXTRA_ATTRIBUTES},
            link_rel=None,
            url_schemes=set(LINKS) | {"data"},
        )

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        """nh3's filter. Never raises: an exception in here would be hidden."""
        if name in ("href", "src", "poster", "cite"):
            return absolute(value, self.page_url, LINKS if name == "href" else _WEB) or None
        if name == "srcset":
            return absolute_srcset(value, self.page_url) or None
        if name == "class":
            language = _LANGUAGE_CLASS.search(value)
            return language[1] if language else None
        return value


_WEB = frozenset({"http", "https"})
_washer = _Washer()


def sanitize(html: str, page_url: str, *, shortcut: bool = True) -> str:
    """Clean any HTML. page_url: the absolute address that relative ones start from.

    `shortcut` passes leading paragraphs of mere text by the parser; the result is the same without.
    """
    plain = _CLEAN_PARAGRAPHS.match(html) if shortcut else None
    if plain is None:
        return _wash(html, page_url)
    rest = html[plain.end() :]
    head = _CLASSED.sub("<p>", plain[0]) if "<p " in plain[0] else plain[0]
    return head + _wash(_BEFORE + rest, page_url).removeprefix(_BEFORE) if rest else head


def _wash(html: str, page_url: str) -> str:
    _washer.page_url = page_url
    names = {name.lower() for name in _NAME.findall(html)}
    if needs_reshaping(html, names):
        html = reshape(_washer.wide.clean(html), page_url)
        settled = False
    else:
        settled = names <= _SIMPLE
    html = _washer.strict.clean(html)
    for _ in range(_MOST_PASSES):
        if settled:
            break
        before = html
        if not _DELICATE.isdisjoint(names):
            html = _without_misplaced(html)
        html = _washer.strict.clean(html)
        settled = html == before
    if "<img" in html:
        html = _SOURCELESS.sub(r"\1", html)
    if "pre" in names:
        html = _PRE.sub(r"\1", html)
    if "\r" in html:
        html = html.replace("\r\n", "\n").replace("\r", "\n")
    return html if first_illegal(html) < 0 else ILLEGAL.sub("", html)  # contract F03


def _without_misplaced(html: str) -> str:
    """Unwrap what a strict parser stumbles over though the tree is stable.

    That is a ruby whose reading is not directly in it, and a list item in a caption without its list (html5lib, which
    feed validators use, closes the item around the caption).
    """
    open_elements: list[str] = []
    wrong: set[str] = set()
    for tag in _TAG.finditer(html):
        if tag[1]:
            del open_elements[-1:]
        elif tag[2] not in _VOID:
            if tag[2] in ("rt", "rp") and open_elements[-1:] != ["ruby"]:
                wrong |= {"ruby", "rt", "rp"}
            elif tag[2] in ("li", "dt", "dd"):
                inner = next((e for e in reversed(open_elements) if e in _LISTS or e in _DELICATE), "")
                wrong |= {inner} & {"summary", "figcaption"}
            open_elements.append(tag[2])
    return _TAG.sub(lambda tag: "" if tag[2] in wrong else tag[0], html) if wrong else html

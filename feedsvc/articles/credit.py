"""Who reported it first: the line such as `（文章来源：山西晚报）` that aggregators put under a text."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

from feedsvc.content.coerce import name_of

_TAIL_CHARS = 300  # of clean HTML, in which the line is looked for
_MOST_LOOKS = 5
_LONGEST = 40  # characters; more is a sentence
_INLINE = re.compile(r"</?(?:a|b|i|u|em|strong|span|small|font|time|cite)(?: [^<>]*)?>")
_CREDIT = re.compile(r"([（(【\[])?\s*(?:文章|本文|新闻|稿件|信息|内容)?来源\s*[：:]")
_CLOSING = "）)】]"
_MORE = re.compile(r"[\s，,、；;|｜/]*(?:作者|记者|责任编辑|责编|编辑|原标题|时间|日期)\s*[：:]")
_NO_NAME = re.compile(r"[。！？；：:!?;<>]|//")
_QUOTES = {"《": "》", "“": "”", "「": "」", '"': '"'}


def source_of(content_html: str) -> str:
    """The name in the last such line of a clean text, NFC; "" without one. The line stays where it is."""
    at = content_html.rfind("来源", -_TAIL_CHARS)
    if at < 0:
        return ""
    if name := _named(_line(content_html, at)):
        return name
    tail = _INLINE.sub("", content_html[-_TAIL_CHARS:])  # a link around the name, say
    at = len(tail)
    for _ in range(_MOST_LOOKS):
        at = tail.rfind("来源", 0, at)
        if at < 0:
            break
        if name := _named(_line(tail, at)):
            return name
    return ""


def _line(html: str, at: int) -> str:
    """What stands around a position, from the last tag or line's end to the next."""
    start = max(html.rfind(">", 0, at), html.rfind("\n", 0, at)) + 1
    end = html.find("<", at)
    return html[start : end if end >= 0 else None].partition("\n")[0]


@lru_cache(maxsize=1024)  # few sources write many articles
def _named(line: str) -> str:
    """The name in a line that is nothing but a credit."""
    line = unescape(line).strip(" \u3000\xa0")
    credit = _CREDIT.match(line)
    if credit is None:
        return ""
    name = line[credit.end() :]
    if credit[1]:
        if name[-1:] not in _CLOSING:
            return ""
        name = name[:-1]
    if more := _MORE.search(name):
        name = name[: more.start()]
    name = name_of(name.strip("\u3000\xa0 "))
    if _QUOTES.get(name[:1], "-") == name[-1:]:
        name = name[1:-1].strip()
    return name if len(name) <= _LONGEST and not _NO_NAME.search(name) else ""

"""Who reported it first: the line such as `（文章来源：山西晚报）` that aggregators put under a text."""

from __future__ import annotations

import re

from feedsvc.articles.summary import plain_text
from feedsvc.content.coerce import name_of

_TAIL_CHARS = 500  # of clean HTML, in which the line is looked for
_LAST_LINES = 5
_LONGEST = 40  # characters; more is a sentence
_BREAK = re.compile(r"</?(?:p|div|br|center|section|article|blockquote|footer|aside|li|ul|ol|h[1-6]|hr)\b[^<>]*>|\n")
_CREDIT = re.compile(r"([（(【\[])?\s*(?:文章|本文|新闻|稿件|信息|内容)?来源\s*[：:]")
_CLOSING = "）)】]"
_MORE = re.compile(r"[\s，,、；;|｜/]*(?:作者|记者|责任编辑|责编|编辑|原标题|时间|日期)\s*[：:]")
_NO_NAME = re.compile(r"[。！？；：:!?;<>]|//")
_QUOTES = {"《": "》", "“": "”", "「": "」", '"': '"'}


def source_of(content_html: str) -> str:
    """The name in the last such line of a clean text, NFC; "" without one. The line stays where it is."""
    if "来源" not in (tail := content_html[-_TAIL_CHARS:]):
        return ""
    lines = [line for line in _BREAK.split(tail) if line.strip()]
    for line in reversed(lines[-_LAST_LINES:]):
        if "来源" in line and (name := _named(plain_text(line).strip(" \u3000\xa0"))):
            return name
    return ""


def _named(line: str) -> str:
    """The name in a line that is nothing but a credit."""
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

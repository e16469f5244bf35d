"""Markdown to HTML: CommonMark with tables and strikethrough, and those habits of kramdown that old posts rely on.

- An HTML block ends where its element ends, blank lines inside or not, and Markdown inside it is left alone.
- `[text](address with spaces)` is a link; `**加粗：**中文` is bold.
- Footnotes are written out; `{: .class}` and `{#id}` attribute lists are dropped.
What comes out may hold any HTML: it must be cleaned.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import MutableMapping
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.html_blocks import block_names
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

_VOID = frozenset({"base", "basefont", "col", "frame", "hr", "link", "meta", "param", "source", "track"})
_BLOCKS = frozenset(block_names) - _VOID
_HTML = re.compile(r"<!--|<(/?)([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])([^<>]*)>?")
# Lines of paragraphs that hold text and inline elements only, with blank lines before them: how most posts begin.
# Only classes are repeated possessively: with groups, Python before 3.11.5 finds matches where there are none.
_TEXT = "[\x00-\x09\x0b-;=-\uffff\U00010000-\U0010ffff]"  # all but "<" and the line break; fast in this form
_INLINE = r"</?(?:a|b|br|em|i|img|span|strong|sub|sup|u)(?: [^<>\n]*+)?/?>"
_PARAGRAPH = rf'<p(?: (?:align|class|dir|id|lang|style)="[^"<>=\n]*+")*>{_TEXT}*+(?:{_INLINE}{_TEXT}*+)*</p>'
_PARAGRAPHS = re.compile(rf"(?:[ \t]*+\n)*((?: {{0,3}}(?:{_PARAGRAPH}[ \t]*+)+(?:\n|\Z))+)")
_MARKDOWN_INSIDE = re.compile(r"\smarkdown\s*=\s*[\"']?(?:1|block|span)", re.IGNORECASE)
_SPACED = re.compile(r"\(\s*((?:[^()\"\n\\]|\([^()\"\n\\]*\))+?)\s*\)")
_ATTRIBUTES = re.compile(r"\{:[^{}\n]{0,500}\}|\{#[^{}\s]{1,200}\}\Z")
_ATTRIBUTE_LINE = re.compile(r"\{:[^{}\n]{0,500}\}[ \t]*")
_NOTE = re.compile(r"\[\^([^\]\s]{1,100})\]")
_NOTE_LINE = re.compile(r"\[\^([^\]\s]{1,100})\]:[ \t]*(.*)")

_MOST_BRACKETS = 20_000  # each may begin a link, and looking for its end takes long: such a text is no article
Spans = dict[int, int]  # offset of an HTML block's "<" -> offset after its end tag


def markdown_to_html(text: str, *, shortcut: bool = True) -> str:
    """Render a body. `shortcut` passes leading HTML blocks by the Markdown parser; the result is the same without."""
    if "\r" in text or "\0" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    head, done = _leading_paragraphs(text) if shortcut else ("", 0)
    text = text[done:]  # spans lie on one side of this place: all of the elements before it end before it
    spans = html_spans(text) if "<" in text else {}
    more, done = _leading_html(text, spans) if shortcut else ("", 0)
    head += more
    if not text[done:].strip(" \t\n"):
        return head
    if text.count("[", done) > _MOST_BRACKETS:
        return head + text_to_html(text[done:])
    env: MutableMapping[str, Any] = {"spans": {k - done: v - done for k, v in spans.items() if k >= done}, "notes": {}}
    html: str = _parser.render(text[done:], env)
    return head + html + _footnotes(env)


def html_spans(text: str) -> Spans:
    """The block elements that have an end tag, with where they end. One pass, whatever the nesting."""
    spans: Spans = {}
    unclosed: dict[str, list[int]] = {}
    comment_end = 0
    for tag in _HTML.finditer(text):
        if tag.start() < comment_end:
            continue
        if tag[2] is None:
            if comment_end >= 0:
                end = text.find("-->", tag.end())
                comment_end = end + 3 if end >= 0 else -1
            continue
        name = tag[2].lower()
        if name not in _BLOCKS or tag[3].endswith("/"):
            continue
        if not tag[1]:
            unclosed.setdefault(name, []).append(-1 if _MARKDOWN_INSIDE.search(tag[3]) else tag.start())
        elif unclosed.get(name):
            start = unclosed[name].pop()
            if start >= 0:
                spans[start] = tag.end()
    return spans


def _block_end(text: str, spans: Spans, start: int) -> int:
    """The end of the line on which the block at `start` ends, with whatever else begins on that line."""
    end = spans[start]
    while True:
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end
        if text.find("<", end, line_end) < 0:
            return line_end
        further = [spans[t.start()] for t in _HTML.finditer(text, end, line_end) if t.start() in spans]
        if not further or max(further) <= line_end:
            return line_end
        end = max(further)


def _leading_paragraphs(text: str) -> tuple[str, int]:
    """What _leading_html() gives for a text that begins with plain paragraphs, without looking at every tag."""
    runs = []
    position = 0
    while run := _PARAGRAPHS.match(text, position):
        runs.append(run[1])
        position = run.end()
    return "".join(runs), position


def _leading_html(text: str, spans: Spans) -> tuple[str, int]:
    """The HTML blocks before anything else, without the blank lines between them, and how far they reach."""
    blocks = []
    position = 0
    while position < len(text):
        line_end = text.find("\n", position)
        line = text[position:] if line_end < 0 else text[position:line_end]
        if line.strip(" \t"):
            indent = len(line) - len(line.lstrip(" "))
            if indent > 3 or position + indent not in spans:
                break
            line_end = _block_end(text, spans, position + indent)
            blocks.append(text[position : line_end + 1])
        elif line_end < 0:
            break
        position = line_end + 1
    return "".join(blocks), position


def _html_element(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Block rule: an HTML block up to its end tag. Others are left to CommonMark's rule (up to a blank line)."""
    spans: Spans = state.env.get("spans", {})
    start = state.bMarks[start_line] + state.tShift[start_line]
    if start not in spans or state.is_code_block(start_line):
        return False
    if silent:
        return True
    end = _block_end(state.src, spans, start)
    line = min(end_line, bisect_right(state.bMarks, end, lo=start_line + 1, hi=len(state.bMarks) - 1))
    for inside in range(start_line + 1, line):
        if state.sCount[inside] < state.blkIndent and not state.isEmpty(inside):
            line = inside  # the list item or quotation ends before the element does
            break
    state.line = line
    token = state.push("html_block", "", 0)
    token.map = [start_line, line]
    token.content = state.getLines(start_line, line, state.blkIndent, True)
    return True


def _attribute_line(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    start = state.bMarks[start_line] + state.tShift[start_line]
    if state.is_code_block(start_line) or not _ATTRIBUTE_LINE.fullmatch(state.src, start, state.eMarks[start_line]):
        return False
    if not silent:
        state.line = start_line + 1
    return True


def _note_definition(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    start = state.bMarks[start_line] + state.tShift[start_line]
    if state.is_code_block(start_line):
        return False
    found = _NOTE_LINE.fullmatch(state.src, start, state.eMarks[start_line])
    if not found:
        return False
    if silent:
        return True
    lines = [found[2]]
    line = start_line + 1
    while line < end_line and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        text = state.getLines(line, line + 1, state.sCount[line], False)
        if _NOTE_LINE.fullmatch(text):
            break
        lines.append(text)
        line += 1
    state.env["notes"].setdefault(found[1], "\n".join(lines))
    state.line = line
    return True


def _note(state: StateInline, silent: bool) -> bool:
    found = _NOTE.match(state.src, state.pos, state.posMax)
    notes: dict[str, str] = state.env.get("notes", {})
    if not found or found[1] not in notes:
        return False
    if not silent:
        token = state.push("html_inline", "", 0)
        token.content = f"<sup>{list(notes).index(found[1]) + 1}</sup>"
    state.pos = found.end()
    return True


def _footnotes(env: MutableMapping[str, Any]) -> str:
    notes: dict[str, str] = env["notes"]
    if not notes:
        return ""
    # A note in a note is not followed: it would not end.
    items = "".join(f"<li>{_parser.renderInline(note, {'notes': {}})}</li>\n" for note in notes.values())
    return f"<hr>\n<ol>\n{items}</ol>\n"


def _attributes(state: StateInline, silent: bool) -> bool:
    found = _ATTRIBUTES.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.pending = state.pending.rstrip(" \t")
    state.pos = found.end()
    return True


def _spaced_link(state: StateInline, silent: bool) -> bool:
    """`[text](//host/a b.html)`: no link in CommonMark, one in kramdown."""
    if state.src[state.pos] != "[":
        return False
    label = state.pos + 1
    label_end = state.md.helpers.parseLinkLabel(state, state.pos, True)
    found = _SPACED.match(state.src, label_end + 1, state.posMax) if label_end >= 0 else None
    if not found:
        return False
    href = state.md.normalizeLink(found[1])
    if not state.md.validateLink(href):
        return False
    if not silent:
        maximum = state.posMax
        state.pos, state.posMax = label, label_end
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.linkLevel += 1
        state.md.inline.tokenize(state)
        state.linkLevel -= 1
        state.push("link_close", "a", -1)
        state.posMax = maximum
    state.pos = found.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """As in CommonMark, but next to Chinese, Japanese or Korean only white space keeps `*` from opening or closing."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    end = state.pos + scanned.length
    before = state.src[state.pos - 1] if state.pos else " "
    after = state.src[end] if end < state.posMax else " "
    loose = marker == "*" and (_is_cjk(before) or _is_cjk(after))
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=scanned.can_open or (loose and not after.isspace()),
                close=scanned.can_close or (loose and not before.isspace()),
            )
        )
    state.pos = end
    return True


def _is_cjk(char: str) -> bool:
    return char >= "\u2e80" or char in "“”‘’…—·"


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("table", "html_element", _html_element, ends)
    parser.block.ruler.before("table", "attribute_line", _attribute_line, ends)
    parser.block.ruler.before("reference", "note_definition", _note_definition, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.before("link", "note", _note)
    parser.inline.ruler.after("link", "spaced_link", _spaced_link)
    parser.inline.ruler.before("link", "attributes", _attributes)
    return parser


_parser = _make_parser()


def text_to_html(text: str) -> str:
    """Paragraphs of plain text, for what cannot be read as markup in reasonable time."""
    blocks = (escape(block.strip(), quote=False) for block in re.split(r"\n[ \t]*\n", text))
    return "\n".join(f"<p>{block}</p>" for block in blocks if block)

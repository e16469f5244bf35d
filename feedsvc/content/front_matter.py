"""The block between the two `---`: split off as Jekyll does, read, and mended line by line when YAML refuses it.

Three readers, each for what the one before leaves over: a line reader for the everyday case (`key: value`, nothing
else; equal to the YAML reading, tests/property/test_content_front_matter.py), YAML as text through python-frontmatter,
and a repair of each key on its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

import frontmatter
from frontmatter.default_handlers import BaseHandler

from feedsvc.content.encoding import ILLEGAL, clean, first_illegal
from feedsvc.content.yaml_text import BadYaml, HostileYaml, Scalar, Value, read_yaml
from feedsvc.errors import FeedsvcError

LARGEST = 65_536  # characters of front matter

# J/document.rb:13 YAML_FRONT_MATTER_REGEXP, in two steps: the first line, and the line that closes
_OPENING = re.compile(r"---\s*\n", re.ASCII)
_CLOSING = re.compile(r"^(?:---|\.\.\.)\s*$\n?", re.ASCII | re.MULTILINE)
_LATE_OPENING = re.compile(r"\s+---[ \t]*\n[A-Za-z_][\w-]*:", re.ASCII)

# What the line reader takes: no escapes, no indicator at the front of a plain scalar, nothing that folds or comments.
_LINE = re.compile(
    r"""(?P<key>[A-Za-z_][A-Za-z0-9_-]{0,99}):
    (?:[ ]+(?:"(?P<double>[^"\\\n\t\x85\u2028\u2029]*)"
          |'(?P<single>[^'\n\t\x85\u2028\u2029]*)'
          |(?P<plain>[^\s\-?:,\[\]{}#&*!|>'"%@`\x85\u2028\u2029\ufeff]
             (?:[^\n\t:#\x85\u2028\u2029\ufeff]|:(?=[^\s])|(?<=[^\s])\#)*)
    )?)?[ ]*\n""",
    re.VERBOSE,
)
_KEY = re.compile(r"[ \t]*(?P<key>[A-Za-z_][\w.-]*)[ \t]*:(?=\s|$)[ \t]*(?P<rest>.*)")

# One sign written as two halves, as JSON has it and YAML refuses it; many programs write front matter as JSON.
_HALVES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
# Rights hang on these: a list must not become words, of which none is a category that anybody knows.
_LISTS = frozenset(("categories", "category", "tags", "tag", "authors", "author"))
_ITEM = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]*)[^,]*(?:,|\Z)""")


class BadFrontMatter(FeedsvcError):
    """Beyond repair; code, message and line for the Problem."""

    def __init__(self, code: str, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.code, self.line = code, line


@dataclass(frozen=True, slots=True)
class Mend:
    """One key whose line had to be mended. line: in the file, 1-based. repair: the line that would be right."""

    line: int
    field: str
    repair: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """A file taken apart. values: empty without front matter. body: as written.

    body_line: the file's line on which the body starts. mends: what was repaired.
    unclosed: it starts like front matter but no line closes it. late: front matter that does not start the file.
    """

    values: dict[str, Value]
    body: str
    body_line: int = 1
    mends: tuple[Mend, ...] = ()
    unclosed: bool = False
    late: bool = False


def split(text: str) -> tuple[str, str] | None:
    """(front matter, body) or None when the text has none. LF newlines are expected."""
    opening = _OPENING.match(text)
    if opening is None:
        return None
    start = text.index("\n") + 1
    closing = _CLOSING.search(text, start)
    if closing is None:
        return None
    return text[start : closing.start()], text[closing.end() :]


def read_page(text: str) -> Page:
    """Take a text apart; BadFrontMatter when there is front matter and nothing can be made of it."""
    parts = split(text)
    if parts is None:
        opened = _OPENING.match(text) is not None
        return Page({}, text, unclosed=opened, late=not opened and _LATE_OPENING.match(text) is not None)
    head, body = parts
    if len(head) > LARGEST:
        raise BadFrontMatter("front-matter.too-large", f"The front matter is longer than {LARGEST} characters.", 1)
    body_line = text.count("\n", 0, len(text) - len(body)) + 1
    values = read_lines(head)
    if values is not None:
        return Page(values, body, body_line)
    head = _readable(head)
    try:
        return Page(read_strictly(head), body, body_line)
    except HostileYaml as error:
        raise _too_complex(error) from None
    except BadYaml as error:
        mended, mends = _mend(head, error)
        return Page(mended, body, body_line, mends)


def read_lines(head: str) -> dict[str, Value] | None:
    """The fast reader; None when any line is not of the plainest kind."""
    if first_illegal(head) >= 0:
        return None
    values: dict[str, Value] = {}
    position, line, end = 0, 2, len(head)
    while position < end:
        found = _LINE.match(head, position)
        if found is None:
            return None
        key, double, single, plain = found.groups()
        if plain is not None:
            values[key] = Scalar(plain.rstrip(" "), False, line)
        elif double is not None:
            values[key] = Scalar(double, True, line)
        else:
            values[key] = Scalar(single or "", single is not None, line)
        position = found.end()
        line += 1
    return values


def read_strictly(head: str) -> dict[str, Value]:
    """The reading by YAML; BadYaml when it is none, or no mapping."""
    metadata, _ = frontmatter.parse(f"---\n{head}---", handler=_HANDLER)
    return {key: _cleaned(cast(Value, value)) for key, value in metadata.items()}


class _TextHandler(BaseHandler):
    """python-frontmatter's YAML, with our loader: words instead of guessed types, and limits."""

    FM_BOUNDARY = re.compile(r"^---$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "---"

    def split(self, text: str) -> tuple[str, str]:
        return text.removeprefix("---\n").removesuffix("---"), ""

    def load(self, fm: str) -> dict[str, Value]:
        tree = read_yaml(fm, first_line=2)
        if tree is None or (isinstance(tree, Scalar) and tree.is_null):
            return {}
        if not isinstance(tree, dict):
            raise BadYaml("it holds no `key: value` lines", 2)
        return tree


_HANDLER = _TextHandler()


def _cleaned(value: Value) -> Value:
    """Escapes (`"\\a"`) can bring back what was removed from the text."""
    if isinstance(value, Scalar):
        return value._replace(text=clean(value.text))
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return {clean(key): _cleaned(item) for key, item in value.items()}


def _readable(head: str) -> str:
    """Without the characters that YAML refuses. NEL, if it is the only one, stays: YAML folds it like a newline."""
    return head if first_illegal(head) < 0 or set(ILLEGAL.findall(head)) == {"\x85"} else clean(head)


def _too_complex(error: HostileYaml) -> BadFrontMatter:
    return BadFrontMatter("front-matter.too-complex", f"The front matter is too complex: {error.message}.", error.line)


def _mend(head: str, cause: BadYaml) -> tuple[dict[str, Value], tuple[Mend, ...]]:
    """Read each key by itself, and those that YAML refuses as plain words."""
    values: dict[str, Value] = {}
    mends: list[Mend] = []
    indented = head[:1] in (" ", "\t")
    if indented:  # all of it, by a tab say
        indent = head[: len(head) - len(head.lstrip(" \t"))]
        head = re.sub(f"^{indent}", "", head, flags=re.MULTILINE)
    for line, block in _blocks(head):
        found = _KEY.match(block[0])
        if found is None:
            if block[0].strip():
                mends.append(Mend(line, "", "", "it is no `key: value` line and was left out"))
            continue
        key = found["key"]
        text = "\n".join((block[0].lstrip(), *block[1:])) + "\n"
        try:
            tree, reason = _read_block(text, line)
        except HostileYaml as error:
            raise _too_complex(error) from None
        except BadYaml as error:
            words = _words(found["rest"], block[1:], line)
            tree, reason = {key: _items(words) if key in _LISTS else words}, error.message
        if not isinstance(tree, dict) or key not in tree:
            continue
        values[key] = _cleaned(tree[key])
        if reason:
            mends.append(Mend(line, key, _as_yaml(key, values[key]), reason))
        elif indented and not mends:
            mends.append(Mend(line, key, block[0], cause.message))
    if not values:
        at = f"line {cause.line}: " if cause.line else ""
        message = f"The front matter cannot be read ({at}{cause.message})."
        raise BadFrontMatter("front-matter.invalid", message, cause.line)
    if not mends:  # each key is fine by itself: something between them is not
        mends.append(Mend(cause.line, "", "", cause.message))
    return values, tuple(mends)


def _blocks(head: str) -> list[tuple[int, list[str]]]:
    """Keys with the lines that belong to them: indented ones, list items, blank ones. Lines are counted from 2."""
    blocks: list[tuple[int, list[str]]] = []
    for number, line in enumerate(head.split("\n"), 2):
        if line.startswith("#"):
            continue
        belongs = not line.strip() or line[0] in " \t" or line.startswith("- ")
        if belongs and blocks and _KEY.match(blocks[-1][1][0]):
            blocks[-1][1].append(line)
        elif line.strip():
            blocks.append((number, [line]))
    return blocks


def _read_block(text: str, line: int) -> tuple[Value | None, str]:
    """One key, and why it had to be mended: "" when it had not. Raises BadYaml when that does not help."""
    try:
        return read_yaml(text, line), ""
    except HostileYaml:
        raise
    except BadYaml as error:
        joined = _HALVES.sub(_joined, text)
        if joined == text:
            raise
        return read_yaml(joined, line), error.message


def _joined(halves: re.Match[str]) -> str:
    return halves[1] + bytes.fromhex(halves[2] + halves[3]).decode("utf-16-be")


def _items(words: Value) -> Value:
    """A list in brackets, closed or not, from its words."""
    if not isinstance(words, Scalar) or words.quoted or words.text[:1] != "[":
        return words
    text = words.text[1:].removesuffix("]")
    items = (_unquoted(found[1], words.line) for found in _ITEM.finditer(text) if found[0])
    return [item for item in items if item.text]


def _words(first: str, more: list[str], line: int) -> Value:
    """What somebody meant who wrote this: the text between the outer quotes, or the items of the list below."""
    lines = [part.strip() for part in more if part.strip()]
    if not first.strip() and lines and all(part.startswith("- ") for part in lines):
        return [_unquoted(part[2:], line + 1 + index) for index, part in enumerate(lines)]
    return _unquoted(" ".join([first.strip(), *lines]), line)


def _unquoted(text: str, line: int) -> Scalar:
    text = text.strip()
    if text[:1] == '"':
        inner = text[1:-1] if len(text) > 1 and text[-1] == '"' else text[1:]
        return Scalar(inner.replace('\\"', '"'), True, line)
    if text[:1] == "'":
        inner = text[1:-1] if len(text) > 1 and text[-1] == "'" else text[1:]
        return Scalar(inner.replace("''", "'"), True, line)
    return Scalar(text, False, line)


def _as_yaml(key: str, value: Value) -> str:
    """The line that would have been right."""
    if isinstance(value, Scalar):
        return f"{key}: {quote(value.text)}"
    return f"{key}: [{', '.join(quote(item.text) for item in value if isinstance(item, Scalar))}]"


def quote(text: str) -> str:
    """Text as a YAML scalar that means exactly this text on one line."""
    return "'" + re.sub(r"\s+", " ", clean(text)).replace("'", "''") + "'"

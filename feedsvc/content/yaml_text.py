"""YAML read as text: every scalar keeps its words, its line and whether it was quoted; no type is guessed.

The tree is built from libyaml's events, one at a time, so that hostile input ends early instead of crashing or stalling
the process (100,000 open brackets, aliases that double at each step).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import yaml

from feedsvc.errors import FeedsvcError

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DEEPEST = 20
_LARGEST = 10_000  # nodes, aliases counted with all they stand for
_CORE = "tag:yaml.org,2002:"
_QUOTED = frozenset(("'", '"', "|", ">"))
_KNOWN_TAGS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map"))


class Scalar(NamedTuple):
    """text: as YAML reads it, folded and unescaped. quoted: in quotes, as a block or tagged !!str. line: 1-based."""

    text: str
    quoted: bool = False
    line: int = 0

    @property
    def is_null(self) -> bool:
        return not self.quoted and self.text in _NULLS

    @property
    def flag(self) -> bool | None:
        """What YAML 1.1 takes for a boolean; None for anything else."""
        return None if self.quoted else _FLAGS.get(self.text.lower())


Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_FLAGS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


class BadYaml(FeedsvcError):
    """Not YAML, or more of it than is good; line: 1-based, 0 when unknown."""

    code = "yaml.invalid"

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class HostileYaml(BadYaml):
    """Too deep or too large: not worth a repair."""

    code = "yaml.too-complex"


@dataclass(slots=True)
class _Open:
    """A collection being filled. size, depth: of the tree below it, with aliases expanded."""

    value: list[Value] | dict[str, Value]
    anchor: str | None
    size: int = 1
    depth: int = 1
    key: str | None = None
    merged: list[dict[str, Value]] = field(default_factory=list)


def read_yaml(text: str, first_line: int = 1) -> Value | None:
    """The first document's tree, None when there is none. Later of two equal keys wins, `<<` merges, as in Ruby.

    first_line: the line number of the text's first line, for what is inside a larger file. Raises BadYaml.
    """
    try:
        return _Builder(first_line).build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + first_line if mark else 0
        raise BadYaml(str(error.problem or error.context or "invalid YAML"), line) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise BadYaml(str(error).partition("\n")[0]) from None


class _Builder:
    def __init__(self, first_line: int) -> None:
        self.first_line = first_line
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Value, int, int]] = {}
        self.total = 0
        self.root: Value | None = None

    def build(self, text: str) -> Value | None:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + self.first_line if event.start_mark else 0
            if isinstance(event, yaml.ScalarEvent):
                if event.tag and event.tag != "!" and event.tag not in _KNOWN_TAGS:
                    raise BadYaml(f"the tag {event.tag} is not allowed", line)
                quoted = event.style in _QUOTED or event.tag in ("!", _CORE + "str")
                self._add(Scalar(event.value, quoted, line), 1, 0, line, event.anchor)
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in self.anchors:
                    raise BadYaml(f"*{event.anchor} stands for nothing", line)
                self._add(*self.anchors[event.anchor], line, None)
            elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
                if event.tag and event.tag != "!" and event.tag not in _KNOWN_TAGS:
                    raise BadYaml(f"the tag {event.tag} is not allowed", line)
                if len(self.stack) >= _DEEPEST:
                    raise HostileYaml(f"nested more than {_DEEPEST} levels deep", line)
                empty: list[Value] | dict[str, Value] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
                self.stack.append(_Open(empty, event.anchor))
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                done = self.stack.pop()
                if isinstance(done.value, dict):
                    for source in done.merged:
                        done.value = source | done.value
                self._add(done.value, done.size, done.depth, line, done.anchor)
            elif isinstance(event, yaml.DocumentEndEvent):
                break
        return self.root

    def _add(self, value: Value, size: int, depth: int, line: int, anchor: str | None) -> None:
        """Put a finished value where it belongs. size: its nodes; depth: 0 for a scalar."""
        self.total += size
        if self.total > _LARGEST * _DEEPEST or size > _LARGEST:
            raise HostileYaml(f"more than {_LARGEST} values", line)
        if depth + len(self.stack) > _DEEPEST:
            raise HostileYaml(f"nested more than {_DEEPEST} levels deep", line)
        if anchor:
            self.anchors[anchor] = (value, size, depth)
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1]
        parent.size += size
        parent.depth = max(parent.depth, depth + 1)
        if isinstance(parent.value, dict):
            if parent.key is None:
                if not isinstance(value, Scalar):
                    raise BadYaml("a list or mapping cannot be a key", line)
                parent.key = value.text
                return
            if parent.key == "<<" and not isinstance(value, Scalar):
                sources = [value] if isinstance(value, dict) else value
                parent.merged += [source for source in sources if isinstance(source, dict)]
            else:
                parent.value[parent.key] = value
            parent.key = None
        else:
            parent.value.append(value)


def line_of(value: Value) -> int:
    """The line a value starts on, 0 for an empty collection."""
    while not isinstance(value, Scalar):
        if not value:
            return 0
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
    return value.line

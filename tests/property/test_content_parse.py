"""Whatever the bytes: an answer, quickly, and nothing in it that a feed cannot carry."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc.content.draft import ContentFile, Severity, Tier
from feedsvc.content.encoding import ILLEGAL, clean, first_illegal
from feedsvc.content.file_name import name_in, parse_name
from feedsvc.content.parse import Parsed, ParseRules, parse

RULES = ParseRules()
SPECIALS = st.sampled_from((
    "---\n", "...\n", "title: ", "date: ", "categories: ", "published: ", "tags: [", "a: &x ", "*x", "<<: ", "- ",
    "{", "}", '"', "'", ": ", "\n", "\t", "\r\n", "\x00", "\x85", "\\u", "2021-12-23", " +0800", "25:61", "!!str",
    "| \n", "{% raw %}", "\ufffe", "中文", "😀", "image: ", "enclosures: ", "author: ", "feed: ", "excerpt_only: true",
))  # fmt: skip
PAGES = st.lists(st.one_of(SPECIALS, st.text(max_size=5)), max_size=25).map(lambda parts: "---\n" + "".join(parts))


def read(data: bytes, path: str = "_posts/2021-12-23-x.md", mtime_ns: int = 0) -> Parsed:
    name = parse_name(path, jekyll=True)
    assert name is not None
    return parse(ContentFile(f"root/{path}", name, Tier.LIVE, data, mtime_ns), RULES)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from strings(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from strings([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def check(parsed: Parsed) -> None:
    errors = [problem for problem in parsed.problems if problem.severity is Severity.ERROR]
    if parsed.draft is None:
        assert parsed.hidden or errors
    else:
        assert not parsed.hidden
        assert not errors
        assert parsed.draft.date is not None
        assert parsed.draft.date.utcoffset() is not None
        assert not any(ILLEGAL.search(text) for text in strings(parsed.draft)), "contract F03"
        assert "" not in parsed.draft.categories
    assert pickle.loads(pickle.dumps(parsed)) == parsed


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.integers(-(2**62), 2**62))
@example(b"\xff\xfe---", 0)
@example(b"---\ntitle: \xb9\xe3\n---\n", 0)
def test_any_bytes(data: bytes, mtime_ns: int) -> None:
    check(read(data, mtime_ns=mtime_ns))


@settings(deadline=None, max_examples=500)
@given(PAGES)
@example("---\na: &a [x]\nb: &b [*a]\ntitle: *b\n---\n")
def test_any_front_matter(text: str) -> None:
    check(read(text.encode("utf-8", "surrogatepass")))
    closed = text + "\n---\nbody"
    check(read(closed.encode("utf-8", "surrogatepass")))


@given(st.text())
@example("a\x01b\x85c")
@example("\ufdd0\U0001fffe\U0010ffff\U00040000\U0002a6d6\r")
def test_cleaning_removes_exactly_what_is_illegal(text: str) -> None:
    """Contract F03."""
    assert (first_illegal(text) >= 0) == (ILLEGAL.search(text) is not None)
    cleaned = clean(text)
    assert ILLEGAL.search(cleaned) is None
    assert clean(cleaned) is cleaned
    assert [char for char in cleaned if char != " "] == [c for c in text if c != " " and not ILLEGAL.search(c)]


@given(st.text(st.sampled_from(list("ab-_.~#/2019")), min_size=1, max_size=40), st.booleans())
def test_any_path(path: str, jekyll: bool) -> None:
    if "" in path.split("/"):
        return
    name = parse_name(path, jekyll)
    if name is not None:
        assert name.path == path
        assert not any(part.startswith((".", "#", "~")) for part in path.split("/"))


@given(st.from_regex(r"[0-9]{2,4}-[0-9]{1,2}-[0-9]{1,2}-[a-z.]{0,5}\.md", fullmatch=True))
def test_any_dated_name(name: str) -> None:
    found = name_in(name, (), name, "_posts")
    assert found is not None
    assert name.endswith(f"-{found.slug}{found.ext}")

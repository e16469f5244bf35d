"""No file may crash or stall the process: each of these is refused within a fraction of a second."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from feedsvc.content.draft import ContentFile, Severity, Tier
from feedsvc.content.file_name import parse_name
from feedsvc.content.parse import Parsed, ParseRules, parse
from feedsvc.content.yaml_text import HostileYaml, read_yaml

DOUBLING = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + step)}: &{chr(98 + step)} [{', '.join(['*' + chr(97 + step)] * 9)}]\n" for step in range(12)
)
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{step}: &a{step} [*a{step - 1}]\n" for step in range(1, 2000))
MERGES = "a: &a {k: v}\n" + "".join(
    f"{chr(98 + step)}: &{chr(98 + step)} {{<<: [{', '.join(['*' + chr(97 + step)] * 20)}]}}\n" for step in range(12)
)
HOSTILE = {
    "brackets": "title: " + "[" * 30_000,
    "braces": "title: " + "{a: " * 15_000,
    "dashes": "- " * 30_000,
    "doubling aliases": DOUBLING,
    "a chain of aliases": CHAIN,
    "merge bomb": MERGES,
    "questions": "? " * 30_000,
    "many keys": "".join(f"k{number}: [1, 2, 3]\n" for number in range(4_000)),
    "broken lines": "".join(f'k{number}: "a"b"\n' for number in range(4_000)),
    "long line": "title: " + "a: " * 20_000,
    "colons": "title: " + "a:" * 20_000 + "\t",
    "hashes": "title: " + "a#" * 20_000 + "\t",
    "quotes": 'title: "' + '\\"' * 30_000,
    "anchors": "".join(f"k{number}: &a{number} x\n" for number in range(4_000)),
}


def read(data: bytes) -> Parsed:
    name = parse_name("_posts/2021-12-23-x.md", jekyll=True)
    assert name is not None
    return parse(ContentFile("root/x", name, Tier.LIVE, data, 0), ParseRules())


@pytest.mark.parametrize("head", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_front_matter_ends_fast(head: str) -> None:
    start = time.process_time()
    result = read(f"---\n{head}\n---\nBody".encode())
    assert time.process_time() - start < 2
    assert result.draft is not None or any(problem.severity is Severity.ERROR for problem in result.problems)


@pytest.mark.parametrize(
    "name", ["brackets", "braces", "dashes", "doubling aliases", "a chain of aliases", "merge bomb"]
)
def test_bombs_are_refused_not_defused(name: str) -> None:
    with pytest.raises(HostileYaml):
        read_yaml(HOSTILE[name])
    (problem,) = read(f"---\n{HOSTILE[name]}\n---\nBody".encode()).problems
    assert (problem.code, problem.severity) == ("front-matter.too-complex", Severity.ERROR)
    assert problem.line >= 2


def test_a_hundred_thousand_brackets_do_not_kill_the_process() -> None:
    """In a process of its own: PyYAML's composer dies of it with a segmentation fault."""
    code = """
from feedsvc.content.yaml_text import HostileYaml, read_yaml
try:
    read_yaml("[" * 100_000)
except HostileYaml:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "refused\n")


def test_front_matter_of_unreasonable_size_is_not_even_read() -> None:
    (problem,) = read(b"---\n" + b"a: [1]\n" * 20_000 + b"---\n").problems
    assert problem.code == "front-matter.too-large"


def test_a_large_body_without_a_closing_line_is_no_trouble() -> None:
    start = time.process_time()
    result = read(b"---\ntitle: x\n" + b"-- ... {{ \n" * 180_000)
    assert time.process_time() - start < 2
    assert result.draft is not None
    assert [problem.code for problem in result.problems] == ["front-matter.unclosed", "liquid.not-run"]

"""Every rule of the contract that is promised by now has a test that cites it in its name or its docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CONTRACT = TESTS.parents[1] / "shared" / "contract.md"  # beside the checkout, where there is one
SECTIONS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "14", "15", "17")

# section -> its rules
RULES = {
    "1": "F01 F02 F03 F04 F05 F06 F07 F08 F09 F10 F11 F12",
    "2": "RS01 RS02 RS03 RS04 RS05 RS06 RS07 RS08 RS09 RS10 RS11 RS12 RS13 RS14 RS15 RS16 RS17 RS18 RS19"
    " RS20 RS21 RS22",
    "3": "AT01 AT02 AT03 AT04 AT05 AT06 AT07 AT08 AT09 AT10",
    "4": "JF01 JF02 JF03 JF04 JF05 JF06",
    "5": "OP01 OP02 OP03",
    "6": "HC01 HC02 HC03 HC04 HC05 HC06",
    "7": "ID01 ID02 ID03 ID04 ID05 ID06 ID07",
    "8": "H01 H02 H03 H04 H05 H06 H07 H08 H09 H10 H11 H12 H13 H14 H15 H16 H17 H18 H19 H20 H21 H22 H23 H24 H25 H26 H27"
    " H28 H29 H30 H31 H32 H33 H34 H35 H36 H37 H38 H39 H40 H41 H42 H43 H44 H45 H46 H47 H48 H49 H50 H51 H52 H53 H54 H55",
    "9": "M01 M02 M03 M04 M05 M06 M07 M08",
    "10": "P01 P02 P03 P04 P05 P06 D01 D02 D06",
    "11": "L01 L02 L03 L04 L05",
    "14": "V01 V02 V03 V04 V05 V06 V07 V08",
    "15": "S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14 S15 S16",
    "17": "E01 E02 E03 E04 E05 E06 E07 E08",
}

# Rules that no test here can hold, each with the reason.
EXCEPTIONS = {
    "E06": "FreshRSS needs PHP and its own sources; it is driven by hand before a release",
}

_RULE = re.compile(r"(?<![A-Za-z0-9])(?:F|RS|AT|JF|OP|HC|ID|H|M|P|D|L|V|S|E)\d\d(?![A-Za-z0-9])", re.IGNORECASE)
_ROW = re.compile(r"\| ([A-Z]+\d\d) \|")
_HEADING = re.compile(r"## (\w+)")


def promised() -> set[str]:
    return {rule for rules in RULES.values() for rule in rules.split()}


def cited_in(source: str) -> set[str]:
    """The rules that the test functions of a module name, in their names or docstrings; ranges do not count."""
    return {rule.upper() for text in _names_and_docstrings(source) for rule in _RULE.findall(text.replace("_", " "))}


def _names_and_docstrings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name
            yield re.sub(r"\w+-[A-Z]+\d\d", "", ast.get_docstring(node) or "")


def test_every_rule_is_cited_by_a_test() -> None:
    cited = {rule for path in TESTS.rglob("test_*.py") for rule in cited_in(path.read_text("utf-8"))}
    missing = sorted(promised() - cited - EXCEPTIONS.keys())
    assert not missing, f"no test cites {', '.join(missing)}"
    assert not EXCEPTIONS.keys() & cited, "these are tested now and no longer exceptions"


def test_exceptions_are_rules_with_a_reason() -> None:
    assert EXCEPTIONS.keys() <= promised() and all(EXCEPTIONS.values())


def test_the_list_is_the_contracts() -> None:
    if not CONTRACT.exists():
        pytest.skip("the contract is not beside this checkout")
    section, found = "", dict[str, list[str]]()
    for line in CONTRACT.read_text("utf-8").splitlines():
        if heading := _HEADING.match(line):
            section = heading[1]
        elif (row := _ROW.match(line)) and section in SECTIONS:
            found.setdefault(section, []).append(row[1])
    assert found == {section: rules.split() for section, rules in RULES.items()}


def test_what_counts_as_citing() -> None:
    source = '''
def test_rs04_and_at05_signs() -> None:
    """Contract F05; H06-H12 as a range names no rule. XH07 and H080 are none. h09 is."""
    # H10 in a comment does not count

def helper() -> None:
    """H11"""
'''
    assert cited_in(source) == {"RS04", "AT05", "F05", "H09"}

"""Elements of the trees that feedgen and the list of feeds are written from."""

from __future__ import annotations

import re

from lxml import etree

_MARKUP = re.compile("([&<>])")
_NUMERIC = {"&": "#x26", "<": "#x3C", ">": "#x3E"}


def text(parent: etree._Element, tag: str, value: str) -> etree._Element:
    """A new element with this text."""
    node = etree.SubElement(parent, tag)
    node.text = value
    return node


def numeric(node: etree._Element) -> None:
    """Write &, < and > in this plain-text element as numbers (RS04).

    So the validator can tell text from markup, in Atom too: without it "S&P500" draws ContainsUndeclaredHTML.
    """
    head, *rest = _MARKUP.split(node.text or "")
    if not rest:
        return
    node.text = head
    for sign, tail in zip(rest[::2], rest[1::2], strict=True):
        reference = etree.Entity(_NUMERIC[sign])
        reference.tail = tail
        node.append(reference)

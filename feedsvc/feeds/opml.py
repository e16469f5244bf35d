"""OPML 2.0: a list of feeds to subscribe to at once (contract OP01, OP02; https://opml.org/spec2.opml)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from lxml import etree

from feedsvc.feeds.dates import rfc822
from feedsvc.feeds.formats.elements import text
from feedsvc.feeds.legal import legal_line

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'  # contract F02
_MARKUP = re.compile("<|&[^ &]")


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed. path: as Feed.path, without suffix, percent-encoded. home_url: absolute. language: "" when not said."""

    title: str
    path: str
    home_url: str
    language: str = ""


def opml(
    title: str,
    outlines: Iterable[Outline],
    changed: datetime,
    public_base: str,
    suffix: str = ".rss",
) -> bytes:
    """The document, with the outlines in their order.

    changed: when the list became what it is. public_base: without trailing slash. suffix: the format to import.
    ValueError without an outline: the format wants one, an empty site has its own feed to offer.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    text(head, "title", _shown(title))
    text(head, "dateModified", rfc822(changed))
    body = etree.SubElement(root, "body")
    version = {"version": "RSS2"} if suffix == ".rss" else {}  # the format has no names for the others
    for outline in outlines:
        name, language = _shown(outline.title), legal_line(outline.language)
        attributes = {"text": name, "title": name, "type": "rss", **version}
        attributes |= {"xmlUrl": public_base + outline.path + suffix, "htmlUrl": outline.home_url}
        etree.SubElement(body, "outline", attributes | ({"language": language} if language else {}))
    if not len(body):
        raise ValueError("an OPML document needs at least one outline")
    return _DECLARATION + etree.tostring(root, pretty_print=True, encoding="utf-8", xml_declaration=False)


def _shown(name: str) -> str:
    """As the format has it: HTML. Most readers take it for plain text, so what is the same in both stays as it is."""
    name = legal_line(name)
    return escape(name, quote=False) if _MARKUP.search(name) else name

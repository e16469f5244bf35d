"""RSS items and Atom entries, element by element; feedgen puts them into the feed it makes.

feedgen's own FeedEntry checks and copies every field several times over, which took two thirds of the time of a large
build. Only this part of it is bypassed. The elements stand in the order in which it would have written them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from feedgen.entry import FeedEntry
from lxml import etree

from feedsvc.articles.person import person
from feedsvc.feeds.dates import rfc822, rfc3339
from feedsvc.feeds.feed import Entry, Source
from feedsvc.feeds.legal import is_legal, xml_text

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"

_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CONTENT = f"{{{MEDIA}}}content"
_CREATOR = f"{{{DC}}}creator"
_UPDATED = f"{{{ATOM}}}updated"
_THUMBNAIL = f"{{{MEDIA}}}thumbnail"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_IN_A_DOMAIN = re.compile(r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d+)?/")  # the validator wants it so
_MARKUP = re.compile("([&<>])")
_END_TAG = re.compile(r"</\w+>")
_NUMERIC = {"&": "#x26", "<": "#x3C", ">": "#x3E"}
_BODY = b"&body;"  # stands for an article's text until all is written; as text it would be "&amp;body;"

_node = etree.SubElement


class _Written(FeedEntry):  # type: ignore[misc]
    """language: the feed's, which entries need not repeat."""

    def __init__(self, entry: Entry, language: str) -> None:  # feedgen's own fields stay unset: nothing reads them
        self._entry, self._language = entry, language

    def register_extension(self, *_: object) -> None:
        """Extensions of the feed are none of the entry."""


class Item(_Written):
    """An RSS item."""

    def rss_entry(self, extensions: bool = True) -> etree._Element:
        entry, item = self._entry, etree.Element("item")
        plain(item, "title", entry.title)
        text(item, "link", entry.link)
        if entry.summary:
            text(item, "description", escape(entry.summary, quote=False))  # an item's description is HTML
        if entry.content_html:  # without a summary it is the description (RS17)
            _body(_node(item, _ENCODED if entry.summary else "description"))
        text(item, "guid", entry.id).set("isPermaLink", "false")  # ID02
        for name in entry.categories:
            plain(item, "category", name)
        if entry.enclosures:  # RS20: one at most
            file = entry.enclosures[0]
            _node(item, "enclosure", url=file.url, length=str(max(file.length or 0, 0)), type=file.media_type)
        elif entry.image_type and _IN_A_DOMAIN.match(entry.image):
            length = str(max(entry.image_length or 0, 0))
            _node(item, "enclosure", url=entry.image, length=length, type=entry.image_type)
        people = [person(author) for author in entry.authors]
        if len(people) == 1 and people[0].email:
            plain(item, "author", people[0].rss)
        else:  # never both kinds (RS18)
            for one in people:
                plain(item, _CREATOR, one.name)
        text(item, "pubDate", rfc822(entry.published))
        if entry.edited:
            text(item, _UPDATED, rfc3339(entry.updated))  # RS21
        if entry.source and entry.source.url:
            plain(item, "source", entry.source.title).set("url", entry.source.url)
        if entry.image and "[" not in entry.image:  # hosts that are IPv6 addresses are none to the validator
            _picture(item, entry)
        if entry.language and entry.language != self._language:
            item.set(_XML_LANG, entry.language)
        return item


class AtomEntry(_Written):
    """An Atom entry."""

    def atom_entry(self, extensions: bool = True) -> etree._Element:
        entry, node = self._entry, etree.Element("entry")
        text(node, "id", entry.id)
        plain(node, "title", entry.title)
        text(node, "updated", rfc3339(entry.updated))
        for one in map(person, entry.authors):
            author = _node(node, "author")
            plain(author, "name", one.name)
            if one.email:
                text(author, "email", one.email)
        if entry.content_html:
            _body(_node(node, "content", type="html"))
        _node(node, "link", href=entry.link, rel="alternate", type="text/html")  # AT03
        if _END_TAG.search(entry.summary):  # plain, readers take it for markup
            plain(node, "summary", escape(entry.summary, quote=False)).set("type", "html")
        elif entry.summary:
            plain(node, "summary", entry.summary)
        for name in entry.categories:
            _node(node, "category", term=name)
        text(node, "published", rfc3339(entry.published))
        for file in entry.enclosures:  # AT08: all of them
            link = _node(node, "link", rel="enclosure", type=file.media_type, href=file.url)
            if file.length is not None and file.length >= 0:
                link.set("length", str(file.length))
        if entry.image_type and entry.image and all(file.url != entry.image for file in entry.enclosures):
            link = _node(node, "link", rel="enclosure", type=entry.image_type, href=entry.image)
            if entry.image_length:
                link.set("length", str(entry.image_length))
        if entry.source:
            _source(node, entry.source)
        if entry.language and entry.language != self._language:
            node.set(_XML_LANG, entry.language)
        return node


def _picture(item: etree._Element, entry: Entry) -> None:
    """The picture by both names of Media RSS: some readers know only `thumbnail`, others only `content` (RS21)."""
    content = _node(item, _CONTENT, url=entry.image, medium="image")
    if entry.image_type:
        content.set("type", entry.image_type)
    if entry.image_length:  # the validator takes 0 for a fault
        content.set("fileSize", str(entry.image_length))
    _node(item, _THUMBNAIL, url=entry.image)


def _source(entry: etree._Element, source: Source) -> None:
    """The feed that an entry was taken from (RFC 4287 section 4.2.11, contract AT10)."""
    node = _node(entry, "source")
    text(node, "id", source.id)
    plain(node, "title", source.title)
    text(node, "updated", rfc3339(source.updated))
    if source.url:
        _node(node, "link", href=source.url, rel="self")


def text(parent: etree._Element, tag: str, value: str) -> etree._Element:
    """A new element with this text."""
    node = _node(parent, tag)
    node.text = value
    return node


def plain(parent: etree._Element, tag: str, value: str) -> etree._Element:
    """A new element for text that is never markup."""
    node = text(parent, tag, value)
    if _MARKUP.search(value):
        numeric(node)
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


def written(tree: etree._ElementTree, entries: Iterable[Entry]) -> bytes:
    """The document without declaration, with the text of each of the entries in its place."""
    parts = etree.tostring(tree, pretty_print=True, encoding="utf-8", xml_declaration=False).split(_BODY)
    bodies = [_escaped(entry) for entry in entries if entry.content_html]
    joined = [parts[0]]
    for body, part in zip(bodies, parts[1:], strict=True):
        joined += (body, part)
    return b"".join(joined)


def _body(node: etree._Element) -> None:
    """The article's text goes here when all is written: through the tree it would be copied and checked twice over."""
    node.append(etree.Entity("body"))


def _escaped(entry: Entry) -> bytes:
    """The HTML as the text of an XML element. ValueError, as lxml's, for characters that XML cannot carry."""
    if entry.xml_text is not None:
        return entry.xml_text
    if not is_legal(entry.content_html):
        raise ValueError("a character that XML cannot carry")
    return xml_text(entry.content_html)

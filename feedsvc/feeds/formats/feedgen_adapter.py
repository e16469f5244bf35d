"""RSS and Atom through feedgen, and the only place that knows its traps.

feedgen 1.0 is unmaintained; what it gets wrong is put right here, on the elements it made:
- it fills in the current time (`updated`, `lastBuildDate`) and its own name: all of it is set or taken away (F06);
- it puts new entries first: `order="append"`;
- it formats RSS dates by switching the locale of the whole process, twice a date: ours are added instead (RS06);
- its Atom entry links lose rel, type and length: set again (AT03, AT08);
- its RSS `link` is whichever link came last: the page for people is added last;
- in RSS it drops every channel link but `self`, and authors without a mail address: added (P01, L03, RS18);
- it declares namespaces that nothing uses: removed (RS01);
- one control character raises and the whole feed is lost: the feed is cleaned and written again (F03, F12).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from feedsvc.feeds.dates import rfc822, rfc3339
from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.legal import legal_feed
from feedsvc.feeds.person import Person, person

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'

_MARKUP = re.compile("([&<>])")
_END_TAG = re.compile(r"</\w+>")
_NUMERIC = {"&": "#x26", "<": "#x3C", ">": "#x3E"}


def rss_bytes(feed: Feed, address: str, media_type: str) -> bytes:
    """An RSS 2.0 document (contract section 2). address: its own. media_type: without parameters."""
    return _robust(lambda feed: _rss(feed, address, media_type), feed)


def atom_bytes(feed: Feed, address: str, media_type: str) -> bytes:
    """An Atom 1.0 document (RFC 4287, contract section 3). address: its own. media_type: without parameters."""
    return _robust(lambda feed: _atom(feed, address, media_type), feed)


def _robust(write: Callable[[Feed], bytes], feed: Feed) -> bytes:
    try:
        return write(feed)
    except ValueError:  # lxml met an illegal character: this feed did not come from build_feed
        return write(legal_feed(feed))


# RSS


def _rss(feed: Feed, address: str, media_type: str) -> bytes:
    generator = FeedGenerator()
    generator._FeedGenerator__rss_lastBuildDate = None  # now; there is no public way to take it away
    generator.title(feed.title)
    generator.description(feed.description or feed.title)
    generator.link(href=address, rel="self", type=media_type)
    generator.link(href=feed.home_url, rel="alternate")
    generator.language(feed.language)
    generator.generator(f"feedsvc {feed.generator_version}".strip())
    if feed.ttl_seconds >= 60:
        generator.ttl(-(-feed.ttl_seconds // 60))  # rounded up (RS08)
    if feed.author and feed.author_email:
        generator.managingEditor(Person(feed.author, feed.author_email).rss)
    if feed.image.lower().endswith((".png", ".jpg", ".jpeg", ".gif")):  # RS11
        generator.image(url=feed.image, title=feed.title, link=feed.home_url)
    generator.register_extension("channel", lambda: _Channel(feed, address, media_type), atom=False)
    for entry in feed.entries:
        generator.add_entry(_Item(entry), order="append")
    root, tree = generator._create_rss()
    etree.cleanup_namespaces(root)  # leaves the prefixes that are used (RS01)
    return _serialized(tree)


class _Channel(BaseExtension):  # type: ignore[misc]
    """What feedgen cannot say about a channel; it calls this before it adds the items (RS14)."""

    def __init__(self, feed: Feed, address: str, media_type: str) -> None:
        self.feed, self.address, self.media_type = feed, address, media_type

    def extend_ns(self) -> dict[str, str]:
        return {"dc": _DC, "media": _MEDIA}

    def extend_rss(self, root: etree._Element) -> etree._Element:
        channel, feed = root[0], self.feed
        for name in ("title", "description", "managingEditor", "image/title"):
            if (node := channel.find(name)) is not None:
                _numeric(node)
        if feed.newest:
            _text(channel, "pubDate", rfc822(feed.newest))  # RS07
        _text(channel, "lastBuildDate", rfc822(feed.updated))
        if feed.hub_url:
            etree.SubElement(channel, f"{{{_ATOM}}}link", rel="hub", href=feed.hub_url)
        if feed.next_page:
            href = self.address + feed.next_page
            etree.SubElement(channel, f"{{{_ATOM}}}link", rel="next", type=self.media_type, href=href)
        return root


class _Item(FeedEntry):  # type: ignore[misc]
    """An RSS item."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry
        self.title(entry.title)
        self.link(href=entry.link)
        self.guid(entry.id, permalink=False)  # ID02
        if entry.summary:
            self.description(escape(entry.summary, quote=False))  # an item's description is HTML
        if entry.content_html:
            self.content(entry.content_html)  # without a summary feedgen makes it the description (RS17)
        if entry.categories:
            self.category([{"term": name} for name in entry.categories])
        if entry.enclosures:
            first = entry.enclosures[0]  # RS20: one at most
            self.enclosure(first.url, max(first.length or 0, 0), first.media_type)

    def rss_entry(self, extensions: bool = True) -> etree._Element:
        item: etree._Element = super().rss_entry(extensions=False)
        entry = self.entry
        if _MARKUP.search(entry.title):
            _numeric(item[0])
        if any(map(_MARKUP.search, entry.categories)):
            for node in item.iterchildren("category"):
                _numeric(node)
        people = [person(author) for author in entry.authors]
        if len(people) == 1 and people[0].email:
            _numeric(_text(item, "author", people[0].rss))
        else:  # never both kinds (RS18)
            for one in people:
                _numeric(_text(item, f"{{{_DC}}}creator", one.name))
        _text(item, "pubDate", rfc822(entry.published))
        if entry.edited:
            _text(item, f"{{{_ATOM}}}updated", rfc3339(entry.updated))  # RS21
        if entry.image:
            etree.SubElement(item, f"{{{_MEDIA}}}thumbnail", url=entry.image)
        return item


# Atom


def _atom(feed: Feed, address: str, media_type: str) -> bytes:
    generator = FeedGenerator()
    generator.id(feed.id)
    generator.title(feed.title)
    generator.subtitle(feed.description)
    generator.updated(feed.updated)
    generator.language(feed.language)
    generator.generator("feedsvc", version=feed.generator_version or None)
    generator.author(_atom_person(Person(feed.author or feed.title, feed.author_email)))
    generator.link(href=address, rel="self", type=media_type)
    generator.link(href=feed.home_url, rel="alternate", type="text/html")
    if feed.hub_url:
        generator.link(href=feed.hub_url, rel="hub")
    if feed.next_page:
        generator.link(href=address + feed.next_page, rel="next", type=media_type)
    if feed.image:
        generator.logo(feed.image)
    for entry in feed.entries:
        generator.add_entry(_AtomEntry(entry, feed.language), order="append")
    root, tree = generator._create_atom()
    root.find("updated").text = rfc3339(feed.updated)
    for name in ("title", "subtitle", "author/name"):
        if (node := root.find(name)) is not None:
            _numeric(node)
    return _serialized(tree)


class _AtomEntry(FeedEntry):  # type: ignore[misc]
    """An Atom entry."""

    def __init__(self, entry: Entry, feed_language: str) -> None:
        super().__init__()
        self.entry, self.feed_language = entry, feed_language
        self.id(entry.id)
        self.title(entry.title)
        self.updated(entry.updated)
        self.published(entry.published)
        self.link(href=entry.link)
        if _END_TAG.search(entry.summary):
            self.summary(escape(entry.summary, quote=False), type="html")  # plain, readers take it for markup
        elif entry.summary:
            self.summary(entry.summary)
        if entry.content_html:
            self.content(entry.content_html, type="html")
        if entry.categories:
            self.category([{"term": name} for name in entry.categories])
        if entry.authors:
            self.author([_atom_person(person(author)) for author in entry.authors])

    def atom_entry(self, extensions: bool = True) -> etree._Element:
        node: etree._Element = super().atom_entry(extensions=False)
        entry = self.entry
        for child in node:
            if child.tag == "link":
                child.set("rel", "alternate")
                child.set("type", "text/html")
            elif child.tag in ("title", "summary"):
                _numeric(child)
            elif child.tag == "author":
                _numeric(child[0])
            elif child.tag == "updated":
                child.text = rfc3339(entry.updated)
            elif child.tag == "published":
                child.text = rfc3339(entry.published)
        for file in entry.enclosures:  # AT08: all of them
            link = etree.SubElement(node, "link", rel="enclosure", type=file.media_type, href=file.url)
            if file.length is not None and file.length >= 0:
                link.set("length", str(file.length))
        if entry.language and entry.language != self.feed_language:
            node.set(_XML_LANG, entry.language)
        return node


def _atom_person(one: Person) -> dict[str, str]:
    return {"name": one.name, "email": one.email} if one.email else {"name": one.name}


# XML


def _text(parent: etree._Element, tag: str, text: str) -> etree._Element:
    node = etree.SubElement(parent, tag)
    node.text = text
    return node


def _numeric(node: etree._Element) -> None:
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


def _serialized(tree: etree._ElementTree) -> bytes:
    """With the declaration of contract F02; feedgen's own has single quotes and capitals."""
    return _DECLARATION + etree.tostring(tree, pretty_print=True, encoding="utf-8", xml_declaration=False)

"""RSS and Atom through feedgen, and the only place that knows its traps.

feedgen 1.0 is unmaintained; what it gets wrong is put right here, on the elements it made:
- it fills in the current time (`updated`, `lastBuildDate`) and its own name: all of it is set or taken away (F06);
- it formats RSS dates by switching the locale of the whole process, twice a date: ours are added instead (RS06);
- its Atom entry links lose rel, type and length, new entries come first: xml_entries.py writes them (AT03, AT08);
- its RSS `link` is whichever link came last: the page for people is added last;
- in RSS it drops every channel link but `self`, and authors without a mail address: added (P01, L03, RS18);
- it declares namespaces that nothing uses: removed (RS01);
- one control character raises and the whole feed is lost: the feed is cleaned and written again (F03, F12).
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from feedsvc.articles.person import Person
from feedsvc.feeds.dates import rfc822, rfc3339
from feedsvc.feeds.feed import Feed
from feedsvc.feeds.formats.elements import numeric, text
from feedsvc.feeds.formats.xml_entries import Place, atom_entry, markup, rss_item, written
from feedsvc.feeds.legal import legal_feed

# As contract F02 has it; feedgen's own has single quotes and capitals.
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
_SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"  # RFC 6721


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


def _opening(feed: Feed) -> bytes:
    """What stands before the root: the declaration, and the style sheet in the mode that has one (F02, V08)."""
    if not feed.stylesheet:
        return _DECLARATION
    return _DECLARATION + f'<?xml-stylesheet type="text/css" href="{escape(feed.stylesheet)}"?>\n'.encode()


def _history(feed: Feed) -> str:
    """The element of RFC 5005 that a feed has: `complete` (P05), `archive` (P04), or "".

    An archive without neighbours does not say so: the validator takes it for one that lost them (ArchiveIncomplete).
    """
    if feed.complete:
        return "complete"
    return "archive" if feed.archive and any(link.rel.endswith("-archive") for link in feed.links) else ""


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
    items = markup(feed.entries, feed.language, rss_item)
    if items:
        generator.add_entry(Place())
    root, tree = generator._create_rss()
    in_items = [prefix for prefix in ("atom", "content", "dc", "media") if f"<{prefix}:" in items]
    etree.cleanup_namespaces(root, keep_ns_prefixes=in_items)  # leaves the prefixes that are used (RS01)
    return _opening(feed) + written(tree, feed.entries, items)


class _Channel(BaseExtension):  # type: ignore[misc]
    """What feedgen cannot say about a channel; it calls this before it adds the items (RS14)."""

    def __init__(self, feed: Feed, address: str, media_type: str) -> None:
        self.feed, self.address, self.media_type = feed, address, media_type

    def extend_ns(self) -> dict[str, str]:
        return {"dc": _DC, "fh": _HISTORY, "media": _MEDIA, "sy": _SYNDICATION}

    def extend_rss(self, root: etree._Element) -> etree._Element:
        channel, feed = root[0], self.feed
        for name in ("title", "description", "managingEditor", "image/title"):
            if (node := channel.find(name)) is not None:
                numeric(node)
        if feed.newest:
            text(channel, "pubDate", rfc822(feed.newest))  # RS07
        text(channel, "lastBuildDate", rfc822(feed.updated))
        _schedule(channel, feed)
        if feed.hub_url:
            etree.SubElement(channel, f"{{{_ATOM}}}link", rel="hub", href=feed.hub_url)
        for link in feed.links:
            href = feed.link_to(link, ".rss")
            etree.SubElement(channel, f"{{{_ATOM}}}link", rel=link.rel, type=self.media_type, href=href)
        if name := _history(feed):
            etree.SubElement(channel, f"{{{_HISTORY}}}{name}")
        return root


def _schedule(channel: etree._Element, feed: Feed) -> None:
    """When readers need not look (RS09), and how often something new comes (RS10)."""
    for name, part, values in (("skipHours", "hour", feed.skip_hours), ("skipDays", "day", feed.skip_days)):
        if values:
            node = etree.SubElement(channel, name)
            for value in values:
                text(node, part, str(value))
    if feed.update_period:
        text(channel, f"{{{_SYNDICATION}}}updatePeriod", feed.update_period)
        text(channel, f"{{{_SYNDICATION}}}updateFrequency", str(feed.update_frequency))


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
    for link in feed.links:
        generator.link(href=feed.link_to(link, ".atom"), rel=link.rel, type=media_type)
    if feed.image:
        generator.logo(feed.image)
    if name := _history(feed):
        generator.register_extension("history", lambda: _History(name), rss=False)
    entries = markup(feed.entries, feed.language, atom_entry)
    if entries:
        generator.add_entry(Place())
    root, tree = generator._create_atom()
    root.find("updated").text = rfc3339(feed.updated)
    for path in ("title", "subtitle", "author/name"):
        if (node := root.find(path)) is not None:
            numeric(node)
    for gone in feed.deleted:  # the namespace on these elements only (contract D06)
        tag, names = f"{{{_TOMBSTONES}}}deleted-entry", {"at": _TOMBSTONES}
        etree.SubElement(root, tag, {"ref": gone.id, "when": rfc3339(gone.when)}, names)
    return _opening(feed) + written(tree, feed.entries, entries)


class _History(BaseExtension):  # type: ignore[misc]
    """The element of RFC 5005 in Atom, before the first entry (AT04)."""

    def __init__(self, name: str) -> None:
        self.name = name

    def extend_ns(self) -> dict[str, str]:
        return {"fh": _HISTORY}

    def extend_atom(self, root: etree._Element) -> etree._Element:
        etree.SubElement(root, f"{{{_HISTORY}}}{self.name}")
        return root


def _atom_person(one: Person) -> dict[str, str]:
    return {"name": one.name, "email": one.email} if one.email else {"name": one.name}

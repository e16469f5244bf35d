"""RSS items and Atom entries, written as text; feedgen leaves a place for them in the feed it makes.

feedgen's own FeedEntry checks and copies every field several times over, and a tree of elements takes four times as
long to build as the text that comes of it: each was two thirds of the time of a large build. Only this part of feedgen
is bypassed. The elements stand in the order in which it would have written them, indented as lxml does it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from feedgen.entry import FeedEntry
from lxml import etree

from feedsvc.articles.person import person
from feedsvc.feeds.dates import rfc822, rfc3339
from feedsvc.feeds.feed import Entry, Source
from feedsvc.feeds.legal import is_legal, xml_text

_IN_A_DOMAIN = re.compile(r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d+)?/")  # the validator wants it so
_END_TAG = re.compile(r"</\w+>")
_BODY = "&body;"  # stands for an article's text until all is written; as text it would be "&amp;body;"
_PLACE = "entries"

Writer = Callable[[Entry, str], str]


class Place(FeedEntry):  # type: ignore[misc]
    """What feedgen takes for the only entry: where all of them will stand."""

    def __init__(self) -> None:  # feedgen's own fields stay unset: nothing reads them
        pass

    def register_extension(self, *_: object) -> None:
        """Extensions of the feed are none of the entry."""

    def rss_entry(self, extensions: bool = True) -> etree._Element:
        return etree.Element(_PLACE)

    def atom_entry(self, extensions: bool = True) -> etree._Element:
        return etree.Element(_PLACE)


def markup(entries: Sequence[Entry], language: str, write: Writer) -> str:
    """All entries, without the texts of the articles. language: the feed's, which entries need not repeat.

    ValueError, as lxml's, for characters that XML cannot carry.
    """
    parts = [write(entry, language) for entry in entries]
    for entry, part in zip(entries, parts, strict=True):
        if entry.xml_text is None and not (is_legal(part) and is_legal(entry.content_html)):
            raise ValueError("a character that XML cannot carry")
    return "".join(parts)


def written(tree: etree._ElementTree, entries: Sequence[Entry], markup: str) -> bytes:
    """The document without declaration, with the entries, and the text of each of them, in their places."""
    document: bytes = etree.tostring(tree, pretty_print=True, encoding="utf-8", xml_declaration=False)
    if not entries:
        return document
    head, _, tail = document.partition(f"<{_PLACE}/>\n".encode())
    parts = markup.encode().split(_BODY.encode())
    joined = [head.rstrip(b" "), parts[0]]
    bodies = [entry.xml_text or xml_text(entry.content_html) for entry in entries if entry.content_html]
    for body, part in zip(bodies, parts[1:], strict=True):
        joined += (body, part)
    return b"".join((*joined, tail))


def rss_item(entry: Entry, language: str) -> str:
    """An RSS item."""
    lines = [f"    <item{_other_language(entry, language)}>\n", _plain("title", entry.title), _text("link", entry.link)]
    if entry.summary:
        lines.append(_text("description", escape(entry.summary, quote=False)))  # an item's description is HTML
    if entry.content_html:  # without a summary it is the description (RS17)
        lines.append(_element("content:encoded" if entry.summary else "description", _BODY))
    lines.append(_element('guid isPermaLink="false"', _escaped(entry.id)))  # ID02
    lines += [_plain("category", name) for name in entry.categories]
    if entry.enclosures:  # RS20: one at most
        file = entry.enclosures[0]
        lines.append(_empty("enclosure", url=file.url, length=str(max(file.length or 0, 0)), type=file.media_type))
    elif entry.image_type and _IN_A_DOMAIN.match(entry.image):
        length = str(max(entry.image_length or 0, 0))
        lines.append(_empty("enclosure", url=entry.image, length=length, type=entry.image_type))
    people = [person(author) for author in entry.authors]
    if len(people) == 1 and people[0].email:
        lines.append(_plain("author", people[0].rss))
    else:  # never both kinds (RS18)
        lines += [_plain("dc:creator", one.name) for one in people]
    lines.append(_element("pubDate", rfc822(entry.published)))
    if entry.edited:
        lines.append(_element("atom:updated", rfc3339(entry.updated)))  # RS21
    if entry.source and entry.source.url:
        lines.append(_plain(f'source url="{_attribute(entry.source.url)}"', entry.source.title))
    if entry.image and "[" not in entry.image:  # hosts that are IPv6 addresses are none to the validator
        lines.append(_picture(entry))
    lines.append("    </item>\n")
    return "".join(lines)


def atom_entry(entry: Entry, language: str) -> str:
    """An Atom entry."""
    lines = [
        f"  <entry{_other_language(entry, language)}>\n    <id>{_escaped(entry.id)}</id>\n",
        f"    <title>{_numeric(entry.title)}</title>\n    <updated>{rfc3339(entry.updated)}</updated>\n",
    ]
    for one in map(person, entry.authors):
        email = f"      <email>{_escaped(one.email)}</email>\n" if one.email else ""
        lines.append(f"    <author>\n      <name>{_numeric(one.name)}</name>\n{email}    </author>\n")
    if entry.content_html:
        lines.append(f'    <content type="html">{_BODY}</content>\n')
    lines.append(f'    <link href="{_attribute(entry.link)}" rel="alternate" type="text/html"/>\n')  # AT03
    if _END_TAG.search(entry.summary):  # plain, readers take it for markup
        lines.append(f'    <summary type="html">{_numeric(escape(entry.summary, quote=False))}</summary>\n')
    elif entry.summary:
        lines.append(f"    <summary>{_numeric(entry.summary)}</summary>\n")
    lines += [f'    <category term="{_attribute(name)}"/>\n' for name in entry.categories]
    lines.append(f"    <published>{rfc3339(entry.published)}</published>\n")
    for file in entry.enclosures:  # AT08: all of them
        length = file.length if file.length is not None and file.length >= 0 else None
        lines.append(_enclosure(file.media_type, file.url, length))
    if entry.image_type and entry.image and all(file.url != entry.image for file in entry.enclosures):
        lines.append(_enclosure(entry.image_type, entry.image, entry.image_length or None))
    if entry.source:
        lines.append(_source(entry.source))
    lines.append("  </entry>\n")
    return "".join(lines)


def _other_language(entry: Entry, language: str) -> str:
    other = entry.language and entry.language != language
    return f' xml:lang="{_attribute(entry.language)}"' if other else ""


def _picture(entry: Entry) -> str:
    """The picture by both names of Media RSS: some readers know only `thumbnail`, others only `content` (RS21)."""
    said = {"url": entry.image, "medium": "image"}
    if entry.image_type:
        said["type"] = entry.image_type
    if entry.image_length:  # the validator takes 0 for a fault
        said["fileSize"] = str(entry.image_length)
    return _empty("media:content", **said) + _empty("media:thumbnail", url=entry.image)


def _enclosure(media_type: str, url: str, length: int | None) -> str:
    size = "" if length is None else f' length="{length}"'
    return f'    <link rel="enclosure" type="{_attribute(media_type)}" href="{_attribute(url)}"{size}/>\n'


def _source(source: Source) -> str:
    """The feed that an entry was taken from (RFC 4287 section 4.2.11, contract AT10)."""
    link = f'      <link href="{_attribute(source.url)}" rel="self"/>\n' if source.url else ""
    return (
        f"    <source>\n      <id>{_escaped(source.id)}</id>\n      <title>{_numeric(source.title)}</title>\n"
        f"      <updated>{rfc3339(source.updated)}</updated>\n{link}    </source>\n"
    )


def _element(tag: str, content: str) -> str:
    """An element of an item. tag: with attributes, if any. content: escaped."""
    return f"      <{tag}>{content}</{tag.partition(' ')[0]}>\n"


def _text(tag: str, value: str) -> str:
    return f"      <{tag}>{_escaped(value)}</{tag}>\n"


def _plain(tag: str, value: str) -> str:
    """For text that is never markup."""
    return _element(tag, _numeric(value))


def _empty(tag: str, **attributes: str) -> str:
    said = "".join([f' {name}="{_attribute(value)}"' for name, value in attributes.items()])
    return f"      <{tag}{said}/>\n"


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _numeric(value: str) -> str:
    """See elements.numeric."""
    return value.replace("&", "&#x26;").replace("<", "&#x3C;").replace(">", "&#x3E;")


def _attribute(value: str) -> str:
    return _escaped(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")

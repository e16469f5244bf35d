"""What the specification of RSS 2.0, the Board's profile and contract section 2 have against a document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from lxml import etree

NAMES = {
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://search.yahoo.com/mrss/": "media",
    "http://purl.org/syndication/history/1.0": "fh",
}
CHANNEL = (
    "title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs"
    " ttl image skipHours skipDays atom:link sy:updatePeriod sy:updateFrequency sy:updateBase fh:archive fh:complete"
)
CHANNEL_NEEDS = "title link description language lastBuildDate generator docs atom:link"
ITEM = (
    "title link description content:encoded author dc:creator category enclosure guid pubDate source atom:updated"
    " media:content media:thumbnail"
)
ITEM_NEEDS = "title link description guid pubDate"
MANY = {"item", "atom:link", "category", "dc:creator", "media:content"}
TEXTS = {"title", "category", "author", "dc:creator", "copyright", "managingEditor", "webMaster", "source", "generator"}

_BEGINNING = re.compile(
    rb'<\?xml version="1.0" encoding="utf-8"\?>\n(?:<\?xml-stylesheet type="text/css" href="[^"<>]+"\?>\n)?<rss '
)
_ADDRESS = re.compile(r"https?://[a-z0-9.\[\]:_-]+(?:[/?#](?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-F]{2})*)?", re.I)
_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_PERSON = re.compile(r"[A-Za-z0-9_.+'!#$%&*/=?^`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+ \(.+\)")
_MAIL = re.compile(r"<[^\s<>@]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+>")
_END_TAG = re.compile(
    r"</(?:a|abbr|b|blockquote|br|canvas|center|code|div|em|figure|h[1-6]|i|iframe|li|ol|option|p|pre|script|select|span"
    r"|strong|style|svg|table|td|title|tr|u|ul)>",
    re.I,
)
_PLAIN_ELEMENT = re.compile(rb"<(title|category|author|dc:creator|managingEditor|source)(?: [^>]*)?>([^<]*)</\1>")


def faults(document: bytes) -> list[str]:
    """Each as the element's path and what is wrong with it; empty when nothing is."""
    if not _BEGINNING.match(document):
        return ["beginning"]
    root = etree.fromstring(document)
    return [*_root(root, document), *_channel(root[0])]


def name_of(node: etree._Element) -> str:
    """As it is customarily written: "title", "dc:creator"."""
    qualified = etree.QName(node)
    return (
        f"{NAMES.get(qualified.namespace, '?')}:{qualified.localname}" if qualified.namespace else qualified.localname
    )


def _root(root: etree._Element, document: bytes) -> Iterator[str]:
    if root.get("version") != "2.0" or [node.tag for node in root] != ["channel"]:
        yield "rss"
    declared = {str(prefix): str(uri) for prefix, uri in root.nsmap.items()}
    used = {str(etree.QName(node).namespace) for node in root.iter("{*}*") if etree.QName(node).namespace}
    if declared != {NAMES.get(uri, "?"): uri for uri in used}:
        yield f"namespaces {sorted(declared)}"
    if document.count(b"xmlns:") != len(declared):
        yield "namespaces are declared at the root"
    for _, text in _PLAIN_ELEMENT.findall(document):
        if re.search(rb"&(?!#x(?:26|3C|3E);)", text):  # RS04
            yield f"signs as numbers: {text.decode()}"


def _channel(channel: etree._Element) -> Iterator[str]:
    names = [name_of(node) for node in channel]
    yield from _parts(names, CHANNEL + " item", CHANNEL_NEEDS)
    if "item" in names and set(names[names.index("item") :]) != {"item"}:
        yield "elements after the first item"
    own = [link for link in channel.findall("{*}link") if link.get("rel") == "self"]
    if len(own) != 1 or own[0].get("type") != "application/rss+xml":
        yield "self"
    if not _LANGUAGE.fullmatch(channel.findtext("language", "")):
        yield "language"
    picture = channel.find("image")
    if picture is not None and any(picture.findtext(name) != channel.findtext(name) for name in ("title", "link")):
        yield "image"
    for node in channel:
        yield from _item(node) if node.tag == "item" else _element(node)
    ids = Counter(item.findtext("guid") for item in channel.findall("item"))
    yield from (f"guid {value} twice" for value, count in ids.items() if count > 1)


def _item(item: etree._Element) -> Iterator[str]:
    names = [name_of(node) for node in item]
    yield from _parts(names, ITEM, ITEM_NEEDS)
    if "content:encoded" in names and names.index("content:encoded") < names.index("description"):
        yield "description comes first"
    if {"author", "dc:creator"} <= set(names):
        yield "two kinds of author"
    tags = [node.text for node in item.findall("category")]
    if len(set(tags)) < len(tags):
        yield "category twice"
    for node in item:
        yield from _element(node)


def _parts(names: list[str], allowed: str, needed: str) -> Iterator[str]:
    yield from (f"{name} is unknown" for name in names if name not in allowed.split())
    yield from (f"{name} is missing" for name in needed.split() if name not in names)
    yield from (f"{name} twice" for name, count in Counter(names).items() if count > 1 and name not in MANY)


def _element(node: etree._Element) -> Iterator[str]:
    name, text = name_of(node), node.text or ""
    if name in TEXTS | {"description"} and not text.strip():
        yield f"{name} is empty"
    if name in TEXTS and _END_TAG.search(text):
        yield f"{name} holds markup: {text}"
    if name in TEXTS and text != " ".join(text.split(" ")).strip():
        yield f"{name} has blanks around it"
    if name == "link" and not _ADDRESS.fullmatch(text):
        yield f"link {text}"
    if name in ("pubDate", "lastBuildDate") and not _is_date(text):
        yield f"{name} {text}"
    if name in ("author", "managingEditor", "webMaster") and not _PERSON.fullmatch(text):
        yield f"{name} {text}"
    if name == "dc:creator" and _MAIL.search(text):
        yield f"mail address in {text}"
    if name == "guid" and (node.get("isPermaLink") != "false" or re.fullmatch(r"\d{0,8}", text)):
        yield f"guid {text}"
    yield from _attributes(name, {str(key): str(value) for key, value in node.attrib.items()})


def _attributes(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    if any(not value for value in attributes.values()):
        yield f"{name} has an empty attribute"
    for key in ("url", "href", "domain"):
        if key in attributes and not _ADDRESS.fullmatch(attributes[key]):
            yield f"{name} {attributes[key]}"
    if "type" in attributes and not _MEDIA_TYPE.fullmatch(attributes["type"]):
        yield f"{name} {attributes['type']}"
    if name == "enclosure" and attributes.keys() != {"url", "length", "type"}:
        yield "enclosure"
    for key in ("length", "fileSize", "width", "height"):
        if key in attributes and not re.fullmatch(r"\d+", attributes[key]):
            yield f"{name} {key}"


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    return parsedate_to_datetime(text).strftime("%a") == text[:3]

"""What a feed can say of itself, of its neighbours and of an entry's source and picture; each test names its rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import feedparser
import pytest
from lxml import etree

from feedsvc.content.draft import Enclosure
from feedsvc.feeds.feed import Entry, Feed, FeedFormat, PageLink, Source
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.legal import legal_feed
from tests.golden.golden_feeds import FEEDS, archive, chinese, complete, empty, english, everything

RSS, ATOM, JSON = FORMATS
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
PLAIN = replace(complete(), entries=(), complete=False, image="")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
POST = Entry(
    id="tag:example.com,2026:x", title="X", link="https://e.example/x", published=NOON, updated=NOON, summary="S"
)
PICTURE = replace(POST, image="https://e.example/x.jpg", image_type="image/jpeg", image_length=7)
SOUND = Enclosure("https://e.example/x.mp3", "audio/mpeg", 5)


def head(form: FeedFormat, feed: Feed) -> etree._Element:
    """channel of an RSS document, feed of an Atom one."""
    root = etree.fromstring(form.render(feed))
    channel = root.find("channel")
    return root if channel is None else channel


def entry(form: FeedFormat, post: Entry) -> etree._Element:
    """The one entry of a feed that has only it."""
    found = head(form, replace(PLAIN, entries=(post,)))[-1]
    assert etree.QName(found).localname in ("item", "entry")
    return found


def document(feed: Feed) -> dict[str, object]:
    found = json.loads(JSON.render(feed))
    assert isinstance(found, dict)
    return found


def item(post: Entry) -> dict[str, object]:
    items = document(replace(PLAIN, entries=(post,)))["items"]
    assert isinstance(items, list) and isinstance(items[0], dict)
    return items[0]


def attributes(parent: etree._Element, path: str) -> list[dict[str, str]]:
    return [{str(name): str(value) for name, value in node.attrib.items()} for node in parent.findall(path, NS)]


def texts(parent: etree._Element, path: str) -> list[str | None]:
    return [node.text for node in parent.findall(path, NS)]


def links(form: FeedFormat, feed: Feed) -> dict[str, str]:
    """Relation -> address, without the feed itself, its page and the hub; each relation comes once."""
    found = [
        node for node in head(form, feed).findall("a:link", NS) if node.get("rel") not in ("self", "alternate", "hub")
    ]
    assert all(node.get("type") == form.media_type.partition(";")[0] for node in found)
    by_relation = {node.get("rel", ""): node.get("href", "") for node in found}
    assert len(by_relation) == len(found)
    return by_relation


# RSS channels


def test_rs01_namespaces_with_their_usual_prefixes_only_where_they_are_used() -> None:
    def prefixes(feed: Feed) -> set[str]:
        root = RSS.render(feed).decode().partition("<rss")[2].partition(">")[0]
        return set(re.findall(r"xmlns:(\w+)=", root))

    assert prefixes(PLAIN) == {"atom"}
    assert prefixes(everything()) == {"atom", "content", "dc", "media", "sy"}
    assert prefixes(archive()) == prefixes(complete()) == {"atom", "fh", "media"}
    for make in FEEDS.values():
        assert RSS.render(make()).count(b"xmlns:") == len(prefixes(make())), "on the root alone"


def test_rs09_hours_and_days_without_news_only_when_configured() -> None:
    channel = head(RSS, everything())
    assert texts(channel, "skipHours/hour") == ["0", "23"]
    assert texts(channel, "skipDays/day") == ["Saturday", "Sunday"]
    plain = head(RSS, PLAIN)
    assert plain.find("skipHours") is None and plain.find("skipDays") is None
    one = head(RSS, replace(PLAIN, skip_days=("Friday",)))
    assert texts(one, "skipDays/day") == ["Friday"] and one.find("skipHours") is None


def test_rs10_how_often_there_is_something_new() -> None:
    channel = head(RSS, everything())
    assert texts(channel, "sy:updatePeriod") == ["hourly"] and texts(channel, "sy:updateFrequency") == ["2"]
    assert not head(RSS, PLAIN).findall("sy:*", NS), "a frequency alone says nothing"


@pytest.mark.parametrize("name", ["logo.png", "logo.JPG", "logo.jpeg", "logo.gif"])
def test_rs11_picture_with_title_and_link_of_the_channel(name: str) -> None:
    channel = head(RSS, replace(PLAIN, title="Fish & <Chips>", image=f"https://e.example/{name}"))
    assert texts(channel, "image/url") == [f"https://e.example/{name}"]
    picture, own = channel.find("image/title"), channel.find("title")
    assert picture is not None and own is not None
    assert etree.tostring(picture, with_tail=False) == etree.tostring(own, with_tail=False)
    assert texts(channel, "image/link") == texts(channel, "link")
    assert {node.tag for node in channel.iterfind("image/*")} == {"url", "title", "link"}, "so 88 by 31"


@pytest.mark.parametrize("address", ["", "https://e.example/logo.svg", "https://e.example/logo.webp"])
def test_rs11_no_picture_that_rss_does_not_know(address: str) -> None:
    assert head(RSS, replace(PLAIN, image=address)).find("image") is None


def test_rs08_rs12_rs14_all_of_the_channel_stands_before_the_items() -> None:
    for feed in (everything(), archive(), complete()):
        names = [node.tag for node in head(RSS, feed)]
        assert "item" not in names[: names.index("item")] and set(names[names.index("item") :]) == {"item"}
    channel = head(RSS, everything())
    assert texts(channel, "ttl") == ["5"] and texts(channel, "managingEditor") == ["editor@example.com (Jane Doe)"]


# pictures and files


def test_rs21_picture_in_both_ways_of_media_rss() -> None:
    found = entry(RSS, PICTURE)
    whole = {"url": PICTURE.image, "medium": "image", "type": "image/jpeg", "fileSize": "7"}
    assert attributes(found, "media:content") == [whole]
    assert attributes(found, "media:thumbnail") == [{"url": PICTURE.image}]
    unknown = entry(RSS, replace(PICTURE, image_type="", image_length=None))
    assert attributes(unknown, "media:content") == [{"url": PICTURE.image, "medium": "image"}]
    assert attributes(entry(RSS, replace(PICTURE, image_length=0)), "media:content") == [
        {"url": PICTURE.image, "medium": "image", "type": "image/jpeg"}
    ]
    assert not entry(RSS, POST).findall("media:*", NS)


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        (PICTURE, {"url": PICTURE.image, "length": "7", "type": "image/jpeg"}),
        (replace(PICTURE, image_length=None), {"url": PICTURE.image, "length": "0", "type": "image/jpeg"}),
        (replace(PICTURE, image_length=-1), {"url": PICTURE.image, "length": "0", "type": "image/jpeg"}),
        (replace(PICTURE, enclosures=(SOUND,)), {"url": SOUND.url, "length": "5", "type": "audio/mpeg"}),
        (replace(PICTURE, image_type=""), None),
        (replace(POST, image_type="image/jpeg"), None),
    ],
    ids=["picture", "no length", "bad length", "a file comes first", "no type", "no picture"],
)
def test_rs20_one_enclosure_the_picture_only_without_another(post: Entry, expected: dict[str, str] | None) -> None:
    assert attributes(entry(RSS, post), "enclosure") == ([expected] if expected else [])


def test_at08_the_picture_is_a_file_of_the_entry_once() -> None:
    def enclosures(post: Entry) -> list[dict[str, str]]:
        return attributes(entry(ATOM, post), "a:link[@rel='enclosure']")

    picture = {"rel": "enclosure", "href": PICTURE.image, "type": "image/jpeg", "length": "7"}
    sound = {"rel": "enclosure", "href": SOUND.url, "type": "audio/mpeg", "length": "5"}
    assert enclosures(PICTURE) == [picture]
    assert enclosures(replace(PICTURE, enclosures=(SOUND,))) == [sound, picture]
    same = Enclosure(PICTURE.image, "image/jpeg", 7)
    assert enclosures(replace(PICTURE, enclosures=(SOUND, same))) == [sound, picture]
    assert enclosures(replace(PICTURE, image_type="")) == [], "an enclosure has a type"
    assert enclosures(replace(PICTURE, image_length=None)) == [{k: v for k, v in picture.items() if k != "length"}]


def test_jf02_picture_as_image_and_not_as_attachment() -> None:
    assert item(PICTURE)["image"] == PICTURE.image
    assert not {"attachments", "banner_image"} & item(PICTURE).keys()


# where an entry comes from

PAPER = Source("tag:e.example,2026:source/paper", "Paper & <Ink>", datetime(2026, 11, 20, 9, tzinfo=UTC))
ONLINE = replace(PAPER, url="https://paper.example/feed.xml?a=1&b=2")


def test_at10_source_with_id_title_and_updated() -> None:
    found = entry(ATOM, replace(POST, source=PAPER))
    assert texts(found, "a:source/a:id") == [PAPER.id] and texts(found, "a:source/a:updated") == [
        "2026-11-20T09:00:00Z"
    ]
    assert found.xpath("string(a:source/a:title)", namespaces=NS) == PAPER.title
    assert len(found.findall("a:source/*", NS)) == 3, "no link to nowhere"
    known = entry(ATOM, replace(POST, source=ONLINE))
    assert attributes(known, "a:source/a:link") == [{"rel": "self", "href": ONLINE.url}]
    assert entry(ATOM, POST).find("a:source", NS) is None


def test_rs21_source_only_with_its_address() -> None:
    """RSS 2.0: the attribute is required."""
    found = entry(RSS, replace(POST, source=ONLINE))
    assert attributes(found, "source") == [{"url": ONLINE.url}] and found.xpath("string(source)") == PAPER.title
    assert entry(RSS, replace(POST, source=PAPER)).find("source") is None


def test_jf03_source_is_a_member_of_our_own() -> None:
    assert item(replace(POST, source=PAPER))["_source"] == {"title": PAPER.title}
    assert item(replace(POST, source=ONLINE))["_source"] == {"title": PAPER.title, "url": ONLINE.url}
    assert "_source" not in item(POST)


FEED_MEMBERS = (
    "version title home_page_url feed_url description user_comment next_url icon favicon authors language expired hubs"
    " items"
)
ITEM_MEMBERS = (
    "id url external_url title content_html content_text summary image banner_image date_published date_modified"
    " authors tags language attachments"
)


@pytest.mark.parametrize("name", FEEDS)
def test_jf03_all_other_members_are_those_of_the_format(name: str) -> None:
    found = document(FEEDS[name]())
    assert found.keys() <= set(FEED_MEMBERS.split())
    assert found.get("next_url") != found["feed_url"]
    items = found["items"]
    assert isinstance(items, list)
    assert all({key for key in one if key[0] != "_"} <= set(ITEM_MEMBERS.split()) for one in items)


def test_at10_f05_source_comes_back_through_another_parser() -> None:
    feed = replace(PLAIN, entries=(replace(POST, source=ONLINE),))
    rss, atom = (feedparser.parse(form.render(feed)) for form in (RSS, ATOM))
    assert not rss.bozo and not atom.bozo
    assert rss.entries[0].source.title == atom.entries[0].source.title == PAPER.title
    assert rss.entries[0].source.href == atom.entries[0].source.links[0].href == ONLINE.url


def test_f03_illegal_signs_in_the_new_fields_cost_no_feed() -> None:
    """Nor does a source whose name they were all of."""
    source, nameless = replace(ONLINE, title="a\x01b\ud800"), replace(PAPER, title="\x02 ")
    posts = (replace(PICTURE, image_type="image/\x03jpeg", source=source), replace(POST, id="tag:e:y", source=nameless))
    bad = replace(PLAIN, entries=posts, stylesheet="/\x04feed.css", image="https://e.example/\x05a.png")
    bad = replace(bad, deleted=(replace(everything().deleted[0], id="tag:e:\x06z"),))
    for form in (RSS, ATOM):
        assert sum(etree.QName(node).localname == "source" for node in head(form, bad).iter()) == 1
        assert b"/feed.css" in form.render(bad)
    assert texts(head(ATOM, bad), "a:entry/a:source/a:title") == ["ab"]
    assert attributes(head(ATOM, bad), "at:deleted-entry")[0]["ref"] == "tag:e:z"
    tidy = legal_feed(bad)
    assert all(form.render(tidy) == form.render(bad) for form in FORMATS)
    assert "_source" not in json.loads(JSON.render(tidy))["items"][1]


def test_rs05_at01_language_of_an_entry_only_where_it_differs() -> None:
    """xml:lang in RSS as well: dc:language would be the twin of the channel's (contract RS22)."""
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    for form in (RSS, ATOM):
        assert entry(form, replace(POST, language="zh-CN")).get(lang) == "zh-CN"
        assert entry(form, replace(POST, language="en")).get(lang) is None
        assert entry(form, POST).get(lang) is None
        read = feedparser.parse(form.render(replace(PLAIN, entries=(replace(POST, language="fr"), POST))))
        inherited = None if form is RSS else "en"  # of channel/language no parser makes an xml:lang
        assert [one.title_detail.language for one in read.entries] == ["fr", inherited]
    assert item(replace(POST, language="zh-CN"))["language"] == "zh-CN"
    assert "language" not in item(replace(POST, language="en"))


# pages, archives, what is gone


def test_p01_p04_links_to_other_pages_and_archives_in_the_same_format() -> None:
    for form in (RSS, ATOM):
        base = "https://feeds.example.com/feeds/harbour"
        assert links(form, everything()) == {
            "next": f"{base}{form.suffix}?page=2",
            "last": f"{base}{form.suffix}?page=40",
            "prev-archive": f"{base}/archive/2026-11{form.suffix}",
        }
        assert links(form, archive()) == {
            "current": base + form.suffix,
            "prev-archive": f"{base}/archive/2026-09{form.suffix}",
            "next-archive": f"{base}/archive/2026-11/1{form.suffix}",
        }
        self = [node.get("href") for node in head(form, archive()).findall("a:link[@rel='self']", NS)]
        assert self == [f"{base}/archive/2026-10{form.suffix}"], "RS03, AT03: the document's own address"


def test_jf04_next_url_only_for_the_next_page() -> None:
    assert document(everything())["next_url"] == "https://feeds.example.com/feeds/harbour.json?page=2"
    assert "next_url" not in document(archive()) and "next_url" not in document(complete())
    last = replace(everything(), query="?page=40", links=(PageLink("previous", "/feeds/harbour", "?page=39"),))
    assert "next_url" not in document(last)
    assert document(last)["feed_url"] == "https://feeds.example.com/feeds/harbour.json?page=40"


def test_jf04_p03_hub_exactly_when_there_is_one() -> None:
    assert document(everything())["hubs"] == [{"type": "WebSub", "url": "https://feeds.example.com/hub"}]
    assert "hubs" not in document(archive())
    for form in (RSS, ATOM):
        assert attributes(head(form, everything()), "a:link[@rel='hub']") == [
            {"rel": "hub", "href": "https://feeds.example.com/hub"}
        ]
        assert not attributes(head(form, archive()), "a:link[@rel='hub']")


def test_jf05_a_closed_category_says_so() -> None:
    assert document(everything())["expired"] is True
    assert "expired" not in document(replace(everything(), expired=False))


@pytest.mark.parametrize("form", [RSS, ATOM], ids=["rss", "atom"])
@pytest.mark.parametrize(("make", "said"), [(archive, ["archive"]), (complete, ["complete"]), (everything, [])])
def test_p04_p05_what_a_document_is(form: FeedFormat, make: Callable[[], Feed], said: list[str]) -> None:
    """RFC 5005: fh:archive, or fh:complete and then no paging links; nothing in an ordinary feed."""
    found = head(form, make()).findall("fh:*", NS)
    assert [etree.QName(node).localname for node in found] == said
    assert all(not node.attrib and not node.text and not len(node) for node in found)
    assert said != ["complete"] or not links(form, make())
    assert b"purl.org/syndication/history" not in form.render(make()) or said, "no namespace for nothing"


def test_p04_f01_an_archive_without_neighbours_is_a_document_like_any_other() -> None:
    """Otherwise the validator says ArchiveIncomplete."""
    alone = replace(archive(), links=archive().links[:1])
    for form in (RSS, ATOM):
        assert links(form, alone).keys() == {"current"}
        assert b"syndication/history" not in form.render(alone)
        for link in archive().links[1:]:
            assert len(head(form, replace(alone, links=(*alone.links, link))).findall("fh:archive", NS)) == 1


def test_at04_history_stands_before_the_entries() -> None:
    for feed in (archive(), complete()):
        names = [etree.QName(node).localname for node in head(ATOM, feed)]
        assert set(names[names.index("entry") :]) == {"entry"}


def test_d06_removed_entries_in_atom_with_their_namespace_on_them_alone() -> None:
    body = ATOM.render(everything())
    assert attributes(head(ATOM, everything()), "at:deleted-entry") == [
        {"ref": "tag:example.com,2026:gone", "when": "2026-11-20T18:00:00Z"},
        {"ref": "https://old.example.com/?p=1&q=2", "when": "2026-11-02T00:00:00Z"},
    ]
    declared = f'<at:deleted-entry xmlns:at="{NS["at"]}"'.encode()
    assert body.count(declared) == body.count(b"xmlns:at=") == 2
    assert b"tombstones" not in ATOM.render(replace(everything(), deleted=()))
    assert b"gone" not in RSS.render(everything()) and b"gone" not in JSON.render(everything())


# for browsers


@pytest.mark.parametrize("form", [RSS, ATOM], ids=["rss", "atom"])
def test_v08_f02_style_sheet_right_after_the_declaration(form: FeedFormat) -> None:
    body = form.render(everything()).decode()
    before, root, _ = body.partition("<rss" if form is RSS else "<feed")
    assert before == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<?xml-stylesheet type="text/css" href="/static/feed.css?v=1&amp;w=2"?>\n'
    )
    assert root and len(before.encode()) < 512
    odd = form.render(replace(PLAIN, stylesheet='/a?>"<b'))
    instruction = etree.fromstring(odd).getprevious()
    assert instruction is not None and instruction.get("href") == "/a?&gt;&quot;&lt;b"
    assert form.render(replace(everything(), stylesheet="")).count(b"<?") == 1


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("name", FEEDS)
def test_f11_v07_no_xslt_no_script_and_no_xhtml(name: str, form: FeedFormat) -> None:
    body = FEEDS[name]()
    for forbidden in (b"xsl", b"<script", b"http://www.w3.org/1999/xhtml", b"javascript:"):
        assert forbidden not in form.render(body).lower()


def test_v08_the_style_sheet_needs_nothing_else_and_speaks_both_languages() -> None:
    css = (files("feedsvc") / "web" / "static" / "feed.css").read_text("utf-8")
    assert not re.search(r"@import|url\(|https?:", css)
    notice = css.partition("rss::before, feed::before")[2].partition("}")[0]
    assert "这是一个订阅源" in notice and "This is a feed" in notice
    assert "prefers-color-scheme: dark" in css


# everywhere


@pytest.mark.parametrize("make", [chinese, english, empty, everything, archive, complete])
def test_f07_h03_the_formats_say_the_same_of_every_entry(make: Callable[[], Feed]) -> None:
    feed = make()
    rss, atom = head(RSS, feed), head(ATOM, feed)
    items = document(feed)["items"]
    assert isinstance(items, list)
    assert texts(rss, "item/guid") == texts(atom, "a:entry/a:id") == [one["id"] for one in items]
    assert texts(rss, "item/link") == [one["url"] for one in items]
    assert all(form.render(feed) == form.render(make()) for form in FORMATS)

"""The contract's sections 1-4 and 7 as far as they hold for documents alone; each test names its rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
from lxml import etree

from feedsvc.articles.article import Article
from feedsvc.articles.category import Category
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.feed import Feed, PageLink
from feedsvc.feeds.formats import FORMATS
from tests.unit import feed_samples

RSS, ATOM, JSON = FORMATS
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
NOON = feed_samples.NOON
RULES = FeedRules(
    public_base="https://feeds.example.com",
    authority="example.com,2026",
    title="Example Press",
    language="en",
    author="Jane Doe",
    author_email="editor@example.com",
)
NEWS = Category(slug="news", title="News")


def article(name: str, minutes: int = 0) -> Article:
    """With an element and an entity in its text."""
    return replace(feed_samples.article(name, minutes), content_html=f"<p>Text of <b>{name}</b> &amp; more</p>")


def make(*articles: Article, category: Category = NEWS, rules: FeedRules = RULES) -> Feed:
    return build_feed(category, articles, rules)


FULL = replace(
    article("full"),
    authors=("Ann",),
    categories=("news",),
    tags=("a & b",),
    updated=NOON + timedelta(hours=1),
    image="https://site.example.com/a.png",
    enclosures=(
        Enclosure("https://site.example.com/a.mp3", "audio/mpeg", 12),
        Enclosure("https://site.example.com/b.mp3", "audio/mpeg"),
        Enclosure("https://site.example.com/c.mp3", "audio/mpeg", -1),
    ),
)


def xml(document: bytes) -> etree._Element:
    return etree.fromstring(document)


def channel(feed: Feed) -> etree._Element:
    found = xml(RSS.render(feed)).find("channel")
    assert found is not None
    return found


def texts(node: etree._Element, path: str) -> list[str | None]:
    return [found.text for found in node.findall(path, NS)]


def attributes(node: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in node.attrib.items()}


def members(feed: Feed) -> dict[str, object]:
    document = json.loads(JSON.render(feed))
    assert isinstance(document, dict)
    return document


def items(feed: Feed) -> list[dict[str, object]]:
    found = members(feed)["items"]
    assert isinstance(found, list)
    return found


# 1 Feed documents


@pytest.mark.parametrize("feed", [make(FULL), make()], ids=["full", "empty"])
def test_f02_utf8_without_mark_and_root_at_the_start(feed: Feed) -> None:
    for form, root in ((RSS, b"<rss"), (ATOM, b"<feed")):
        document = form.render(feed)
        assert document.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n' + root)
        assert b'rel="self"' in document
        document.decode("utf-8", "strict")
    assert JSON.render(feed)[:1] == b"{"


def test_f03_illegal_characters_are_gone_in_every_format() -> None:
    bad = replace(
        FULL, title="a\x01b\u0085c", summary="s\ufffe\ufffd", content_html="<p>\x08x\udc00</p>", tags=("t\x1f",)
    )
    feed = make(bad)
    item = channel(feed).find("item")
    assert item is not None
    assert texts(item, "title") == ["abc"] and texts(item, "description") == ["s"]
    assert texts(item, "content:encoded") == ["<p>x</p>"] and "t" in texts(item, "category")
    assert texts(xml(ATOM.render(feed)), "a:entry/a:title") == ["abc"]
    assert items(feed)[0]["title"] == "abc" and items(feed)[0]["content_html"] == "<p>x</p>"


@pytest.mark.parametrize("slug", ["新聞 a", "a/b", "(x)", "a&b", "TechWeb"])
def test_f04_addresses_of_the_feed_are_ascii(slug: str) -> None:
    feed = make(category=Category(slug=slug))
    for form in FORMATS:
        for address in re.findall(rb'https?://[^"<\s]*', form.render(feed)):
            assert re.fullmatch(rb"[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+", address)


def test_f06_order_of_the_input_leaves_no_trace() -> None:
    articles = [article(name, number) for number, name in enumerate("abcdef")]
    for form in FORMATS:
        assert form.render(make(*articles)) == form.render(make(*reversed(articles)))


def test_f07_every_format_carries_the_same() -> None:
    feed = make(*(article(f"n{i:03}", i % 7) for i in range(60)), replace(article("day", 3), date_only=True))
    rss, atom = channel(feed).findall("item"), xml(ATOM.render(feed)).findall("a:entry", NS)
    assert len(rss) == len(atom) == len(items(feed)) == 50
    for one, two, three in zip(rss, atom, items(feed), strict=True):
        assert texts(one, "guid") == texts(two, "a:id") == [three["id"]]
        assert texts(one, "title") == texts(two, "a:title") == [three["title"]]
        link = two.find("a:link[@rel='alternate']", NS)
        assert link is not None
        assert one.findtext("link") == link.get("href") == three["url"]
        published, updated = two.findtext("a:published", "", NS), two.findtext("a:updated", "", NS)
        assert parsedate_to_datetime(one.findtext("pubDate", "")) == datetime.fromisoformat(published)
        assert (published, updated) == (three["date_published"], three["date_modified"])
    order = [item["date_published"] for item in items(feed)]
    assert order == sorted(order, key=str, reverse=True)


def test_f09_an_empty_category_is_a_whole_feed() -> None:
    feed = make()
    assert channel(feed).findall("item") == [] and members(feed)["items"] == []
    assert texts(xml(ATOM.render(feed)), "a:updated") == ["2000-01-01T00:00:00Z"]


def test_f11_no_stylesheet() -> None:
    assert not any(b"<?xml-stylesheet" in form.render(make(FULL)) for form in (RSS, ATOM))


# 2 RSS


def prefixes(feed: Feed) -> list[str]:
    return re.findall(r"xmlns:(\w+)=", RSS.render(feed).decode())


def test_rs01_version_and_only_the_namespaces_used() -> None:
    assert xml(RSS.render(make())).get("version") == "2.0"
    assert prefixes(make()) == ["atom"]
    assert sorted(prefixes(make(article("a")))) == ["atom", "content"]
    assert sorted(prefixes(make(FULL))) == ["atom", "content", "dc", "media"]
    with_mail = replace(article("a"), content_html="", authors=("Ann <ann@example.com>",))
    assert prefixes(make(with_mail)) == ["atom"]
    assert RSS.render(make(FULL)).count(b"xmlns:") == 4, "all of them on the root"


def test_rs02_channel_basics_are_never_empty() -> None:
    node = channel(make(category=Category(slug="x")))
    assert [node.findtext(name) for name in ("title", "link", "description")] == [
        "x",
        "https://feeds.example.com/categories/x/",
        "x",
    ]


def test_rs03_one_self_link() -> None:
    links = channel(make(FULL)).findall("a:link[@rel='self']", NS)
    assert [(link.get("href"), link.get("type")) for link in links] == [
        ("https://feeds.example.com/feeds/news.rss", "application/rss+xml")
    ]


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("R&amp;D", b"R&#x26;amp;D"),
        ("a <b", b"a &#x3C;b"),
        ("Fish & Chips <3", b"Fish &#x26; Chips &#x3C;3"),
        ("1 > 0", b"1 &#x3E; 0"),
    ],
)
def test_rs04_signs_as_numbers_in_plain_text(title: str, written: bytes) -> None:
    feed = make(replace(article("a"), title=title, tags=(title,), authors=(title,)), category=Category(slug=title))
    document = RSS.render(feed)
    for element in (b"title", b"category", b"dc:creator", b"description"):
        assert b"<" + element + b">" + written + b"</" + element + b">" in document
    item = xml(document).find("channel/item")
    assert item is not None
    assert texts(item, "title") == texts(item, "category") == texts(item, "dc:creator") == [title]


def test_rs05_language_with_a_hyphen() -> None:
    assert channel(make(category=replace(NEWS, language="zh_Hant_TW"))).findtext("language") == "zh-Hant-TW"
    assert channel(make()).findtext("language") == "en"


def test_rs06_dates_in_utc() -> None:
    nepal = datetime(2026, 11, 20, 5, 45, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    node = channel(make(replace(article("a"), published=nepal, updated=nepal)))
    assert texts(node, "item/pubDate") == ["Fri, 20 Nov 2026 00:00:00 +0000"]


def test_rs07_an_edit_moves_only_the_build_date() -> None:
    old = article("old", 60)
    before = channel(make(article("a"), old))
    after = channel(make(article("a"), replace(old, updated=NOON + timedelta(hours=2))))
    assert before.findtext("pubDate") == after.findtext("pubDate") == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert before.findtext("lastBuildDate") == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert after.findtext("lastBuildDate") == "Fri, 20 Nov 2026 14:00:00 +0000"


@pytest.mark.parametrize(("seconds", "ttl"), [(3600, "60"), (300, "5"), (61, "2"), (60, "1"), (59, None), (0, None)])
def test_rs08_ttl_in_minutes_rounded_up(seconds: int, ttl: str | None) -> None:
    assert channel(make(rules=replace(RULES, cache_seconds=seconds))).findtext("ttl") == ttl


def test_rs09_rs10_rs15_what_nobody_asked_for_is_absent() -> None:
    names = {etree.QName(node).localname for node in channel(make(FULL))}
    assert not names & {"skipHours", "skipDays", "updatePeriod", "textInput", "cloud", "blink"}


def test_rs11_picture_like_its_channel() -> None:
    node = channel(replace(make(), image="https://feeds.example.com/logo.PNG"))
    assert [node.findtext(f"image/{name}") for name in ("url", "title", "link")] == [
        "https://feeds.example.com/logo.PNG",
        node.findtext("title"),
        node.findtext("link"),
    ]
    assert channel(replace(make(), image="https://feeds.example.com/logo.svg")).find("image") is None


def test_rs12_editor_only_with_name_and_address() -> None:
    assert channel(make()).findtext("managingEditor") == "editor@example.com (Jane Doe)"
    assert channel(make(rules=replace(RULES, author=""))).find("managingEditor") is None
    assert channel(make(rules=replace(RULES, author_email=""))).find("managingEditor") is None


def test_rs13_generator_and_docs() -> None:
    node = channel(make())
    assert re.fullmatch(r"feedsvc \d+\.\d+", node.findtext("generator") or "")
    assert texts(node, "docs") == ["http://www.rssboard.org/rss-specification"]


def test_rs14_channel_elements_come_before_items() -> None:
    names = [node.tag for node in channel(replace(make(FULL, article("b")), hub_url="https://feeds.example.com/hub"))]
    assert names[-2:] == ["item", "item"] and names.count("item") == 2


def test_rs16_each_item_is_whole() -> None:
    bare = replace(article("bare"), title="", summary="", content_html="")
    note = replace(article("note"), title="", summary="First words. More.")
    for item in channel(make(bare, note, FULL)).findall("item"):
        assert all(item.findtext(name) for name in ("title", "link", "description", "guid", "pubDate"))


def test_rs17_summary_before_text() -> None:
    def order(feed: Feed) -> list[str]:
        item = channel(feed).find("item")
        assert item is not None
        return [node.tag for node in item if "description" in node.tag or "encoded" in node.tag]

    encoded = f"{{{NS['content']}}}encoded"
    assert order(make(article("a"))) == ["description", encoded]
    assert order(make(article("a"), rules=replace(RULES, content="summary"))) == ["description"]
    only_text = make(replace(article("a"), summary=""))
    assert order(only_text) == ["description"]
    assert channel(only_text).findtext("item/description") == "<p>Text of <b>a</b> &amp; more</p>"


def test_rs17_description_is_html() -> None:
    """A plain summary is written as the HTML that shows it."""
    assert channel(make(replace(article("a"), summary="1 < 2 & 3"))).findtext("item/description") == "1 &lt; 2 &amp; 3"


@pytest.mark.parametrize(
    ("authors", "author", "creators"),
    [
        (("Ann <ann@example.com>",), ["ann@example.com (Ann)"], []),
        (("Ann",), [], ["Ann"]),
        (("Ann <ann@example.com>", "Bob"), [], ["Ann", "Bob"]),
        ((), [], []),
    ],
)
def test_rs18_one_kind_of_author(authors: tuple[str, ...], author: list[str], creators: list[str]) -> None:
    node = channel(make(replace(article("a"), authors=authors)))
    assert texts(node, "item/author") == author and texts(node, "item/dc:creator") == creators


def test_rs19_a_category_per_tag() -> None:
    node = channel(make(FULL))
    assert texts(node, "item/category") == ["news", "a & b"] and node.find("item/dc:subject", NS) is None


def test_rs20_one_enclosure_with_a_length() -> None:
    files = channel(make(FULL)).findall("item/enclosure")
    assert [attributes(file) for file in files] == [
        {"url": "https://site.example.com/a.mp3", "length": "12", "type": "audio/mpeg"}
    ]
    for unknown in FULL.enclosures[1:]:
        file = channel(make(replace(FULL, enclosures=(unknown,)))).find("item/enclosure")
        assert file is not None and file.get("length") == "0" and file.get("type") == "audio/mpeg"


def test_rs21_an_edit_does_not_move_pubdate() -> None:
    node = channel(make(FULL, article("new")))
    assert texts(node, "item/pubDate") == ["Fri, 20 Nov 2026 12:00:00 +0000"] * 2
    assert texts(node, "item/a:updated") == ["2026-11-20T13:00:00Z"]


def test_rs22_no_twins_from_other_namespaces() -> None:
    for node in xml(RSS.render(make(FULL))).iter("channel", "item"):
        names = {child.tag for child in node}
        assert not names & {f"{{{NS['dc']}}}{name}" for name in ("date", "language", "rights", "subject", "title")}
        assert f"{{{NS['a']}}}id" not in names


# 3 Atom


def test_at01_default_namespace_and_language() -> None:
    document = ATOM.render(make(FULL))
    assert b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">' in document
    assert b"xmlns:" not in document and b"<atom:" not in document


def test_at02_feed_id_survives_a_new_name_and_a_new_host() -> None:
    before = xml(ATOM.render(make(FULL)))
    after = xml(
        ATOM.render(
            make(FULL, category=replace(NEWS, title="Neu"), rules=replace(RULES, public_base="https://new.example"))
        )
    )
    assert texts(before, "a:id") == texts(after, "a:id") == ["tag:example.com,2026:feed/news"]
    assert texts(after, "a:title") == ["Neu"] and texts(after, "a:updated")
    assert texts(after, "a:author/a:name") == ["Jane Doe"]
    assert texts(xml(ATOM.render(make(rules=replace(RULES, author="")))), "a:author/a:name") == ["Example Press"]


def test_at03_one_self_and_one_alternate() -> None:
    links = xml(ATOM.render(make(FULL))).findall("a:link", NS)
    assert [(link.get("rel"), link.get("type"), link.get("href")) for link in links] == [
        ("self", "application/atom+xml", "https://feeds.example.com/feeds/news.atom"),
        ("alternate", "text/html", "https://feeds.example.com/categories/news/"),
    ]


def test_at04_metadata_before_entries() -> None:
    names = [etree.QName(node).localname for node in xml(ATOM.render(make(FULL, article("b"))))]
    assert names[-2:] == ["entry", "entry"] and names.count("entry") == 2


def test_at05_entry_elements_and_plain_titles() -> None:
    entry = xml(ATOM.render(make(replace(FULL, title="a <b & c")))).find("a:entry", NS)
    assert entry is not None
    for name in ("id", "title", "published", "updated", "summary", "content"):
        assert texts(entry, f"a:{name}") not in ([], [None])
    title, content = entry.find("a:title", NS), entry.find("a:content", NS)
    assert title is not None and title.text == "a <b & c" and not title.attrib
    assert content is not None and attributes(content) == {"type": "html"}
    assert content.text == FULL.content_html and len(content) == 0
    link = entry.find("a:link[@rel='alternate']", NS)
    assert link is not None and attributes(link) == {
        "href": "https://site.example.com/full.html",
        "rel": "alternate",
        "type": "text/html",
    }


def test_at05_f01_signs_in_plain_text_as_numbers() -> None:
    """Otherwise the validator takes `&P500` for an entity of HTML."""
    source = replace(FULL, title="S&P500", summary="R&amp;D, 1 < 2", authors=("B & C",))
    document = ATOM.render(make(source, category=replace(NEWS, title="S&P")))
    for written in (
        b"<title>S&#x26;P500</title>",
        b"<summary>R&#x26;amp;D, 1 &#x3C; 2</summary>",
        b"<name>B &#x26; C</name>",
        b"<subtitle>S&#x26;P</subtitle>",
    ):
        assert written in document
    assert texts(xml(document), "a:entry/a:title") == ["S&P500"]


def test_at05_a_summary_that_speaks_of_tags_is_marked_as_html() -> None:
    summary = xml(ATOM.render(make(replace(FULL, summary="End it with </p> & go")))).find("a:entry/a:summary", NS)
    assert summary is not None and attributes(summary) == {"type": "html"}
    assert summary.text == "End it with &lt;/p&gt; &amp; go"


def test_at06_a_day_alone_gives_different_updates() -> None:
    days = [replace(article(name), date_only=True) for name in "abcdefghij"]
    stamps = texts(xml(ATOM.render(make(*days))), "a:entry/a:updated")
    assert len(set(stamps)) == 10
    assert texts(xml(ATOM.render(make(days[3]))), "a:entry/a:updated")[0] in stamps, "the same in any feed"
    assert all(stamp and stamp.startswith("2026-11-20T12:00:00.") for stamp in stamps)


def test_at07_updated_of_the_feed_is_the_newest_change_or_removal() -> None:
    def updated(category: Category) -> list[str | None]:
        return texts(xml(ATOM.render(make(FULL, article("b", 5), category=category))), "a:updated")

    assert updated(NEWS) == ["2026-11-20T13:00:00Z"]
    assert updated(replace(NEWS, changed=NOON + timedelta(hours=3))) == ["2026-11-20T15:00:00Z"]
    assert updated(replace(NEWS, changed=NOON)) == ["2026-11-20T13:00:00Z"]


def test_at07_updated_is_not_before_published() -> None:
    entry = xml(ATOM.render(make(replace(article("a"), updated=NOON - timedelta(days=9)))))
    assert texts(entry, "a:entry/a:updated") == texts(entry, "a:entry/a:published") == ["2026-11-20T12:00:00Z"]


def test_at08_all_files_and_tags() -> None:
    entry = xml(ATOM.render(make(FULL))).find("a:entry", NS)
    assert entry is not None
    assert [node.get("term") for node in entry.findall("a:category", NS)] == ["news", "a & b"]
    files = entry.findall("a:link[@rel='enclosure']", NS)
    assert [(file.get("href"), file.get("type"), file.get("length")) for file in files] == [
        ("https://site.example.com/a.mp3", "audio/mpeg", "12"),
        ("https://site.example.com/b.mp3", "audio/mpeg", None),
        ("https://site.example.com/c.mp3", "audio/mpeg", None),
    ]


# 4 JSON Feed


def test_jf01_feed_members() -> None:
    found = members(make(FULL))
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["feed_url"] == "https://feeds.example.com/feeds/news.json"
    assert found["home_page_url"] == "https://feeds.example.com/categories/news/"
    assert (found["title"], found["language"], found["authors"]) == ("News", "en", [{"name": "Jane Doe"}])


def test_jf02_item_members() -> None:
    item = items(make(FULL))[0]
    assert item == {
        "id": "tag:example.com,2026:full",
        "url": "https://site.example.com/full.html",
        "title": "Title full",
        "content_html": FULL.content_html,
        "summary": "Summary of full",
        "image": "https://site.example.com/a.png",
        "date_published": "2026-11-20T12:00:00Z",
        "date_modified": "2026-11-20T13:00:00Z",
        "authors": [{"name": "Ann"}],
        "tags": ["news", "a & b"],
        "attachments": [
            {"url": "https://site.example.com/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12},
            {"url": "https://site.example.com/b.mp3", "mime_type": "audio/mpeg"},
            {"url": "https://site.example.com/c.mp3", "mime_type": "audio/mpeg"},
        ],
    }
    short = items(make(FULL, rules=replace(RULES, content="summary")))[0]
    assert short["content_text"] == "Summary of full" and "content_html" not in short


NEXT = (PageLink("next", "/feeds/news", "?page=2"),)


def test_jf03_nothing_outdated_and_nothing_of_our_own() -> None:
    feed = replace(make(FULL), hub_url="https://feeds.example.com/hub", links=NEXT)
    allowed = {"version", "title", "home_page_url", "feed_url", "description", "next_url", "icon"}
    assert set(members(feed)) <= allowed | {"language", "authors", "hubs", "items"}
    assert "author" not in items(feed)[0] and members(feed)["next_url"] != members(feed)["feed_url"]


def test_jf04_p01_hub_and_next_page_exactly_when_there_are() -> None:
    plain = make(FULL)
    assert "hubs" not in members(plain) and "next_url" not in members(plain)
    both = replace(plain, hub_url="https://feeds.example.com/hub", links=NEXT)
    assert members(both)["hubs"] == [{"type": "WebSub", "url": "https://feeds.example.com/hub"}]
    assert members(both)["next_url"] == "https://feeds.example.com/feeds/news.json?page=2"

    find: tuple[tuple[Callable[[Feed], etree._Element], str], ...] = (
        (channel, "rss"),
        (lambda feed: xml(ATOM.render(feed)), "atom"),
    )
    for root, name in find:
        assert [
            link.get("rel") for link in root(plain).findall("a:link", NS) if link.get("rel") in ("hub", "next")
        ] == []
        links = {link.get("rel"): link for link in root(both).findall("a:link", NS)}
        assert links["hub"].get("href") == "https://feeds.example.com/hub"
        assert links["next"].get("href") == f"https://feeds.example.com/feeds/news.{name}?page=2"
        assert links["next"].get("type") == f"application/{name}+xml"


def test_jf06_h01_media_types() -> None:
    assert [form.media_type for form in FORMATS] == [
        "application/rss+xml; charset=utf-8",
        "application/atom+xml; charset=utf-8",
        "application/feed+json",
    ]
    assert "新".encode() in JSON.render(make(replace(article("a"), title="新"))), "UTF-8, not escapes"


# 7 Identity


def test_id01_id05_the_id_stays_whatever_else_changes() -> None:
    edited = replace(
        FULL,
        title="New title",
        content_html="<p>new</p>",
        canonical_url="https://elsewhere.example/x",
        categories=("other",),
        updated=NOON + timedelta(days=1),
    )
    before, after = make(FULL), make(edited)
    assert before.entries[0].id == after.entries[0].id
    assert items(before)[0]["date_published"] == items(after)[0]["date_published"]
    assert all(form.render(before) != form.render(after) for form in FORMATS)


@pytest.mark.parametrize("given", ["tag:example.com,2026:NW1", "https://old.example.com/?p=123", "urn:uuid:1-2"])
def test_id02_id03_given_ids_letter_for_letter_and_never_a_permalink(given: str) -> None:
    feed = make(replace(FULL, id=given))
    guid = channel(feed).find("item/guid")
    assert guid is not None and guid.text == given and guid.get("isPermaLink") == "false"
    assert texts(xml(ATOM.render(feed)), "a:entry/a:id") == [given] and items(feed)[0]["id"] == given


def test_id06_withdrawing_changes_every_format() -> None:
    both, one = make(FULL, article("b")), make(FULL, category=replace(NEWS, changed=NOON + timedelta(hours=4)))
    assert all(form.render(both) != form.render(one) for form in FORMATS)
    assert channel(one).findtext("lastBuildDate") == "Fri, 20 Nov 2026 16:00:00 +0000"


def test_id07_links_are_the_canonical_pages() -> None:
    assert items(make(FULL))[0]["url"] == FULL.canonical_url

"""The page of an article: here, or for a canonical site elsewhere; what it shows, and what it tells programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

import html5lib
import pytest

from feedsvc.content.draft import Enclosure
from feedsvc.sharing.codes import share_code
from feedsvc.sharing.link import LinkKind, ShareLink
from tests.web.served_site import NOON, PUBLIC, Site, open_site, sample_article
from tests.web.test_pages import Heads

ELSEWHERE: dict[str, Any] = {"site": {"title": "Nordhaven Wire", "url": "https://site.example.com"}}
LOGO = "https://site.example.com/logo.png"
CANONICAL = "https://site.example.com/2026/x.html?a=1&b=2"
OWN = "/harbour/NW1.html"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path, feeds={"image": LOGO}) as site:
        site.publish("harbour", "text")
        yield site


def shown(site: Site, path: str = OWN, language: str = "en") -> str:
    """A sound page's text."""
    answer = site.client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    html5lib.HTMLParser(strict=True).parse(answer.text)
    return answer.text


def tree(text: str) -> Element:
    found: Element = html5lib.parse(text, namespaceHTMLElements=False)
    return found


def said(element: Element | None) -> str:
    """The text of an element, white space folded."""
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def linked_data(text: str) -> dict[str, Any]:
    [script] = tree(text).findall(".//script[@type='application/ld+json']")
    found: dict[str, Any] = json.loads(script.text or "")
    return found


def properties(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in Heads(text).all("meta"):
        found.setdefault(meta.get("property") or meta.get("name", ""), []).append(meta.get("content", ""))
    return found


# What people see


def test_the_article_and_what_belongs_to_it(site: Site) -> None:
    site.put(
        sample_article(
            "NW1",
            authors=("Ada Quay", "Ben Pier <ben@example.com>"),
            source="Nordhaven Herald",
            updated=NOON - timedelta(hours=1),
            categories=("harbour", "Towns & <Tides>"),
        )
    )
    with site.store.writing() as transaction:
        transaction.set_category("harbour", title="海港晚报")
    text = shown(site)
    page = tree(text)
    article = page.find(".//article")
    assert article is not None
    assert said(article.find("h1")) == "New ferry for the Nordhaven line"
    byline = said(article.find("p[@class='byline']"))
    assert byline == (
        "Source: Nordhaven Herald Ada Quay Ben Pier 20 November 2026, 18:00 UTC+8 updated 20 November 2026, 19:00 UTC+8"
    )
    assert "ben@example.com" not in text
    times = [it.attrib["datetime"] for it in article.iter("time")]
    assert times == ["2026-11-20T18:00:00+08:00", "2026-11-20T19:00:00+08:00"]
    assert "<p>The ferry <b>Aurelia</b> sails from May.</p>" in text
    chips = [(said(link), link.attrib["href"]) for link in article.findall(".//ul[@class='chips']/li/a")]
    assert chips == [
        ("海港晚报", "/categories/harbour/"),
        ("Towns & <Tides>", "/categories/Towns%20%26%20%3CTides%3E/"),
    ]
    assert page.findall(".//h1") == article.findall("h1")
    for chinese in ("来源：", "更新于", "分享这篇文章"):
        assert chinese in shown(site, language="zh")


@pytest.mark.parametrize("custom", ["", "night-ferry", "夜航"])
def test_the_share_box(site: Site, custom: str) -> None:
    """Contract L05: the link in a field to copy, buttons that only scripts show, the QR code when it is wanted."""
    article = sample_article("NW1", title='A "quoted" title')
    site.put(article)
    if custom:
        with site.store.writing() as transaction:
            transaction.put_links([ShareLink(custom, article.id, LinkKind.CUSTOM)])
    link = f"{PUBLIC}/s/{quote(custom or share_code(article.id))}"
    page = Heads(shown(site))
    [field] = page.all("input", id="share-link")
    assert field["value"] == link and "readonly" in field
    assert page.all("label", **{"for": "share-link"})
    [copy] = [button for button in page.all("button") if button.get("data-copy") == "#share-link"]
    [send] = [button for button in page.all("button") if "data-share" in button]
    assert "hidden" in copy and "hidden" in send and copy["data-copied"] == "Copied"
    assert (send["data-share"], send["data-title"]) == (link, 'A "quoted" title')
    [picture] = page.all("img", **{"class": "qr"})
    assert picture["loading"] == "lazy" and picture["alt"] == "QR code of the share link"
    assert site.client.get(picture["src"]).status_code == 200
    assert site.client.get(link.removeprefix(PUBLIC)).headers["Location"] == article.canonical_url


def test_dates_without_a_time_and_articles_without_a_change(site: Site) -> None:
    day = datetime.fromisoformat("2026-11-19T00:00:00+08:00")
    site.put(sample_article("NW1", published=day, updated=day, date_only=True))
    text = shown(site)
    assert said(tree(text).find(".//p[@class='byline']")) == "19 November 2026"
    assert "article:modified_time" not in properties(text)
    assert linked_data(text)["dateModified"] == "2026-11-19T00:00:00+08:00"


def test_texts_are_in_their_own_language_the_page_in_the_readers(site: Site) -> None:
    site.put(sample_article("NW1", language="zh-Hant", source="海港日報"))
    page = tree(shown(site))
    assert page.attrib["lang"] == "en"
    for path in (".//h1", ".//div[@class='text']", ".//p[@class='byline']/span/bdi"):
        found = page.find(path)
        assert found is not None and found.attrib["lang"] == "zh-Hant", path
    byline = page.find(".//p[@class='byline']")
    assert byline is not None and "lang" not in byline.attrib, "dates are the page's"


def test_files_with_type_and_size(site: Site) -> None:
    files = (
        Enclosure("https://site.example.com/a%20b.mp3?x=1&y=2", "audio/mpeg", 2_130_000),
        Enclosure("https://site.example.com/plan.pdf", "application/pdf", 640_400),
        Enclosure("https://site.example.com/odd", "", None),
        Enclosure("https://site.example.com/film.mp4", "video/mp4", 999),
    )
    site.put(sample_article("NW1", enclosures=files))
    text = shown(site)
    items = [said(item) for item in tree(text).findall(".//article//div/ul/li")]
    assert items == [
        "a b.mp3 audio/mpeg, 2.1 MB",
        "plan.pdf application/pdf, 640 kB",
        "odd",
        "film.mp4 video/mp4, 999 B",
    ]
    page = Heads(text)
    for kind in ("audio", "video"):
        [player] = page.all(kind)
        assert player["preload"] == "none", "nothing is fetched before somebody wants it"


@pytest.mark.parametrize(
    ("summary", "lead"),
    [
        ("Forty berths, one crossing an hour.", "Forty berths, one crossing an hour."),
        ("The ferry Aurelia sails from May.", ""),
        ("The ferry Aurelia\nsails…", ""),
        ("", ""),
    ],
)
def test_a_summary_leads_when_the_text_does_not_say_it(site: Site, summary: str, lead: str) -> None:
    site.put(sample_article("NW1", summary=summary))
    found = tree(shown(site)).find(".//p[@class='lead']")
    assert ("" if found is None else said(found)) == lead


def test_the_next_articles_and_more_of_the_category(site: Site) -> None:
    """In the first category's order, never ones that are not shown."""
    others = [
        sample_article(f"NW{n}", title=f"Words {n}", published=NOON - timedelta(hours=n)) for n in (1, 3, 4, 5, 6, 7, 8)
    ]
    own = sample_article("NW2", categories=("harbour", "quay"))
    site.put(own, *others, sample_article("later", title="Tomorrow", published=NOON + timedelta(days=1)))
    site.withdraw(others[1])
    page = tree(shown(site, "/harbour/NW2.html"))
    links = [(link.attrib["rel"], link.attrib["href"], said(link)) for link in page.findall(".//nav/a[@rel]")]
    turn = [found for found in links if found[0] in ("prev", "next")]
    assert turn == [("prev", "/harbour/NW1.html", "Newer Words 1"), ("next", "/harbour/NW4.html", "Older Words 4")]
    more = [said(link) for link in page.findall(".//aside//ol/li/a")]
    assert more == ["Words 1", "Words 4", "Words 5", "Words 6", "Words 7"]
    assert "Tomorrow" not in said(page)


def test_an_article_alone_in_its_category_leads_to_the_newest(site: Site) -> None:
    site.put(sample_article("NW1"), sample_article("NW2", categories=("quay",), title="Elsewhere in town"))
    aside = tree(shown(site)).find(".//aside")
    assert said(aside).startswith("Newest articles Elsewhere in town")


def test_an_article_without_a_category(site: Site) -> None:
    """Contract L01: the site's own feeds are offered then."""
    site.put(sample_article("NW1", categories=()))
    page = Heads(shown(site))
    assert page.all("link", rel="alternate")[0]["href"] == f"{PUBLIC}/feed.rss"


def test_l01_the_first_categorys_feeds_are_offered(site: Site) -> None:
    """Contract L01; a category that is no more is passed over."""
    site.put(sample_article("NW1", categories=("harbour", "quay")))
    feeds = [link["href"] for link in Heads(shown(site)).all("link", rel="alternate")]
    assert feeds == [f"{PUBLIC}/feeds/harbour{suffix}" for suffix in (".rss", ".atom", ".json")]


# What programs are told


def test_opengraph_and_cards(site: Site) -> None:
    site.put(
        sample_article(
            "NW1",
            title='Fish & <Chips> "today"',
            summary="A & B <c>",
            image=f"{PUBLIC}/assets/a.png",
            tags=("food", "sea"),
            authors=("Ada Quay",),
            language="zh-CN",
        )
    )
    text = shown(site)
    told = properties(text)
    for names, value in (
        (("og:title", "twitter:title"), 'Fish & <Chips> "today"'),
        (("og:description", "twitter:description", "description"), "A & B <c>"),
        (("og:image", "twitter:image"), f"{PUBLIC}/assets/a.png"),
        (("og:url",), PUBLIC + OWN),
        (("og:type",), "article"),
        (("og:site_name",), "Nordhaven Wire"),
        (("og:locale",), "zh_CN"),
        (("article:published_time",), "2026-11-20T18:00:00+08:00"),
        (("article:section",), "harbour"),
        (("article:author",), "Ada Quay"),
        (("twitter:card",), "summary_large_image"),
    ):
        for name in names:
            assert told[name] == [value], name
    assert told["article:tag"] == ["food", "sea"]
    assert Heads(text).all("link", rel="canonical")[0]["href"] == PUBLIC + OWN


def test_a_card_without_a_picture_of_its_own_is_a_small_one(site: Site) -> None:
    """It has the site's, which is a logo and no picture."""
    site.put(sample_article("NW1"))
    told = properties(shown(site))
    assert (told["og:image"], told["twitter:card"]) == ([LOGO], ["summary"])


def test_linked_data_is_a_whole_news_article(site: Site) -> None:
    """schema.org NewsArticle, as search engines ask for it: dates with a zone, a publisher with a logo."""
    site.put(
        sample_article(
            "NW1",
            updated=NOON - timedelta(hours=1),
            authors=("Ada Quay", "Nordhaven Herald"),
            source="Nordhaven Herald",
            image=f"{PUBLIC}/assets/a.png",
            tags=("sea",),
        )
    )
    assert linked_data(shown(site)) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": PUBLIC + OWN,
        "mainEntityOfPage": {"@type": "WebPage", "@id": PUBLIC + OWN},
        "url": PUBLIC + OWN,
        "headline": "New ferry for the Nordhaven line",
        "description": "The ferry Aurelia sails from May.",
        "image": [f"{PUBLIC}/assets/a.png"],
        "datePublished": "2026-11-20T18:00:00+08:00",
        "dateModified": "2026-11-20T19:00:00+08:00",
        "author": [{"@type": "Person", "name": "Ada Quay"}],
        "publisher": {
            "@type": "Organization",
            "name": "Nordhaven Wire",
            "url": PUBLIC + "/",
            "logo": {"@type": "ImageObject", "url": LOGO},
        },
        "articleSection": ["harbour"],
        "keywords": ["sea"],
        "inLanguage": "en",
        "isAccessibleForFree": True,
    }


@pytest.mark.parametrize(
    "hostile",
    ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028\u2029", '"},{"@type":"x', "\\u003c \\ & 'x'"],
)
def test_nothing_gets_out_of_the_linked_data(site: Site, hostile: str) -> None:
    """Contract HC03, HC04 for the page: what is in a title is text in every place where it stands."""
    site.put(sample_article("NW1", title=hostile, tags=(hostile,), authors=(hostile,), categories=(hostile,)))
    text = shown(site)
    told = linked_data(text)
    assert told["headline"] == " ".join(hostile.split()) or told["headline"] == hostile
    assert told["keywords"] == [hostile] and told["articleSection"] == [hostile]
    assert len(tree(text).findall(".//script")) == 2
    assert said(tree(text).find(".//article/h1")) == " ".join(hostile.split())


def test_the_policy_of_the_page_runs_nothing_inline(site: Site) -> None:
    site.put(sample_article("NW1"))
    policy = site.client.get(OWN).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy and "base-uri 'none'" in policy


def test_addresses_come_from_the_settings(site: Site) -> None:
    """Contract L05, S09."""
    site.put(sample_article("NW1"))
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert "evil.example" not in site.client.get(OWN, headers=headers).text


# Where it is to be had


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/articles/NW1", OWN),
        ("/articles/NW1/", OWN),
        ("/articles/en/hello", "/harbour/hello.html"),
        ("/articles/en%2Fhello?lang=en", "/harbour/hello.html?lang=en"),
        ("/articles/hello", "/harbour/hello.html"),
    ],
)
def test_the_canonical_site_sends_to_the_articles_own_path(site: Site, asked: str, there: str) -> None:
    site.put(sample_article("NW1"), sample_article("en/hello"))
    answer = site.client.get(asked)
    assert (answer.status_code, answer.headers["Location"]) == (301, there)


def test_a_path_below_articles_may_be_an_articles_own(site: Site) -> None:
    site.put(sample_article("NW1", path="/articles/NW2", title="At its path"), sample_article("NW2"))
    assert "At its path" in shown(site, "/articles/NW2")


@pytest.mark.parametrize(
    "identity", ["NW1", "en/hello", "zh/你好", "zh/中文 名字", "a\\\\b", "a+b&c=d", "100%", "x?y#z"]
)
def test_articles_of_a_site_elsewhere(tmp_path: Path, identity: str) -> None:
    """One address, percent-encoded, that names the canonical page; and leads there."""
    with open_site(tmp_path, **ELSEWHERE) as site:
        site.publish("harbour", "text")
        site.put(sample_article(identity, canonical_url=CANONICAL))
        path = "/articles/" + quote(identity, safe="/")
        text = shown(site, path)
        page = Heads(text)
        assert page.all("link", rel="canonical")[0]["href"] == CANONICAL
        assert properties(text)["og:url"] == [CANONICAL] and linked_data(text)["url"] == CANONICAL
        assert page.all("a", rel="external", href=CANONICAL) and "First published at" in text
        assert "<p>The ferry <b>Aurelia</b> sails from May.</p>" in text
        escaped = site.client.get(
            "/", environ_overrides={"RAW_URI": "/articles/" + quote(identity, safe=""), "PATH_INFO": "/articles/x"}
        )
        assert escaped.status_code == (301 if "/" in identity else 200)
        assert site.client.get("/harbour/" + identity.rpartition("/")[2] + ".html").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/articles",
        "/articles/",
        "/articles/no-such",
        "/articles/%ff",
        "/articles/..%2f..%2fetc",
        "/articles/later",
        "/articles/" + "x" * 3000,
    ],
)
def test_no_such_article(tmp_path: Path, path: str) -> None:
    """Contract F08: nor one of the future."""
    with open_site(tmp_path, **ELSEWHERE) as site:
        site.put(sample_article("later", published=NOON + timedelta(days=1)))
        assert site.client.get(path).status_code == 404


def test_rights_hold_for_pages_elsewhere(tmp_path: Path) -> None:
    """Summary or headline and the way to the rest; none is none. The line that must follow every text is there."""
    rights = {
        "part": {"text": "summary", "attribution": "By kind permission of <the Herald>"},
        "board": {"text": "headline"},
        "court": {"text": "none"},
        "press": {"attribution": "All rights with the Herald"},
    }
    files = (Enclosure("https://site.example.com/secret.pdf", "application/pdf", 10),)
    with open_site(tmp_path, categories={"rights": rights}, **ELSEWHERE) as site:
        for number, category in enumerate([*rights, "harbour"], 1):
            article = sample_article(f"NW{number}", title=f"Words {number}", categories=(category,))
            picture = "https://site.example.com/secret.png"
            site.put(replace(article, canonical_url=CANONICAL, enclosures=files, image=picture))
        part, board = shown(site, "/articles/NW1"), shown(site, "/articles/NW2")
        assert "The ferry Aurelia sails from May." in part and "By kind permission of &lt;the Herald&gt;" in part
        assert "Aurelia" not in board and "Words 2" in board
        for text in (part, board):
            assert "<b>Aurelia</b>" not in text and "secret" not in text
            assert "Read on at site.example.com" in text
        assert site.client.get("/articles/NW3").status_code == 404
        assert "<b>Aurelia</b>" in shown(site, "/articles/NW4") and "All rights with the Herald" in shown(
            site, "/articles/NW4"
        )
        open_one = shown(site, "/articles/NW5")
        assert "<b>Aurelia</b>" in open_one and "Words 3" not in open_one, "not as a neighbour either"


def test_an_excerpt_only_article_is_an_excerpt_elsewhere(tmp_path: Path) -> None:
    with open_site(tmp_path, **ELSEWHERE) as site:
        site.put(sample_article("NW1", excerpt_only=True, canonical_url=CANONICAL))
        text = shown(site, "/articles/NW1")
        assert "<b>Aurelia</b>" not in text and "Read on at site.example.com" in text


def test_who_reads_elsewhere_goes_on_reading_there(tmp_path: Path) -> None:
    with open_site(tmp_path, **ELSEWHERE) as site:
        site.put(sample_article("NW1"), sample_article("en/older", published=NOON - timedelta(days=1)))
        page = tree(shown(site, "/articles/NW1"))
        found = [link.attrib["href"] for link in page.findall(".//a") if "older" in link.attrib["href"]]
        assert found == ["/articles/en/older"] * 2
        assert site.client.get(found[0]).status_code == 200


@pytest.mark.parametrize("canonical", [True, False])
def test_s11_withdrawn(tmp_path: Path, canonical: bool) -> None:
    """Contract S11 for the page itself: 410, and nothing of the article."""
    with open_site(tmp_path, **({} if canonical else ELSEWHERE)) as site:
        site.publish("harbour", "text")
        article = sample_article("NW1")
        site.put(article, sample_article("NW2", title="Still there"))
        site.withdraw(article)
        answer = site.client.get(OWN if canonical else "/articles/NW1", headers={"Accept-Language": "en"})
        html5lib.HTMLParser(strict=True).parse(answer.text)
        assert answer.status_code == 410
        assert article.title not in answer.text and "Aurelia" not in answer.text and "og:" not in answer.text
        assert Heads(answer.text).all("a", href="/categories/harbour/")
        assert Heads(answer.text).all("meta", name="robots", content="noindex")

"""What search engines get: robots.txt and the lists of pages."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from feedsvc.articles.article import Status
from feedsvc.feeds import sitemap as lists
from feedsvc.publishing.document import Document
from feedsvc.web import page_memory, sitemap
from tests.web.served_site import NOON, PUBLIC, Site, open_site, sample_article

W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
GOOGLE, FACEBOOK = "Googlebot", "facebookexternalhit"


def read(body: bytes, path: str) -> list[str]:
    return [node.text or "" for node in etree.fromstring(body).findall(path, NAMES)]


def listed(site: Site, path: str = "/sitemap.xml") -> list[str]:
    answer = site.client.get(path)
    assert answer.status_code == 200, path
    return read(answer.data, "s:url/s:loc")


def rules(site: Site) -> RobotFileParser:
    answer = site.client.get("/robots.txt")
    assert answer.mimetype == "text/plain" and answer.headers["Cache-Control"].startswith("public")
    parser = RobotFileParser()
    parser.parse(answer.text.splitlines())
    return parser


def test_all_pages_of_this_server_are_listed(site: Site) -> None:
    other = "https://other.example.com/x.html"
    site.put(
        sample_article("NW1"),
        sample_article("NW2", categories=("港口晚报",), updated=NOON - timedelta(minutes=5)),
        sample_article("NW3", canonical_url=other),
        sample_article("NW4", published=NOON + timedelta(hours=1)),
        sample_article("NW5", in_feeds=False),
        sample_article("NW6", status=Status.WITHDRAWN),
    )
    answer = site.client.get("/sitemap.xml")
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert read(answer.data, "s:url/s:loc") == [
        f"{PUBLIC}/",
        f"{PUBLIC}/about-feeds",
        f"{PUBLIC}/subscribe",
        f"{PUBLIC}/categories/harbour/",
        f"{PUBLIC}/categories/%E6%B8%AF%E5%8F%A3%E6%99%9A%E6%8A%A5/",
        f"{PUBLIC}/harbour/NW1.html",
        f"{PUBLIC}/harbour/NW2.html",
    ]
    changed = read(answer.data, "s:url/s:lastmod")
    assert len(changed) == 5 and all(map(W3C.fullmatch, changed))
    assert changed[-1] == "2026-11-20T11:55:00Z"


def test_articles_that_live_elsewhere_are_not_listed(tmp_path: Path) -> None:
    with open_site(tmp_path, site={"url": "https://paper.example.com"}) as site:
        site.publish("harbour", "first")
        site.put(sample_article(canonical_url="https://paper.example.com/harbour/NW1.html"))
        assert listed(site)[-1] == f"{PUBLIC}/categories/harbour/"
        assert site.client.get("/news-sitemap.xml").status_code == 404
        assert "news-sitemap" not in site.client.get("/robots.txt").text


def test_many_pages_are_split(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_PAGES", 10)
    site.put(*(sample_article(f"NW{number:02}") for number in range(23)))
    index = site.client.get("/sitemap.xml").data
    parts = read(index, "s:sitemap/s:loc")
    assert parts == [f"{PUBLIC}/sitemap-{number}.xml" for number in (1, 2, 3, 4)]
    changed = read(index, "s:sitemap/s:lastmod")
    assert len(changed) == 4 and all(map(W3C.fullmatch, changed))
    pages = [listed(site, path.removeprefix(PUBLIC)) for path in parts]
    assert [len(part) for part in pages] == [4, 10, 10, 3]
    assert pages[0][0] == f"{PUBLIC}/" and pages[1][0] == f"{PUBLIC}/harbour/NW00.html"
    assert site.client.get("/sitemap-5.xml").status_code == 404
    assert site.client.get("/sitemap-0.xml").status_code == 404


def test_who_comes_while_the_first_list_is_made_keeps_no_thread_waiting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put(sample_article())
    begun, go_on, answers = threading.Event(), threading.Event(), []
    made = sitemap.made

    def slowly() -> Iterator[Document]:
        begun.set()
        assert go_on.wait(10)
        yield from made()

    monkeypatch.setattr(sitemap, "made", slowly)
    monkeypatch.setattr(page_memory, "PATIENCE", 0.01)
    first = threading.Thread(target=lambda: answers.append(site.client.get("/sitemap.xml").status_code))
    first.start()
    assert begun.wait(10)
    answer = site.client.get("/sitemap.xml")
    go_on.set()
    first.join(10)
    assert (answer.status_code, answer.headers["Retry-After"], answers) == (503, "5", [200])
    assert site.client.get("/sitemap.xml").status_code == 200


def test_a_list_for_one_sitemap_has_no_parts(site: Site) -> None:
    site.put(sample_article())
    assert len(listed(site)) == 5
    assert site.client.get("/sitemap-1.xml").status_code == 404


@pytest.mark.parametrize("short", [sitemap.SHORT, 0])
def test_what_a_client_has_is_not_sent_again(site: Site, monkeypatch: pytest.MonkeyPatch, short: int) -> None:
    """Whether the page memory keeps it or it is too long for that."""
    monkeypatch.setattr(sitemap, "SHORT", short)
    site.put(sample_article())
    plain = site.client.get("/sitemap.xml")
    packed = site.client.get("/sitemap.xml", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert {"Accept-Encoding"} <= set(plain.headers["Vary"].split(", "))
    for answer in (plain, packed):
        again = site.client.get("/sitemap.xml", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    head = site.client.head("/sitemap.xml")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", plain.headers["ETag"])


def test_its_date_is_that_of_the_newest_publication(site: Site) -> None:
    site.put(sample_article())
    with site.store.writing() as transaction:
        transaction.touch([""], NOON - timedelta(minutes=3))
    answer = site.client.get("/sitemap.xml")
    assert answer.headers["Last-Modified"] == "Fri, 20 Nov 2026 11:57:00 GMT"
    again = site.client.get("/sitemap.xml", headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    assert again.status_code == 304


def test_news_are_those_of_two_days(site: Site) -> None:
    old, new = NOON - timedelta(hours=49), NOON - timedelta(hours=47)
    site.put(
        sample_article("NW1", published=old),
        sample_article("NW2", published=new, title='Tide & "fog" <1 m'),
        sample_article("NW3", in_feeds=False),
        sample_article("NW4", published=NOON + timedelta(hours=1)),
    )
    answer = site.client.get("/news-sitemap.xml")
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert "Last-Modified" not in answer.headers
    assert read(answer.data, "s:url/s:loc") == [f"{PUBLIC}/harbour/NW2.html"]
    assert read(answer.data, "s:url/n:news/n:title") == ['Tide & "fog" <1 m']
    assert read(answer.data, "s:url/n:news/n:publication_date") == ["2026-11-18T13:00:00Z"]
    assert read(answer.data, "s:url/n:news/n:publication/n:name") == ["Nordhaven Wire"]
    assert read(answer.data, "s:url/n:news/n:publication/n:language") == ["zh-cn"]


def test_news_are_a_thousand_at_most(site: Site) -> None:
    moments = [NOON - timedelta(minutes=number) for number in range(1_005)]
    site.put(*(sample_article(f"NW{number:04}", published=at) for number, at in enumerate(moments)))
    news = listed(site, "/news-sitemap.xml")
    assert len(news) == 1_000 and news[0].endswith("NW0000.html")


def test_news_without_rights_stay_out(tmp_path: Path) -> None:
    rights = {"wire": {"text": "none"}, "agency": {"text": "headline"}}
    with open_site(tmp_path, categories={"rights": rights}) as site:
        site.publish("harbour", "first")
        site.put(sample_article("NW1", categories=("harbour", "wire")), sample_article("NW2", categories=("agency",)))
        assert [page.rpartition("/")[2] for page in listed(site, "/news-sitemap.xml")] == ["NW2.html"]


def test_s04_robots_may_follow_share_links(site: Site) -> None:
    """Contract S04."""
    asked = rules(site)
    assert all(asked.can_fetch(GOOGLE, PUBLIC + path) for path in ("/", "/s/abc", "/feed.rss", "/feeds/harbour.rss"))
    assert not any(
        asked.can_fetch(GOOGLE, PUBLIC + path) for path in ("/api/v1/runs", "/search?q=x", "/subscribe?category=x")
    )
    assert asked.can_fetch(GOOGLE, f"{PUBLIC}/subscribe")
    assert asked.site_maps() == [f"{PUBLIC}/sitemap.xml", f"{PUBLIC}/news-sitemap.xml"]


def test_s04_robots_may_be_kept_out_of_all_but_share_links_and_feeds(tmp_path: Path) -> None:
    """Contract S04: previews go on whatever search engines are told."""
    with open_site(tmp_path, pages={"robots": False}) as site:
        site.publish("harbour", "first")
        site.put(sample_article())
        asked = rules(site)
        assert not any(asked.can_fetch(GOOGLE, PUBLIC + path) for path in ("/", "/harbour/NW1.html", "/categories/x/"))
        open_paths = ("/s/abc", "/feed.rss", "/feeds/harbour.rss", "/html_News/NewsShare.html?infoCode=1")
        assert all(asked.can_fetch(GOOGLE, PUBLIC + path) for path in open_paths)
        assert asked.can_fetch(FACEBOOK, f"{PUBLIC}/harbour/NW1.html")
        assert asked.site_maps() is None
        assert site.client.get("/sitemap.xml").status_code == 404
        assert site.client.get("/news-sitemap.xml").status_code == 404


def test_before_the_first_publication_there_is_no_list(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        answer = site.client.get("/sitemap.xml")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_below_a_path_of_the_host(tmp_path: Path) -> None:
    with open_site(tmp_path, public_url=f"{PUBLIC}/wire") as site:
        site.publish("harbour", "first")
        site.put(sample_article(canonical_url=f"{PUBLIC}/harbour/NW1.html"))
        assert listed(site) == [
            f"{PUBLIC}/wire{path}" for path in ("/", "/about-feeds", "/subscribe", "/categories/harbour/")
        ]
        assert not rules(site).can_fetch(GOOGLE, f"{PUBLIC}/wire/api/v1/runs")

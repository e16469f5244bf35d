"""What the sitemap protocol says, held against what is written: addresses, dates, sizes, and any title."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.feeds import sitemap
from feedsvc.feeds.legal import plain_line
from feedsvc.feeds.sitemap import News, Page, covers, fits, news_language, split

BASE = "https://news.example.com"
AT = datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}


def read(document: bytes, path: str) -> list[str | None]:
    assert document.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
    return [node.text for node in etree.fromstring(document).findall(path, NAMES)]


def test_a_sitemap_says_where_and_when() -> None:
    pages = [Page(f"{BASE}/a?b=1&c='\"", AT), Page(f"{BASE}/d")]
    (part,) = split(pages)
    document = sitemap.sitemap(part)
    assert read(document, "s:url/s:loc") == [page.address for page in pages]
    assert read(document, "s:url/s:lastmod") == ["2026-11-20T00:00:00Z"]
    assert b"&amp;c=&#x27;&quot;</loc>" in document  # the protocol wants all five escaped
    assert part.changed == AT


def test_an_index_names_its_sitemaps() -> None:
    document = sitemap.index([Page(f"{BASE}/sitemap-1.xml", AT), Page(f"{BASE}/sitemap-2.xml")])
    assert read(document, "s:sitemap/s:loc") == [f"{BASE}/sitemap-1.xml", f"{BASE}/sitemap-2.xml"]
    assert read(document, "s:sitemap/s:lastmod") == ["2026-11-20T00:00:00Z"]


def test_a_part_has_no_more_than_fifty_thousand_pages() -> None:
    parts = list(split(Page(f"{BASE}/{number}", AT) for number in range(100_001)))
    assert [part.pages for part in parts] == [50_000, 50_000, 1]
    assert not fits(parts) and not fits(parts[1:]) and fits(parts[2:])


def test_a_part_is_no_larger_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST_BYTES", 10_000)
    pages = [Page(f"{BASE}/{'x' * 1_000}{number}", AT) for number in range(30)]
    parts = list(split(pages))
    assert len(parts) == 4 and all(len(part.entries) <= 10_000 for part in parts)
    assert sum(part.pages for part in parts) == 30
    assert not fits(parts[:2]) and fits(parts[:1])
    assert list(split([])) == []


@pytest.mark.parametrize(
    ("base", "address", "covered"),
    [
        (BASE, f"{BASE}/a", True),
        (BASE, "https://other.example.com/a", False),
        (BASE, "http://news.example.com/a", False),
        (BASE, "https://news.example.com:8443/a", False),
        (BASE, "https://news.example.com.evil.example/a", False),
        ("https://News.example.com:443", f"{BASE}/a", True),
        (BASE + "/blog", f"{BASE}/blog/a", True),
        (BASE + "/blog", f"{BASE}/a", False),
        (BASE + "/blog", f"{BASE}/blogger/a", False),
        (BASE, f"{BASE}/{'x' * 2_100}", False),
    ],
)
def test_addresses_of_this_host_only(base: str, address: str, covered: bool) -> None:
    assert covers(base, address) is covered


def test_news_have_name_language_date_and_title() -> None:
    document = sitemap.news_sitemap([News(f"{BASE}/a", "R&D <b>x</b> 渡轮", AT)], "Nordhaven & Co", "zh-CN")
    place = "s:url/n:news/"
    assert read(document, "s:url/s:loc") == [f"{BASE}/a"]
    assert read(document, place + "n:publication/n:name") == ["Nordhaven & Co"]
    assert read(document, place + "n:publication/n:language") == ["zh-cn"]
    assert read(document, place + "n:publication_date") == ["2026-11-20T00:00:00Z"]
    assert read(document, place + "n:title") == ["R&D x 渡轮"]


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh-cn"), ("zh-CN", "zh-cn"), ("zh-Hant", "zh-tw"), ("zh_TW", "zh-tw"), ("zh-Hans-SG", "zh-cn"),
        ("en-GB", "en"), ("nds", "nds"), ("cn", "en"), ("", "en"),
    ],
)  # fmt: skip
def test_the_language_of_news(tag: str, language: str) -> None:
    assert news_language(tag) == language


@given(title=st.text(), name=st.text())
def test_any_title_is_well_formed(title: str, name: str) -> None:
    document = sitemap.news_sitemap([News(f"{BASE}/a", title, datetime(1, 1, 1, tzinfo=UTC))], name, "en")
    line = plain_line(title)
    assert read(document, "s:url/n:news/n:title") == ([line] if line else []), "without a title it is no news"

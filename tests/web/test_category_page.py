"""A category's page: its headlines by day and month, its pace, its relatives, and the box to subscribe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import html5lib
import pytest

from feedsvc.feeds.address import feed_path, home_path
from feedsvc.web.categories import PER_PAGE
from tests.web.served_site import NOON, PUBLIC, Site, open_site, sample_article
from tests.web.test_pages import Heads

PATH = "/categories/harbour/"
HOSTILE = [
    "a/b", 'say "hi"', "it's", "50%2Foff", "two words", "新 栏目", "c++", "!wow", "x,y", "*", "*star", "<b>&amp;",
    "&lt;", "?q#f", "category=x", "%", "日本\u3000語",
]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as site:
        site.publish("harbour", "text")
        yield site


def put_at(site: Site, *moments: datetime, categories: tuple[str, ...] = ("harbour",), **changes: object) -> None:
    """An article for each, named after its moment."""
    site.put(
        *(
            sample_article(
                f"{moment:%Y%m%d%H%M%S}{number}",
                title=f"At {moment.isoformat()}",
                published=moment,
                categories=categories,
                **changes,
            )
            for number, moment in enumerate(moments)
        )
    )


def page_of(site: Site, target: str) -> tuple[str, Heads]:
    answer = site.client.get(target, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, target
    html5lib.HTMLParser(strict=True).parse(answer.text)
    return answer.text, Heads(answer.text)


def articles(page: Heads) -> list[str]:
    return [link["href"] for link in page.all("a") if link["href"].endswith(".html")]


def test_headlines_stand_under_their_day_in_the_sites_zone(site: Site) -> None:
    """20:00 UTC is the next day in Shanghai; a time that is only a day's first instant is not told."""
    put_at(
        site,
        datetime(2026, 11, 19, 20, 30, tzinfo=UTC),
        datetime(2026, 11, 19, 16, 0, tzinfo=UTC),
        datetime(2026, 11, 19, 15, 59, tzinfo=UTC),
    )
    text, page = page_of(site, PATH)
    days = [time["datetime"] for time in page.all("time") if len(time["datetime"]) == 10]
    assert days == ["2026-11-20", "2026-11-19"]
    assert "Friday, 20 November 2026" in text and ">04:30</time>" in text and ">23:59</time>" in text
    assert ">00:00<" not in text and "Times: China Time" in text
    assert "2026年11月20日 星期五" in site.client.get(PATH + "?lang=zh").text


def test_it_can_be_walked_to_the_very_end(site: Site) -> None:
    put_at(site, *(NOON - timedelta(hours=n + 1) for n in range(2 * PER_PAGE + 5)))
    seen: list[str] = []
    target = PATH
    while True:
        _, page = page_of(site, target)
        seen += articles(page)
        following = page.all("a", rel="next")
        if not following:
            break
        target = following[0]["href"]
    assert len(seen) == len(set(seen)) == 2 * PER_PAGE + 5
    assert target == PATH + "?page=3"
    assert page.all("a", rel="prev")[0]["href"] == PATH + "?page=2"
    text, first = page_of(site, PATH)
    assert "Page 1 of 3" in text and PATH + "?page=3" in {link["href"] for link in first.all("a")}
    assert site.client.get(PATH + "?page=4").status_code == 404
    assert page.all("link", rel="canonical")[0]["href"] == f"{PUBLIC}{PATH}?page=3"


def test_a_full_last_page_is_the_last(site: Site) -> None:
    put_at(site, *(NOON - timedelta(hours=n + 1) for n in range(PER_PAGE)))
    _, page = page_of(site, PATH)
    assert len(articles(page)) == PER_PAGE and not page.all("a", rel="next")
    assert site.client.get(PATH + "?page=2").status_code == 404


def test_months_that_have_articles(site: Site) -> None:
    """Each leads to exactly its own articles; months are those of the site's zone, and only past ones are there."""
    put_at(
        site,
        NOON,
        NOON + timedelta(days=40),  # not yet
        datetime(2026, 10, 31, 16, 0, tzinfo=UTC),  # 1 November in Shanghai
        datetime(2026, 10, 31, 15, 59, tzinfo=UTC),
        datetime(2025, 12, 31, 16, 0, tzinfo=UTC),  # 1 January
        datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    )
    _, page = page_of(site, PATH)
    months = [link["href"] for link in page.all("a") if "month=" in link["href"]]
    assert months == [f"{PATH}?month={month}" for month in ("2026-11", "2026-10", "2026-01", "2024-02")]
    shown = [articles(page_of(site, target)[1]) for target in months]
    assert [len(its) for its in shown] == [2, 1, 1, 1]
    text, october = page_of(site, f"{PATH}?month=2026-10")
    assert "At 2026-10-31T15:59:00+00:00" in text and "October 2026" in text
    assert october.all("meta", name="robots")[0]["content"] == "noindex"
    assert october.all("a", href=f"{PATH}?month=2026-10")[0]["aria-current"] == "page"
    assert "2026年10月" in site.client.get(f"{PATH}?month=2026-10&lang=zh").text


def test_a_month_has_pages_too(site: Site) -> None:
    put_at(site, NOON, *(datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(PER_PAGE + 3)))
    _, first = page_of(site, f"{PATH}?month=2026-09")
    following = first.all("a", rel="next")[0]["href"]
    _, second = page_of(site, following)
    seen = articles(first) + articles(second)
    assert (len(articles(first)), len(set(seen))) == (PER_PAGE, PER_PAGE + 3)
    assert second.all("a", rel="prev")[0]["href"] == f"{PATH}?month=2026-09"


@pytest.mark.parametrize(
    "query",
    [
        "month=2026-08",
        "month=2027-01",
        "month=2026-13",
        "month=2026-1",
        "month=x",
        "month=0000-01",
        "month=9999-12",
        "month=2026-11&page=2",
    ],
)
def test_months_that_are_none(site: Site, query: str) -> None:
    put_at(site, NOON)
    assert site.client.get(f"{PATH}?{query}").status_code == 404


def test_future_months_where_the_site_shows_them(tmp_path: Path) -> None:
    with open_site(tmp_path, content={"future": True}) as site:
        site.publish("harbour", "text")
        put_at(site, NOON, NOON + timedelta(days=40))
        _, page = page_of(site, f"{PATH}?month=2026-12")
        assert len(articles(page)) == 1


@pytest.mark.parametrize(
    ("number", "hours", "said"),
    [
        (40, 8, "about 3 a day"),
        (14, 24, "about one a day"),
        (6, 48, "about 3 a week"),
        (2, 48, "about one a week"),
        (3, 24 * 15, "about one a week"),
    ],
)
def test_how_much_is_published(site: Site, number: int, hours: int, said: str) -> None:
    put_at(site, *(NOON - timedelta(hours=hours * n) for n in range(number)))
    assert said in page_of(site, PATH)[0]


def test_a_silent_category_says_so(site: Site) -> None:
    put_at(site, NOON - timedelta(days=20))
    text, _ = page_of(site, PATH)
    assert "nothing new in two weeks" in text and "One article" in text
    assert "最近两周没有新文章" in site.client.get(PATH + "?lang=zh").text


def test_related_categories_have_pages_of_their_own(tmp_path: Path) -> None:
    said = {"renamed": {"quay": "wharf"}, "removed": ["test"]}
    with open_site(tmp_path, categories=said) as site:
        site.publish("harbour", "text")
        put_at(site, *(NOON - timedelta(hours=n) for n in range(3)), categories=("harbour", "ships & tides", "test"))
        put_at(site, NOON - timedelta(days=1), categories=("harbour", "quay"))
        put_at(site, NOON - timedelta(days=2), categories=("weather",))
        with site.store.writing() as transaction:
            transaction.set_category("ships & tides", title="Ships <and> tides")
        text, page = page_of(site, PATH)
        assert "Ships &lt;and&gt; tides" in text
        links = {link["href"] for link in page.all("a")}
        assert home_path("ships & tides") in links
        assert not links & {home_path("quay"), home_path("test"), home_path("weather")}
        ticks = [(box["value"], "checked" in box) for box in page.all("input", type="checkbox", name="category")]
        assert ticks == [("harbour", True), ("ships & tides", False)]
        assert [button.get("formaction", "") for button in page.all("button")][-2:] == ["", "/feeds.opml"]


def test_everything_to_subscribe_with(tmp_path: Path) -> None:
    """The address to copy, readers on the machine and on the web, formats, variants, list; nothing from elsewhere."""
    with open_site(tmp_path, feeds={"hub": "https://hub.example.com/"}) as site:
        site.publish("harbour", "text")
        put_at(site, NOON)
        text, page = page_of(site, PATH)
        url = f"{PUBLIC}/feeds/harbour.rss"
        [field] = page.all("input", type="text")
        assert (field["value"], "readonly" in field) == (url, True)
        [copy] = [button for button in page.all("button") if "data-copy" in button]
        assert "hidden" in copy and copy["data-copy"] == f"#{field['id']}"
        links = {link["href"]: link for link in page.all("a")}
        assert f"feed:{url}" in links and f"web+feed:{url}" in links
        outside = {href for href in links if href.startswith("https://")}
        assert len(outside) == len(site.settings.pages.readers)
        for href in outside:
            assert {"noopener", "noreferrer"} <= set(links[href]["rel"].split())
            assert quote(url, safe="") in href
        assert f"{PUBLIC}/feeds.opml?category=harbour" in links
        assert "WebSub" in text
        assert "/subscribe?category=harbour" in links


def test_no_hub_no_badge(site: Site) -> None:
    put_at(site, NOON)
    assert "WebSub" not in page_of(site, PATH)[0]


def test_a_closed_category_says_so_and_no_pace(tmp_path: Path) -> None:
    """Contract JF05, for people."""
    with open_site(tmp_path, categories={"closed": ["harbour"]}) as site:
        site.publish("harbour", "text")
        put_at(site, NOON)
        text, _ = page_of(site, PATH)
        assert "This category is closed" in text and "a week" not in text
        assert "本栏目已停止更新" in site.client.get(PATH + "?lang=zh").text


def test_a_month_shows_what_may_be_passed_on(tmp_path: Path) -> None:
    """As the newest headlines do: where the articles live elsewhere, rights hold."""
    rights = {"court": {"text": "none"}, "board": {"text": "headline"}}
    with open_site(
        tmp_path, categories={"rights": rights}, site={"title": "W", "url": "https://w.example.com"}
    ) as site:
        site.publish("harbour", "text")
        put_at(site, NOON, categories=("harbour", "court"), summary="Court summary")
        put_at(site, NOON - timedelta(hours=1), categories=("harbour", "board"), summary="Board summary")
        text, _ = page_of(site, f"{PATH}?month=2026-11")
        assert f"At {(NOON - timedelta(hours=1)).isoformat()}" in text
        assert f"At {NOON.isoformat()}" not in text
        assert "Court summary" not in text and "Board summary" not in text
        put_at(site, NOON - timedelta(days=90), categories=("harbour", "court"))
        empty, _ = page_of(site, f"{PATH}?month=2026-08")
        assert "None of the articles on this page can be shown here." in empty


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_category_is_called(site: Site, name: str) -> None:
    """Contract F04: its page, its pages and months, its feeds and its place in the builder."""
    put_at(site, *(NOON - timedelta(hours=8 * n) for n in range(PER_PAGE + 80)), categories=(name,))
    path = home_path(name)
    text, page = page_of(site, path)
    assert len(articles(page)) == PER_PAGE
    links = [link["href"] for link in page.all("a")]
    assert page.all("input", type="text")[0]["value"] == PUBLIC + feed_path(name) + ".rss"
    for target in (page.all("a", rel="next")[0]["href"], next(link for link in links if "month=" in link)):
        assert articles(page_of(site, target)[1])
    [builder] = [link for link in links if link.startswith("/subscribe?")]
    assert parse_qs(urlsplit(builder).query)["category"] == [name]
    [opml] = [link for link in links if link.startswith(f"{PUBLIC}/feeds.opml?")]
    assert parse_qs(urlsplit(opml).query)["category"] == [name]
    assert "<b>&amp;" not in text


def test_the_switch_keeps_place_and_month(site: Site) -> None:
    put_at(site, NOON, *(datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(PER_PAGE + 3)))
    _, page = page_of(site, f"{PATH}?month=2026-09&page=2")
    assert page.all("a", hreflang="zh")[0]["href"] == f"{PATH}?month=2026-09&page=2&lang=zh"
    _, switched = page_of(site, f"{PATH}?lang=en")
    months = [link["href"] for link in switched.all("a") if link["href"].startswith(f"{PATH}?month")]
    assert months and all("lang=en" in href for href in months)

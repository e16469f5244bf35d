"""Pages for people: directory, categories, articles, and what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import html5lib
import pytest

from feedsvc.feeds.address import home_path
from feedsvc.web.discovery import FEED_FORMATS
from feedsvc.web.language import decide
from tests.web.served_site import NOON, PUBLIC, Site, open_site, sample_article

PAGES = ["/", "/categories/harbour/", "/harbour/NW1.html", "/nowhere.html", "/s/nowhere", "/s/NW2"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as site:
        site.publish("harbour", "text")
        withdrawn = sample_article("NW2", title="Withdrawn words")
        site.put(
            sample_article("NW1", title='Fish & <Chips> "today"', summary="A & B <c>", image=f"{PUBLIC}/assets/a.png"),
            withdrawn,
            sample_article("NW3", title="Tomorrow's news", published=NOON + timedelta(days=1)),
        )
        site.withdraw(withdrawn)
        with site.store.writing() as transaction:
            transaction.set_category("harbour", title="海港晚报")
        yield site


class Heads(HTMLParser):
    """Every tag of a page, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [found for name, found in self.tags if name == tag and all(found.get(k) == v for k, v in wanted.items())]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_sound_and_offers_feeds(site: Site, path: str) -> None:
    """Contract L01; valid HTML; nothing from elsewhere; no cookie."""
    answer = site.client.get(path)
    html5lib.HTMLParser(strict=True).parse(answer.text)
    page = Heads(answer.text)
    links = page.all("link", rel="alternate")
    assert [link["type"] for link in links] == [media_type for _, _, media_type in FEED_FORMATS]
    assert all(link["href"].startswith(PUBLIC + "/feed") and link["title"] for link in links)
    scripts = [script for script in page.all("script") if script.get("type") != "application/ld+json"]  # that is data
    assert [script["src"].partition("?")[0] for script in scripts] == ["/static/site.js"]
    assert "defer" in scripts[0]
    assert not any("style" in attributes for _, attributes in page.tags)
    for sheet in page.all("link", rel="stylesheet"):
        assert sheet["href"].startswith("/static/")
        assert site.client.get(sheet["href"]).status_code == 200
    assert page.all("meta", name="viewport")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/categories/harbour/", 200),
        ("/harbour/NW1.html", 200),
        ("/harbour/NW2.html", 410),
        ("/harbour/NW3.html", 404),
        ("/nowhere.html", 404),
        ("/categories/nowhere/", 404),
        ("/categories/harbour/?page=2", 404),
        ("/categories/harbour/?page=0", 404),
        ("/categories/harbour/?page=x", 404),
    ],
)
def test_statuses(site: Site, path: str, status: int) -> None:
    answer = site.client.get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    if status != 200:
        assert 'name="robots" content="noindex"' in answer.text
        assert "Withdrawn words" not in answer.text
        assert "Tomorrow" not in answer.text


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/categories/harbour", "/categories/harbour/"),
        ("/categories/Harbour/", "/categories/harbour/"),
        ("/categories/harbour/?page=1", "/categories/harbour/"),
        ("/categories/harbour?lang=en", "/categories/harbour/?lang=en"),
        ("/categories/", "/"),
        ("/harbour//NW1.html", "/harbour/NW1.html"),
        ("/harbour/%4eW1.html", "/harbour/NW1.html"),
        ("/harbour/NW1.html/", "/harbour/NW1.html"),
    ],
)
def test_one_address_per_page(site: Site, asked: str, canonical: str) -> None:
    answer = site.client.get(asked)
    assert (answer.status_code, answer.headers["Location"]) == (301, canonical)


def test_pages_are_revalidated(site: Site) -> None:
    for path in ("/", "/categories/harbour/", "/harbour/NW1.html"):
        full = site.client.get(path)
        again = site.client.get(path, headers={"If-None-Match": full.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again.headers[name] == full.headers[name]
        assert site.client.head(path).headers == full.headers


def test_language_is_the_browsers_wish_or_the_switch(site: Site) -> None:
    def language(path: str, accept: str = "") -> str:
        answer = site.client.get(path, headers={"Accept-Language": accept} if accept else {})
        assert answer.headers["Vary"] == "Accept-Language, Accept-Encoding"
        return Heads(answer.text).all("html")[0]["lang"]

    assert language("/") == "zh-CN"  # the site's own
    assert language("/", "en-GB,en;q=0.8") == "en"
    assert language("/", "zh-TW,en;q=0.5") == "zh-CN"
    assert language("/", "fr") == "zh-CN"
    assert language("/?lang=en", "zh") == "en"
    assert language("/?lang=xx", "en") == "en"
    switched = Heads(site.client.get("/categories/harbour/?lang=en").text)
    assert {link["href"] for link in switched.all("a", lang="zh")} == {"/categories/harbour/?lang=zh"}
    assert "/?lang=en" in {link["href"] for link in switched.all("a")}
    assert "栏目" in site.client.get("/", headers={"Accept-Language": "zh"}).text


def test_an_endless_list_of_languages_is_not_read_to_its_end() -> None:
    """Contract M07: two thousand of them, which fit into a request, would cost a tenth of a second."""
    assert decide("", "fr," * 400 + "en", "zh-CN") == "zh"
    assert decide("", "fr," * 40 + "en", "zh-CN") == "en"


@pytest.mark.parametrize("target", ["//evil.example/x", "///evil.example/", "http://feeds.example.com//evil.example/"])
def test_no_link_of_a_page_leads_to_a_host_that_the_path_names(site: Site, target: str) -> None:
    answer = site.client.get("/x", environ_overrides={"RAW_URI": target})
    links = {link["href"] for link in Heads(answer.text).all("a")}
    assert answer.status_code == 404
    assert not [link for link in links if link.startswith("//")]


def test_directory(site: Site) -> None:
    page = site.client.get("/", headers={"Accept-Language": "en"}).text
    assert "海港晚报" in page
    assert f'href="{PUBLIC}/feeds/harbour.rss"' in page
    assert "20 Nov 2026, 18:00</time>" in page and "Times: China Time</p>" in page, "the zone once, not in each line"
    assert "Tomorrow" not in page


def test_category_pages_through_its_headlines(site: Site) -> None:
    site.put(*(sample_article(f"X{n:03}", published=NOON - timedelta(days=1, minutes=n)) for n in range(70)))
    seen: list[str] = []
    path = "/categories/harbour/"
    for _ in range(4):
        page = Heads(site.client.get(path).text)
        seen += [link["href"] for link in page.all("a") if link["href"].endswith(".html")]
        following = page.all("a", rel="next")
        if not following:
            break
        path = following[0]["href"]
    assert len(seen) == len(set(seen)) == 71
    assert page.all("a", rel="prev")[0]["href"] == "/categories/harbour/?page=2"


@pytest.mark.parametrize("name", ["/", "/quay", "quay/", "a//b", "%2F", "?x#y", "."])
def test_a_feed_names_a_page_that_is_there_whatever_its_category_is_called(site: Site, name: str) -> None:
    """Contract F04, V06."""
    site.put(sample_article("NW9", categories=(name,), title="Quiet quay"))
    answer = site.client.get(home_path(name))
    assert (answer.status_code, "Quiet quay" in answer.text) == (200, True)


@pytest.mark.parametrize("path", ["/", "/categories/harbour/"])
def test_v06_landing_pages(site: Site, path: str) -> None:
    """Contract V06, L01: cacheable, the feeds to be found by programs and by people, and the other kinds of feeds."""
    answer = site.client.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=60")
    page = Heads(answer.text)
    stem = f"{PUBLIC}/feed" if path == "/" else f"{PUBLIC}/feeds/harbour"
    links = {link["href"]: link.get("type") for link in page.all("a")}
    for _, suffix, media_type in FEED_FORMATS:
        assert page.all("link", rel="alternate", type=media_type)[0]["href"] == stem + suffix
        for address in (stem, f"{stem}/full", f"{stem}/brief"):
            assert links[address + suffix] == media_type
    assert links[f"{PUBLIC}/feeds.opml"] == "text/x-opml"


def test_what_the_settings_say_of_a_category(tmp_path: Path) -> None:
    said = {
        "descriptions": {"harbour": "Ships & <tides>"},
        "languages": {"harbour": "en-GB"},
        "images": {"harbour": "https://site.example.com/h.png?a=1&b=2"},
        "closed": ["harbour"],
    }
    with open_site(tmp_path, categories=said) as site:
        site.publish("harbour", "text")
        site.put(sample_article("NW1"))
        text = site.client.get("/categories/harbour/?lang=en").text
        html5lib.HTMLParser(strict=True).parse(text)
        page = Heads(text)
        assert page.all("p", lang="en-GB", dir="auto") and page.all("h1", lang="en-GB")
        assert page.all("img", alt="")[0]["src"] == "https://site.example.com/h.png?a=1&b=2"
        assert "Ships &amp; &lt;tides&gt;" in text
        assert "This category is closed" in text


def test_moved_and_removed_categories(tmp_path: Path) -> None:
    """Contract M01 and M04, for the pages: one hop to where the posts are now; gone is said, not redirected."""
    said = {
        "renamed": {"harbour": "港口", "Quay": "harbour"},
        "merged": {"pier": "harbour", "climate": "weather"},
        "removed": ["weather"],
    }
    with open_site(tmp_path, categories=said) as site:
        site.publish("港口", "text")
        site.put(sample_article("NW1", categories=("港口",)), sample_article("NW2", categories=("weather", "harbour")))
        there = "/categories/%E6%B8%AF%E5%8F%A3/"
        for old in ("harbour", "Quay", "pier", "Harbour"):
            answer = site.client.get(f"/categories/{old}/?lang=en&page=2")
            assert (answer.status_code, answer.headers["Location"]) == (301, f"{there}?lang=en&page=2"), old
            assert answer.headers["Cache-Control"] == "public, max-age=86400"
        assert site.client.get(there).status_code == 200
        for removed in ("weather", "climate"):  # the second had moved to the first
            gone = site.client.get(f"/categories/{removed}/?lang=en")
            assert (gone.status_code, gone.headers["Cache-Control"]) == (410, "public, max-age=3600"), removed
            assert "This category is no longer published." in gone.text
        shown = {link["href"] for link in Heads(site.client.get("/").text).all("a")}
        assert there in shown and not {"/categories/weather/", "/categories/harbour/"} & shown


@pytest.mark.parametrize("canonical", [False, True])
def test_lists_show_what_may_be_passed_on(tmp_path: Path, canonical: bool) -> None:
    """Where the articles live elsewhere, a list is as discreet as a feed; the site itself shows its own articles."""
    rights = {"board": {"text": "headline"}, "court": {"text": "none"}, "press": {"attribution": "By kind permission"}}
    elsewhere = {} if canonical else {"url": "https://site.example.com"}
    with open_site(tmp_path, categories={"rights": rights}, site={"title": "Wire", **elsewhere}) as site:
        site.publish("harbour", "text")
        site.put(
            sample_article("NW1", title="Open words", summary="Open summary", categories=("harbour", "press")),
            sample_article("NW2", title="Board words", summary="Board summary", categories=("harbour", "board")),
            sample_article("NW3", title="Court words", summary="Court summary", categories=("harbour", "court")),
        )
        text = site.client.get("/categories/harbour/").text
        assert "Open summary" in text and "Board words" in text
        for secret in ("Board summary", "Court words", "Court summary"):
            assert (secret in text) is canonical
        assert ("By kind permission" in text) is not canonical
        titles = site.client.get("/").text
        assert "Open words" in titles and "Board words" in titles and "Open summary" not in titles
        assert ("Court words" in titles) is canonical


def test_articles_belong_to_the_canonical_site(tmp_path: Path) -> None:
    with open_site(tmp_path, site={"url": "https://site.example.com", "title": "Elsewhere"}) as site:
        site.publish("harbour", "text")
        site.put(sample_article("NW1"))
        assert site.client.get("/harbour/NW1.html").status_code == 404


@pytest.mark.parametrize(
    ("public", "url", "baseurl", "path"),
    [
        ("https://news.example.com", "https://news.example.com", "", "/harbour/NW1.html"),
        ("https://news.example.com/", "https://NEWS.example.com:443/", "/", "/harbour/NW1.html"),
        ("http://news.example.com:80", "http://news.example.com", "/wire/", "/wire/harbour/NW1.html"),
        ("http://localhost:8000", "http://localhost:8000", "", "/harbour/NW1.html"),
        ("https://news.example.com", "", "/电讯", "/%E7%94%B5%E8%AE%AF/harbour/NW1.html"),
        ("", "http://127.0.0.1:8000", "", "/harbour/NW1.html"),
        # Reached under a prefix, which the proxy takes off: addresses under it are ours, others are not.
        ("https://example.com/news", "https://example.com", "/news", "/harbour/NW1.html"),
        ("https://example.com/news", "https://example.com/news", "", "/harbour/NW1.html"),
        ("https://example.com/news", "https://example.com", "/news/wire", "/wire/harbour/NW1.html"),
        ("https://example.com/news", "", "/wire", "/wire/harbour/NW1.html"),
        ("https://example.com/news", "https://example.com", "", ""),
        ("https://example.com/news", "https://example.com", "/newspaper", ""),
        # Somebody else's.
        ("https://feeds.example.com", "https://news.example.com", "", ""),
        ("https://news.example.com", "http://news.example.com", "", ""),
        ("https://news.example.com:8443", "https://news.example.com", "", ""),
    ],
)
def test_the_site_may_be_named_as_this_very_server(
    tmp_path: Path, public: str, url: str, baseurl: str, path: str
) -> None:
    """The canonical site is here when its address is this server's; article pages answer under the site's path."""
    with open_site(tmp_path, public_url=public, site={"url": url, "baseurl": baseurl}) as site:
        site.publish("harbour", "text")
        site.put(sample_article("NW1", canonical_url=f"{site.settings.site_base}/harbour/NW1.html"))
        assert site.settings.serves_articles == bool(path)
        for asked in {"/harbour/NW1.html", "/wire/harbour/NW1.html", "/news/harbour/NW1.html", path} - {""}:
            assert site.client.get(asked).status_code == (200 if asked == path else 404), asked
        if path:
            answer = site.client.get(path + "/")
            assert (answer.status_code, answer.headers["Location"]) == (301, urlsplit(public).path.rstrip("/") + path)


def test_pictures_under_the_sites_path(tmp_path: Path) -> None:
    root = tmp_path / "content"
    (root / "assets").mkdir(parents=True)
    (root / "assets" / "a.png").write_bytes(b"\x89PNG picture")
    site_settings = {"url": "https://example.com", "baseurl": "/news/wire"}
    roots = {"roots": [{"path": str(root)}]}
    with open_site(tmp_path, public_url="https://example.com/news", site=site_settings, content=roots) as site:
        assert site.client.get("/wire/assets/a.png").status_code == 200
        assert site.client.get("/assets/a.png").status_code == 404


def test_articles_under_a_path_prefix(tmp_path: Path) -> None:
    with open_site(tmp_path, site={"baseurl": "/news"}) as site:
        site.publish("harbour", "text")
        site.put(sample_article("NW1", canonical_url=f"{PUBLIC}/news/harbour/NW1.html"))
        assert site.client.get("/news/harbour/NW1.html").status_code == 200
        assert site.client.get("/harbour/NW1.html").status_code == 404


def test_pretty_permalinks(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        site.publish("harbour", "text")
        site.put(sample_article("NW1", path="/harbour/%E6%96%B0%E8%88%B9/"))
        assert site.client.get("/harbour/%E6%96%B0%E8%88%B9/").status_code == 200
        for spelling in ("/harbour/%E6%96%B0%E8%88%B9", "/harbour/%e6%96%b0%e8%88%b9/"):
            answer = site.client.get(spelling)
            assert (answer.status_code, answer.headers["Location"]) == (301, "/harbour/%E6%96%B0%E8%88%B9/")


def test_future_posts_when_the_site_wants_them(tmp_path: Path) -> None:
    with open_site(tmp_path, content={"future": True}) as site:
        site.publish("harbour", "text")
        site.put(sample_article("NW3", published=NOON + timedelta(days=1)))
        assert site.client.get("/harbour/NW3.html").status_code == 200
        assert site.client.get("/s/NW3").status_code == 302


def test_a_future_article_appears_when_due(site: Site) -> None:
    """Contract F08, as far as pages and links go."""
    assert site.client.get("/s/NW3").status_code == 404
    site.clock.advance(86_400)
    assert site.client.get("/harbour/NW3.html").status_code == 200
    assert site.client.get("/s/NW3").status_code == 302


def test_pictures_of_the_content(tmp_path: Path) -> None:
    root = tmp_path / "content"
    (root / "assets").mkdir(parents=True)
    (root / "_posts").mkdir()
    (root / "assets" / "a b.png").write_bytes(b"\x89PNG picture")
    (root / "_posts" / "x.png").write_bytes(b"hidden")
    (root / "secret.txt").write_text("secret")
    (tmp_path / "outside.png").write_bytes(b"outside")
    (root / "assets" / "link.png").symlink_to(tmp_path / "outside.png")
    with open_site(tmp_path, content={"roots": [{"path": str(root)}]}) as site:
        picture = site.client.get("/assets/a%20b.png")
        assert (picture.status_code, picture.data) == (200, b"\x89PNG picture")
        assert picture.headers["Content-Type"] == "image/png"
        assert "sandbox" in picture.headers["Content-Security-Policy"]
        again = site.client.get("/assets/a%20b.png", headers={"If-None-Match": picture.headers["ETag"]})
        assert again.status_code == 304
        for path in ("/_posts/x.png", "/secret.txt", "/assets/link.png", "/../outside.png", "/assets/%2e%2e/x.png"):
            assert site.client.get(path).status_code == 404, path


def test_wrong_method_on_a_page(site: Site) -> None:
    answer = site.client.post("/")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


def test_a_fault_shows_no_traceback(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract M07."""

    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("inner detail")

    monkeypatch.setattr("feedsvc.web.pages.render_template", broken)
    answer = site.client.get("/")
    assert answer.status_code == 500
    assert b"inner detail" not in answer.data and b"Traceback" not in answer.data


def test_browsers_find_an_icon(site: Site) -> None:
    """At the address that they ask for by themselves, and as a drawing."""
    icon = site.client.get("/favicon.ico")
    assert (icon.status_code, icon.mimetype) in {(200, "image/x-icon"), (200, "image/vnd.microsoft.icon")}
    assert icon.headers["Cache-Control"].startswith("public")
    (link,) = Heads(site.client.get("/").text).all("link", rel="icon")
    assert site.client.get(link["href"]).mimetype == link["type"] == "image/svg+xml"

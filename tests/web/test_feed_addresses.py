"""Feed addresses that are no published document: redirected, refused, not there yet."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.web.spelling import Spellings
from tests.web.served_site import Site, open_site, sample_article

CJK = quote("山西晚报")


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/feeds/Harbour.rss", "/feeds/harbour.rss"),
        ("/feeds/harbour.RSS", "/feeds/harbour.rss"),
        ("/feeds/HARBOUR.Json", "/feeds/harbour.json"),
        ("/feeds/harbour.rss/", "/feeds/harbour.rss"),
        ("/feeds//harbour.rss", "/feeds/harbour.rss"),
        ("//feeds/harbour.rss", "/feeds/harbour.rss"),
        ("/Feeds/harbour.atom", "/feeds/harbour.atom"),
        ("/feeds/%68arbour%2Erss", "/feeds/harbour.rss"),
        (f"/feeds/{CJK.lower()}.rss", f"/feeds/{CJK}.rss"),
        ("/feeds/a(b).rss", "/feeds/a%28b%29.rss"),
        ("/feeds/one/two.rss", "/feeds/one%2Ftwo.rss"),
        ("/feeds/TechDaily.RSS", "/feeds/TechDaily.rss"),
        ("/feed.xml", "/feed.atom"),
        ("/feed/harbour.xml", "/feeds/harbour.atom"),
        (f"/feed/{CJK}.xml", f"/feeds/{CJK}.atom"),
        ("/feed.RSS", "/feed.rss"),
    ],
)
def test_other_spellings_lead_to_the_one_address(site: Site, asked: str, canonical: str) -> None:
    """Contract H54 and, for .xml, jekyll-feed's addresses."""
    for category in ("", "山西晚报", "a(b)", "one/two", "TechDaily", "Techdaily"):
        site.publish(category, "text")
    answer = site.client.get(asked)
    assert (answer.status_code, answer.headers["Location"]) == (301, canonical)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=" in answer.headers["Cache-Control"]
    assert site.client.get(canonical).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/nowhere.rss",
        "/feeds/techdaily.rss",  # two differ from it in case only
        "/feeds/harbour",
        "/feeds/harbour.html.rss",
        "/feeds/.rss",
        "/feeds/",
        "/feed",
        "/feed/nowhere.xml",
        "/feeds/../feeds/harbour.rss",
        "/feeds/%00.rss",
        "/feeds/%ff.rss",
        "/feeds/%ED%A0%80.atom",
        "/feeds/harbour.rss%0d%0a",
    ],
)
def test_unknown_feeds(site: Site, path: str) -> None:
    """Contract H39."""
    site.publish("TechDaily", "text")
    site.publish("Techdaily", "text")
    answer = site.client.get("/", environ_overrides={"RAW_URI": path, "PATH_INFO": raw_bytes(path)})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_query_survives_a_redirect(site: Site) -> None:
    """Contract M01."""
    answer = site.client.get("/feeds/Harbour.rss?utm_source=x&a=%2F")
    assert answer.headers["Location"] == "/feeds/harbour.rss?utm_source=x&a=%2F"


def test_redirects_stay_under_the_public_prefix(tmp_path: Path) -> None:
    with open_site(tmp_path, public_url="https://example.com/news/") as site:
        site.publish("harbour", "text")
        assert site.client.get("/feeds/Harbour.rss").headers["Location"] == "/news/feeds/harbour.rss"
        assert "<https://example.com/news/feeds/harbour.rss>" in site.client.get("/feeds/harbour.rss").headers["Link"]


@pytest.mark.parametrize("path", ["/feed.rss", "/feeds/harbour.atom", "/"])
def test_nothing_published_yet(tmp_path: Path, path: str) -> None:
    """Contract M05, M06: never an empty feed."""
    with open_site(tmp_path) as site:
        answer = site.client.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Cache-Control"] == "no-store"
        if path != "/":
            assert answer.headers["Content-Type"].startswith("text/plain")
            assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("target", "statuses"),
    [
        ("/feeds/%00.rss", {400, 404}),
        ("/feeds/%zz.rss", {400, 404}),
        ("/feeds/%ff%fe.rss", {400, 404}),
        ("/feeds/%ED%A0%80.rss", {400, 404}),
        ("/%00", {400, 404}),
        ("/%ff", {400, 404}),
        ("/categories/%00/", {400, 404}),
        ("/categories/%ff/", {400, 404}),
        ("/categories/harbour/?page=%00", {400, 404}),
        ("/?path=x&query=y&lang=%00", {200}),
        ("/feeds/" + "a" * 9000 + ".rss", {414}),
        ("/feeds/harbour.rss?" + "a" * 9000, {414}),
        ("http://evil.example/feeds/nowhere.rss", {400, 404}),
        ("/feeds/harbour.rss%0d%0aSet-Cookie:%20x", {400, 404}),
    ],
)
def test_malformed_requests(site: Site, target: str, statuses: set[int]) -> None:
    """Contract M07: 4xx, never 5xx. The raw target goes in as a server would pass it on."""
    path, _, query = target.partition("?")
    answer = site.client.get(
        "/", environ_overrides={"RAW_URI": target, "PATH_INFO": raw_bytes(path), "QUERY_STRING": query}
    )
    assert answer.status_code in statuses
    assert "Set-Cookie" not in answer.headers
    assert b"Traceback" not in answer.data


def raw_bytes(path: str) -> str:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("latin-1")


@pytest.mark.parametrize("path", ["/feeds/harbour.rss", "/", "/s/x"])
def test_too_many_headers(site: Site, path: str) -> None:
    """Contract M07."""
    many = {f"X-Filler-{number}": "y" * 1000 for number in range(20)}
    assert site.client.get(path, headers=many).status_code == 431
    few = {f"X-Filler-{number}": "y" * 1000 for number in range(9)}
    assert site.client.get(path, headers=few).status_code != 431


def test_absolute_form_is_the_same_document(site: Site) -> None:
    """RFC 9112 section 3.2.2: a server must accept it."""
    answer = site.client.get("/", environ_overrides={"RAW_URI": "http://whatever.example/feeds/harbour.rss"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, site.client.get("/feeds/harbour.rss").headers["ETag"])


def test_other_methods_on_unknown_feeds(site: Site) -> None:
    """Contract H27."""
    answer = site.client.post("/feeds/nowhere.rss")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_database_away_from_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract M06."""

    def away(*_: object) -> object:
        raise StoreUnavailable("away")

    with open_site(tmp_path) as site:
        monkeypatch.setattr(site.store, "edition", away)
        monkeypatch.setattr(site.store, "reading", away)
        for path in ("/feed.rss", "/", "/s/abc", "/some/page.html"):
            answer = site.client.get(path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), path
            assert answer.headers["Cache-Control"] == "no-store"


def test_spelling_with_nothing_published() -> None:
    assert Spellings([]).canonical("/feeds/x.rss") is None


def test_what_is_not_published_yet_is_waited_for(site: Site) -> None:
    """Contract M05: in the midst of a first build nobody is told that there is no such feed, nor led for good to one
    whose name differs in letter case."""
    site.publish("Quay", "another")
    site.put(sample_article(categories=("quay",)))
    for target in ("/feeds/quay.rss", "/feeds/quay/full.atom", "/feeds/+/Quay,quay.json", "/feed.rss"):
        answer = site.client.get(target)
        assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (
            503,
            "5",
            "no-store",
        ), target
    assert site.client.get("/feeds/QUAY.rss").headers["Location"] == "/feeds/Quay.rss"
    assert site.client.get("/feeds/pier.rss").status_code == 404

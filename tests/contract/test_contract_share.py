"""Contract section 15: share links, in the process and over the wire."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.settings import ShareSettings
from feedsvc.sharing.codes import share_code
from feedsvc.web import links
from tests.contract.served import check_script, failures, serving
from tests.web.served_site import NOON, PUBLIC, Site, open_site, sample_article

ARTICLE = sample_article("NW202611200001")
CODE = share_code(ARTICLE.id)
TARGET = ARTICLE.canonical_url
LEGACY = "/html_News/NewsShare.html"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as site:
        site.publish("harbour", "text")
        site.put(ARTICLE, sample_article("en/hello"), sample_article("NW3", published=NOON + timedelta(days=1)))
        yield site


@pytest.mark.parametrize("name", [CODE, ARTICLE.identity, "NW2026%31%31200001"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_s01_to_s06_known_code(site: Site, name: str, method: str) -> None:
    """Contract S01, S02, S03, S04, S05, S06."""
    answer = site.client.open(f"/s/{name}", method=method)
    assert (answer.status_code, answer.headers["Location"]) == (302, TARGET)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert (answer.data == b"") is (method == "HEAD")
    full = site.client.get(f"/s/{name}")
    assert answer.headers == full.headers
    assert full.text.count("href") == 1 and f'href="{TARGET}"' in full.text


def test_s01_the_whole_target_escaped_in_the_body(site: Site) -> None:
    target = f"{PUBLIC}/a.html?id=1&x='%22#top"
    site.put(sample_article("NW9", canonical_url=target, path="/a.html"))
    answer = site.client.get("/s/NW9")
    assert answer.headers["Location"] == target
    assert 'href="http://feeds.example.com/a.html?id=1&amp;x=&#x27;%22#top"' in answer.text


@pytest.mark.parametrize("name", ["en/hello", "en%2Fhello", share_code("tag:example.com,2026:en/hello")])
def test_identities_with_folders(site: Site, name: str) -> None:
    assert site.client.get(f"/s/{name}").headers["Location"] == f"{PUBLIC}/harbour/hello.html"


@pytest.mark.parametrize(
    "name",
    ["zz-no-such", "", "..%2f..%2fetc%2fpasswd", "%00", "x" * 65, "x" * 3000, "https://evil.example/", "/evil.example/",
     "%0d%0aLocation:%20https://evil.example/", "%ff", "%zz", "%", CODE.upper(), CODE[:-1], CODE + "x", CODE + "/"],
)  # fmt: skip
def test_s07_unknown_codes(site: Site, name: str) -> None:
    """Contract S07, S16 (compared exactly)."""
    answer = site.client.get("/", environ_overrides={"RAW_URI": f"/s/{name}", "PATH_INFO": "/s/x"})
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("query", ["url=https://evil.example/", "next=//evil.example", "infoCode=NW3", "utm_source=x"])
def test_s08_s09_nothing_moves_the_target(site: Site, query: str) -> None:
    """Contract S08, S09."""
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Referer": "https://evil.example"}
    assert site.client.get(f"/s/{CODE}?{query}", headers=headers).headers["Location"] == TARGET


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", [f"/s/{CODE}", "/s/nope", LEGACY])
def test_s10_other_methods(site: Site, method: str, path: str) -> None:
    """Contract S10."""
    answer = site.client.open(path, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_s11_withdrawn_and_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract S11: 410 with the site's title and nothing of the article; and 302 again."""
    monkeypatch.setattr(links, "LIFETIME", 0)
    assert site.client.get(f"/s/{CODE}").status_code == 302
    site.withdraw(ARTICLE)
    for path in (f"/s/{CODE}", f"{LEGACY}?infoCode={ARTICLE.identity}"):
        gone = site.client.get(path)
        assert gone.status_code == 410
        assert "Nordhaven Wire" in gone.text
        assert ARTICLE.title not in gone.text and "Aurelia" not in gone.text
        assert "Location" not in gone.headers
    site.put(ARTICLE)
    assert site.client.get(f"/s/{CODE}").status_code == 302


@pytest.mark.parametrize(
    "query",
    [
        "infoCode=NW202611200001&from=timeline&isappinstalled=0",
        "from=timeline&infocode=NW202611200001",
        "INFOCODE=NW202611200001&infoCode=zz",
        f"infoCode={CODE}",
        "infoCode=en%2Fhello",
    ],
)
def test_s12_old_form(site: Site, query: str) -> None:
    """Contract S12."""
    target = f"{PUBLIC}/harbour/hello.html" if "hello" in query else TARGET
    answer = site.client.get(f"{LEGACY}?{query}")
    assert (answer.status_code, answer.headers["Location"]) == (302, target)


@pytest.mark.parametrize(
    "path",
    [
        LEGACY,
        LEGACY + "?infoCode=",
        LEGACY + "?infoCode=zz",
        LEGACY + "?infoCode=zz&infoCode=NW202611200001",
        LEGACY + "?infoCode=https://evil.example",
        LEGACY + "?other=NW202611200001",
        LEGACY + "/?infoCode=NW202611200001",
        "/html_news/newsshare.html?infoCode=NW202611200001",
    ],
)
def test_s12_old_form_without_a_known_code(site: Site, path: str) -> None:
    """Contract S12: exactly this path, the first value."""
    answer = site.client.get(path)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


@pytest.mark.parametrize("agent", ["facebookexternalhit/1.1", "Twitterbot/1.0", "Slackbot-LinkExpanding 1.0", ""])
def test_s13_preview_robots_get_what_people_get(site: Site, agent: str) -> None:
    """Contract S13."""
    answer = site.client.get(f"/s/{CODE}", headers={"User-Agent": agent})
    assert (answer.status_code, answer.headers["Location"]) == (302, TARGET)


def test_the_future_is_unknown(site: Site) -> None:
    """Contract F08 for links: a scheduled article does not give itself away."""
    assert site.client.get("/s/NW3").status_code == 404
    assert site.client.get(f"/s/{share_code('tag:example.com,2026:NW3')}").status_code == 404


# Memory


def test_a_popular_link_needs_no_database(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> Any:
        raise StoreUnavailable("away")

    site.client.get(f"/s/{CODE}")
    monkeypatch.setattr(site.store, "reading", away)
    assert site.client.get(f"/s/{CODE}").status_code == 302
    monkeypatch.setattr("feedsvc.web.links.monotonic", lambda: 1e12)  # long after it was resolved
    assert site.client.get(f"/s/{CODE}").headers["Location"] == TARGET  # rather old than none
    other = site.client.get("/s/NW202611200001")
    assert (other.status_code, other.headers["Retry-After"]) == (503, "5")


def test_a_moved_article_is_found_in_a_second(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when no feed shows the article any more, so that no edition tells of the move."""
    site.client.get(f"/s/{CODE}")
    moved = sample_article("NW202611200001", canonical_url=f"{PUBLIC}/elsewhere.html", path="/elsewhere.html")
    site.put(moved)
    start = monotonic()
    monkeypatch.setattr("feedsvc.web.links.monotonic", lambda: start + links.LIFETIME + 0.1)
    assert site.client.get(f"/s/{CODE}").headers["Location"] == moved.canonical_url


def test_memory_is_bounded(site: Site) -> None:
    store = links.Links(site.store, ShareSettings(), site.clock, limit=3)
    site.put(*(sample_article(f"B{number}") for number in range(10)))
    for number in range(10):
        assert store.redirect(f"B{number}", 1) is not None
        assert store.redirect(f"unknown{number}", 1) is None
        assert len(store._hot) <= 3
    for number in range(10):
        link = store.redirect("B0", 1)
        assert link is not None
        store.keep(f"/s/B0?{number}", link)
        assert len(store._targets) <= 3 and store.at_hand(f"/s/B0?{number}") is link


# Over the wire


def test_every_share_rule(tmp_path: Path) -> None:
    """Contract S01-S13 by the check that all implementations share, against a real gunicorn."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        base = f"http://{host}:{port}"
        with open_site(tmp_path, public_url=base) as site:
            hour_ago = datetime.now(UTC) - timedelta(hours=1)
            known = sample_article("NW1", canonical_url=f"{base}/harbour/NW1.html", published=hour_ago)
            gone = sample_article("NW2", canonical_url=f"{base}/harbour/NW2.html", published=hour_ago)
            site.publish("harbour", "text")
            site.put(known, gone)
            site.withdraw(gone)
        with serving(tmp_path, listener) as server:
            script = check_script("sharecheck.py")
            for link in (f"/s/{share_code(known.id)}", "/s/NW1"):
                legacy = f"{base}{LEGACY}?infoCode=NW1"
                arguments = [base + link, known.canonical_url, "--gone", f"{base}/s/NW2", "--legacy", legacy]
                failed, printed = failures(script, *arguments)
                assert failed == [], printed
            assert server.ask("/harbour/NW1.html").status == 200

"""Answers that are no feed, at feed addresses: what programs are told, and how (contract sections 8 and 9)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from feedsvc.errors import StoreUnavailable
from tests.web.served_site import Site, open_site

SUFFIXES = (".rss", ".atom", ".json")
ORIGIN = {"Origin": "https://reader.example"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    categories = {"renamed": {"ships": "boats"}, "removed": ["gossip"]}
    with open_site(tmp_path, categories=categories, limits={"requests": 2, "seconds": 60}) as site:
        for name in ("boats", "harbour"):
            site.publish(name, "text")
        yield site


def ask(site: Site, path: str, method: str = "GET", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.client.open(path, method=method, headers=ORIGIN | named)


def told(answer: TestResponse) -> None:
    """What every refusal has in common: plain words, for scripts of any origin too, and nothing that tracks."""
    headers = answer.headers
    assert headers["Content-Type"].startswith("text/plain")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] == "*"
    exposed = {name.strip() for name in headers["Access-Control-Expose-Headers"].split(",")}
    assert {"ETag", "Link", "Retry-After"} <= exposed
    assert not {"Set-Cookie", "ETag", "Last-Modified", "Age", "Expires"} & set(headers.keys())
    assert {name.strip() for name in headers.get("Vary", "Accept").split(",")} <= {"Accept", "Accept-Encoding"}
    assert len(answer.data) < 500 and b"<" not in answer.data, "no page"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_h39_h31_an_unknown_feed(site: Site, suffix: str) -> None:
    for method in ("GET", "HEAD"):
        answer = ask(site, f"/feeds/nowhere{suffix}", method, Accept="text/html")
        assert answer.status_code == 404
        told(answer)
        assert 0 < (answer.cache_control.max_age or 0) <= 300


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_m04_h31_a_removed_category_is_gone(site: Site, suffix: str) -> None:
    answer = ask(site, f"/feeds/gossip{suffix}", Accept="text/html,application/xhtml+xml", If_None_Match='"x"')
    assert answer.status_code == 410
    told(answer)
    assert answer.cache_control.max_age == 86_400 and answer.cache_control.public


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_m01_a_renamed_category_is_one_hop_away(site: Site, suffix: str) -> None:
    for method in ("GET", "HEAD"):
        answer = ask(site, f"/feeds/ships{suffix}?a=1&b=%20", method, If_None_Match="*")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/feeds/boats{suffix}?a=1&b=%20")
        told(answer)
        assert answer.cache_control.max_age == 86_400
    assert ask(site, f"/feeds/boats{suffix}").status_code == 200


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_m06_h31_too_many_whole_feeds(site: Site, suffix: str) -> None:
    """Limits never hit what is answered 304, and count nothing else than whole feeds."""
    tag = ask(site, f"/feeds/harbour{suffix}").headers["ETag"]
    assert ask(site, f"/feeds/boats{suffix}").status_code == 200
    for method in ("GET", "HEAD"):
        answer = ask(site, f"/feeds/boats{suffix}", method)
        assert answer.status_code == 429
        told(answer)
        assert answer.headers["Cache-Control"] == "no-store"
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    for _ in range(5):
        assert ask(site, f"/feeds/harbour{suffix}", If_None_Match=tag).status_code == 304
    site.clock.advance(61)
    assert ask(site, f"/feeds/boats{suffix}").status_code == 200


def test_m06_limits_are_off_by_default(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        site.publish("harbour", "text")
        assert {ask(site, "/feeds/harbour.rss").status_code for _ in range(200)} == {200}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_m05_m06_h31_a_database_that_was_never_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    def away(*_: object) -> object:
        raise StoreUnavailable("away")

    with open_site(tmp_path) as site:
        for name in ("edition", "reading"):
            monkeypatch.setattr(site.store, name, away)
        answer = ask(site, f"/feeds/harbour{suffix}")
        assert answer.status_code == 503
        told(answer)
        assert answer.headers["Cache-Control"] == "no-store" and int(answer.headers["Retry-After"]) > 0


def test_m05_what_was_served_once_is_served_while_the_database_is_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> object:
        raise StoreUnavailable("away")

    known = ask(site, "/feeds/harbour.rss")
    for name in ("edition", "reading"):
        monkeypatch.setattr(site.store, name, away)
    again = ask(site, "/feeds/harbour.rss")
    assert (again.status_code, again.data, again.headers["ETag"]) == (200, known.data, known.headers["ETag"])

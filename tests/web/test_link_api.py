"""The operator's API of share links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from feedsvc.cli.application import take_links
from feedsvc.scheduling.run import Outcome
from feedsvc.sharing.click import Clicks, Visitor
from feedsvc.sharing.codes import share_code
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.web import link_api
from feedsvc.web.app import create_app
from tests.web.served_site import NOON, TOKEN, Site, open_site, sample_article

BEARER = {"Authorization": f"Bearer {TOKEN}"}
ONE, TWO = sample_article("NW1"), sample_article("en/hello", title="Hello & <b>")
TODAY = date(2026, 11, 20)


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as site:
        site.put(ONE, TWO)
        with site.store.writing() as tx:
            tx.put_links(
                [
                    ShareLink("spring", ONE.id, LinkKind.CUSTOM),
                    ShareLink("top", ONE.id, LinkKind.ALIAS),
                    ShareLink("/old.php?id=1", ONE.id, LinkKind.IMPORTED),
                ]
            )
        site.store.add_clicks(
            Clicks(
                {("spring", Visitor.PERSON): 3, ("top", Visitor.PERSON): 2, ("spring", Visitor.ROBOT): 7},
                {("spring", "chat.example.com"): 2},
                {("nowhere", True): 2, ("/gone.html", False): 1},
            ),
            TODAY,
            NOON,
        )
        site.store.add_clicks(
            Clicks({(share_code(TWO.id), Visitor.PERSON): 9}), TODAY - timedelta(days=10), NOON - timedelta(days=10)
        )
        app = create_app(site.settings, site.store, site.clock, None, partial(take_links, site.settings, site.store))
        site.client = Client(app)
        yield site
        app.close()


def get(site: Site, path: str, status: int = 200, **query: str) -> Any:
    answer = site.client.get(f"/api/v1/links{path}", query_string=query, headers=BEARER)
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return json.loads(answer.data)


def post(site: Site, table: str | bytes, path: str = "", kind: str = "text/csv") -> TestResponse:
    return site.client.post(f"/api/v1/links{path}", data=table, headers=BEARER, content_type=kind)


@pytest.mark.parametrize("path", ["", "/spring", "/top", "/unknown"])
def test_only_with_the_token(linked: Site, path: str) -> None:
    assert linked.client.get(f"/api/v1/links{path}").status_code == 401
    assert linked.client.post("/api/v1/links", data="a,b", content_type="text/csv").status_code == 401
    assert linked.client.delete("/api/v1/links/unknown/nowhere").status_code == 401


@pytest.mark.parametrize(
    "path", ["/spring", "/NW1", f"/{ONE.id}", f"/{share_code(ONE.id)}", "//old.php%3Fid=1", "/%2Fold.php%3Fid=1"]
)
def test_a_link_by_any_name(linked: Site, path: str) -> None:
    found = get(linked, path)
    assert (found["code"], found["target"], found["article"]["id"]) == ("spring", ONE.canonical_url, ONE.id)
    assert found["names"] == [
        {"name": share_code(ONE.id), "kind": "derived"},
        {"name": "spring", "kind": "custom"},
        {"name": "top", "kind": "alias"},
        {"name": "/old.php?id=1", "kind": "imported"},
    ]
    assert found["clicks"] == {"people": 5, "robots": 7, "previews": 0, "prefetches": 0, "repeats": 0}
    assert list(found["days"]) == ["2026-11-20"]
    assert found["referrers"] == {"chat.example.com": 2}


@pytest.mark.parametrize("name", ["top", "https://old.example.org/old.php?id=1", "http://x.example/s/spring"])
def test_a_link_by_a_name_that_fits_no_path(linked: Site, name: str) -> None:
    assert get(linked, "", name=name)["article"]["id"] == ONE.id


def test_clicks_of_an_identity_are_those_of_its_code(linked: Site) -> None:
    assert get(linked, "/en/hello")["clicks"]["people"] == 9
    assert get(linked, "/en%2Fhello", days="5")["days"] == {}
    assert list(get(linked, "/en/hello", days="11")["days"]) == ["2026-11-10"]


@pytest.mark.parametrize("path", ["/nope", "", "/%00", "/" + "x" * 3000, "/%ff"])
def test_what_leads_nowhere(linked: Site, path: str) -> None:
    assert get(linked, path, 404)["code"] == "link-unknown"


def test_the_ranking(linked: Site) -> None:
    assert [(it["code"], it["people"]) for it in get(linked, "/top")["links"]] == [("spring", 5)]
    ranked = get(linked, "/top", days="30", limit="1")["links"]
    assert ranked == [
        {
            "id": TWO.id,
            "code": share_code(TWO.id),
            "title": TWO.title,
            "target": TWO.canonical_url,
            "people": 9,
        }
    ]


@pytest.mark.parametrize(
    ("path", "query"),
    [("/top", {"days": "0"}), ("/top", {"limit": "x"}), ("/unknown", {"limit": "9999"}), ("/spring", {"days": "-1"})],
)
def test_numbers_that_are_none(linked: Site, path: str, query: dict[str, str]) -> None:
    assert get(linked, path, 422, **query)["code"] == f"{next(iter(query))}-malformed"


def test_what_leads_nowhere_is_ranked_and_can_be_forgotten(linked: Site) -> None:
    assert [(it["name"], it["people"], it["robots"]) for it in get(linked, "/unknown")["unknown"]] == [
        ("nowhere", 2, 0),
        ("/gone.html", 0, 1),
    ]
    assert linked.client.delete("/api/v1/links/unknown//gone.html", headers=BEARER).status_code == 204
    assert [it["name"] for it in get(linked, "/unknown")["unknown"]] == ["nowhere"]
    gone = linked.client.delete("/api/v1/links/unknown?name=nowhere&name=other", headers=BEARER)
    assert (gone.status_code, gone.data) == (204, b"")
    assert get(linked, "/unknown")["unknown"] == []
    assert linked.client.delete("/api/v1/links/unknown", headers=BEARER).status_code == 422
    with linked.store.reading() as reader:
        runs = reader.runs()
    assert {(run.job, run.asked_by, run.outcome) for run in runs} == {("link-forget", "api", Outcome.DONE)}
    assert sorted(run.counts["names"] for run in runs) == [1, 2]


def test_a_table_is_taken_over(linked: Site) -> None:
    """Contract S12, S16: and leads to its articles at once."""
    answer = post(linked, "old,target\nh1,NW1\n/a.php?id=2,en/hello\nspring,en/hello\nh1,en/hello\n")
    assert answer.status_code == 200
    document = json.loads(answer.data)
    assert {name: document[name] for name in ("lines", "new", "known", "rejected")} == {
        "lines": 4,
        "new": 2,
        "known": 0,
        "rejected": 2,
    }
    assert [(it["line"], it["old"], it["reason"]) for it in document["rejected_lines"]] == [
        (4, "spring", "taken"),
        (5, "h1", "repeated"),
    ]
    assert all(it["message"] for it in document["rejected_lines"])
    assert linked.client.get("/s/h1").headers["Location"] == ONE.canonical_url
    assert linked.client.get("/a.php?id=2").headers["Location"] == TWO.canonical_url
    assert linked.client.get("/a.php?id=2&from=timeline&isappinstalled=0").headers["Location"] == TWO.canonical_url
    assert linked.client.get("/a.php?id=3").status_code == 404
    with linked.store.reading() as reader:
        assert [(run.job, run.asked_by) for run in reader.runs()] == [("link-import", "api")]


def test_a_table_that_is_only_tried(linked: Site) -> None:
    assert json.loads(post(linked, "h1,NW1", "?dry_run=1").data)["new"] == 1
    assert linked.client.get("/s/h1").status_code == 404


@pytest.mark.parametrize(
    ("table", "kind", "status", "code"),
    [
        (b"\0\0\0\0", "text/csv", 422, "encoding.unknown"),
        (b"{}", "application/json", 415, "not-csv"),
        (b"a,NW1\n" * 900_000, "text/csv", 413, "body-too-large"),
    ],
)
def test_tables_that_are_refused(linked: Site, table: bytes, kind: str, status: int, code: str) -> None:
    answer = post(linked, table, kind=kind)
    assert (answer.status_code, json.loads(answer.data)["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_more_than_other_requests_may_carry(linked: Site) -> None:
    table = "h1,NW1\n" * 200_000
    assert 1_000_000 < len(table) < link_api.MAX_TABLE
    assert json.loads(post(linked, table).data)["known"] == 199_999


def test_without_an_importer(site: Site) -> None:
    answer = site.client.post("/api/v1/links", data="a,b", headers=BEARER, content_type="text/csv")
    assert (answer.status_code, json.loads(answer.data)["code"]) == (503, "import-unavailable")

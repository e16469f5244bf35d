"""The operator's API for editions that are held back."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import TestResponse

from feedsvc.publishing.hold import Hold
from tests.web.served_site import NOON, TOKEN, Site

BEARER = {"Authorization": f"Bearer {TOKEN}"}
RELEASE = "/api/v1/guard/release"


@pytest.fixture
def held(site: Site) -> Site:
    """A site whose own feed and one category are held."""
    with site.store.writing() as tx:
        tx.put_holds(
            [Hold("港口", NOON, "renamed", {"before": 20, "affected": 19}, ("新渡轮",)), Hold("", NOON, "updated")]
        )
    return site


def release(site: Site, body: object) -> TestResponse:
    return site.client.post(RELEASE, data=json.dumps(body), headers=BEARER, content_type="application/json")


def test_what_is_held_and_why(held: Site) -> None:
    answer = held.client.get("/api/v1/guard", headers=BEARER)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.get_json() == {
        "holds": [
            {"category": "", "since": "2026-11-20T12:00:00Z", "reason": "updated", "counts": {}, "examples": []},
            {
                "category": "港口",
                "since": "2026-11-20T12:00:00Z",
                "reason": "renamed",
                "counts": {"before": 20, "affected": 19},
                "examples": ["新渡轮"],
            },
        ]
    }


@pytest.mark.parametrize(
    ("body", "categories"), [({"categories": ["港口", "港口"]}, ["港口"]), ({"all": True}, ["", "港口"])]
)
def test_releasing_files_a_run(held: Site, body: object, categories: list[str]) -> None:
    answer = release(held, body)
    assert answer.status_code == 202
    run = answer.get_json()
    assert (run["job"], run["reason"], run["asked_by"]) == ("regenerate", "guard-release", "api")
    assert run["categories"] == categories
    assert answer.headers["Location"] == f"/api/v1/runs/{run['id']}"
    with held.store.reading() as reader:
        assert [waiting.id for waiting in reader.waiting_runs()] == [run["id"]]
        assert len(reader.holds()) == 2, "the publisher takes them away, when it has published"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "categories-missing"),
        ({"all": False}, "categories-missing"),
        ({"all": "yes"}, "categories-missing"),
        ({"all": True, "categories": ["港口"]}, "categories-missing"),
        ({"categories": "港口"}, "categories-malformed"),
        ({"categories": ["harbour", "\ud800"]}, "category-not-held"),
        ({"job": "rescan", "all": True}, "member-unknown"),
        ([], "not-an-object"),
    ],
)
def test_bad_requests_are_explained_and_release_nothing(held: Site, body: object, code: str) -> None:
    """Contract M07."""
    answer = release(held, body)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (422, code)
    with held.store.reading() as reader:
        assert reader.waiting_runs() == []


def test_nothing_held_nothing_released(site: Site) -> None:
    assert site.client.get("/api/v1/guard", headers=BEARER).get_json() == {"holds": []}
    assert release(site, {"all": True}).get_json(force=True)["code"] == "nothing-held"


def test_both_need_the_token(held: Site) -> None:
    assert held.client.get("/api/v1/guard").status_code == 401
    assert held.client.post(RELEASE, json={"all": True}).status_code == 401
    with held.store.reading() as reader:
        assert reader.waiting_runs() == []


def test_the_status_says_that_something_is_held(held: Site) -> None:
    status = held.client.get("/api/v1/status", headers=BEARER).get_json()
    assert status["held"] == ["", "港口"]
    assert any("2 feeds are held back" in reason for reason in status["reasons"])

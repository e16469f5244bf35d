"""The operator's API and health."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from feedsvc.content.draft import Problem
from feedsvc.errors import StoreUnavailable
from feedsvc.scheduling.run import Outcome, Run
from feedsvc.web.auth import TokenFile
from tests.web.served_site import NOON, TOKEN, Site, open_site, sample_article

BEARER = {"Authorization": f"Bearer {TOKEN}"}


def ask(site: Site, body: object = None, headers: Mapping[str, str] = BEARER) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return site.client.post("/api/v1/runs", data=data, headers=headers, content_type="application/json")


def assert_problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """RFC 9457."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.data)
    assert document["status"] == status
    assert document["code"] == code
    assert document["title"] and document["detail"] and document["type"]
    return document


def test_asking_for_a_run(site: Site) -> None:
    site.put(sample_article())
    answer = ask(site, {"categories": ["harbour", "harbour"]})
    assert answer.status_code == 202
    run = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/runs/{run['id']}"
    assert (run["job"], run["reason"], run["asked_by"]) == ("regenerate", "request", "api")
    assert (run["categories"], run["outcome"], run["created"]) == (["harbour"], "waiting", "2026-11-20T12:00:00Z")
    with site.store.reading() as reader:
        assert [waiting.id for waiting in reader.waiting_runs()] == [run["id"]]
    assert site.client.get(answer.headers["Location"], headers=BEARER).get_json() == run


@pytest.mark.parametrize("body", [b"", b"  ", {}, {"categories": []}, {"job": "regenerate"}])
def test_no_categories_mean_all(site: Site, body: object) -> None:
    answer = ask(site, body)
    assert (answer.status_code, answer.get_json()["categories"]) == (202, [])


def test_another_job(site: Site) -> None:
    assert ask(site, {"job": "rescan"}).get_json()["job"] == "rescan"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not-json"),
        (b"\xff\xfe", 400, "not-json"),
        (b"[" * 60_000, 400, "not-json"),
        (b'{"a":' * 10_000, 400, "not-json"),
        (b" " * 70_000, 413, "body-too-large"),
        ([], 422, "not-an-object"),
        ({"categories": "harbour"}, 422, "categories-malformed"),
        ({"categories": [1]}, 422, "categories-malformed"),
        ({"categories": ["nowhere"]}, 422, "category-unknown"),
        ({"categories": ["\ud800", "\0"]}, 422, "category-unknown"),
        ({"categories": ["harbour"], "job": "rescan"}, 422, "categories-unwanted"),
        ({"categories": ["x"] * 1001}, 422, "categories-too-many"),
        ({"job": "explode"}, 422, "job-unknown"),
        ({"job": ["regenerate"]}, 422, "job-unknown"),
        ({"wait": True}, 422, "member-unknown"),
        ({"\ud800": True}, 422, "member-unknown"),
    ],
)
def test_bad_requests_are_explained(site: Site, body: object, status: int, code: str) -> None:
    """Contract M07: never 5xx; a deep document must not exhaust the stack."""
    assert_problem(ask(site, body), status, code)
    with site.store.reading() as reader:
        assert reader.waiting_runs() == []


def test_only_json_is_taken(site: Site) -> None:
    answer = site.client.post("/api/v1/runs", data="a=b", headers=BEARER, content_type="text/plain")
    assert_problem(answer, 415, "not-json")


@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/runs/x", "/api/v1/status", "/api/v1/problems"])
def test_everything_needs_the_token(site: Site, path: str) -> None:
    missing = site.client.get(path)
    assert_problem(missing, 401, "token-missing")
    assert missing.headers["WWW-Authenticate"] == 'Bearer realm="feedsvc"'
    for wrong in ("Bearer wrong", "Bearer ", "Basic " + TOKEN, TOKEN, "Bearer \x80é"):
        answer = site.client.get(path, headers={"Authorization": wrong})
        assert_problem(answer, 401, "token-wrong")
        assert "invalid_token" in answer.headers["WWW-Authenticate"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert site.client.get(path, headers={"Authorization": "bearer " + TOKEN}).status_code in (200, 404)


def test_the_token_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "operator.token"
    token = TokenFile(path)
    assert not token.accepts("Bearer one")
    assert not token.accepts("Bearer ")
    path.write_text("one\n")
    assert token.accepts("Bearer one")
    path.write_text("another\n")
    assert token.accepts("Bearer another") and not token.accepts("Bearer one")
    path.write_text("")
    assert not token.accepts("Bearer ") and not token.accepts("Bearer another")
    path.unlink()
    assert not token.accepts("Bearer another")


def test_unknown_runs_and_addresses(site: Site) -> None:
    assert_problem(site.client.get("/api/v1/runs/nope", headers=BEARER), 404, "run-unknown")
    assert_problem(site.client.get("/api/v1/runs/" + "x" * 3000, headers=BEARER), 404, "run-unknown")
    assert_problem(site.client.get("/api/v1/nothing", headers=BEARER), 404, "http-404")
    answer = site.client.delete("/api/v1/runs", headers=BEARER)
    assert_problem(answer, 405, "http-405")
    assert "POST" in answer.headers["Allow"]


def test_runs_newest_first(site: Site) -> None:
    with site.store.writing() as transaction:
        for number in range(5):
            created = NOON + timedelta(minutes=number)
            run = Run(id=f"r{number}", job="rescan", reason="schedule", asked_by="publisher", created=created)
            transaction.put_run(run)
    found = site.client.get("/api/v1/runs?limit=2", headers=BEARER).get_json()["runs"]
    assert [run["id"] for run in found] == ["r4", "r3"]
    for limit in ("0", "x", "-1", "501", "99999999", "٣"):
        assert_problem(site.client.get(f"/api/v1/runs?limit={limit}", headers=BEARER), 422, "limit-malformed")


def test_status(site: Site) -> None:
    site.put(sample_article())
    with site.store.writing() as transaction:
        run = Run(id="r1", job="rescan", reason="start", asked_by="publisher", created=NOON, outcome=Outcome.DONE)
        transaction.put_run(run)
    site.store.acquire_lease("publisher", "host:1:x", timedelta(seconds=6), site.clock())
    status = site.client.get("/api/v1/status", headers=BEARER).get_json()
    assert (status["articles"], status["documents"], status["edition"]) == (1, 3, 1)
    assert (status["level"], status["reasons"], status["leader"]) == ("well", [], "host:1:x")
    assert (status["time"], status["waiting"]) == ("2026-11-20T12:00:00Z", [])
    assert [run["id"] for run in status["runs"]] == ["r1"]


def test_problems(site: Site) -> None:
    problem = Problem(key="content/a.md", code="date.unreadable", message="The date is no date.", line=3, field="date")
    with site.store.writing() as transaction:
        transaction.replace_problems({"content/a.md": [problem]})
    found = site.client.get("/api/v1/problems", headers=BEARER).get_json()
    assert found["counts"]["error"] == 1
    assert found["problems"][0]["message"] == "The date is no date."
    assert site.client.get("/api/v1/problems?key=content/b.md", headers=BEARER).get_json()["problems"] == []
    assert_problem(site.client.get("/api/v1/problems?key=%00", headers=BEARER), 422, "key-malformed")


def test_database_away(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> object:
        raise StoreUnavailable("away")

    monkeypatch.setattr(site.store, "writing", away)
    answer = ask(site)
    assert_problem(answer, 503, "store-unavailable")
    assert answer.headers["Retry-After"] == "5"


# Health


def test_alive_whatever_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> object:
        raise StoreUnavailable("away")

    with open_site(tmp_path) as site:
        monkeypatch.setattr(site.store, "reading", away)
        monkeypatch.setattr(site.store, "edition", away)
        assert site.client.get("/healthz").get_json() == {"status": "ok"}
        answer = site.client.get("/readyz")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
        assert answer.get_json()["checks"] == {"database": False, "published": False, "publisher": False}


def test_ready_when_published_and_led(tmp_path: Path) -> None:
    """Contract M05."""
    with open_site(tmp_path) as site:

        def checks() -> tuple[int, dict[str, bool]]:
            answer = site.client.get("/readyz")
            return answer.status_code, answer.get_json()["checks"]

        site.store.acquire_lease("publisher", "host:1:x", timedelta(seconds=6), site.clock())
        site.publish("harbour", "text")
        assert checks() == (200, {"database": True, "published": True, "publisher": True})
        site.clock.advance(7)
        assert checks() == (503, {"database": True, "published": True, "publisher": False})


def test_not_ready_without_documents(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        site.store.acquire_lease("publisher", "host:1:x", timedelta(seconds=6), site.clock())
        answer = site.client.get("/readyz")
        assert answer.status_code == 503
        assert answer.get_json()["checks"] == {"database": True, "published": False, "publisher": True}

"""The operator's API: ask for a run, see how things stand. Bearer token; errors are problem documents (RFC 9457).

A request regenerates nothing: it files a Run, and whoever leads executes it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from urllib.parse import quote

from flask import Blueprint, Response, request

import feedsvc
from feedsvc.articles.category import SITE
from feedsvc.health import assess
from feedsvc.publishing.hold import GUARD_RELEASE
from feedsvc.scheduling.run import requested
from feedsvc.web.problems import problem
from feedsvc.web.services import services

ROOT = "/api/v1"
MAX_BODY = 65_536  # octets
MAX_CATEGORIES = 1_000
JOBS = ("regenerate", "rescan", "due", "housekeeping")

blueprint = Blueprint("api", __name__, url_prefix=ROOT)


@blueprint.before_request
def check_token() -> Response | None:
    """401 unless the request carries the operator's token."""
    given = request.headers.get("Authorization")
    if services().token.accepts(given):
        return None
    response = problem(401, "token-wrong" if given else "token-missing", "This needs the operator's bearer token.")
    response.headers["WWW-Authenticate"] = 'Bearer realm="feedsvc"' + (', error="invalid_token"' if given else "")
    return response


@blueprint.post("/runs")
def ask() -> Response:
    """Body: {"categories": [...], "job": "regenerate"}, both optional; no categories means all. 202 + Location."""
    body, refusal = _body()
    if refusal is not None:
        return refusal
    job = body.pop("job", "regenerate")
    categories = body.pop("categories", [])
    if body:
        return problem(422, "member-unknown", f"Only `job` and `categories` are understood, not {_listed(body)}.")
    if job not in JOBS:
        return problem(422, "job-unknown", f"`job` is one of {', '.join(JOBS)}.")
    if not isinstance(categories, list) or not all(isinstance(slug, str) for slug in categories):
        return problem(422, "categories-malformed", "`categories` is a list of category names.")
    if categories and job != "regenerate":
        return problem(422, "categories-unwanted", "Only the job `regenerate` takes categories.")
    if len(categories) > MAX_CATEGORIES:
        return problem(422, "categories-too-many", f"At most {MAX_CATEGORIES} categories; name none to mean all.")
    if categories:
        app = services()
        with app.store.reading() as reader:
            known = {category.slug for category in reader.categories(app.visible())} | {SITE}
        if unknown := [slug for slug in categories if slug not in known]:
            return problem(422, "category-unknown", f"There is no category named {_listed(unknown)}.", unknown=unknown)
    return _file(job, "request", categories)


@blueprint.get("/runs")
def runs() -> Response:
    """The newest runs, `?limit=` of them (50 unless told, at most 500)."""
    limit = limit_of("limit", 50, 500)
    if limit is None:
        return problem(422, "limit-malformed", "`limit` is a whole number from 1 to 500.")
    with services().store.reading() as reader:
        return as_json({"runs": [asdict(run) for run in reader.runs(limit)]})


@blueprint.get("/runs/<run_id>")
def one_run(run_id: str) -> Response:
    """One run, by the address its 202 gave."""
    run = None
    if len(run_id) <= 100 and run_id.isprintable():
        with services().store.reading() as reader:
            run = reader.run(run_id)
    if run is None:
        return problem(404, "run-unknown", "There is no such run.")
    return as_json(asdict(run))


@blueprint.get("/guard")
def guard() -> Response:
    """Editions that are held back because they look like an accident, by category; "" is the whole site."""
    with services().store.reading() as reader:
        return as_json({"holds": [asdict(hold) for hold in reader.holds()]})


@blueprint.post("/guard/release")
def release() -> Response:
    """Body: {"categories": [...]} of held ones, or {"all": true}. Files the run that publishes them: 202 + Location."""
    body, refusal = _body()
    if refusal is not None:
        return refusal
    everything, wanted = body.pop("all", False), body.pop("categories", [])
    if body:
        return problem(422, "member-unknown", f"Only `categories` and `all` are understood, not {_listed(body)}.")
    if not isinstance(wanted, list) or not all(isinstance(slug, str) for slug in wanted):
        return problem(422, "categories-malformed", "`categories` is a list of category names.")
    if not isinstance(everything, bool) or everything == bool(wanted):
        return problem(422, "categories-missing", "Name `categories`, or say `all` is true.")
    with services().store.reading() as reader:
        held = [hold.category for hold in reader.holds()]
    if strange := [slug for slug in wanted if slug not in held]:
        return problem(422, "category-not-held", f"No edition of {_listed(strange)} is held.", unknown=strange)
    if not held:
        return problem(422, "nothing-held", "No edition is held.")
    return _file("regenerate", GUARD_RELEASE, held if everything else wanted)


@blueprint.get("/problems")
def problems() -> Response:
    """What is wrong with the content, errors first; `?key=` for one file, `?limit=` (1000 unless told)."""
    limit = limit_of("limit", 1_000, 10_000)
    if limit is None:
        return problem(422, "limit-malformed", "`limit` is a whole number from 1 to 10000.")
    key = request.args.get("key")
    if key is not None and ("\0" in key or len(key) > 4_000):
        return problem(422, "key-malformed", "`key` is the name of a file.")
    with services().store.reading() as reader:
        found = reader.problems(key, limit)
        counts = reader.problem_counts()
    return as_json(
        {
            "counts": {severity.value: count for severity, count in counts.items()},
            "problems": [asdict(entry) for entry in found],
        }
    )


@blueprint.get("/status")
def status() -> Response:
    """How things stand, judged as `feedsvc status` does, with the waiting and the latest runs."""
    app = services()
    now = app.clock()
    health = assess(app.store, now)
    with app.store.reading() as reader:
        waiting, latest = reader.waiting_runs(), reader.runs(10)
    document: dict[str, object] = {
        "version": feedsvc.__version__,
        "time": now,
        **asdict(health),
        "level": health.level.name.lower(),
        "problems": {severity.value: count for severity, count in health.problems.items()},
        "waiting": [asdict(run) for run in waiting],
        "runs": [asdict(run) for run in latest],
    }
    return as_json(document)


def _file(job: str, reason: str, categories: list[str]) -> Response:
    """File a run for whoever leads."""
    app = services()
    run = requested(job, "api", app.clock(), reason=reason, categories=categories)
    with app.store.writing() as transaction:
        transaction.put_run(run)
    response = as_json(asdict(run), 202)
    response.headers["Location"] = f"{app.root}{ROOT}/runs/{quote(run.id)}"
    return response


def _body() -> tuple[dict[str, object], Response | None]:
    """The request's JSON object ({} for an empty body), or the answer that refuses it."""
    data = request.stream.read(MAX_BODY + 1)
    if len(data) > MAX_BODY or (request.content_length or 0) > MAX_BODY:
        return {}, problem(413, "body-too-large", f"The body may have {MAX_BODY} octets.")
    if not data.strip():
        return {}, None
    if request.mimetype not in ("application/json", ""):
        return {}, problem(415, "not-json", "The body is application/json.")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return {}, problem(400, "not-json", "The body is not readable as JSON.")
    if not isinstance(body, dict):
        return {}, problem(422, "not-an-object", "The body is a JSON object.")
    return body, None


def limit_of(name: str, usual: int, most: int) -> int | None:
    """A parameter that says how many, 1 to `most`; None when it says something else."""
    text = request.args.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        return None
    return int(text) if 1 <= int(text) <= most else None


def _listed(names: object) -> str:
    return json.dumps(list(names), ensure_ascii=True)[1:-1][:500] if isinstance(names, list | dict) else ""


def as_json(document: dict[str, object], status: int = 200) -> Response:
    """An answer that no cache keeps; instants as RFC 3339 has them."""
    body = json.dumps(document, ensure_ascii=False, default=_plain)
    response = Response(body + "\n", status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no place in JSON")

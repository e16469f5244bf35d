"""The operator's API of share links: where they lead, who follows them, what leads nowhere, old links to take over.

Same token as api.py; errors are problem documents (RFC 9457).
"""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import unquote

from flask import Blueprint, Response, request

from feedsvc.content.encoding import Undecodable
from feedsvc.sharing.old_forms import OldForms
from feedsvc.sharing.table import Imported
from feedsvc.web.api import ROOT, as_json, check_token, limit_of
from feedsvc.web.link_report import DAYS, forget, ranking, report
from feedsvc.web.problems import problem
from feedsvc.web.services import services

MAX_TABLE = 5_000_000  # octets
LONGEST_SPAN = 400  # days

blueprint = Blueprint("link_api", __name__, url_prefix=f"{ROOT}/links")
blueprint.before_request(check_token)


@blueprint.get("")
def by_parameter() -> Response:
    """`?name=`: a link by any name, also one that does not fit into a path, such as a whole old address."""
    return _one(request.args.get("name", ""))


@blueprint.get("/<anything:name>")
def by_name(name: str) -> Response:
    """A link by its code, an identity, an old path."""
    raw: str = request.environ["feedsvc.path"]
    return _one(unquote(raw.partition("/links/")[2], errors="replace") or name)


@blueprint.get("/top")
def top() -> Response:
    """The articles whose links people followed most in `?days=` (7), `?limit=` of them (20)."""
    app, days, limit = services(), limit_of("days", 7, LONGEST_SPAN), limit_of("limit", 20, 1_000)
    if days is None or limit is None:
        return _malformed("days" if days is None else "limit", LONGEST_SPAN if days is None else 1_000)
    with app.store.reading() as reader:
        found = ranking(reader, app.clock().astimezone(app.zone).date(), days, limit)
    return as_json({"days": days, "links": [followed.document for followed in found]})


@blueprint.get("/unknown")
def unknown() -> Response:
    """Names that led nowhere, those most people asked for first; `?limit=` of them (50)."""
    limit = limit_of("limit", 50, 1_000)
    if limit is None:
        return _malformed("limit", 1_000)
    with services().store.reading() as reader:
        return as_json({"unknown": [asdict(miss) for miss in reader.misses(limit)]})


@blueprint.delete("/unknown")
def forget_all() -> Response:
    """`?name=`, repeatable: they are not counted any more until somebody asks for them again."""
    return _forget(request.args.getlist("name"))


@blueprint.delete("/unknown/<anything:name>")
def forget_one(name: str) -> Response:
    """The same of a name that fits into a path."""
    return _forget([name])


@blueprint.post("")
def take() -> Response:
    """Body: a table of old links (text/csv). 200 with what came of it; `?dry_run=1`: what would."""
    app = services()
    if app.importer is None:
        return problem(503, "import-unavailable", "This server cannot import; use `feedsvc link import`.")
    request.max_content_length = MAX_TABLE + 1
    if (request.content_length or 0) > MAX_TABLE:
        return _too_large()
    if request.mimetype not in ("text/csv", "text/plain", "application/csv", ""):
        return problem(415, "not-csv", "The body is text/csv.")
    data = request.stream.read(MAX_TABLE + 1)
    if len(data) > MAX_TABLE:
        return _too_large()
    try:
        done = app.importer(data, "api", request.args.get("dry_run", "") in ("1", "true"))
    except Undecodable as error:
        return problem(422, error.code, error.message)
    return as_json(_outcome(done))


def _one(name: str) -> Response:
    app = services()
    days = limit_of("days", DAYS, LONGEST_SPAN)
    if days is None:
        return _malformed("days", LONGEST_SPAN)
    today = app.clock().astimezone(app.zone).date()
    with app.store.reading() as reader:
        found = report(reader, OldForms.from_settings(app.settings), name[:4_000], today, days)
    if found is None:
        return problem(404, "link-unknown", "No article has this name.")
    return as_json(found.document)


def _forget(names: list[str]) -> Response:
    if not names or len(names) > 1_000 or any("\0" in name for name in names):
        return problem(422, "name-missing", "`name` is one of the names that led nowhere; at most 1000 of them.")
    app = services()
    forget(app.store, names, "api", app.clock())
    return Response(status=204, headers={"Cache-Control": "no-store"})


def _outcome(done: Imported) -> dict[str, object]:
    lines = [
        {"line": it.line, "old": it.old, "target": it.target, "reason": it.reason, "message": it.message}
        for it in done.examples
    ]
    return {**done.counts, "rejected_lines": lines}


def _too_large() -> Response:
    return problem(413, "body-too-large", f"The table may have {MAX_TABLE} octets; `feedsvc link import` takes any.")


def _malformed(name: str, most: int) -> Response:
    return problem(422, f"{name}-malformed", f"`{name}` is a whole number from 1 to {most}.")

"""Health for supervisors and load balancers: alive, and ready (contract M05)."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from feedsvc.errors import StoreUnavailable
from feedsvc.health import LEASE
from feedsvc.web.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """200 whenever this process answers; touches nothing."""
    return _answer({"status": "ok"}, 200)


@blueprint.get("/readyz")
def ready() -> Response:
    """200 when documents are published, the database answers and a publisher leads; else 503 and what is missing."""
    app = services()
    checks = {"database": False, "published": False, "publisher": False}
    try:
        with app.store.reading() as reader:
            lease = reader.lease(LEASE)
        checks["database"] = True
        checks["publisher"] = lease is not None and lease.expires > app.clock()
        checks["published"] = not app.shelf.empty
    except StoreUnavailable:
        pass
    well = all(checks.values())
    response = _answer({"status": "ok" if well else "unavailable", "checks": checks}, 200 if well else 503)
    if not well:
        response.headers["Retry-After"] = "5"
    return response


def _answer(document: dict[str, object], status: int) -> Response:
    response = Response(json.dumps(document) + "\n", status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response

"""Dockerfile and compose.yaml, read as Docker reads them; no engine is needed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from feedsvc.configuration import OTHER_VARIABLES, variables

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    """(instruction, rest) of every logical line of the Dockerfile."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], " ".join(line.split(None, 1)[1].split())) for line in lines]


def last_stage() -> dict[str, str]:
    steps = instructions()
    start = max(index for index, (name, _) in enumerate(steps) if name == "FROM")
    return dict(steps[start:])


def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def is_known(variable: str) -> bool:
    names = set(variables()) | OTHER_VARIABLES
    return variable in names or (variable.endswith("_FILE") and variable.removesuffix("_FILE") in names)


def test_the_image_is_slim_staged_and_installs_only_what_the_lock_names() -> None:
    steps = instructions()
    images = [rest for name, rest in steps if name == "FROM"]
    assert len(images) == 2
    assert all(re.match(r"python:3\.1[1-9]-slim\b", image) for image in images)
    installs = [rest for name, rest in steps if name == "RUN" and "pip install" in rest]
    assert any("--require-hashes -r requirements.lock" in install for install in installs)
    assert all("--require-hashes" in install or "--no-deps" in install for install in installs)


def test_it_runs_as_nobody_in_particular() -> None:
    user = last_stage()["USER"]
    assert user.isdigit()
    assert int(user) > 0


def test_it_starts_feedsvc_serve_and_takes_other_commands() -> None:
    stage = last_stage()
    assert json.loads(stage["ENTRYPOINT"]) == ["feedsvc"]
    assert json.loads(stage["CMD"]) == ["serve"]
    assert stage["STOPSIGNAL"] == "SIGTERM"


def test_everything_copied_exists_and_reaches_the_builder() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = [rest for name, rest in instructions() if name == "COPY" and "--from" not in rest]
    sources = {source for rest in copied for source in rest.split()[:-1]}
    assert sources == let_in
    assert {source for source in sources if not (ROOT / source).exists()} == set()


def test_the_image_settings_are_settings() -> None:
    pairs = dict(word.split("=", 1) for word in shlex.split(last_stage()["ENV"]))
    ours = {name: value for name, value in pairs.items() if name.startswith("FEEDSVC_")}
    assert json.loads(ours["FEEDSVC_CONTENT__ROOTS"]) == ["/content"]
    assert ours["FEEDSVC_DATA_DIR"] == last_stage()["VOLUME"]
    assert all(is_known(name) for name in ours)


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server on a free port that answers every GET with this status; it remembers nothing."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_readyz(status: int, healthy: bool) -> None:
    rest = last_stage()["HEALTHCHECK"]
    command = json.loads(rest[rest.index("[") :])
    assert command[:2] == ["python", "-c"]
    with answering(status) as port:
        result = subprocess.run(
            [sys.executable, *command[1:]], env={"FEEDSVC_SERVER__PORT": str(port)}, capture_output=True, timeout=20
        )
    assert (result.returncode == 0) is healthy


def test_compose_has_postgres_and_any_number_of_publishers_and_web_workers() -> None:
    services = compose()["services"]
    assert services["publisher"]["command"] == ["publisher"]
    assert services["web"]["command"] == ["web"]
    for name in ("publisher", "web"):
        service = services[name]
        assert service["deploy"]["replicas"] > 1
        assert service["depends_on"]["postgres"]["condition"] == "service_healthy"
        assert "container_name" not in service, "would forbid a second one"
        assert "ports" not in service, "two replicas cannot have one port"
        (content,) = [volume for volume in service["volumes"] if ":/content" in volume]
        assert content.endswith(":/content:ro")
    assert services["postgres"]["image"].startswith("postgres:")


def test_compose_keeps_passwords_in_secret_files() -> None:
    loaded = compose()
    for service in loaded["services"].values():
        for secret in service.get("secrets", []):
            assert secret in loaded["secrets"]
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "DATABASE" in name:
                assert name.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    for secret in loaded["secrets"].values():
        assert (ROOT / secret["file"]).parent.joinpath(".gitignore").read_text("utf-8").startswith("*\n")


def test_compose_believes_its_own_proxy_only() -> None:
    services = compose()["services"]
    address = services["proxy"]["networks"]["inside"]["ipv4_address"]
    assert json.loads(services["web"]["environment"]["FEEDSVC_SERVER__TRUSTED_PROXIES"]) == [address]
    for volume in services["proxy"]["volumes"]:
        assert (ROOT / volume.split(":")[0]).is_file()


def test_the_publisher_is_not_asked_for_a_web_page() -> None:
    assert "feedsvc status" in " ".join(compose()["services"]["publisher"]["healthcheck"]["test"])


@pytest.mark.parametrize(
    "path",
    [
        ROOT / "Dockerfile",
        ROOT / "compose.yaml",
        ROOT / "README.md",
        *sorted(path for path in (ROOT / "deploy").iterdir() if path.is_file()),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "content").rglob("*.md")),
    ],
    ids=lambda path: path.name,
)
def test_every_variable_that_is_named_anywhere_exists(path: Path) -> None:
    named = set(re.findall(r"\bFEEDSVC_[A-Z][A-Z_]*[A-Z]\b", path.read_bytes().decode("utf-8", "replace")))
    assert {name for name in named if not is_known(name)} == set()

"""deploy/feedsvc.service: what systemd itself says of it, and the promises that matter to us."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "deploy" / "feedsvc.service"


def options(section: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    current = ""
    for line in UNIT.read_text("utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif "=" in line and not line.startswith("#") and current == section:
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


def test_it_is_stopped_by_the_parent_and_given_time() -> None:
    service = options("Service")
    assert service["Type"] == ["exec"]
    assert service["KillMode"] == ["mixed"], "SIGTERM to the parent only, SIGKILL to whatever is left"
    assert service["KillSignal"] == ["SIGTERM"]
    assert int(service["TimeoutStopSec"][0]) >= 40
    assert service["Restart"] == ["on-failure"]


def test_it_may_write_in_its_own_folder_only() -> None:
    service = options("Service")
    assert service["ProtectSystem"] == ["strict"]
    assert service["NoNewPrivileges"] == ["yes"]
    assert service["CapabilityBoundingSet"] == [""]
    assert service["User"] not in ([], ["root"])
    assert "FEEDSVC_DATA_DIR=/var/lib/" + service["StateDirectory"][0] in service["Environment"]
    assert "ReadWritePaths" not in service


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """Run on a copy whose program exists and whose user is ours: the file is judged, not this machine."""
    program = tmp_path / "feedsvc"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = UNIT.read_text("utf-8").replace("/opt/feedsvc/bin/feedsvc", str(program))
    text = text.replace("User=feedsvc", f"User={os.getuid()}").replace("Group=feedsvc", f"Group={os.getgid()}")
    text = text.replace("Wants=network-online.target\n", "").replace("WantedBy=multi-user.target\n", "")
    copy = tmp_path / "feedsvc.service"
    copy.write_text(text, "utf-8")
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60
    )
    about_us = [line for line in result.stderr.splitlines() if "feedsvc.service" in line or str(tmp_path) in line]
    if not about_us and result.returncode != 0:
        pytest.skip(f"systemd-analyze cannot work here: {result.stderr.strip()[:200]}")
    assert about_us == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_does_find_what_is_wrong(tmp_path: Path) -> None:
    """The check above can fail: a planted mistake is reported."""
    copy = tmp_path / "feedsvc.service"
    copy.write_text("[Service]\nType=exec\nExecStart=/bin/true\nProtectSystems=strict\n", "utf-8")
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60
    )
    if "feedsvc.service" not in result.stderr and str(tmp_path) not in result.stderr:
        pytest.skip(f"systemd-analyze cannot work here: {result.stderr.strip()[:200]}")
    assert "ProtectSystems" in result.stderr

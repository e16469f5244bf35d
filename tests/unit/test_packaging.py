"""What is installed: the wheel holds all that runs, the lock files hold all that is imported."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import feedsvc

ROOT = Path(__file__).parents[2]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def plain(name: str) -> str:
    """A requirement's name as indexes spell it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def locked(name: str) -> dict[str, str]:
    """name -> its lines in a lock file."""
    text = (ROOT / name).read_text("utf-8")
    return {plain(entry): entry for entry in re.split(r"\n(?=\S)", text) if "==" in entry}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing is left in the checkout."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "wsgi.py"):
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(ROOT / "feedsvc", source / "feedsvc", ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    result = subprocess.run(
        [*command, "--disable-pip-version-check", "-w", str(target), "."], cwd=source, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """Templates, style sheet, translations and migrations as well; git's list decides what belongs to the package."""
    listed = subprocess.run(
        ["git", "ls-files", "--", "feedsvc"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    inside = set(zipfile.ZipFile(wheel).namelist())
    sources = (".po", ".pot", ".cfg", ".mako", ".ini")
    assert [
        name for name in listed if (ROOT / name).is_file() and name not in inside and not name.endswith(sources)
    ] == []


def test_the_wheel_names_command_version_and_licence(wheel: Path) -> None:
    files = zipfile.ZipFile(wheel)
    folder = f"feedsvc-{feedsvc.__version__}.dist-info"
    assert "feedsvc=feedsvc.cli.main:main" in files.read(f"{folder}/entry_points.txt").decode().replace(" ", "")
    metadata = files.read(f"{folder}/METADATA").decode()
    assert f"\nVersion: {feedsvc.__version__}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert any(name.endswith("licenses/LICENSE") for name in files.namelist())


def test_the_wheel_runs_outside_of_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r}); import feedsvc; print(feedsvc.__file__); "
        "from feedsvc.cli.main import main; sys.argv = ['feedsvc', 'build', 'site']; main()"
    )
    post = tmp_path / "site" / "_posts" / "2026-01-01-hello.md"
    post.parent.mkdir(parents=True)
    post.write_text("---\ntitle: Hello\ncategories: news\n---\nHello.\n", "utf-8")
    result = subprocess.run(
        [sys.executable, "-I", "-c", code],
        cwd=tmp_path,
        env={"FEEDSVC_DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert str(tmp_path / "installed") in result.stdout
    assert (tmp_path / "data" / "feedsvc.db").is_file()


def test_everything_that_is_required_is_locked_with_a_hash() -> None:
    found = project()
    needed = [*found["project"]["dependencies"], *found["project"]["optional-dependencies"]["postgres"]]
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {plain(name) for name in [*needed, *found["dependency-groups"]["build"]]} <= set(run)
    assert {plain(name) for name in found["dependency-groups"]["dev"]} <= set(dev)
    for name, entry in (run | dev).items():
        assert "--hash=sha256:" in entry, name


def test_the_two_lock_files_agree() -> None:
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")

    def version(entry: str) -> str:
        return str(re.findall(r"==([^\s;\\]+)", entry)[0])

    assert {name for name, entry in run.items() if name not in dev or version(dev[name]) != version(entry)} == set()


def test_the_lock_names_no_index() -> None:
    """Whoever installs decides where from."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text("utf-8")


def test_the_licence_is_the_whole_text() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("MIT License\n")
    assert 'THE SOFTWARE IS PROVIDED "AS IS"' in text
    assert project()["project"]["license"] == "MIT"


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{feedsvc.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")

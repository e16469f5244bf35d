"""The documentation agrees with the code.

docs/settings.md is written from the model: run this file (`python tests/unit/test_docs.py`) after changing a setting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from feedsvc import configuration
from feedsvc.cli.main import cli
from feedsvc.configuration import variables
from feedsvc.settings import PREFIX, Settings
from feedsvc.web.app import create_app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]

SETTINGS_HEAD = """# Settings

Strongest first: the command line, the environment, secret files, `feedsvc.toml` (or the file named by `--config` or
`FEEDSVC_CONFIG`), `_config.yml` of the first content folder that has one, the defaults below.
`feedsvc config show` prints every effective value and where it came from.

- In the environment, sections are joined by two underscores: `FEEDSVC_SITE__URL`. Lists and tables are JSON.
- Every variable also exists with `_FILE` after its name: the value is then read from that file (for secrets).
- In `feedsvc.toml`, sections are tables (`[site]`, then `url = "…"`); folders are meant relative to the file.
- A name that does not exist is an error, in the file as in the environment.

<!-- Written from feedsvc/settings/ by tests/unit/test_docs.py; change it there. -->
"""


def fields(model: type[BaseModel], at: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """(dotted name, field) of every setting, sections left out, in the order of the model."""
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from fields(info.annotation, f"{at}{name}.")
        else:
            yield f"{at}{name}", info


def default_of(name: str) -> str:
    value: Any = Settings.model_construct().model_dump(mode="json")
    for part in name.split("."):
        value = value[part]
    return json.dumps(value, ensure_ascii=False).replace("|", "\\|")


def settings_page() -> str:
    """docs/settings.md as the model says it."""
    sections: dict[str, list[str]] = {}
    for name, info in fields(Settings):
        section = name.partition(".")[0] if "." in name else ""
        variable = PREFIX + name.replace(".", "__").upper()
        text = (info.description or "").replace("|", "\\|")
        sections.setdefault(section, []).append(f"| `{variable}` | `{default_of(name)}` | {text} |")
    page = SETTINGS_HEAD
    for section, rows in sections.items():
        page += f"\n## {section or 'general'}\n\n| variable | default | |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    return page


def test_the_settings_page_is_the_model() -> None:
    assert (DOCS / "settings.md").read_text("utf-8") == settings_page(), "run: python tests/unit/test_docs.py"


def test_every_setting_is_named_and_explained() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    sections = {name for name, info in Settings.model_fields.items() if hasattr(info.annotation, "model_fields")}
    for variable, name in variables().items():
        if name not in sections:
            assert f"`{variable}`" in page, variable
    for name, info in fields(Settings):
        assert info.description, f"{name} has no help text"


def commands_of(group: click.Group, at: str = "") -> Iterator[tuple[str, click.Command]]:
    """(name, command) of every command, those of groups as "guard show"."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands_of(command, f"{at}{name} ")
        else:
            yield at + name, command


def test_every_command_and_option_is_documented() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    commands = dict(commands_of(cli))
    assert len(commands) >= 14
    for name, command in commands.items():
        assert f"feedsvc {name}" in page, name
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--"):
                    assert f"`{option}" in page, f"{name} {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_settings_that_the_documentation_names_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    known = {"limits.counts", *(name for name, _ in fields(Settings))}  # the former is a file, as whatever ends in .py
    sections = {name.partition(".")[0] for name in known if "." in name}
    for section, rest in re.findall(r"`([a-z]+)\.([a-z_]+)(?:`| =)", text):
        assert section not in sections or rest == "py" or f"{section}.{rest}" in known, f"{section}.{rest}"
    for variable in re.findall(r"\bFEEDSVC_[A-Z_]*[A-Z]\b", text):
        assert variable.removesuffix("_FILE") in {*variables(), *configuration.OTHER_VARIABLES}, variable


def test_settings_files_in_the_documentation_are_valid(tmp_path: Path) -> None:
    files = [
        text for page in PAGES for text in re.findall(r"^```toml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    ]
    assert len(files) >= 4
    for number, text in enumerate(files):
        path = tmp_path / f"{number}.toml"
        path.write_text(text, "utf-8")
        configuration.load(config_file=path)


def test_every_route_is_documented() -> None:
    """The routes are those that web/app.py lists; its docstring is what people change first."""
    page = (DOCS / "routes.md").read_text("utf-8")
    module_doc = __import__(create_app.__module__, fromlist=["x"]).__doc__ or ""
    routes = re.findall(r"^ {4}(/\S*?)[,\s]", module_doc, re.MULTILINE)
    assert len(routes) >= 10
    for route in routes:
        assert route in page, route


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_inside_the_documentation_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_decision_records_are_numbered_and_listed() -> None:
    records = sorted((DOCS / "decisions").glob("0*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    index = (DOCS / "decisions" / "README.md").read_text("utf-8")
    for record in records:
        text = record.read_text("utf-8")
        assert text.startswith(f"# {int(record.name[:4])}. ")
        assert {"## Context", "## Decision", "## Consequences"} <= set(text.splitlines()), record.name
        assert f"({record.name})" in index


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings_page(), "utf-8")

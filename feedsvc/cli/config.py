"""`feedsvc config show`: every effective value and where it came from."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from feedsvc.cli.settings_options import loaded
from feedsvc.configuration import field_names, without_password
from feedsvc.settings import Settings


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def show(context: click.Context, as_json: bool) -> None:
    """Print every effective setting and where its value came from."""
    found = loaded(context)
    values = found.settings.model_dump(mode="json")
    rows = [
        (name, _shown(name, _at(values, name)), found.origins.get(name, "default")) for name in field_names(Settings)
    ]
    if as_json:
        click.echo(json.dumps([{"name": n, "value": v, "from": o} for n, v, o in rows], ensure_ascii=False, indent=1))
        return
    console = Console(markup=False)
    if not console.is_terminal:  # somebody's grep: a line for each, whole
        for name, value, origin in rows:
            click.echo(f"{name} = {json.dumps(value, ensure_ascii=False)}  # {origin}")
        return
    table = Table(box=None, header_style="bold")
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", overflow="fold")
    for name, value, origin in rows:
        table.add_row(name, json.dumps(value, ensure_ascii=False), origin, style=None if origin != "default" else "dim")
    console.print(table)


def _at(values: dict[str, Any], name: str) -> Any:
    for part in name.split("."):
        values = values[part]
    return values


def _shown(name: str, value: Any) -> Any:
    """Passwords in addresses are not for the screen."""
    return without_password(value) if name == "database.url" else value

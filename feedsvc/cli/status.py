"""`feedsvc status` and `feedsvc problems`: is all well, and if not, what is not."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from feedsvc.bootstrap import now, open_store
from feedsvc.cli.settings_options import loaded
from feedsvc.content.draft import Problem
from feedsvc.errors import StoreUnavailable
from feedsvc.health import Health, Level, assess

WORDS = {Level.WELL: "all is well", Level.ATTENTION: "needs attention", Level.DOWN: "down"}
WIDE = 1000  # columns of a pipe: no line is broken there


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say how things stand. Exit code 0: well, 1: needs attention, 2: down."""
    settings = loaded(context).settings
    try:
        store = open_store(settings, create=False)
        try:
            health = assess(store, now())
        finally:
            store.close()
    except StoreUnavailable as error:
        click.echo(json.dumps({"level": "down", "reasons": [error.message]}) if as_json else f"down: {error.message}")
        context.exit(int(Level.DOWN))
    if as_json:
        click.echo(json.dumps({**asdict(health), "level": health.level.name.lower()}, default=_plain, indent=1))
    else:
        _print(health)
    context.exit(int(health.level))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def problems(context: click.Context, as_json: bool) -> None:
    """List what is wrong with the content: file, line, field, and what to do."""
    store = open_store(loaded(context).settings, create=False)
    try:
        with store.reading() as reader:
            found = reader.problems()
    finally:
        store.close()
    print_problems(found, as_json)


def print_problems(found: list[Problem], as_json: bool) -> None:
    """One line each, as compilers write them, so that editors can jump there."""
    if as_json:
        click.echo(json.dumps([asdict(problem) for problem in found], ensure_ascii=False, indent=1))
        return
    for problem in found:
        place = f"{problem.key}:{problem.line}" if problem.line else problem.key
        field = f" [{problem.field}]" if problem.field else ""
        click.echo(f"{place}: {problem.severity.value}{field}: {problem.message} ({problem.code})")
        if problem.repair:
            click.echo(f"    {problem.repair}")


def _print(health: Health) -> None:
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDE
    console.print(WORDS[health.level], style="bold")
    for reason in health.reasons:
        console.print(f"  - {reason}")
    console.print(
        f"edition {health.edition}, {health.articles} articles, {health.documents} documents, "
        f"{health.dirty} categories to rebuild, {health.waiting} runs waiting"
    )
    if health.leader:
        console.print(f"publisher: {health.leader}")
    table = Table("job", "last run", "result", "next run", "", box=None, header_style="bold")
    for job in health.jobs:
        table.add_row(job.job, _when(job.last_run), job.last_outcome, _when(job.next_run), job.message)
    if health.jobs:
        console.print(table)


def _when(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

"""`feedsvc check`: lint a content folder, for authors and their CI; needs no database."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from feedsvc.bootstrap import authority, roots, rules
from feedsvc.cli.settings_options import loaded
from feedsvc.cli.status import print_problems
from feedsvc.content.draft import Severity
from feedsvc.content.settled import ignore_lease_breaks
from feedsvc.pipeline.check import check as check_content


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.pass_context
def check(context: click.Context, path: Path | None, as_json: bool, strict: bool) -> None:
    """Lint the posts in PATH. Exit code 0: nothing that would keep a post out, 1: something would."""
    settings = loaded(context, path).settings
    ignore_lease_breaks()
    result = check_content(roots(settings), rules(settings, authority(settings, None)))
    counted = {severity: sum(p.severity is severity for p in result.problems) for severity in Severity}
    if as_json:
        click.echo(
            json.dumps(
                {
                    "files": result.files,
                    "published": result.published,
                    "problems": [asdict(problem) for problem in result.problems],
                },
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        print_problems(list(result.problems), as_json=False)
        click.echo(
            f"{result.files} files, {result.published} to publish: {counted[Severity.ERROR]} errors, "
            f"{counted[Severity.WARNING]} warnings, {counted[Severity.NOTE]} notes"
        )
    context.exit(1 if counted[Severity.ERROR] or (strict and counted[Severity.WARNING]) else 0)

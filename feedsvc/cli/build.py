"""`feedsvc build`: one full pass, with a summary, and the end."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from feedsvc.bootstrap import now, open_store, publisher
from feedsvc.cli.leading import leading
from feedsvc.cli.progress import progress_bar
from feedsvc.cli.settings_options import loaded
from feedsvc.content.settled import ignore_lease_breaks
from feedsvc.pipeline.publisher import ACCEPT_REMOVALS
from feedsvc.pipeline.workers import Workers
from feedsvc.scheduling.run import Run

WAIT_FOR_WRITERS = 5.0  # seconds for files that somebody is writing just now


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--accept-removals", is_flag=True, help="Withdraw the articles of missing files, however many they are.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs.")
@click.pass_context
def build(context: click.Context, path: Path | None, accept_removals: bool, as_json: bool) -> None:
    """Read everything, publish what changed, and exit.

    PATH is the content folder, instead of content.roots.
    """
    settings = loaded(context, path).settings
    started = time.monotonic()
    ignore_lease_breaks()
    store = open_store(settings)
    refusal = "Another publisher leads and publishes by itself; use `feedsvc rescan` instead."
    try:
        with (
            leading(settings, store, refusal) as lease,
            Workers(settings.publisher.processes) as workers,
            progress_bar() as progress,
        ):
            work = publisher(settings, store, lease, workers)
            reading = progress.add_task("reading", total=None)
            reason = ACCEPT_REMOVALS if accept_removals else "build"
            run = Run(id="build", job="rescan", reason=reason, asked_by="cli", created=now())
            counts = dict(work.rescan(run, lambda done, total: progress.update(reading, completed=done, total=total)))
            deadline = time.monotonic() + WAIT_FOR_WRITERS
            while work.waiting_for_writers and time.monotonic() < deadline:
                time.sleep(0.1)
                for name, number in work.refresh(run).items():
                    counts[name] = number if name == "unsettled" else counts.get(name, 0) + number
            counts["unsettled"] = work.waiting_for_writers
            indexing = progress.add_task("indexing", total=None)
            while number := work.search(run).get("searchable", 0):
                counts["searchable"] = counts.get("searchable", 0) + number
                progress.update(indexing, completed=counts["searchable"], total=None)
            counts["documents"] = counts.get("documents", 0)
    finally:
        store.close()
    counts["milliseconds"] = round((time.monotonic() - started) * 1000)
    if as_json:
        click.echo(json.dumps(counts))
    else:
        click.echo(summary(counts))


def summary(counts: dict[str, int]) -> str:
    """One line: read, changed, repaired, quarantined, held back, feeds written, seconds."""
    number = counts.get
    return (
        f"{number('read', 0)} read, {number('unchanged', 0) + number('identical', 0)} unchanged, "
        f"{number('new', 0)} new, {number('changed', 0)} changed, {number('repaired', 0)} repaired, "
        f"{number('quarantined', 0)} quarantined, {number('withdrawn', 0)} withdrawn, "
        + (f"{number('unsettled', 0)} still being written, " if number("unsettled") else "")
        + (f"{number('held', 0)} vanished files held back (see `feedsvc status`), " if number("held") else "")
        + (f"{number('held_categories', 0)} feeds held back (`feedsvc guard`), " if number("held_categories") else "")
        + f"{number('documents', 0)} feeds written in {number('milliseconds', 0) / 1000:.1f} s"
    )

"""`feedsvc regenerate` and `feedsvc rescan`: ask the leader for work, and wait for it if wanted."""

from __future__ import annotations

import time

import click

from feedsvc.bootstrap import now, open_store
from feedsvc.cli.progress import progress_bar
from feedsvc.cli.settings_options import loaded
from feedsvc.errors import FeedsvcError, NotFound
from feedsvc.health import LEASE
from feedsvc.pipeline.publisher import ACCEPT_REMOVALS
from feedsvc.scheduling.run import Outcome, Run, requested
from feedsvc.store import Store

FINISHED = (Outcome.DONE, Outcome.FAILED, Outcome.ABANDONED)


@click.command()
@click.argument("categories", nargs=-1, metavar="[CATEGORY]...")
@click.option("--all", "everything", is_flag=True, help="Every category and the site's feed.")
@click.option("--wait", is_flag=True, help="Wait until it is done; exit code 1 when it failed.")
@click.pass_context
def regenerate(context: click.Context, categories: tuple[str, ...], everything: bool, wait: bool) -> None:
    """Look at the content and rebuild feeds now, changed or not."""
    if bool(categories) == everything:
        raise click.UsageError("Name categories, or give --all.")
    _ask(context, "regenerate", "request", categories, wait)


@click.command()
@click.option("--accept-removals", is_flag=True, help="Withdraw the articles of missing files, however many they are.")
@click.option("--wait", is_flag=True, help="Wait until it is done; exit code 1 when it failed.")
@click.pass_context
def rescan(context: click.Context, accept_removals: bool, wait: bool) -> None:
    """Look at every file and publish what changed."""
    _ask(context, "rescan", ACCEPT_REMOVALS if accept_removals else "request", (), wait)


def _ask(context: click.Context, job: str, reason: str, categories: tuple[str, ...], wait: bool) -> None:
    store = open_store(loaded(context).settings, create=False)
    try:
        run = requested(job, "cli", now(), reason=reason, categories=categories)
        with store.writing() as tx:
            known = {category.slug for category in tx.categories(run.created)} if categories else set()
            for slug in run.categories:
                if slug not in known:
                    raise NotFound("category", slug)
            tx.put_run(run)
        follow(context, store, run, wait)
    finally:
        store.close()


def follow(context: click.Context, store: Store, run: Run, wait: bool) -> None:
    """Say what comes of a run that was filed; exit code 1 when it fails."""
    if not wait:
        click.echo(f"run {run.id} is waiting for the publisher")
        return
    done = _wait(store, run)
    counts = ", ".join(f"{name} {number}" for name, number in done.counts.items())
    click.echo(f"run {done.id}: {done.outcome.value}" + (f" ({counts})" if counts else ""))
    if done.outcome is not Outcome.DONE:
        click.echo(f"feedsvc: {done.message or 'The run did not finish.'}", err=True)
        context.exit(1)


def _wait(store: Store, run: Run) -> Run:
    """Until the run has ended; FeedsvcError when nobody is there to do it."""
    idle_since = time.monotonic()
    with progress_bar() as progress:
        line = progress.add_task(f"{run.job}: waiting for the publisher", total=None)
        while True:
            with store.reading() as reader:
                seen = reader.run(run.id) or run
                lease = reader.lease(LEASE)
            if seen.outcome in FINISHED:
                return seen
            if lease is not None and lease.expires > now():
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > 10:
                raise FeedsvcError("No publisher is running; the run waits for one. Start it with `feedsvc publisher`.")
            if seen.outcome is Outcome.RUNNING:
                done, total = seen.counts.get("done", 0), seen.counts.get("of")
                progress.update(line, description=run.job, completed=done, total=total)
            time.sleep(0.1)

"""`feedsvc guard`: editions that look like an accident and are held back; look at them, and publish them after all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from unicodedata import normalize

import click

from feedsvc.articles.category import SITE
from feedsvc.bootstrap import now, open_store, publisher
from feedsvc.cli.leading import leading
from feedsvc.cli.operate import follow
from feedsvc.cli.settings_options import loaded
from feedsvc.errors import FeedsvcError
from feedsvc.feeds.dates import micros
from feedsvc.health import HELD_FOR, LEASE
from feedsvc.pipeline.workers import Workers
from feedsvc.publishing.guard import Changes, Outline, Shown, beginning, changes, read_outline
from feedsvc.publishing.hold import GUARD_RELEASE, Hold
from feedsvc.scheduling.run import Outcome, Run, requested
from feedsvc.settings import Settings
from feedsvc.store import Reader, Store

THE_SITE = "(the whole site)"
SECOND = 1_000_000


@click.group()
def guard() -> None:
    """Feeds whose newest edition is held back because it looks like an accident."""


@guard.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_held(context: click.Context, as_json: bool) -> None:
    """Which feeds are held back, since when, and why."""
    store = open_store(loaded(context).settings, create=False)
    try:
        with store.reading() as reader:
            holds = reader.holds()
    finally:
        store.close()
    if as_json:
        click.echo(
            json.dumps([asdict(hold) for hold in holds], default=datetime.isoformat, ensure_ascii=False, indent=1)
        )
        return
    for hold in holds:
        click.echo(_headline(hold))
    if not holds:
        click.echo("nothing is held back")


@guard.command()
@click.argument("category", required=False)
@click.option("--site", is_flag=True, help="The whole site's feed.")
@click.pass_context
def show(context: click.Context, category: str | None, site: bool) -> None:
    """What would change for readers of CATEGORY's feed: entries lost, new, under another id, with another date."""
    if (category is None) != site:
        raise click.UsageError("Name a category, or give --site.")
    slug = category or SITE
    store = open_store(loaded(context).settings, create=False)
    try:
        with store.reading() as reader:
            hold = _held(reader.holds(), [slug])[0]
            found = _changes(reader, hold)
    finally:
        store.close()
    click.echo(_headline(hold))
    for was, entry in found.renamed:
        click.echo(f"  other id  {entry.title}\n            {was.id}\n            {entry.id}")
    again = {entry.id for _, entry in found.renamed}
    for word, entries in (
        ("lost", found.vanished),
        ("new", [entry for entry in found.fresh if entry.id not in again]),
        ("updated", found.updated),
    ):
        for entry in entries:
            click.echo(f"  {word:<8}  {entry.title}")


@guard.command()
@click.argument("categories", nargs=-1, metavar="[CATEGORY]...")
@click.option("--site", is_flag=True, help="The whole site's feed.")
@click.option("--all", "everything", is_flag=True, help="Everything that is held.")
@click.option("--wait", is_flag=True, help="Wait until it is done; exit code 1 when it failed.")
@click.pass_context
def release(context: click.Context, categories: tuple[str, ...], site: bool, everything: bool, wait: bool) -> None:
    """Publish what is held back: the change is meant.

    The leading publisher does it; where none runs, this command does.
    """
    if bool(categories or site) == everything:
        raise click.UsageError("Name categories, give --site, or give --all.")
    settings = loaded(context).settings
    store = open_store(settings, create=False)
    try:
        with store.reading() as reader:
            held, lease = reader.holds(), reader.lease(LEASE)
        if everything and not held:
            click.echo("nothing is held back")
            return
        wanted = held if everything else _held(held, [*((SITE,) if site else ()), *categories])
        run = requested("regenerate", "cli", now(), reason=GUARD_RELEASE, categories=(hold.category for hold in wanted))
        if lease is None or lease.expires <= now():
            click.echo(_release_here(settings, store, run))
            return
        with store.writing() as tx:
            tx.put_run(run)
        follow(context, store, run, wait)
    finally:
        store.close()


def _release_here(settings: Settings, store: Store, run: Run) -> str:
    """Do it in this process; the run is kept as the record of it."""
    refusal = "A publisher has just started; ask again."
    with leading(settings, store, refusal) as lease, Workers(settings.publisher.processes) as workers:
        run = replace(run, started=now())
        counts = publisher(settings, store, lease, workers).regenerate(run)
        with store.writing(lease()) as tx:
            tx.put_run(replace(run, finished=now(), outcome=Outcome.DONE, counts=counts))
    return f"released {', '.join(slug or THE_SITE for slug in run.categories)}"


def _held(holds: Iterable[Hold], slugs: Iterable[str]) -> list[Hold]:
    """The holds of these categories; FeedsvcError when one is not held."""
    known = {hold.category: hold for hold in holds}
    slugs = [normalize("NFC", slug) for slug in slugs]
    for slug in slugs:
        if slug not in known:
            raise FeedsvcError(f"{slug or THE_SITE} is not held back; `feedsvc guard list` shows what is.")
    return [known[slug] for slug in slugs]


def _changes(reader: Reader, hold: Hold) -> Changes:
    """What was shown before it all began, against what the index has, which may have moved on since."""
    slug = hold.category
    stored = reader.outlines([slug]).get(slug, "")
    was = read_outline(beginning(stored, hold.since) or stored) or Outline(())
    listed = reader.listed(slug, max(len(was.entries), 1), now())
    stamps = reader.article_stamps([entry.id for entry in listed])
    category = reader.category(slug, now())
    here = [
        Shown(it.id, it.title, micros(it.published), micros(max(stamps[it.id].updated, it.published)) // SECOND)
        for it in listed
        if it.id in stamps
    ]
    # A feed's `updated` may carry a fraction of a second that is only there to tell entries apart (contract AT06).
    shown = tuple(replace(entry, updated=entry.updated // SECOND) for entry in was.entries)
    return changes(Outline(shown), Outline(tuple(here), more=bool(category and category.count > len(here))))


def _headline(hold: Hold) -> str:
    affected, before = hold.counts.get("affected", 0), hold.counts.get("before", 0)
    since = hold.since.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    name, why = hold.category or THE_SITE, HELD_FOR.get(hold.reason, hold.reason)
    example = f", such as {hold.examples[0]!r}" if hold.examples else ""
    return f"{name}: held since {since}, because {why} ({affected} of {before} entries){example}"

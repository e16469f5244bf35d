"""`feedsvc link`: where share links lead, who follows them, what leads nowhere, and tables of old links."""

from __future__ import annotations

import csv
import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from feedsvc.articles.article import Status
from feedsvc.bootstrap import now, old_links, open_store
from feedsvc.cli.progress import progress_bar
from feedsvc.cli.settings_options import loaded
from feedsvc.errors import FeedsvcError, NotFound
from feedsvc.settings import Settings
from feedsvc.sharing.click import Visitor
from feedsvc.sharing.link import LinkKind
from feedsvc.sharing.old_forms import OldForms
from feedsvc.sharing.table import Rejected
from feedsvc.store import Store

if TYPE_CHECKING:
    from feedsvc.web.link_report import LinkReport

WIDE = 1000  # columns of a pipe: no line is broken there
BAR = 24  # columns of the longest bar
SHOWN = 20  # rejected lines on the screen; the rest are in the file
PAGE = 1_000
KINDS = {
    LinkKind.DERIVED: "made from the id",
    LinkKind.CUSTOM: "share_code",
    LinkKind.ALIAS: "front matter",
    LinkKind.IMPORTED: "imported",
    LinkKind.FORMER: "front matter, formerly",
}


@click.group()
def link() -> None:
    """Share links: where they lead, who follows them, old ones to take over."""


@link.command()
@click.argument("name")
@click.option("--people", is_flag=True, help="Print only how many people followed it, all in all.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def show(context: click.Context, name: str, people: bool, as_json: bool) -> None:
    """Where NAME leads, under which other names, and who followed it in 30 days.

    NAME is a code, an article's identity or id, an old path, or a whole address, old or new.
    """
    from feedsvc.web.link_report import WORDS, report

    with _opened(context) as (settings, store), store.reading() as reader:
        found = report(reader, OldForms.from_settings(settings), name, _today(settings))
    if found is None:
        raise NotFound("share link", name)
    if people:
        click.echo(found.total[Visitor.PERSON])
    elif as_json:
        click.echo(_json(found.document))
    else:
        _print_report(found, settings, WORDS)


@link.command()
@click.option("--days", type=click.IntRange(1, 400), default=7, show_default=True, help="Of so many days up to today.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="So many articles.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def top(context: click.Context, days: int, limit: int, as_json: bool) -> None:
    """The articles whose links people followed most, all their names together."""
    from feedsvc.web.link_report import ranking

    with _opened(context) as (settings, store), store.reading() as reader:
        found = ranking(reader, _today(settings), days, limit)
    if as_json:
        click.echo(_json([followed.document for followed in found]))
        return
    table = Table("people", "", "code", "article", box=None, header_style="bold")
    most = max((followed.people for followed in found), default=1)
    for followed in found:
        title = followed.article.title if followed.article else followed.article_id
        table.add_row(f"{followed.people}", _bar(followed.people, most), followed.code, escape(title))
    _print_table(table, len(found), f"nobody followed a share link in {days} days")


@link.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many names.")
@click.option("--forget", "forgotten", multiple=True, metavar="NAME", help="Take NAME off the list; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def unknown(context: click.Context, limit: int, forgotten: tuple[str, ...], as_json: bool) -> None:
    """Names that were asked for and lead nowhere, those most people asked for first."""
    from feedsvc.web.link_report import forget

    with _opened(context) as (settings, store):
        if forgotten:
            forget(store, forgotten, _who(), now())
            return
        with store.reading() as reader:
            found = reader.misses(limit)
    if as_json:
        click.echo(_json([asdict(miss) for miss in found]))
        return
    table = Table("people", "robots", "first", "last", "name", box=None, header_style="bold")
    zone = ZoneInfo(settings.site.timezone)
    for miss in found:
        first, last = (f"{moment.astimezone(zone):%Y-%m-%d}" for moment in (miss.first, miss.last))
        table.add_row(f"{miss.people}", f"{miss.robots}", first, last, escape(_visible(miss.name)))
    _print_table(table, len(found), "nothing unknown was asked for")


@link.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Write rejected lines here, as CSV.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.pass_context
def take(context: click.Context, file: Path, rejected: Path | None, dry_run: bool) -> None:
    """Take over a table of old links: lines `old,target` in a CSV file, or - for stdin.

    Old: a code, a path, or a whole old address. Target: an article's identity, id, code or address. Exit code 1 when
    lines were rejected; doing it again is harmless.
    """
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    lines: list[Rejected] = []
    with _opened(context) as (settings, store), progress_bar() as progress:
        task = progress.add_task("importing", total=None)
        done = old_links(settings, store).take(
            data,
            _who(),
            dry_run=dry_run,
            progress=lambda part, whole: progress.update(task, completed=part, total=whole),
            on_rejected=lines.append,
        )
    for line in lines[:SHOWN]:
        click.echo(f"line {line.line}: {line.old!r} -> {line.target!r}: {line.message}", err=True)
    if len(lines) > SHOWN:
        more = f"in {rejected}" if rejected else "use --rejected FILE to see them"
        click.echo(f"… and {len(lines) - SHOWN} more lines, {more}", err=True)
    if rejected is not None:
        _write_rejected(rejected, lines)
    would = "would be " if dry_run else ""
    click.echo(
        f"{done.lines} lines: {done.new} links {would}imported, {done.known} known already, {done.rejected} rejected"
    )
    context.exit(1 if done.rejected else 0)


@link.command()
@click.pass_context
def export(context: click.Context) -> None:
    """Print as CSV what a rebuild from content would not give back: imported names and former ones."""
    with _opened(context) as (_, store), store.reading() as reader:
        lines = csv.writer(sys.stdout, lineterminator="\n")
        lines.writerow(("old", "target"))
        after = ("", "")
        while page := reader.links((LinkKind.IMPORTED, LinkKind.FORMER), after, PAGE):
            lines.writerows((it.code, it.article_id) for it in page)
            after = page[-1].code, page[-1].article_id


@contextmanager
def _opened(context: click.Context) -> Iterator[tuple[Settings, Store]]:
    settings = loaded(context).settings
    store = open_store(settings, create=False)
    try:
        yield settings, store
    finally:
        store.close()


def _today(settings: Settings) -> date:
    return now().astimezone(ZoneInfo(settings.site.timezone)).date()


def _who() -> str:
    """For the record of what was done."""
    try:
        return f"cli ({getpass.getuser()})"
    except (OSError, KeyError):  # a container's user may have no name
        return "cli"


def _write_rejected(path: Path, lines: Sequence[Rejected]) -> None:
    """To be corrected and imported as it is: further columns mean nothing."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(("old", "target", "line", "reason"))
            table.writerows((it.old, it.target, it.line, it.message) for it in lines)
    except OSError as error:
        raise FeedsvcError(f"{path} cannot be written: {error.strerror}.") from None


def _print_report(found: LinkReport, settings: Settings, words: dict[Visitor, str]) -> None:
    console = _console()
    article = found.article
    gone = "" if article.status is Status.PUBLISHED else "  (withdrawn: the link answers 410)"
    zone = ZoneInfo(settings.site.timezone)
    console.print(f"{settings.public_base}/s/{found.code}", style="bold")
    console.print(f"-> {article.canonical_url}{gone}", markup=False)
    console.print(f"   {article.title}", markup=False)
    console.print(f"   {article.id}, {article.published.astimezone(zone):%Y-%m-%d %H:%M}\n", markup=False)
    names = Table("name", "from", box=None, header_style="bold")
    for it in found.names:
        names.add_row(escape(it.code), KINDS[it.kind])
    console.print(names)
    days = Table("day", "", *words.values(), box=None, header_style="bold")
    most = max((counts[Visitor.PERSON] for counts in found.days.values()), default=1)
    for day, counts in found.days.items():
        if any(counts.values()):
            days.add_row(f"{day}", _bar(counts[Visitor.PERSON], most), *(f"{counts[it]}" for it in words))
    days.add_row("all in all", "", *(f"{found.total[it]}" for it in words), style="bold")
    console.print()
    console.print(days)
    if found.referrers:
        hosts = Table("people", "came from", box=None, header_style="bold")
        for host, number in found.referrers:
            hosts.add_row(f"{number}", escape(host))
        console.print()
        console.print(hosts)


def _print_table(table: Table, rows: int, nothing: str) -> None:
    if rows:
        _console().print(table)
    else:
        click.echo(nothing)


def _console() -> Console:
    console = Console(highlight=False, emoji=False)  # "12:100:30" in an old path is no picture
    if not console.is_terminal:
        console.width = WIDE
    return console


def _visible(name: str) -> str:
    """With escapes for what strangers put into a name to change how the line is read, such as U+202E."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)


def _bar(number: int, most: int) -> str:
    return "▇" * round(BAR * number / most) or ("▏" if number else "") if most else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

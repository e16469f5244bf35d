"""`feedsvc snippet`: the autodiscovery lines for the publisher's own pages (contract L02)."""

from __future__ import annotations

from difflib import get_close_matches
from html import escape
from unicodedata import normalize
from urllib.parse import urlsplit

import click

from feedsvc.articles.category import SITE, Category
from feedsvc.bootstrap import now, open_store
from feedsvc.cli.settings_options import loaded
from feedsvc.errors import FeedsvcError
from feedsvc.settings import Settings
from feedsvc.web.discovery import FEED_FORMATS, feed_links

SUFFIXES = {suffix.removeprefix("."): name for name, suffix, _ in FEED_FORMATS}


@click.command()
@click.argument("category", required=False)
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(list(SUFFIXES)), help="Only this one; repeatable."
)
@click.pass_context
def snippet(context: click.Context, category: str | None, formats: tuple[str, ...]) -> None:
    """Print the lines for the <head> of your own pages, by which browsers and readers find the feed of CATEGORY.

    Without CATEGORY: the feed of the whole site.
    """
    settings = loaded(context).settings
    title = settings.site.title or urlsplit(settings.site_base).netloc
    slug = SITE
    if category is not None:
        found = _find(settings, category)
        slug, title = found.slug, f"{title} – {found.title or found.slug}"
    wanted = {SUFFIXES[name] for name in formats or SUFFIXES}
    for link in feed_links(slug, settings.public_base):
        if link.name in wanted:
            shown = escape(f"{title} ({link.name})")
            click.echo(f'<link rel="alternate" type="{link.media_type}" title="{shown}" href="{escape(link.url)}">')
    if not settings.public_url:
        click.echo("feedsvc: public_url is not set; readers elsewhere cannot reach these addresses.", err=True)


def _find(settings: Settings, name: str) -> Category:
    """The category of this name, where it is now; FeedsvcError when there is none, with names like it."""
    said, name = settings.categories, normalize("NFC", name)
    store = open_store(settings, create=False)
    try:
        with store.reading() as reader:
            known = {one.slug: one for one in reader.categories(now())}
    finally:
        store.close()
    there = {slug: one for slug, one in known.items() if slug not in {SITE, *said.former}}
    if (found := there.get(said.moves.get(name, name))) is not None:
        return found
    names = {spelling.casefold(): slug for slug, one in there.items() for spelling in (one.title, slug)}
    near = dict.fromkeys(names[like] for like in get_close_matches(name.casefold(), names, n=3))
    hint = f" Did you mean {' or '.join(near)}?" if near else " The server's first page lists them all."
    raise FeedsvcError(f"There is no category named {name!r}.{hint}")

"""Categories ever seen, and the dirty marks that say which feeds must be built again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from feedsvc.articles.category import SITE, Category
from feedsvc.sqlstore.bulk import delete_rows, insert_missing, rows, upsert
from feedsvc.sqlstore.counters import next_number
from feedsvc.sqlstore.schema import categories as table
from feedsvc.sqlstore.schema import dirty as marks
from feedsvc.sqlstore.schema import listings
from feedsvc.sqlstore.values import instant_or_none, micros

_shown = select(func.count().label("articles"), func.max(listings.c.published).label("latest"))
_shown_of = _shown.where(listings.c.category == bindparam("slug"), listings.c.published <= bindparam("now"))
_known = select(table.c.title, table.c.changed).where(table.c.slug == bindparam("slug"))
_marks = select(marks).order_by(marks.c.category)


def categories(conn: Connection, now: datetime) -> list[Category]:
    """Without SITE. count and latest are of what newest_articles shows: published, due and in feeds."""
    shown = _shown.add_columns(listings.c.category).where(listings.c.published <= micros(now))
    figures = {row.category: row for row in conn.execute(shown.group_by(listings.c.category))}
    found = []
    named = select(table.c.slug, table.c.title, table.c.changed).where(table.c.slug != SITE).order_by(table.c.slug)
    for slug, title, changed in conn.execute(named):
        figure = figures.get(slug)
        count, latest = (figure.articles, figure.latest) if figure is not None else (0, None)
        found.append(_category(slug, title, changed, count, latest))
    return found


def category(conn: Connection, slug: str, now: datetime) -> Category | None:
    """SITE is always known."""
    known = rows(conn, _known, {"slug": slug})
    if not known and slug != SITE:
        return None
    title, changed = known[0] if known else ("", None)
    [(count, latest)] = rows(conn, _shown_of, {"slug": slug, "now": micros(now)})
    return _category(slug, title, changed, count, latest)


def set_category(conn: Connection, slug: str, title: str | None, changed: datetime | None) -> None:
    if title is None:
        insert_missing(conn, table, ("slug", "title"), [(slug, "")])
    else:
        upsert(conn, table, ("slug", "title"), [(slug, title)])
    if changed is not None:
        conn.execute(update(table).where(table.c.slug == slug).values(changed=micros(changed)))


def dirty(conn: Connection) -> dict[str, int]:
    return dict(map(tuple, rows(conn, _marks, {})))


def raise_dirty(conn: Connection, which: Collection[str]) -> None:
    """Versions come from one counter and are never used twice: a mark cleared and raised again is another mark."""
    if which:
        version = next_number(conn, "dirty")
        upsert(conn, marks, ("category", "version"), [(category, version) for category in sorted(set(which))])


def clear_dirty(conn: Connection, versions: Mapping[str, int]) -> None:
    delete_rows(conn, marks, ("category", "version"), versions.items())


def _category(slug: str, title: str, changed: int | None, count: int, latest: int | None) -> Category:
    return Category(
        slug=slug, title=title, changed=instant_or_none(changed), count=count, latest=instant_or_none(latest)
    )

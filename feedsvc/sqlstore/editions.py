"""When categories were published and days changed, what left them, what is in their feeds, and which are held."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from feedsvc.publishing.hold import Hold
from feedsvc.sqlstore.bulk import chunks, delete_rows, insert_missing, rows, rows_in, upsert
from feedsvc.sqlstore.counters import meta, next_number, put_meta
from feedsvc.sqlstore.schema import categories, listings, marks, outlines, past, removals
from feedsvc.sqlstore.schema import holds as table
from feedsvc.sqlstore.values import compress, decompress, instant, micros, pack_list, pack_map
from feedsvc.store import CategoryStamp

_c = categories.c
_stamp = select(_c.slug, _c.edition, _c.touched)
_latest_touch = select(func.max(_c.touched))
_mark = select(marks.c.changed).where(marks.c.scope == bindparam("scope"), marks.c.name == bindparam("name"))
_newest_mark = select(func.max(marks.c.changed)).where(
    marks.c.scope == bindparam("scope"), marks.c.name >= bindparam("first"), marks.c.name <= bindparam("last")
)
_MARKED = "marks.latest"  # the second of the latest marks
_outline = select(outlines.c.category, outlines.c.entries)
_held = select(table.c.category, table.c.since, table.c.reason, table.c.counts, table.c.examples).order_by(
    table.c.category
)
_past = select(past.c.entries).where(past.c.path == bindparam("path"), past.c.etag == bindparam("etag"))
_removed = (
    select(removals.c.article_id, removals.c.at)
    .where(
        removals.c.category == bindparam("category"),
        removals.c.at >= bindparam("since"),
        ~select(listings.c.article_id)
        .where(listings.c.article_id == removals.c.article_id, listings.c.category == removals.c.category)
        .exists(),
    )
    .order_by(removals.c.at.desc(), removals.c.article_id)
)


def category_stamps(conn: Connection, slugs: Collection[str]) -> dict[str, CategoryStamp]:
    found = (CategoryStamp(*row) for row in rows_in(conn, _stamp, _c.slug, slugs))
    return {stamp.slug: stamp for stamp in found if stamp.edition}


def categories_since(conn: Connection, edition: int) -> list[CategoryStamp]:
    later = _stamp.where(_c.edition > edition).order_by(_c.edition, _c.slug)
    return [CategoryStamp(*row) for row in conn.execute(later)]


def touch(conn: Connection, slugs: Collection[str], now: datetime) -> None:
    """Later than all before, of whatever category (CategoryStamp)."""
    if slugs:
        edition = next_number(conn, "edition")
        [(latest,)] = rows(conn, _latest_touch, {})
        second = max(int(now.timestamp()), (latest or 0) + 1)
        lines = [(slug, "", edition, second) for slug in sorted(set(slugs))]
        upsert(conn, categories, ("slug", "title", "edition", "touched"), lines, keep=("title",))


def mark(conn: Connection, scope: str, name: str) -> int | None:
    found = rows(conn, _mark, {"scope": scope, "name": name})
    return int(found[0][0]) if found else None


def newest_mark(conn: Connection, scope: str, first: str, last: str) -> int | None:
    [(found,)] = rows(conn, _newest_mark, {"scope": scope, "first": first, "last": last})
    return None if found is None else int(found)


def put_marks(conn: Connection, new: Collection[tuple[str, str]], now: datetime) -> None:
    """Later than all marks before, so that the newest of several grows with each change of any of them."""
    if new:
        second = max(int(now.timestamp()), int(meta(conn, _MARKED) or 0) + 1)
        put_meta(conn, _MARKED, str(second))
        upsert(conn, marks, ("scope", "name", "changed"), [(scope, name, second) for scope, name in sorted(set(new))])


def removed(conn: Connection, category: str, since: datetime) -> list[tuple[str, datetime]]:
    found = rows(conn, _removed, {"category": category, "since": micros(since)})
    return [(article_id, instant(at)) for article_id, at in found]


def put_removals(conn: Connection, new: Iterable[tuple[str, str]], now: datetime) -> None:
    for chunk in chunks(new):
        upsert(conn, removals, ("category", "article_id", "at"), [(*pair, micros(now)) for pair in chunk])


def known_outlines(conn: Connection, slugs: Collection[str]) -> dict[str, str]:
    found = rows_in(conn, _outline, outlines.c.category, slugs)
    return {category: decompress(bytes(entries)) for category, entries in found}


def put_outlines(conn: Connection, new: Mapping[str, str]) -> None:
    for chunk in chunks(new.items()):
        upsert(conn, outlines, ("category", "entries"), [(slug, compress(entries)) for slug, entries in chunk])


def holds(conn: Connection) -> list[Hold]:
    return [
        Hold(
            category,
            instant(since),
            reason,
            json.loads(counts) if counts else {},
            tuple(json.loads(examples)) if examples else (),
        )
        for category, since, reason, counts, examples in rows(conn, _held, {})
    ]


def put_holds(conn: Connection, new: Sequence[Hold]) -> None:
    if not new:
        return
    since = {hold.category: hold.since for hold in holds(conn)}
    upsert(
        conn,
        table,
        ("category", "since", "reason", "counts", "examples"),
        [
            (
                hold.category,
                micros(since.get(hold.category, hold.since)),
                hold.reason,
                pack_map(dict(hold.counts)),
                pack_list(hold.examples),
            )
            for hold in new
        ],
    )
    _renumber(conn, [hold.category for hold in new])


def release_holds(conn: Connection, slugs: Collection[str]) -> None:
    held = {hold.category for hold in holds(conn)} & set(slugs)
    if held:
        delete_rows(conn, table, ("category",), [(slug,) for slug in sorted(held)])
        _renumber(conn, sorted(held))


def past_outline(conn: Connection, path: str, etag: str) -> str | None:
    found = rows(conn, _past, {"path": path, "etag": etag})
    return decompress(bytes(found[0][0])) if found else None


def put_past(conn: Connection, path: str, etag: str, outline: str, now: datetime) -> None:
    upsert(conn, past, ("path", "etag", "at", "entries"), [(path, etag, micros(now), compress(outline))])


def _renumber(conn: Connection, slugs: Sequence[str]) -> None:
    """Let the web workers hear of these categories; they were not published, so `touched` stays."""
    insert_missing(conn, categories, ("slug", "title"), [(slug, "") for slug in slugs])
    edition = next_number(conn, "edition")
    for chunk in chunks(slugs):
        conn.execute(update(categories).where(_c.slug.in_(chunk)).values(edition=edition))

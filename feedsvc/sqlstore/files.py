"""What the index remembers of each content file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, select

from feedsvc.content.draft import Fingerprint, Tier
from feedsvc.sqlstore.bulk import chunks, delete_rows, rows, rows_in, upsert
from feedsvc.sqlstore.schema import files
from feedsvc.sqlstore.values import instant, micros_or_none, signed, unsigned
from feedsvc.store import FileState

_PAGE = 5_000
_COLUMNS = tuple(column.name for column in files.columns)
_TIERS = {str(tier): tier for tier in Tier}
_any = select(files)
_by_key = _any.order_by(files.c.key)
_page = select(files).where(files.c.key > bindparam("last")).order_by(files.c.key).limit(_PAGE)


def file_states(conn: Connection, keys: Collection[str] | None) -> Iterator[FileState]:
    """By key. Page by page: no cursor stays open, so the caller may write while he reads."""
    if keys is not None:
        yield from map(_state, rows_in(conn, _by_key, files.c.key, sorted(keys)))
        return
    last = ""
    while True:
        page = rows(conn, _page, {"last": last})
        yield from map(_state, page)
        if len(page) < _PAGE:
            return
        last = page[-1][0]


def files_with_base(conn: Connection, bases: Collection[str]) -> list[FileState]:
    """By key. No bases, no files: the base "" is never looked for unless it is asked for."""
    return sorted(map(_state, rows_in(conn, _any, files.c.base, bases)), key=lambda state: state.key)


def put_file_states(conn: Connection, states: Iterable[FileState]) -> None:
    for chunk in chunks(states):
        upsert(conn, files, _COLUMNS, [_row(state) for state in {state.key: state for state in chunk}.values()])


def forget_files(conn: Connection, keys: Collection[str]) -> None:
    delete_rows(conn, files, ("key",), [(key,) for key in keys])


def _row(state: FileState) -> tuple[object, ...]:
    return (
        state.key,
        state.fingerprint.size,
        state.fingerprint.mtime_ns,
        signed(state.fingerprint.inode),
        state.digest,
        state.article_id,
        state.base,
        None if state.file_date is None else state.file_date.toordinal(),
        str(state.tier),
        micros_or_none(state.vanished),
        int(state.explicit),
    )


def _state(row: Any) -> FileState:
    key, size, mtime_ns, inode, digest, article_id, base, file_date, tier, vanished, explicit = row
    return FileState(
        key,
        Fingerprint(size, mtime_ns, inode if inode >= 0 else unsigned(inode)),
        digest,
        article_id,
        base,
        None if file_date is None else date.fromordinal(file_date),
        _TIERS[tier],
        None if vanished is None else instant(vanished),
        bool(explicit),
    )

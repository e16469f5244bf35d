"""Published documents, and the marks left by deleted ones so that the web workers hear of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from feedsvc.publishing.document import Document
from feedsvc.sqlstore.bulk import chunks, delete_rows, rows_in, upsert
from feedsvc.sqlstore.counters import next_number, number
from feedsvc.sqlstore.schema import deletions, documents, leases
from feedsvc.sqlstore.values import pack_list
from feedsvc.store import DocumentStamp

_COLUMNS = tuple(column.name for column in documents.columns)
_d = documents.c
_stamp = select(_d.path, _d.etag, _d.modified, _d.edition, _d.max_age)
_stamp_and_links = _stamp.add_columns(_d.links)
_SECOND = 1_000_000


def document(conn: Connection, path: str) -> Document | None:
    row = conn.execute(select(documents).where(_d.path == path)).first()
    return None if row is None else _document(row)


def document_stamps(conn: Connection, paths: Collection[str]) -> dict[str, DocumentStamp]:
    found = rows_in(conn, _stamp_and_links, _d.path, paths)
    return {row[0]: DocumentStamp(row[0], row[1], row[2], row[3], row[4], _links(row[5])) for row in found}


def documents_since(conn: Connection, edition: int) -> list[DocumentStamp]:
    found = [DocumentStamp(*row) for row in conn.execute(_stamp.where(_d.edition > edition))]
    gone = select(deletions.c.path, deletions.c.edition).where(deletions.c.edition > edition)
    found += [DocumentStamp(row.path, "", 0, row.edition) for row in conn.execute(gone)]
    return sorted(found, key=lambda stamp: (stamp.edition, stamp.path))


def document_paths(conn: Connection) -> list[str]:
    return list(conn.execute(select(_d.path).order_by(_d.path)).scalars())


def put_documents(conn: Connection, new: Sequence[Document]) -> int:
    """Nothing to put uses up no edition: then the newest one is returned."""
    if not new:
        return number(conn, "edition")
    edition = next_number(conn, "edition")
    for chunk in chunks({document.path: document for document in new}.values()):
        delete_rows(conn, deletions, ("path",), [(document.path,) for document in chunk])
        upsert(conn, documents, _COLUMNS, [_row(document, edition) for document in chunk])
    return edition


def delete_documents(conn: Connection, paths: Collection[str]) -> int:
    """Paths that are not published are passed over; nothing to delete uses up no edition."""
    there = sorted(document_stamps(conn, paths))
    if not there:
        return number(conn, "edition")
    edition = next_number(conn, "edition")
    at = latest_instant(conn)
    for chunk in chunks(there):
        delete_rows(conn, documents, ("path",), [(path,) for path in chunk])
        upsert(conn, deletions, ("path", "edition", "at"), [(path, edition, at) for path in chunk])
    return edition


def latest_instant(conn: Connection) -> int:
    """About now, in microseconds, without a clock: the latest of what callers told us.

    While somebody leads, that is the end of his lease: never more than its length ahead, never behind.
    """
    told = conn.execute(select(func.max(leases.c.expires))).scalar() or 0
    served = conn.execute(select(func.max(_d.modified))).scalar() or 0
    return max(int(told), int(served) * _SECOND)


def _row(document: Document, edition: int) -> tuple[object, ...]:
    return (
        document.path,
        edition,
        document.etag,
        document.modified,
        document.media_type,
        document.category,
        document.max_age,
        document.length,
        pack_list(document.links),
        document.gzip,
    )


def _document(row: Any) -> Document:
    return Document(
        path=row.path,
        media_type=row.media_type,
        etag=row.etag,
        gzip=bytes(row.gzip),
        length=row.length,
        category=row.category,
        max_age=row.max_age,
        modified=row.modified,
        edition=row.edition,
        links=_links(row.links),
    )


def _links(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((relation, address) for relation, address in json.loads(text)) if text else ()

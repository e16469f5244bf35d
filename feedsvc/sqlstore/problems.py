"""What is wrong with which file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from feedsvc.content.draft import Problem, Severity
from feedsvc.sqlstore.bulk import chunks, delete_rows, insert_missing
from feedsvc.sqlstore.schema import problems as table
from feedsvc.sqlstore.values import pack_map

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_SEVERITY = {rank: severity for severity, rank in _RANK.items()}
_COLUMNS = ("key", "severity", "line", "code", "field", "message", "repair", "params")


def problems(conn: Connection, key: str | None, limit: int) -> list[Problem]:
    found = select(table).order_by(table.c.severity, table.c.key, table.c.line, table.c.n).limit(limit)
    if key is not None:
        found = found.where(table.c.key == key)
    return [
        Problem(
            key=row.key,
            code=row.code,
            message=row.message,
            severity=_SEVERITY[row.severity],
            line=row.line,
            field=row.field,
            repair=row.repair,
            params=json.loads(row.params) if row.params else {},
        )
        for row in conn.execute(found)
    ]


def problem_counts(conn: Connection) -> dict[Severity, int]:
    """Severities without a problem are left out."""
    counted = select(table.c.severity, func.count()).group_by(table.c.severity).order_by(table.c.severity)
    return {_SEVERITY[rank]: count for rank, count in conn.execute(counted)}


def replace_problems(conn: Connection, new: Mapping[str, Sequence[Problem]]) -> None:
    """A problem is stored under the key it is given for, whatever its own."""
    for chunk in chunks(new.items()):
        delete_rows(conn, table, ("key",), [(key,) for key, _ in chunk])
        rows = [(key, *_rest(problem)) for key, its in chunk for problem in its]
        insert_missing(conn, table, _COLUMNS, rows)


def _rest(problem: Problem) -> tuple[object, ...]:
    return (
        _RANK[problem.severity],
        problem.line,
        problem.code,
        problem.field,
        problem.message,
        problem.repair,
        pack_map(problem.params),
    )

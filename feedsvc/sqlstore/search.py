"""The search index: which words find which article (docs/decisions/0036-words-of-the-search.md).

A row's number grows with the publication, so that the newest come first without sorting. SQLite's FTS5 keeps neither
the words of a row nor where they stood, and cannot take a row out again: when an article gets other words it gets
another number, and the old one keeps its place in `searchable` as an orphan that no article answers to. When there are
more orphans than articles the index begins anew. PostgreSQL deletes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from feedsvc.articles.article import Headline
from feedsvc.articles.words import Wanted
from feedsvc.sqlstore.articles import to_headline
from feedsvc.sqlstore.bulk import delete_rows, rows, rows_in, upsert
from feedsvc.sqlstore.counters import next_number
from feedsvc.sqlstore.schema import articles, searchable, unindexed
from feedsvc.sqlstore.values import micros

NUMBERS_A_SECOND = (
    4  # more articles of one second take the numbers of the next ones; each bit costs a tenth of the index
)
FEW_ORPHANS = 1000  # are let lie, whatever there is beside them

_ORPHAN = "\n"  # with its number, in place of the article's id: no id holds white space
_a, _s, _u = articles.c, searchable.c, unindexed.c
_published = select(_a.id, _a.published)
_numbered = select(_s.n)
_from = select(_s.n).where(_s.n >= bindparam("first"), _s.n <= bindparam("last"))
_orphans = select(func.count()).where(_s.article_id >= _ORPHAN, _s.article_id < chr(ord(_ORPHAN) + 1))
_live = select(func.count()).where(_s.article_id >= chr(ord(_ORPHAN) + 1))
_waiting = (
    select(_u.article_id)
    .select_from(unindexed.outerjoin(articles, _a.id == _u.article_id))
    .order_by(_a.published.desc(), _u.article_id)
    .limit(bindparam("number"))
)
_HEADLINE = "a.id, a.identity, a.title, a.published, a.canonical_url, a.path, a.status, a.summary"
_SHOWN = "a.status = 0 AND a.in_feeds = 1 AND a.published <= "
# CROSS JOIN: in this order, from the newest row on, and no further than needed.
_ON_SQLITE = f"""
    SELECT {_HEADLINE} FROM words CROSS JOIN searchable s ON s.n = words.rowid
    CROSS JOIN articles a ON a.id = s.article_id
    WHERE words MATCH ? AND {_SHOWN} ? ORDER BY words.rowid DESC LIMIT ? OFFSET ?"""
_ON_POSTGRESQL = f"""
    SELECT {_HEADLINE} FROM words JOIN searchable s ON s.n = words.n JOIN articles a ON a.id = s.article_id
    WHERE words.tokens @@ CAST(%s AS tsquery) AND {_SHOWN} %s ORDER BY words.n DESC LIMIT %s OFFSET %s"""


def search(conn: Connection, wanted: Wanted, limit: int, now: datetime, offset: int) -> list[Headline]:
    if conn.dialect.name == "postgresql":
        statement, query = _ON_POSTGRESQL, _tsquery(wanted)
    else:
        statement, query = _ON_SQLITE, _match(wanted)
    found = conn.exec_driver_sql(statement, (query, micros(now), limit, offset))
    return [to_headline(tuple(row)) for row in found]


def waiting(conn: Connection, limit: int) -> list[str]:
    """The newest first: they are looked for most."""
    return [article_id for (article_id,) in rows(conn, _waiting, {"number": limit})]


def put_words(conn: Connection, words: Mapping[str, Collection[str]], tell: bool) -> None:
    if not words:
        return
    ids = list(words)
    _take_out(conn, [number for (number,) in rows_in(conn, _numbered, _s.article_id, ids)])
    when = {article_id: at for article_id, at in rows_in(conn, _published, _a.id, ids) if words[article_id]}
    order = sorted(when, key=lambda article_id: (when[article_id], article_id))
    numbers = list(_numbers(conn, [when[article_id] // 1_000_000 * NUMBERS_A_SECOND for article_id in order]))
    upsert(conn, searchable, ("n", "article_id"), list(zip(numbers, order, strict=True)))
    # In ascending order: FTS5 writes a part of its index to disk whenever a number is smaller than the one before.
    pairs = [(number, words[article_id]) for number, article_id in zip(numbers, order, strict=True)]
    if conn.dialect.name == "postgresql":
        _many(
            conn,
            "INSERT INTO words (n, tokens) VALUES (%s, array_to_tsvector(%s::text[]))",
            [(number, list(its)) for number, its in pairs],
        )
    else:
        _many(
            conn, "INSERT INTO words (rowid, tokens) VALUES (?, ?)", [(number, " ".join(its)) for number, its in pairs]
        )
    delete_rows(conn, unindexed, ("article_id",), [(article_id,) for article_id in ids])
    if tell:
        next_number(conn, "edition")


def _take_out(conn: Connection, old: Sequence[int]) -> None:
    if not old:
        return
    if conn.dialect.name == "postgresql":
        numbers = [(number,) for number in old]
        _many(conn, "DELETE FROM words WHERE n = %s", numbers)
        delete_rows(conn, searchable, ("n",), numbers)
        return
    upsert(conn, searchable, ("n", "article_id"), [(number, f"{_ORPHAN}{number}") for number in old])
    [(orphans,)] = rows(conn, _orphans, {})
    if orphans > FEW_ORPHANS and orphans > rows(conn, _live, {})[0][0]:
        for statement in (
            "INSERT INTO words (words) VALUES ('delete-all')",
            "DELETE FROM searchable",
            "INSERT OR IGNORE INTO unindexed (article_id) SELECT id FROM articles",
        ):
            conn.exec_driver_sql(statement)


def _numbers(conn: Connection, wished: Sequence[int]) -> Iterator[int]:
    """For each of the wished numbers, which ascend, the next one that nobody has."""
    last: int | None = None
    for wish in wished:
        last = _free(conn, wish if last is None else max(wish, last + 1))
        yield last


def _free(conn: Connection, number: int) -> int:
    """The smallest from this one on that nobody has; looked for in steps, each twice as long as the one before."""
    length = 1
    while True:
        taken = {n for (n,) in rows(conn, _from, {"first": number, "last": number + length - 1})}
        if len(taken) < length:
            return next(n for n in range(number, number + length) if n not in taken)
        number, length = number + length, 2 * length


def _match(wanted: Wanted) -> str:
    """FTS5: each word quoted, so that none can be an operator."""
    return " ".join([*map(_quoted, wanted.words), *(f"{_quoted(word)} *" for word in wanted.beginnings)])


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _tsquery(wanted: Wanted) -> str:
    return " & ".join([*map(_lexeme, wanted.words), *(f"{_lexeme(word)}:*" for word in wanted.beginnings)])


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _many(conn: Connection, statement: str, values: Iterable[tuple[Any, ...]]) -> None:
    if lines := list(values):
        conn.exec_driver_sql(statement, lines)

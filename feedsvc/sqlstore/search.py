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

# More articles of one second take the numbers of the next ones; each bit costs a tenth of the index.
NUMBERS_A_SECOND = 4
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
# The index first, whatever the planner thinks of it: to look into rows costs a hundred times as much.
_NUMBERS = """
    WITH found AS MATERIALIZED
    (SELECT n FROM words WHERE array_to_tsvector(string_to_array(tokens, ' ')) @@ CAST(%s AS tsquery))
    SELECT n FROM found ORDER BY n DESC LIMIT %s"""
_ON_POSTGRESQL = f"""
    SELECT {_HEADLINE} FROM searchable s JOIN articles a ON a.id = s.article_id
    WHERE s.n = ANY(%s) AND {_SHOWN} %s ORDER BY s.n DESC LIMIT %s OFFSET %s"""
_HIDDEN = 100  # so many more are looked at than are wanted, for some may be withdrawn, or not due


def search(conn: Connection, wanted: Wanted, limit: int, now: datetime, offset: int) -> list[Headline]:
    if conn.dialect.name == "postgresql":
        return _search_postgresql(conn, _tsquery(wanted), limit, now, offset)
    found = conn.exec_driver_sql(_ON_SQLITE, (_match(wanted), micros(now), limit, offset))
    return [to_headline(tuple(row)) for row in found]


def _search_postgresql(conn: Connection, query: str, limit: int, now: datetime, offset: int) -> list[Headline]:
    """In two steps, so that of a word of every article only the newest are joined."""
    most = limit + offset + _HIDDEN
    while True:
        numbers = [number for (number,) in conn.exec_driver_sql(_NUMBERS, (query, most))]
        found = conn.exec_driver_sql(_ON_POSTGRESQL, (numbers, micros(now), limit, offset)).all()
        if len(found) == limit or len(numbers) < most:
            return [to_headline(tuple(row)) for row in found]
        most *= 4


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
    if conn.dialect.name == "postgresql":  # sorted, words are compressed better
        lines = [(number, " ".join(sorted(its))) for number, its in pairs]
        _many(conn, "INSERT INTO words (n, tokens) VALUES (%s, %s)", lines)
    else:
        lines = [(number, " ".join(its)) for number, its in pairs]
        _many(conn, "INSERT INTO words (rowid, tokens) VALUES (?, ?)", lines)
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

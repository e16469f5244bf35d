"""The articles before and after one in its category.

Each is one step in the index listings_newest: first among those of the same instant, then beyond it. One condition for
both would make the databases read all that lie between.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, tuple_

from feedsvc.articles.article import Headline
from feedsvc.sqlstore.articles import headline_columns, to_headline
from feedsvc.sqlstore.bulk import rows
from feedsvc.sqlstore.schema import articles, listings
from feedsvc.sqlstore.values import micros

_l = listings.c
_place = select(_l.published, _l.order_key).where(
    _l.article_id == bindparam("article"), _l.category == bindparam("category")
)
_tie = tuple_(_l.order_key, _l.article_id)
_own_tie = tuple_(bindparam("order_key"), bindparam("article"))
_same_instant = _l.published == bindparam("published")
_backward = (_l.published, _l.order_key.desc(), _l.article_id.desc())
_forward = (_l.published.desc(), _l.order_key, _l.article_id)


def _first(order: tuple[Any, ...], *where: Any) -> Select[Any]:
    chosen = select(_l.article_id).where(_l.category == bindparam("category"), *where).order_by(*order).limit(1)
    part = chosen.subquery("part")
    return headline_columns().join(part, part.c.article_id == articles.c.id)


_newer = (
    _first(_backward, _same_instant, _tie < _own_tie),
    _first(_backward, _l.published > bindparam("published"), _l.published <= bindparam("now")),
)
_older = (
    _first(_forward, _same_instant, _tie > _own_tie),
    _first(_forward, _l.published < bindparam("published")),
)


def neighbours(
    conn: Connection, article_id: str, category: str, now: datetime
) -> tuple[Headline | None, Headline | None]:
    place = rows(conn, _place, {"article": article_id, "category": category})
    if not place or place[0][0] > micros(now):
        return None, None
    [(published, order_key)] = place
    said = {"article": article_id, "category": category, "now": micros(now)}
    said |= {"published": published, "order_key": order_key}
    return _one_of(conn, _newer, said), _one_of(conn, _older, said)


def _one_of(conn: Connection, statements: tuple[Select[Any], ...], said: dict[str, object]) -> Headline | None:
    for statement in statements:
        for row in rows(conn, statement, said):
            return to_headline(row)
    return None

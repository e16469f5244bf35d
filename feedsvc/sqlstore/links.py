"""Share links: codes that lead to one article for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from feedsvc.articles.article import Headline
from feedsvc.sharing.link import ShareLink
from feedsvc.sqlstore.articles import headline_columns, to_headline
from feedsvc.sqlstore.bulk import chunks, insert_missing, rows_in
from feedsvc.sqlstore.schema import articles, links

_owners = select(links.c.code, links.c.article_id)
_oldest_first = select(links.c.article_id, links.c.code).order_by(links.c.n)


def headline_by_code(conn: Connection, code: str) -> Headline | None:
    found = headline_columns().join(links, links.c.article_id == articles.c.id).where(links.c.code == code)
    row = conn.execute(found).first()
    return None if row is None else to_headline(row)


def code_of(conn: Connection, article_ids: Collection[str]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for article_id, code in rows_in(conn, _oldest_first, links.c.article_id, article_ids):
        codes.setdefault(article_id, code)
    return codes


def codes_taken(conn: Connection, codes: Collection[str]) -> dict[str, str]:
    return dict(map(tuple, rows_in(conn, _owners, links.c.code, codes)))


def put_links(conn: Connection, new: Iterable[ShareLink]) -> None:
    for chunk in chunks(new):
        owners = codes_taken(conn, {link.code for link in chunk})
        rows = []
        for link in chunk:
            owner = owners.get(link.code)
            if owner is None:
                owners[link.code] = link.article_id
                rows.append((link.code, link.article_id))
            elif owner != link.article_id:
                raise ValueError(f"The share code {link.code!r} belongs to {owner!r}, not to {link.article_id!r}.")
        insert_missing(conn, links, ("code", "article_id"), rows)

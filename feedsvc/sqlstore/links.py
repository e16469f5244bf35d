"""Share links: codes that lead to one article for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from feedsvc.articles.article import Headline
from feedsvc.sharing.link import ShareLink
from feedsvc.sqlstore.articles import headline_columns, to_headline
from feedsvc.sqlstore.bulk import chunks, insert_missing
from feedsvc.sqlstore.schema import articles, links


def headline_by_code(conn: Connection, code: str) -> Headline | None:
    found = headline_columns().join(links, links.c.article_id == articles.c.id).where(links.c.code == code)
    row = conn.execute(found).first()
    return None if row is None else to_headline(row)


def code_of(conn: Connection, article_ids: Collection[str]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for chunk in chunks(article_ids):
        oldest_first = select(links.c.article_id, links.c.code).where(links.c.article_id.in_(chunk)).order_by(links.c.n)
        for article_id, code in conn.execute(oldest_first):
            codes.setdefault(article_id, code)
    return codes


def codes_taken(conn: Connection, codes: Collection[str]) -> dict[str, str]:
    return {
        code: article_id
        for chunk in chunks(codes)
        for code, article_id in conn.execute(select(links.c.code, links.c.article_id).where(links.c.code.in_(chunk)))
    }


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

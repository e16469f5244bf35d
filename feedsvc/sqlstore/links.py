"""Share links: names that lead to one article for ever, whoever else claims them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, and_, bindparam, case, literal_column, or_, select

from feedsvc.articles.article import Headline
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.sqlstore.articles import headline_columns, to_headline
from feedsvc.sqlstore.bulk import chunks, rows, rows_in, upsert
from feedsvc.sqlstore.schema import articles, links

_l, _a = links.c, articles.c
# A derived claim is as good as its article ever was; of the others, one whose article is withdrawn gives way.
_best_first = (
    case((_l.kind == literal_column("0"), literal_column("0")), else_=_a.status),
    _l.kind,
    _a.published,
    _a.id,
)
_link = (
    headline_columns()
    .add_columns(_l.kind)
    .join(links, _l.article_id == _a.id)
    .where(_l.code == bindparam("code"))
    .order_by(*_best_first)
    .limit(1)
)
_claims = select(_l.code, _l.article_id, _l.kind).join(articles, _a.id == _l.article_id).order_by(_l.code, *_best_first)
_own = select(_l.code, _l.article_id, _l.kind).order_by(_l.kind, _l.code)


def link(conn: Connection, code: str) -> tuple[ShareLink, Headline] | None:
    for *columns, kind in rows(conn, _link, {"code": code}):
        headline = to_headline(columns)
        return ShareLink(code, headline.id, LinkKind(kind)), headline
    return None


def claims(conn: Connection, codes: Collection[str]) -> dict[str, list[ShareLink]]:
    found: defaultdict[str, list[ShareLink]] = defaultdict(list)
    for code, article_id, kind in rows_in(conn, _claims, _l.code, codes):
        found[code].append(ShareLink(code, article_id, LinkKind(kind)))
    return dict(found)


def links_of(conn: Connection, article_ids: Collection[str]) -> dict[str, list[ShareLink]]:
    own = [
        ShareLink(code, owner, LinkKind(kind)) for code, owner, kind in rows_in(conn, _own, _l.article_id, article_ids)
    ]
    winners = {code: its[0].article_id for code, its in claims(conn, {link.code for link in own}).items()}
    found: defaultdict[str, list[ShareLink]] = defaultdict(list)
    for link in own:
        if winners.get(link.code) == link.article_id:
            found[link.article_id].append(link)
    return dict(found)


def code_of(conn: Connection, article_ids: Collection[str]) -> dict[str, str]:
    codes = {}
    for article_id, its in links_of(conn, article_ids).items():
        shown = [link for link in its if link.kind <= LinkKind.CUSTOM]
        if shown:
            best = max(shown, key=lambda link: link.kind).kind
            codes[article_id] = next(link.code for link in shown if link.kind is best)
    return codes


def of_kinds(conn: Connection, kinds: Collection[int], after: tuple[str, str], limit: int) -> list[ShareLink]:
    later = or_(_l.code > after[0], and_(_l.code == after[0], _l.article_id > after[1]))
    found = select(_l.code, _l.article_id, _l.kind).where(_l.kind.in_(sorted(kinds)), later)
    ordered = found.order_by(_l.code, _l.article_id).limit(limit)
    return [ShareLink(code, article_id, LinkKind(kind)) for code, article_id, kind in conn.execute(ordered)]


def put_links(conn: Connection, new: Iterable[ShareLink]) -> None:
    for chunk in chunks(new):
        upsert(conn, links, ("code", "article_id", "kind"), [(link.code, link.article_id, link.kind) for link in chunk])

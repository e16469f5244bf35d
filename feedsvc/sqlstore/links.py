"""Share links: names that lead to one article for ever, whoever else claims them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, and_, bindparam, case, literal_column, or_, select

from feedsvc.articles.article import Headline, Status
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.sqlstore.articles import headline_columns, to_headline
from feedsvc.sqlstore.bulk import chunks, rows, rows_in, upsert
from feedsvc.sqlstore.schema import articles, links

T = TypeVar("T")

_l, _a = links.c, articles.c
# As sharing/claims.py best_first has it, but for what `_given_way` does.
_best_first = (
    case((_l.kind == literal_column("0"), literal_column("0")), else_=_a.status),
    _l.kind,
    _a.published,
    _a.id,
)
_shown_first = (_a.status, _a.published.desc(), _a.id)
_link = (
    headline_columns()
    .add_columns(_l.kind)
    .join(links, _l.article_id == _a.id)
    .where(_l.code == bindparam("code"))
    .order_by(*_best_first)
)
_claims = select(_l.code, _l.article_id, _l.kind, _a.status).join(articles, _a.id == _l.article_id)
_claims = _claims.order_by(_l.code, *_best_first)
_public = headline_columns().where(_a.status == literal_column("0"), _a.identity == bindparam("code"))
_public = _public.order_by(_a.published.desc(), _a.id).limit(1)
_known = select(_a.id)
_named = select(_a.identity, _a.id, _a.status).order_by(*_shown_first)
_last_part = select(_a.slug, _a.id, _a.status).order_by(*_shown_first)
_at_path = select(_a.path, _a.id).where(_a.status == literal_column("0")).order_by(*_shown_first)
_at_address = select(_a.canonical_url, _a.id).where(_a.status == literal_column("0")).order_by(*_shown_first)
_own = select(_l.code, _l.article_id, _l.kind).order_by(_l.kind, _l.code)


def link(conn: Connection, code: str) -> tuple[ShareLink, Headline] | None:
    found = [(to_headline(columns), kind) for *columns, kind in rows(conn, _link, {"code": code})]
    for headline, kind in _given_way([(pair, pair[1], pair[0].status is Status.WITHDRAWN) for pair in found])[:1]:
        if kind != LinkKind.DERIVED:
            for row in rows(conn, _public, {"code": code}):
                return ShareLink(code, row[0]), to_headline(row)
        return ShareLink(code, headline.id, LinkKind(kind)), headline
    return None


def claims(conn: Connection, codes: Collection[str]) -> dict[str, list[ShareLink]]:
    rated: defaultdict[str, list[tuple[ShareLink, int, bool]]] = defaultdict(list)
    for code, article_id, kind, status in rows_in(conn, _claims, _l.code, codes):
        rated[code].append((ShareLink(code, article_id, LinkKind(kind)), kind, status != 0))
    found = {code: _given_way(its) for code, its in rated.items()}
    for identity, article_id, status in rows_in(conn, _named, _a.identity, list(found)):
        its = found[identity]
        if status == 0 and its[0].kind is not LinkKind.DERIVED:
            its.insert(0, ShareLink(identity, article_id))
    return found


def _given_way(ranked: Sequence[tuple[T, int, bool]]) -> list[T]:
    """The claims of a name, (claim, kind, withdrawn): a withdrawn article's code goes to who claims it on purpose."""
    if ranked and ranked[0][1] == LinkKind.DERIVED and ranked[0][2]:
        ranked = sorted(ranked, key=lambda its: its[1] == LinkKind.DERIVED or its[2])
    return [claim for claim, _, _ in ranked]


def claims_of(conn: Connection, article_ids: Collection[str]) -> dict[str, list[ShareLink]]:
    found: defaultdict[str, list[ShareLink]] = defaultdict(list)
    for code, article_id, kind in rows_in(conn, _own, _l.article_id, article_ids):
        found[article_id].append(ShareLink(code, article_id, LinkKind(kind)))
    return dict(found)


def called(conn: Connection, names: Collection[str]) -> dict[str, str]:
    found = {article_id: article_id for (article_id,) in rows_in(conn, _known, _a.id, names)}
    found |= {name: its[0].article_id for name, its in claims(conn, _others(names, found)).items()}
    for identity, article_id, _ in rows_in(conn, _named, _a.identity, _others(names, found)):
        found.setdefault(identity, article_id)
    alike: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for slug, article_id, status in rows_in(conn, _last_part, _a.slug, _others(names, found)):
        alike[slug].append((article_id, status))
    for slug, its in alike.items():
        if len(its) == 1 or its[0][1] != its[1][1]:  # as articles.headline_by_identity says
            found[slug] = its[0][0]
    return found


def _others(names: Collection[str], found: Collection[str]) -> list[str]:
    return [name for name in names if name not in found]


def pages_at(conn: Connection, addresses: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    paths = [address for address in addresses if address.startswith("/")]
    for statement, column, wanted in (
        (_at_path, _a.path, paths),
        (_at_address, _a.canonical_url, [address for address in addresses if not address.startswith("/")]),
    ):
        for address, article_id in rows_in(conn, statement, column, wanted):
            found.setdefault(address, article_id)
    return found


def links_of(conn: Connection, article_ids: Collection[str]) -> dict[str, list[ShareLink]]:
    own = [link for its in claims_of(conn, article_ids).values() for link in its]
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
    seek = _l.code >= after[0]  # says nothing new, but this is what an index can begin with
    found = select(_l.code, _l.article_id, _l.kind).where(_l.kind.in_(sorted(kinds)), seek, later)
    ordered = found.order_by(_l.code, _l.article_id).limit(limit)
    return [ShareLink(code, article_id, LinkKind(kind)) for code, article_id, kind in conn.execute(ordered)]


def put_links(conn: Connection, new: Iterable[ShareLink]) -> None:
    for chunk in chunks(new):
        upsert(conn, links, ("code", "article_id", "kind"), [(link.code, link.article_id, link.kind) for link in chunk])

"""Articles, their texts, and the listings: which of them readers are shown, under which category."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, literal_column, select, update

from feedsvc.articles.article import Article, Headline, Status
from feedsvc.articles.category import SITE
from feedsvc.content.draft import Enclosure
from feedsvc.sqlstore.bulk import chunks, delete_rows, insert_missing, rows, rows_in, upsert
from feedsvc.sqlstore.schema import articles, bodies, categories, labels, listings, unindexed
from feedsvc.sqlstore.values import compress, decompress, instant, micros, pack_list, pack_texts, unpack_texts
from feedsvc.store import ArticleStamp, Listed

_STATUS = {Status.PUBLISHED: 0, Status.WITHDRAWN: 1}
_STATUS_OF = {number: status for status, number in _STATUS.items()}
_COLUMNS = tuple(column.name for column in articles.columns)

_a = articles.c
_headline = select(_a.id, _a.identity, _a.title, _a.published, _a.canonical_url, _a.path, _a.status, _a.summary)
_stamp = select(
    _a.id, _a.digest, _a.published, _a.updated, _a.categories, _a.source_key, _a.status, _a.in_feeds, _a.text_digest
)
_any = select(_a.id).where(_a.status == bindparam("status")).limit(literal_column("1"))
_twin = _stamp.where(
    _a.status == bindparam("status"), _a.published == bindparam("published"), _a.text_digest == bindparam("digest")
).order_by(_a.id)
_whole = select(articles, bodies.c.content).select_from(
    articles.join(bodies, bodies.c.article_id == _a.id),
)
_listing = select(_a.id, _a.title, _a.published, _a.order_key, _a.categories)
_shown = select(_a.id, _a.published, _a.order_key, _a.categories).where(_a.in_feeds == literal_column("1"))
_digests = select(_a.id, _a.digest)
_shown_or_not = select(_a.id, _a.published, _a.order_key)
_best_first = (_a.status, _a.published.desc(), _a.id)  # published before withdrawn, the newest first
_identified = _headline.order_by(*_best_first)


def _part(*where: Any, oldest: bool = False) -> Any:
    """The listings' own rows of a page: joined before, what is skipped would cost ten times as much."""
    it = listings.c
    order = (it.published, it.order_key.desc(), it.article_id.desc()) if oldest else _newest_first(it)
    chosen = select(it.article_id, it.published, it.order_key).where(*where).order_by(*order)
    return chosen.limit(bindparam("number")).offset(bindparam("skipped")).subquery("part")


def _newest_first(it: Any) -> tuple[Any, ...]:
    return it.published.desc(), it.order_key, it.article_id


def _listed(what: Select[Any]) -> Select[Any]:
    it = listings.c
    part = _part(it.category == bindparam("category"), it.published <= bindparam("now"))
    return what.join(part, part.c.article_id == _a.id).order_by(*_newest_first(part.c))


_newest = _listed(_whole)
_newest_headlines = _listed(_headline)
_newest_listed = _listed(_listing)
_l = listings.c
_in_span = (_l.category == bindparam("category"), _l.published >= bindparam("start"), _l.published < bindparam("until"))
_ascending = _part(*_in_span, oldest=True)
_oldest = _whole.join(_ascending, _ascending.c.article_id == _a.id).order_by(
    _ascending.c.published, _ascending.c.order_key.desc(), _ascending.c.article_id.desc()
)
_counted = select(func.count()).select_from(listings).where(*_in_span)
_latest = select(func.max(_l.published)).where(_l.category == bindparam("category"), _l.published < bindparam("until"))
_earliest = select(func.min(_l.published)).where(
    _l.category == bindparam("category"), _l.published >= bindparam("start")
)
_labelled = (
    _whole.join(labels, labels.c.article_id == _a.id)
    .where(
        labels.c.label == bindparam("label"),
        labels.c.published <= bindparam("now"),
        _a.status == literal_column("0"),
        _a.in_feeds == literal_column("1"),
    )
    .order_by(labels.c.published.desc(), labels.c.order_key, labels.c.article_id)
    .limit(bindparam("number"))
)


def article_by_path(conn: Connection, path: str) -> Article | None:
    row = conn.execute(_whole.where(_a.path == path).order_by(*_best_first).limit(1)).first()
    return None if row is None else _article(row)


def article_stamps(conn: Connection, article_ids: Collection[str]) -> dict[str, ArticleStamp]:
    return {row[0]: _article_stamp(row) for row in rows_in(conn, _stamp, _a.id, article_ids)}


def twins(conn: Connection, texts: Collection[tuple[str, datetime]], status: Status) -> list[ArticleStamp]:
    wanted, number = set(texts), {"status": _STATUS[status]}
    if not wanted or not rows(conn, _any, number):
        return []
    found = [rows(conn, _twin, {**number, "digest": digest, "published": micros(at)}) for digest, at in sorted(wanted)]
    return [_article_stamp(row) for its in found for row in its]


def newest_articles(conn: Connection, category: str, limit: int, now: datetime) -> list[Article]:
    wanted = {"category": category, "now": micros(now), "number": limit, "skipped": 0}
    return [_article(row) for row in rows(conn, _newest, wanted)]


def articles_by_id(conn: Connection, article_ids: Collection[str]) -> dict[str, Article]:
    return {row[0]: _article(row) for row in rows_in(conn, _whole, _a.id, article_ids)}


def listed(conn: Connection, category: str, limit: int, now: datetime, offset: int) -> list[Listed]:
    wanted = {"category": category, "now": micros(now), "number": limit, "skipped": offset}
    return [
        Listed(article_id, title, instant(published), order_key, unpack_texts(its))
        for article_id, title, published, order_key, its in rows(conn, _newest_listed, wanted)
    ]


def oldest_articles(
    conn: Connection, category: str, start: datetime, end: datetime, limit: int, offset: int
) -> list[Article]:
    wanted = {**_span(category, start, end), "number": limit, "skipped": offset}
    return [_article(row) for row in rows(conn, _oldest, wanted)]


def count_between(conn: Connection, category: str, start: datetime, end: datetime) -> int:
    [(number,)] = rows(conn, _counted, _span(category, start, end))
    return int(number)


def nearest(conn: Connection, category: str, before: datetime | None, after: datetime | None) -> datetime | None:
    if before is not None:
        [(found,)] = rows(conn, _latest, {"category": category, "until": micros(before)})
    else:
        assert after is not None
        [(found,)] = rows(conn, _earliest, {"category": category, "start": micros(after)})
    return None if found is None else instant(found)


def labelled(conn: Connection, label: str, limit: int, now: datetime) -> list[Article]:
    return [_article(row) for row in rows(conn, _labelled, {"label": label, "now": micros(now), "number": limit})]


def put_labels(conn: Connection, new: Mapping[str, Sequence[str]]) -> None:
    for chunk in chunks(new):
        delete_rows(conn, labels, ("article_id",), [(article_id,) for article_id in chunk])
        known = rows_in(conn, _shown_or_not, _a.id, chunk)
        lines = [(key, label, at, order) for key, at, order in known for label in dict.fromkeys(new[key])]
        insert_missing(conn, labels, ("article_id", "label", "published", "order_key"), lines)


def _span(category: str, start: datetime, end: datetime) -> dict[str, object]:
    return {"category": category, "start": micros(start), "until": micros(end)}


def headlines(conn: Connection, category: str, limit: int, now: datetime, offset: int) -> list[Headline]:
    wanted = {"category": category, "now": micros(now), "number": limit, "skipped": offset}
    return [to_headline(row) for row in rows(conn, _newest_headlines, wanted)]


def headline_by_identity(conn: Connection, identity: str) -> Headline | None:
    """The whole identity; failing that the only article with this slug, as old share links name the slug alone.

    "Only" among the published ones, or among all when none is published.
    """
    row = conn.execute(_headline.where(_a.identity == identity).order_by(*_best_first).limit(1)).first()
    if row is not None:
        return to_headline(row)
    rows = conn.execute(_headline.where(_a.slug == identity).order_by(*_best_first).limit(2)).all()
    if not rows or (len(rows) == 2 and rows[0].status == rows[1].status):
        return None
    return to_headline(rows[0])


def headlines_by_identity(conn: Connection, identities: Collection[str]) -> dict[str, Headline]:
    found: dict[str, Headline] = {}
    for row in rows_in(conn, _identified, _a.identity, identities):
        found.setdefault(row[1], to_headline(row))
    return found


def due_between(conn: Connection, after: datetime, until: datetime) -> list[ArticleStamp]:
    """By date."""
    due = _stamp.where(_a.status == 0, _a.published > micros(after), _a.published <= micros(until))
    return [_article_stamp(row) for row in conn.execute(due.order_by(_a.published, _a.id))]


def next_due(conn: Connection, after: datetime) -> datetime | None:
    nearest = select(func.min(_a.published)).where(_a.status == 0, _a.published > micros(after))
    value = conn.execute(nearest).scalar()
    return None if value is None else instant(value)


def article_count(conn: Connection, now: datetime) -> int:
    counted = select(func.count()).select_from(articles).where(_a.status == 0, _a.published <= micros(now))
    return conn.execute(counted).scalar_one()


def put_articles(conn: Connection, new: Sequence[Article]) -> None:
    for chunk in chunks({article.id: article for article in new}.values()):
        _mark_changed(conn, chunk)
        delete_rows(conn, listings, ("article_id",), [(article.id,) for article in chunk])
        upsert(conn, articles, _COLUMNS, [_row(article) for article in chunk])
        upsert(conn, bodies, ("article_id", "content"), [(it.id, compress(it.content_html)) for it in chunk])
        _list(
            conn,
            [
                (it.id, micros(it.published), it.order_key, it.categories)
                for it in chunk
                if it.in_feeds and it.status is Status.PUBLISHED
            ],
        )
        known = {slug for article in chunk for slug in article.categories}
        insert_missing(conn, categories, ("slug", "title"), [(slug, "") for slug in sorted(known)])


def _mark_changed(conn: Connection, chunk: Sequence[Article]) -> None:
    """What is new, or about to be another article, is to be searched for by other words."""
    known: dict[str, str] = dict(rows_in(conn, _digests, _a.id, [it.id for it in chunk]))  # type: ignore[arg-type]
    changed = [(it.id,) for it in chunk if known.get(it.id) != it.digest]
    insert_missing(conn, unindexed, ("article_id",), changed)


def set_status(conn: Connection, article_ids: Collection[str], status: Status) -> None:
    for chunk in chunks(article_ids):
        conn.execute(update(articles).where(_a.id.in_(chunk)).values(status=_STATUS[status]))
        delete_rows(conn, listings, ("article_id",), [(article_id,) for article_id in chunk])
        if status is Status.PUBLISHED:
            shown = rows_in(conn, _shown, _a.id, chunk)
            _list(conn, [(*rest, unpack_texts(its)) for *rest, its in shown])


def to_headline(row: Any) -> Headline:
    """From a row of `headline_columns`."""
    article_id, identity, title, published, canonical_url, path, status, summary = row
    return Headline(article_id, identity, title, instant(published), canonical_url, path, _STATUS_OF[status], summary)


def headline_columns() -> Select[Any]:
    return _headline


def _list(conn: Connection, shown: Sequence[tuple[str, int, str, tuple[str, ...]]]) -> None:
    lines = [
        (article_id, category, published, order_key)
        for article_id, published, order_key, its in shown
        for category in dict.fromkeys((SITE, *its))
    ]
    insert_missing(conn, listings, ("article_id", "category", "published", "order_key"), lines)


def _row(article: Article) -> tuple[object, ...]:
    return (
        article.id,
        article.identity,
        article.slug,
        article.title,
        micros(article.published),
        micros(article.updated),
        article.path,
        article.canonical_url,
        _STATUS[article.status],
        int(article.in_feeds),
        article.digest,
        article.order_key,
        article.source_key,
        pack_texts(article.categories),
        int(article.date_only),
        int(article.excerpt_only),
        pack_texts(article.authors),
        pack_texts(article.tags),
        article.language,
        article.image,
        pack_list([(it.url, it.media_type, it.length) for it in article.enclosures]),
        article.summary,
        article.text_digest,
        article.image_type,
        article.image_length,
        article.source,
    )


def _article(row: Any) -> Article:
    """From a row of `_whole`."""
    (
        article_id, identity, slug, title, published, updated, path, canonical_url, status, in_feeds, digest, order_key,
        source_key, its, date_only, excerpt_only, authors, tags, language, image, enclosures, summary,
        text_digest, image_type, image_length, source, content,
    ) = row  # fmt: skip
    return Article(
        id=article_id,
        identity=identity,
        slug=slug,
        title=title,
        published=instant(published),
        updated=instant(updated),
        content_html=decompress(content),
        summary=summary,
        canonical_url=canonical_url,
        path=path,
        order_key=order_key,
        source_key=source_key,
        digest=digest,
        text_digest=text_digest,
        date_only=bool(date_only),
        authors=unpack_texts(authors),
        categories=unpack_texts(its),
        tags=unpack_texts(tags),
        language=language,
        image=image,
        image_type=image_type,
        image_length=image_length,
        source=source,
        enclosures=tuple(Enclosure(*it) for it in json.loads(enclosures)) if enclosures else (),
        in_feeds=bool(in_feeds),
        excerpt_only=bool(excerpt_only),
        status=_STATUS_OF[status],
    )


def _article_stamp(row: Any) -> ArticleStamp:
    article_id, digest, published, updated, its, source_key, status, in_feeds, text_digest = row
    return ArticleStamp(
        article_id,
        digest,
        instant(published),
        instant(updated),
        unpack_texts(its),
        source_key,
        _STATUS_OF[status],
        bool(in_feeds),
        text_digest,
    )

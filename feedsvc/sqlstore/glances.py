"""Categories at a glance: their newest article, and how much came in the last days."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy import Connection, bindparam, func, select

from feedsvc.articles.category import SITE
from feedsvc.articles.glance import Glance
from feedsvc.sqlstore.articles import headline_columns, to_headline
from feedsvc.sqlstore.bulk import rows, rows_in
from feedsvc.sqlstore.schema import articles, categories, listings
from feedsvc.sqlstore.values import instant, micros

RECENT = 200  # articles of a category whose other categories are its related ones

_l, _c = listings.c, categories.c
_real = _l.category > bindparam("site")  # SITE is the empty name, the smallest: what follows is one range of the index
_due = _l.published <= bindparam("now")

_shown = (
    select(_l.category, func.count(), func.max(_l.published))
    .where(_real, _due)
    .group_by(_l.category)
    .order_by(_l.category)
)
_titles = select(_c.slug, _c.title)
_its = listings.alias("its")
# One seek in listings_newest for each category; a window over all of them would read every row.
_newest_id = (
    select(_its.c.article_id)
    .where(_its.c.category == _c.slug, _its.c.published <= bindparam("now"))
    .order_by(_its.c.published.desc(), _its.c.order_key, _its.c.article_id)
    .limit(1)
    .correlate(categories)
    .scalar_subquery()
)
_newest = select(_c.slug, _newest_id).where(_c.slug > bindparam("site"))
# Likewise: a range of each category's own rows. What is joined is known to be small beside what is counted.
_lately = (
    select(_l.category, _l.published)
    .select_from(categories.join(listings, _l.category == _c.slug))
    .where(_c.slug > bindparam("site"), _l.published >= bindparam("start"), _l.published < bindparam("until"), _due)
)

_near = listings.alias("near")
_other = listings.alias("other")
_recent = (
    select(_near.c.article_id)
    .where(_near.c.category == bindparam("category"), _near.c.published <= bindparam("now"))
    .order_by(_near.c.published.desc(), _near.c.order_key, _near.c.article_id)
    .limit(bindparam("recent"))
    .subquery("recent")
)
_related = (
    select(_other.c.category)
    .select_from(_recent.join(_other, _other.c.article_id == _recent.c.article_id))
    .where(_other.c.category > bindparam("site"), _other.c.category != bindparam("category"))
    .group_by(_other.c.category)
    .order_by(func.count().desc(), _other.c.category)
    .limit(bindparam("number"))
)


def glances(conn: Connection, now: datetime, days: int, zone: tzinfo, visible: datetime | None) -> list[Glance]:
    due = {"site": SITE, "now": micros(visible or now)}
    pace = _pace(conn, due, _midnights(now, days, zone))
    newest = {slug: article_id for slug, article_id in rows(conn, _newest, due) if article_id is not None}
    headlines = {row[0]: to_headline(row) for row in rows_in(conn, headline_columns(), articles.c.id, newest.values())}
    titles = dict(map(tuple, rows(conn, _titles, {})))
    return [
        Glance(
            slug=slug,
            title=titles.get(slug, ""),
            count=count,
            latest=instant(latest),
            newest=headlines.get(newest.get(slug, "")),
            pace=pace.get(slug, (0,) * days),
        )
        for slug, count, latest in rows(conn, _shown, due)
    ]


def related(conn: Connection, category: str, limit: int, now: datetime) -> list[str]:
    wanted = {"site": SITE, "category": category, "now": micros(now), "recent": RECENT, "number": limit}
    return [slug for (slug,) in rows(conn, _related, wanted)]


def _pace(conn: Connection, due: dict[str, object], midnights: list[int]) -> dict[str, tuple[int, ...]]:
    counted: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(midnights) - 1))
    for slug, published in rows(conn, _lately, {**due, "start": midnights[0], "until": midnights[-1]}):
        counted[slug][bisect_right(midnights, published) - 1] += 1
    return {slug: tuple(its) for slug, its in counted.items()}


def _midnights(now: datetime, days: int, zone: tzinfo) -> list[int]:
    """The beginnings of the last days and the end of today's, in microseconds; a day may have 23 or 25 hours."""
    today = now.astimezone(zone).date()
    dates = [today + timedelta(days=back) for back in range(1 - days, 2)]
    return [micros(datetime.combine(date, time(), zone)) for date in dates]

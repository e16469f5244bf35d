"""Day totals of share links, and names that led nowhere.

Web workers add to the totals while publishers write: on PostgreSQL neither waits for the other, since they touch no
common row; workers take the rows they share in one order, so that none waits for another that waits for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, func, literal_column, select

from feedsvc.sharing.click import ClickDay, Clicks, Miss, Visitor
from feedsvc.sqlstore.bulk import chunks, delete_rows, rows, rows_in, upsert
from feedsvc.sqlstore.links import claims
from feedsvc.sqlstore.schema import clicks as totals
from feedsvc.sqlstore.schema import misses as missed
from feedsvc.sqlstore.schema import referrers as hosts
from feedsvc.sqlstore.values import instant, micros

MOST_MISSES = 10_000  # names that are remembered; beyond that, idle ones go or new ones are passed over
MOST_BY_ROBOTS = 5_000  # of them, that only robots asked for: who tries out thousands of names leaves room for people's
IDLE = 3_600_000_000  # microseconds after which a name that was asked for once makes room for others

_PEOPLE: Any = literal_column(str(int(Visitor.PERSON)))
_c, _h, _m = totals.c, hosts.c, missed.c
_known = select(_m.name)
_count = select(func.count()).select_from(missed)
_count_by_robots = _count.where(_m.people == literal_column("0"))
_per_code = (
    select(_c.code, func.sum(_c.count))
    .where(_c.visitor == _PEOPLE, _c.day.between(bindparam("since"), bindparam("until")))
    .group_by(_c.code)
)


def clicks(conn: Connection, codes: Collection[str], since: date, until: date) -> list[ClickDay]:
    found: list[tuple[int, str, int, int]] = []
    for chunk in chunks(sorted(set(codes))):
        chosen = select(_c.day, _c.code, _c.visitor, _c.count).where(_c.code.in_(chunk), _within(totals, since, until))
        found += map(tuple, conn.execute(chosen))
    return [
        ClickDay(code, date.fromordinal(day), Visitor(visitor), count) for day, code, visitor, count in sorted(found)
    ]


def top_links(conn: Connection, since: date, until: date, limit: int) -> list[tuple[str, int]]:
    counts = {code: int(count) for code, count in rows(conn, _per_code, _days(since, until))}
    articles: defaultdict[str, int] = defaultdict(int)
    for code, its in claims(conn, counts).items():
        articles[its[0].article_id] += counts[code]
    return sorted(articles.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def referrers(conn: Connection, codes: Collection[str], since: date, until: date, limit: int) -> list[tuple[str, int]]:
    found: defaultdict[str, int] = defaultdict(int)
    for chunk in chunks(sorted(set(codes))):
        chosen = select(_h.host, func.sum(_h.count)).where(_h.code.in_(chunk), _within(hosts, since, until))
        for host, count in conn.execute(chosen.group_by(_h.host)):
            found[host] += int(count)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def misses(conn: Connection, limit: int, offset: int) -> list[Miss]:
    ranked = select(_m.name, _m.people, _m.robots, _m.first, _m.last)
    ranked = ranked.order_by(_m.people.desc(), _m.robots.desc(), _m.name).limit(limit).offset(offset)
    return [
        Miss(name, people, robots, instant(first), instant(last))
        for name, people, robots, first, last in conn.execute(ranked)
    ]


def forget_misses(conn: Connection, names: Collection[str]) -> None:
    delete_rows(conn, missed, ("name",), [(name,) for name in sorted(set(names))])


def add_clicks(conn: Connection, new: Clicks, day: date, now: datetime) -> None:
    n = day.toordinal()
    followed = [(code, n, int(visitor), count) for (code, visitor), count in sorted(new.counts.items())]
    upsert(conn, totals, ("code", "day", "visitor", "count"), followed, add=("count",))
    came = [(code, n, host, count) for (code, host), count in sorted(new.referrers.items())]
    upsert(conn, hosts, ("code", "day", "host", "count"), came, add=("count",))
    if new.misses:
        _add_misses(conn, new, micros(now))


def _add_misses(conn: Connection, new: Clicks, now: int) -> None:
    people: defaultdict[str, int] = defaultdict(int)
    robots: defaultdict[str, int] = defaultdict(int)
    for (name, by_person), count in new.misses.items():
        (people if by_person else robots)[name] += count
    names = people.keys() | robots.keys()
    known = {name for (name,) in rows_in(conn, _known, _m.name, sorted(names))}
    if names - known:
        room = MOST_MISSES - _number(conn, _count)
        if (lacking := len(people.keys() - known) - room) > 0:
            room += _forget_idle(conn, lacking, now, known)
        of_people = sorted(people.keys() - known)[: max(room, 0)]
        room = min(room - len(of_people), MOST_BY_ROBOTS - _number(conn, _count_by_robots))
        names = known | {*of_people, *sorted(robots.keys() - people.keys() - known)[: max(room, 0)]}
    asked = [(name, people.get(name, 0), robots.get(name, 0), now, now) for name in sorted(names)]
    upsert(
        conn, missed, ("name", "people", "robots", "first", "last"), asked, keep=("first",), add=("people", "robots")
    )


def _forget_idle(conn: Connection, number: int, now: int, wanted: Collection[str]) -> int:
    """Of names that one person asked for once, some time ago, the oldest: or who tries out ten thousand of them would
    keep everybody else's from being remembered. How many went."""
    once = and_(_m.people == literal_column("1"), _m.robots == literal_column("0"), _m.last < now - IDLE)
    oldest = select(_m.name).where(once).order_by(_m.last, _m.name).limit(number + len(wanted))
    idle = conn.execute(oldest.with_for_update(skip_locked=True)).scalars()
    names = [(name,) for name in idle if name not in wanted][:number]
    delete_rows(conn, missed, ("name",), names)
    return len(names)


def prune(conn: Connection, before: date) -> int:
    went = 0
    for table in (totals, hosts):
        went += conn.execute(delete(table).where(table.c.day < before.toordinal())).rowcount
    since = micros(datetime.combine(before, time(), UTC))
    old = conn.execute(select(_m.name).where(_m.last < since).order_by(_m.name)).scalars().all()
    for chunk in chunks(old):
        names = _still(conn, chunk, since)  # a worker may have counted it meanwhile
        delete_rows(conn, missed, ("name",), names)
        went += len(names)
    return went


def _still(conn: Connection, names: Iterable[str], since: int) -> list[tuple[str]]:
    """Those that were not asked for since; until the end of the transaction nobody can count them."""
    found = select(_m.name).where(_m.name.in_(list(names)), _m.last < since).order_by(_m.name).with_for_update()
    return [(name,) for (name,) in conn.execute(found)]


def _within(table: Table, since: date, until: date) -> Any:
    return and_(table.c.day >= since.toordinal(), table.c.day <= until.toordinal())


def _days(since: date, until: date) -> dict[str, object]:
    return {"since": since.toordinal(), "until": until.toordinal()}


def _number(conn: Connection, count: Any) -> int:
    [(number,)] = rows(conn, count, {})
    return int(number)

"""Who leads: a row with a fencing token that only grows.

On SQLite one writer at a time settles everything. On PostgreSQL a fenced transaction holds FOR KEY SHARE on the row
until it commits: a renewal changes no column of a unique index, so it passes; a change of holder changes the token,
which is part of one, so it waits. Thus a long publication neither starves its own lease nor can be overtaken.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from feedsvc.errors import LeaseLost
from feedsvc.scheduling.lease import Lease
from feedsvc.sqlstore.bulk import insert_missing
from feedsvc.sqlstore.schema import leases
from feedsvc.sqlstore.values import instant, micros

_FREE = ""
_l = leases.c


def lease(conn: Connection, name: str) -> Lease | None:
    """As it stands in the database, run out or not; None when it is free."""
    row = conn.execute(select(leases).where(_l.name == name, _l.holder != _FREE)).first()
    return None if row is None else Lease(row.name, row.holder, row.token, instant(row.expires))


def taken(conn: Connection, name: str, holder: str, now: datetime) -> bool:
    """Does somebody else have it? A look without a lock, so that those who wait their turn disturb nobody."""
    held = lease(conn, name)
    return held is not None and held.holder != holder and held.expires > now


def acquire(conn: Connection, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None:
    if not holder:
        raise ValueError("A lease needs a holder with a name.")
    insert_missing(conn, leases, ("name", "token", "holder", "expires"), [(name, 0, _FREE, 0)])
    row = conn.execute(select(leases).where(_l.name == name).with_for_update()).one()
    if row.holder not in (_FREE, holder) and instant(row.expires) > now:
        return None
    expires = now + ttl
    change: dict[str, object] = {"expires": micros(expires)}
    token = row.token
    if row.holder != holder:
        token += 1
        change |= {"token": token, "holder": holder}
    conn.execute(update(leases).where(_l.name == name).values(change))
    return Lease(name, holder, token, instant(micros(expires)))


def renew(conn: Connection, lease: Lease, ttl: timedelta, now: datetime) -> Lease:
    expires = micros(now + ttl)
    ours = (_l.name == lease.name) & (_l.token == lease.token)
    if conn.execute(update(leases).where(ours).values(expires=expires)).rowcount != 1:
        raise lost(lease)
    return Lease(lease.name, lease.holder, lease.token, instant(expires))


def release(conn: Connection, lease: Lease) -> None:
    """The token grows here as well: what the releasing holder still had in hand must not be committed."""
    ours = (_l.name == lease.name) & (_l.token == lease.token)
    conn.execute(update(leases).where(ours).values(holder=_FREE, token=lease.token + 1))


def fence(conn: Connection, lease: Lease) -> None:
    """LeaseLost unless the token is the newest; from here to the end of the transaction it stays so."""
    newest = select(_l.token).where(_l.name == lease.name).with_for_update(read=True, key_share=True)
    if conn.execute(newest).scalar() != lease.token:
        raise lost(lease)


def lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"The lease {lease.name!r} (token {lease.token}) is not {lease.holder!r}'s any more.")

"""All that the service asks of a database. Protocols only; sqlstore/ implements them on SQLite and PostgreSQL.

Rules that hold for every method:
- Datetimes in and out are aware UTC. Nothing here reads a clock: `now` is handed in.
- A Reader sees one consistent snapshot from its first query to its end.
- A Transaction commits when its `with` block ends, rolls back when the block raises, and blocks other writers.
- `writing(lease)` fences: it raises LeaseLost, before anything is written, unless `lease.token` is the newest
  token of `lease.name` in the database, and keeps it so until commit.
- All of it survives kill -9 at any moment. A database that does not answer raises StoreUnavailable.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from feedsvc.scheduling.lease import Lease
from feedsvc.sharing.click import Clicks
from feedsvc.store.reader import Reader
from feedsvc.store.records import ArticleStamp, CategoryStamp, DocumentStamp, FileState, Listed
from feedsvc.store.transaction import Transaction

__all__ = [
    "ArticleStamp",
    "CategoryStamp",
    "DocumentStamp",
    "FileState",
    "Listed",
    "Reader",
    "Store",
    "Transaction",
]


class Store(Protocol):
    """A database. Safe to use from several threads; must be opened anew after a fork."""

    def reading(self) -> AbstractContextManager[Reader]: ...
    def writing(self, lease: Lease | None = None) -> AbstractContextManager[Transaction]: ...

    def edition(self) -> int:
        """The newest committed edition; 0 before the first. Cheap enough to ask every 20 ms."""
        ...

    def add_clicks(self, clicks: Clicks, day: date, now: datetime) -> None:
        """Add what was counted to the totals of a day; short, and no publisher waits for it longer than for itself.

        Of names that led nowhere only so many are remembered (10,000). When there are more, those go that one person
        asked for once, over an hour ago; if that is not enough, new ones are passed over.
        """
        ...

    def acquire_lease(self, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None:
        """Take the lease if it is free, expired or already this holder's; None while somebody else has it.

        A change of holder gives a higher token.
        """
        ...

    def renew_lease(self, lease: Lease, ttl: timedelta, now: datetime) -> Lease:
        """The same lease with a later end; LeaseLost when its token is not the newest."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """Free it at once, if it is still ours; otherwise nothing."""
        ...

    def migrate(self) -> None:
        """Bring the schema to this version; several processes may call it at the same time."""
        ...

    def close(self) -> None: ...

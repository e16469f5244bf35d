"""A Lease: the right to lead, for a while, with a number that makes a late leader harmless."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """name: what is led ("publisher"). holder: who, readable ("host:pid:random").

    token: the fencing token; grows with every change of holder, checked in each publishing transaction.
    expires: aware UTC by the database's own view of the holder's clock; a renewal moves it.
    """

    name: str
    holder: str
    token: int
    expires: datetime

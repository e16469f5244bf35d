"""A Glance: what somebody who looks for a category is shown of it at one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.articles.article import Headline


@dataclass(frozen=True, slots=True)
class Glance:
    """slug, title, count, latest: as in Category. newest: the headline of the newest article, None when there is none.

    pace: articles a day, oldest day first; the last is the day of `now` in the zone that was asked for.
    """

    slug: str
    title: str
    count: int
    latest: datetime | None
    newest: Headline | None
    pace: tuple[int, ...]

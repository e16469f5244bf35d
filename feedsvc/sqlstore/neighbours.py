"""The articles before and after one in its category."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from feedsvc.articles.article import Headline


def neighbours(
    conn: Connection, article_id: str, category: str, now: datetime
) -> tuple[Headline | None, Headline | None]:
    raise NotImplementedError

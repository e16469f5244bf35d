"""The search index: which words find which article."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from feedsvc.articles.article import Headline
from feedsvc.articles.words import Wanted


def search(conn: Connection, wanted: Wanted, limit: int, now: datetime, offset: int) -> list[Headline]:
    raise NotImplementedError


def waiting(conn: Connection, limit: int) -> list[str]:
    raise NotImplementedError


def put_words(conn: Connection, words: Mapping[str, Collection[str]]) -> None:
    raise NotImplementedError

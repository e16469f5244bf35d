"""Clicks: how often a share link was followed on a day, and by what kind of visitor (contract S14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum


class Visitor(IntEnum):
    """Who followed a link. The numbers are stored: never reuse one."""

    PERSON = 0
    ROBOT = 1  # known robots, programs, and every HEAD
    PREVIEW = 2  # robots that make a card of the page for a chat or a timeline
    PREFETCH = 3  # a browser, before anybody clicked
    REPEAT = 4  # the same visitor again within a few seconds


@dataclass(frozen=True, slots=True)
class ClickDay:
    """One day's total of one code. code: the link's name as the store knows it. day: in the site's zone."""

    code: str
    day: date
    visitor: Visitor
    count: int


@dataclass(frozen=True, slots=True)
class Miss:
    """A name that led nowhere. people, robots: how often either asked, all days together. first, last: aware UTC."""

    name: str
    people: int
    robots: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Clicks:
    """What one worker has counted since it last told the store.

    counts: (code, visitor) -> number. referrers: (code, host) -> people from there. misses: (name, was it a person) ->
    number.
    """

    counts: Mapping[tuple[str, Visitor], int] = field(default_factory=dict)
    referrers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    misses: Mapping[tuple[str, bool], int] = field(default_factory=dict)

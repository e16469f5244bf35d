"""What is in feeds, and what they say of themselves."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from feedsvc.settings.section import WEB, Section, nfc

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Window(Section):
    """Limits of one feed; 0 means the general one."""

    items: int = Field(0, ge=0, le=10_000, description="Entries at the most, unless `hours` asks for more.")
    hours: int = Field(0, ge=0, description="Everything of the newest so many hours.")
    bytes: int = Field(0, ge=0, description="Octets at the most, uncompressed.")
    cache_seconds: int | None = Field(None, ge=0, description="max-age of this feed.")


class FeedSettings(Section):
    max_items: int = Field(50, ge=1, le=10_000, description="Entries in a feed at the most.")
    max_bytes: int = Field(3_145_728, ge=10_000, description="Octets of a feed at the most, uncompressed (F10).")
    max_age_days: int = Field(0, ge=0, description="Leave out older entries; 0 means no limit.")
    hours: int = Field(0, ge=0, description="Show everything of the newest so many hours, even above max_items.")
    windows: dict[str, Window] = Field(
        default_factory=dict,
        description='Category ("" is the whole site) -> {"items", "hours", "bytes", "cache_seconds"}: its own instead.',
    )
    content: Literal["full", "summary"] = Field("full", description="Full text, or only the summary.")
    cache_seconds: int = Field(300, ge=0, description="max-age of feeds (contract H32).")
    summary_chars: int = Field(200, ge=20, description="Length of a summary made from the text, in characters.")
    image: str = Field("", description="Picture of feeds and of entries that have none, a web address (RS11).")
    sources: dict[str, str] = Field(
        default_factory=dict,
        description="Name in a `（文章来源：…）` line -> address of that source's feed (contract RS21, AT10).",
    )
    browser: Literal["page", "css", "off"] = Field(
        "page",
        description="What a person's browser gets at a feed's address: `page` an HTML page, `css` the feed with a "
        "style sheet for everybody, `off` the bare feed (contract V01, V08).",
    )
    tags: bool = Field(False, description="A feed for every tag, at /feeds/+tag/<tag>.rss.")
    authors: bool = Field(False, description="A feed for every author, at /feeds/+author/<name>.rss.")
    max_parts: int = Field(20, ge=1, le=100, description="Parts of a combined feed (/feeds/+/…) at the most.")
    archive_items: int = Field(100, ge=10, le=1_000, description="Entries in one archive document (contract P04).")
    deltas: bool = Field(False, description="Answer `A-IM: feed` with the new entries only (RFC 3229, contract D02).")
    tombstones: bool = Field(False, description="Name removed entries in Atom for 30 days (RFC 6721, contract D06).")
    hub: str = Field("", description="Address of an outside WebSub hub to advertise; it has to look for news itself.")
    skip_hours: tuple[int, ...] = Field((), description="GMT hours (0-23) in which nothing new comes (contract RS09).")
    skip_days: tuple[str, ...] = Field((), description="English names of days on which nothing new comes.")
    update_period: Literal["", "hourly", "daily", "weekly", "monthly", "yearly"] = Field(
        "", description="sy:updatePeriod of RSS feeds (contract RS10); empty: not said."
    )
    update_frequency: int = Field(1, ge=1, description="sy:updateFrequency: how often in each period.")

    @field_validator("windows", "sources", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return nfc(value)

    @field_validator("image")
    @classmethod
    def _picture(cls, value: str) -> str:
        if value and not WEB.match(value):
            raise ValueError("must be an address such as https://news.example.com/logo.png")
        return value

    @field_validator("hub")
    @classmethod
    def _hub(cls, value: str) -> str:
        if value and not WEB.match(value):
            raise ValueError("must be an address such as https://hub.example.com/")
        return value

    @field_validator("sources")
    @classmethod
    def _addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for name, address in value.items():
            if not re.fullmatch(r"https?://[^/\s]+\S*", address):
                raise ValueError(f"the address of {name!r} must be such as https://paper.example.com/feed.xml")
        return value

    @field_validator("skip_hours")
    @classmethod
    def _hours(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 0 <= hour <= 23 for hour in value) or len(set(value)) < len(value):
            raise ValueError("must be different whole hours from 0 to 23; midnight is 0, not 24")
        return value

    @field_validator("skip_days")
    @classmethod
    def _days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(day not in DAYS for day in value) or len(set(value)) < len(value):
            raise ValueError(f"must be different names of {', '.join(DAYS)}")
        return value

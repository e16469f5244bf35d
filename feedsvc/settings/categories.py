"""Categories: how they are called, what may be passed on of them, where they went."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from feedsvc.settings.section import WEB, Section, nfc

A_MOMENT = "must be a day such as 2027-07-01 or a moment such as 2027-07-01T08:00:00+08:00"


class Rights(Section):
    """What of a category's articles may be passed on."""

    text: Literal["full", "summary", "headline", "none"] = Field("full", description="How much of an article is shown.")
    attribution: str = Field("", description="A line that follows every text.")
    until: datetime | None = Field(None, description="When the licence ends (with a zone, or UTC); then `none`.")

    @field_validator("until", mode="before")
    @classmethod
    def _a_day_begins(cls, value: object) -> object:
        if isinstance(value, int | float) or (
            isinstance(value, str) and re.fullmatch(r"[\d.+-]?[\d.]*", value.strip())
        ):
            raise ValueError(A_MOMENT)  # it would be a second of 1970
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        return value

    @field_validator("until")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CategorySettings(Section):
    split: Literal["jekyll", "whole"] = Field(
        "jekyll", description="`jekyll`: a string of categories is split at blanks; `whole`: it is one name."
    )
    titles: dict[str, str] = Field(default_factory=dict, description="Category -> display name, over the derived one.")
    title_suffix: str = Field("新闻", description="Cut from a tag to make the category's display name.")
    descriptions: dict[str, str] = Field(default_factory=dict, description="Category -> one sentence on it.")
    languages: dict[str, str] = Field(default_factory=dict, description="Category -> its language (BCP 47).")
    images: dict[str, str] = Field(
        default_factory=dict, description="Category -> address of its picture, for the feed and entries without one."
    )
    renamed: dict[str, str] = Field(
        default_factory=dict,
        description="Old category -> its new name: posts of both go there, the feed keeps its id, old addresses are "
        "301 (contract M01).",
    )
    merged: dict[str, str] = Field(
        default_factory=dict,
        description="Category -> another that takes its posts over; old addresses are 301 (contract M01).",
    )
    also_at_old_address: tuple[str, ...] = Field(
        (), description="Renamed or merged categories whose old address answers 200, not 301 (contract M03)."
    )
    removed: tuple[str, ...] = Field(
        (), description="Categories without a feed any more: 410 until taken out of this list (contract M04)."
    )
    rights: dict[str, Rights] = Field(
        default_factory=dict,
        description='Category -> {"text": full, summary, headline or none, "attribution", "until"}: what feeds may '
        "show of its articles, wherever they appear.",
    )
    closed: tuple[str, ...] = Field(
        (), description="Categories that are still served, but get nothing new (contract JF05)."
    )

    @model_validator(mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return nfc(value)

    @field_validator("images")
    @classmethod
    def _pictures(cls, value: dict[str, str]) -> dict[str, str]:
        for name, address in value.items():
            if not WEB.match(address):
                raise ValueError(f"the picture of {name!r} must have an address such as https://news.example.com/a.png")
        return value

    @model_validator(mode="after")
    def _moves_lead_somewhere(self) -> Self:
        moves = {**self.merged, **self.renamed}
        if both := sorted(self.renamed.keys() & self.merged.keys()):
            raise ValueError(f"{both[0]!r} is both renamed and merged; leave one of them out")
        for start in moves:
            seen, slug = {start}, moves[start]
            while slug in moves:
                if slug in seen:
                    raise ValueError(f"the moves of {start!r} lead in a circle")
                seen.add(slug)
                slug = moves[slug]
            if not slug:
                raise ValueError(f"{start!r} moves to a category without a name")
        if strange := sorted(set(self.also_at_old_address) - moves.keys()):
            raise ValueError(f"also_at_old_address: {strange[0]!r} is neither renamed nor merged")
        if strange := sorted(set(self.removed) & moves.keys()):
            raise ValueError(f"{strange[0]!r} is both removed and moved; leave one of them out")
        return self

    @property
    def moves(self) -> dict[str, str]:
        """Every moved category -> where its posts are now, however many steps that took."""
        steps = {**self.merged, **self.renamed}
        ends = {}
        for start, slug in steps.items():
            while slug in steps:
                slug = steps[slug]
            ends[start] = slug
        return ends

    @property
    def former(self) -> dict[str, str]:
        """Every category without a feed of its own any more -> where its posts are now, "" where they have none."""
        ends = {slug: "" if end in self.removed else end for slug, end in self.moves.items()}
        return {**ends, **dict.fromkeys(self.removed, "")}

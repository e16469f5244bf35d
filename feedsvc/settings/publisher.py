"""When and how the publisher works, and what it holds back."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from feedsvc.settings.section import Section, nfc


class PublisherSettings(Section):
    mode: Literal["watch", "schedule", "both"] = Field("both", description="What starts a look at the content.")
    rescan_seconds: int = Field(300, ge=1, description="Full rescan, whatever the watcher saw.")
    schedule: str = Field("", description="Interval (`30m`, `2h`) or cron line in the site's zone, for everything.")
    category_schedules: dict[str, str] = Field(
        default_factory=dict, description="Category -> interval or cron line: editions at these times only."
    )
    settle_ms: int = Field(
        1500,
        ge=0,
        description="Where the system cannot tell that a file is being written (it is not ours, or on a network disk): "
        "a new or changed file is read once it has not changed for so long.",
    )
    grace_seconds: int = Field(60, ge=0, description="A vanished file withdraws its article after this time.")
    vanish_hold_share: float = Field(0.3, gt=0, le=1, description="Hold when more than this share vanishes at once…")
    vanish_hold_files: int = Field(10, ge=1, description="…and more than so many files.")
    processes: int = Field(0, ge=0, le=64, description="Processes for large builds; 0 means one a core, at most 4.")
    lease_seconds: int = Field(6, ge=2, description="A leader that is silent for so long is replaced.")
    keep_runs_days: int = Field(
        30, ge=1, description="How long finished runs are remembered, and what tombstones and deltas are made of."
    )


class GuardSettings(Section):
    enabled: bool = Field(True, description="Hold an edition that looks like an accident back (`feedsvc guard`).")
    min_entries: int = Field(10, ge=1, description="Feeds with fewer published entries are never held.")
    vanished_share: float = Field(0.5, gt=0, le=1, description="Hold when more than this share of entries vanishes…")
    updated_share: float = Field(0.9, gt=0, le=1, description="…when more than this share is updated at once…")
    renamed_share: float = Field(0.3, gt=0, le=1, description="…or gets another id under the same title.")
    exempt: tuple[str, ...] = Field(
        (),
        description='Categories ("" is the whole site) that are never held, since all of it is rewritten every day: '
        "tables of prices, timetables.",
    )

    @field_validator("exempt", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return nfc(value)

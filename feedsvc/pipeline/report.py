"""What a look at the content did, for operators and for whoever decides what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from feedsvc.pipeline.load import Loaded


@dataclass(slots=True)
class Report:
    """What a look at the content did.

    again: files to look at once more soon. next_check: when a grace period ends and a rescan is due.
    rescan: the hints did not tell everything. held: why removals are not carried out, as a sentence.
    """

    counts: dict[str, int] = field(default_factory=dict)
    again: list[Path] = field(default_factory=list)
    next_check: datetime | None = None
    rescan: bool = False
    held: str = ""

    def add(self, name: str, number: int = 1) -> None:
        if number:
            self.counts[name] = self.counts.get(name, 0) + number

    def join(self, other: Report) -> None:
        """What another look did counts as part of this one."""
        for name, number in other.counts.items():
            self.add(name, number)
        self.again += other.again

    def postponed(self, loaded: Loaded) -> bool:
        """Whether the file is to be looked at again soon: it is being written, or has just gone."""
        if not (loaded.unsettled or loaded.gone):
            return False
        self.add("unsettled", int(loaded.unsettled))
        self.again.append(loaded.found.path)
        return True

    def check_at(self, moment: datetime) -> None:
        self.next_check = min(moment, self.next_check or moment)

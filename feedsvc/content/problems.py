"""Collecting the problems of one file."""

from __future__ import annotations

from feedsvc.content.draft import Problem, Severity


class Problems:
    """The problems of one file, in the order in which they are found."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.found: list[Problem] = []

    def add(
        self,
        code: str,
        message: str,
        *,
        line: int = 0,
        field: str = "",
        repair: str = "",
        severity: Severity = Severity.WARNING,
        **params: str,
    ) -> None:
        """Note one; the fields are those of Problem, further keywords are its `params`."""
        self.found.append(Problem(self.key, code, message, severity, line, field, repair, params))

    def all(self) -> tuple[Problem, ...]:
        return tuple(self.found)

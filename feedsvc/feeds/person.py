"""A person as written in front matter, taken apart: the formats want name and mail address separately."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAIL = r"[^\s<>()@,;\"]+@[^\s<>()@,;\"]+\.[^\s<>()@,;\".]+"
_FORMS = (
    re.compile(rf"(?P<name>.*?)\s*<(?P<mail>{_MAIL})>"),  # Jane Doe <jane@example.com>
    re.compile(rf"(?P<mail>{_MAIL})\s*\((?P<name>.*)\)"),  # jane@example.com (Jane Doe)
    re.compile(rf"(?P<mail>(?P<name>[^\s<>()@,;\"]+)@{_MAIL.partition('@')[2]})"),  # jane@example.com
)


@dataclass(frozen=True, slots=True)
class Person:
    """name: never empty, never a mail address (validator: ContainsEmail). email: "" when unknown."""

    name: str
    email: str = ""

    @property
    def rss(self) -> str:
        """As RSS wants it (contract RS12): "jane@example.com (Jane Doe)"; "" when the mail address is missing."""
        return f"{self.email} ({self.name})" if self.email else ""


def person(text: str) -> Person:
    """The three usual ways to write a mail address with a name, and a name alone."""
    for form in _FORMS:
        if found := form.fullmatch(text.strip()):
            email = found["mail"]
            return Person(found["name"].strip(" \"'") or email.partition("@")[0], email)
    return Person(re.sub(_MAIL, lambda mail: mail[0].partition("@")[0], text).strip())

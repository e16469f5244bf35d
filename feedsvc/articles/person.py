"""A person as written in front matter, taken apart: the formats want name and mail address separately."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+"  # RFC 5322 section 3.2.3, without quoted forms
_MAIL = rf"{_LOCAL}@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+"
_LIKE_MAIL = r"[^\s<>()@,;\"]+@[^\s<>()@,;\"]+\.[^\s<>()@,;\".]+"  # none that a feed may carry, but somebody's
_FORMS = (
    re.compile(rf"(?P<name>.*?)\s*<(?P<mail>{_MAIL})>"),  # Jane Doe <jane@example.com>
    re.compile(rf"(?P<mail>{_MAIL})\s*\((?P<name>.*)\)"),  # jane@example.com (Jane Doe)
    re.compile(rf"(?P<mail>(?=(?P<name>{_LOCAL})@){_MAIL})"),  # jane@example.com
)
_LONGEST = 320  # characters; what is longer is no name with an address, and would only cost time


@dataclass(frozen=True, slots=True)
class Person:
    """name: never empty, never a mail address (validator: ContainsEmail). email: "" when unknown."""

    name: str
    email: str = ""

    @property
    def rss(self) -> str:
        """As RSS wants it (contract RS12): "jane@example.com (Jane Doe)"; "" when the mail address is missing."""
        return f"{self.email} ({self.name})" if self.email else ""


@lru_cache(maxsize=1024)  # few people write many articles
def person(text: str) -> Person:
    """The three usual ways to write a mail address with a name, and a name alone."""
    text = text.strip()
    if "@" not in text or len(text) > _LONGEST:
        return Person(text)
    for form in _FORMS:
        if found := form.fullmatch(text):
            email = found["mail"]
            return Person(found["name"].strip(" \"'") or email.partition("@")[0], email)
    return Person(re.sub(_LIKE_MAIL, lambda mail: mail[0].partition("@")[0], text))

"""A person's name and mail address, as the formats want them: read in articles/person.py."""

from __future__ import annotations

from feedsvc.articles.person import Person, person

__all__ = ["Person", "person"]

"""All that feeds depend on besides their articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self
from urllib.parse import urlsplit

from feedsvc import __version__
from feedsvc.feeds.pairs import Pairs, pairs, spelled
from feedsvc.feeds.rights import InForce, in_force
from feedsvc.settings import CategorySettings, Settings

Content = Literal["full", "summary"]


@dataclass(frozen=True, slots=True)
class Limits:
    """A category's own; 0 means the general one. Units as in window.Window. cache_seconds: None means the general."""

    items: int = 0
    hours: int = 0
    bytes: int = 0
    cache_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRules:
    """Plain values: another process can have them, and `repr` tells whether anything is different.

    public_base: without trailing slash. authority: "host,year" for tag: ids. max_age_days: 0 means no limit.
    max_items, hours, max_bytes: the general window; windows: the own ones. hub_url: "" without a hub.
    image: the site's picture, for feeds only; images: those of categories, for their feeds and entries.
    stylesheet: address of the CSS in documents, "" without (contract V08). sources: name -> its feed's address.
    ids: category -> the earlier name by which its feed's id was made (contract AT02). closed, removed: sorted; entries
    do not name a removed category, though articles may still stand in it for the sake of its rights.
    rights: those in force when the rules were made. archive_items: entries in one archive document.
    generator_version: major and minor only, so that a repair release does not make every reader fetch anew.
    """

    public_base: str
    authority: str
    title: str
    description: str = ""
    language: str = "en"
    author: str = ""
    author_email: str = ""
    max_items: int = 50
    max_bytes: int = 3_145_728
    max_age_days: int = 0
    hours: int = 0
    windows: Pairs[Limits] = ()
    content: Content = "full"
    cache_seconds: int = 300
    hub_url: str = ""
    image: str = ""
    stylesheet: str = ""
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    update_period: str = ""
    update_frequency: int = 1
    sources: Pairs[str] = ()
    descriptions: Pairs[str] = ()
    languages: Pairs[str] = ()
    images: Pairs[str] = ()
    closed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    ids: Pairs[str] = ()
    rights: InForce = ()
    archive_items: int = 100
    deltas: bool = False
    tombstones: bool = False
    generator_version: str = ".".join(__version__.split(".")[:2])

    @classmethod
    def from_settings(cls, settings: Settings, authority: str, now: datetime | None = None) -> Self:
        """now: decides which rights have ended; without it none has."""
        site, feeds, categories = settings.site, settings.feeds, settings.categories
        return cls(
            public_base=settings.public_base,
            authority=authority,
            title=site.title or urlsplit(settings.site_base).hostname or "feedsvc",
            description=site.description,
            language=site.language,
            author=site.author,
            author_email=site.author_email,
            max_items=feeds.max_items,
            max_bytes=feeds.max_bytes,
            max_age_days=feeds.max_age_days,
            hours=feeds.hours,
            windows=pairs({slug: Limits(**own.model_dump()) for slug, own in feeds.windows.items()}),
            content=feeds.content,
            cache_seconds=feeds.cache_seconds,
            hub_url=feeds.hub,
            image=feeds.image,
            stylesheet=urlsplit(settings.public_base).path + "/static/feed.css" if feeds.browser == "css" else "",
            skip_hours=feeds.skip_hours,
            skip_days=feeds.skip_days,
            update_period=feeds.update_period,
            update_frequency=feeds.update_frequency,
            sources=pairs(feeds.sources),
            descriptions=pairs(categories.descriptions),
            languages=pairs(categories.languages),
            images=pairs(categories.images),
            closed=tuple(sorted(map(spelled, categories.closed))),
            removed=tuple(sorted(map(spelled, categories.removed))),
            ids=pairs(_kept_ids(categories)),
            rights=in_force(categories.rights, now, categories.moves),
            archive_items=feeds.archive_items,
            deltas=feeds.deltas,
            tombstones=feeds.tombstones,
        )


def _kept_ids(categories: CategorySettings) -> Mapping[str, str]:
    """A renamed category keeps the id of its first name, however often it was renamed; a merged one gives its own up.

    Of several that were renamed to one, the first in the settings is the one that goes on.
    """
    before: dict[str, str] = {}
    for old, new in categories.renamed.items():
        before.setdefault(spelled(new), spelled(old))
    kept = {}
    for slug in before:
        first = slug
        while first in before:
            first = before[first]
        kept[slug] = first
    return kept

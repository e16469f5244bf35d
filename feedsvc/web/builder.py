"""The subscription builder: what somebody ticks becomes one feed; and what a feed is, in plain words.

Everything is in the address, so that a choice can be kept, sent and changed later; nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from flask import Blueprint, Response, request

from feedsvc.feeds.address import feed_path, home_path
from feedsvc.web.catalogue import Catalogue, Entry, catalogue
from feedsvc.web.choosing import Choice, read_choice
from feedsvc.web.discovery import FEED_FORMATS, FeedLink, in_every_format
from feedsvc.web.feed_page import described_feed, shown_entries
from feedsvc.web.finding import LONGEST_QUERY, find
from feedsvc.web.language import page_language
from feedsvc.web.pages import page, page_number
from feedsvc.web.services import services
from feedsvc.web.subscribing import list_address, offer

PER_PAGE = 60  # categories to tick
PREVIEW = 10  # headlines
CANDIDATES = 6  # for a name that may mean several

blueprint = Blueprint("builder", __name__)


@blueprint.get("/subscribe")
def subscribe() -> Response:
    """The form, and the feed of what it says: `?category=`, `without=` (both again and again), `all=1`, `word=`,
    `content=full` or `brief`. `q=` and `page=` choose which categories can be ticked, `leave=` is a name typed.
    """
    app = services()
    known = catalogue()
    meant = _meanings(known)
    choice = read_choice(request.args.items(multi=True), meant)
    typed = " ".join(request.args.get("leave", "").split())[:LONGEST_QUERY]
    choice, candidates = _left_out(choice, typed, known, meant)
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    shown = _narrowed(known, query, choice, page_number(request.args.get("page")) or 1)
    most = app.settings.feeds.max_parts
    address = choice.address if choice.parts <= most else ""
    names = {entry.slug: entry for entry in known.entries}
    base = app.settings.public_base
    return page(
        "builder.html",
        feeds=tuple(FeedLink(name, base + other, kind) for name, other, kind in in_every_format(address)),
        choice=choice,
        named=lambda slug: names[slug].name if slug in names else slug,
        typed=typed,
        candidates=candidates,
        query=query,
        shown=shown,
        total=len(known.entries),
        most=most,
        offer=offer(address, app.settings) if address else None,
        preview=_preview(address) if address else None,
        opml=base + list_address(("",) if choice.everything else choice.categories),
        permalink=f"{base}/subscribe?{choice.query}",
        canonical=f"{base}/subscribe",
        robots="noindex" if request.args.keys() - {"lang"} else "",
    )


@blueprint.get("/about-feeds")
def about() -> Response:
    """What a feed is, how to subscribe, and what there is for partners."""
    app = services()
    example = max(catalogue().entries, key=lambda entry: entry.count, default=None)
    return page(
        f"about.{page_language()[:2]}.html",
        stem=feed_path(example.slug) if example else feed_path("news"),
        example=(example.name, home_path(example.slug)) if example else None,
        formats=FEED_FORMATS,
        site=app.settings.site,
        minutes=max(1, round(app.settings.feeds.cache_seconds / 60)),
        canonical=app.settings.public_base + "/about-feeds",
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """Categories that can be ticked, without those that are. found: how many fit in all."""

    entries: Sequence[Entry]
    found: int
    number: int
    last: int


def _meanings(known: Catalogue) -> Callable[[str], str | None]:
    """Name -> the category it means: as it is written, formerly, in another letter case, or as people read it."""
    app = services()
    former = app.settings.categories.former
    spellings = app.shelf.spellings
    slugs = {entry.slug for entry in known.entries}
    read = Counter(entry.name.casefold() for entry in known.entries)
    by_name = {name: entry.slug for entry in known.entries if read[name := entry.name.casefold()] == 1}

    def meant(text: str) -> str | None:
        if text in slugs:
            return text
        if text in former:
            return former[text]
        return spellings.category(text) or by_name.get(text.casefold())

    return meant


def _left_out(
    choice: Choice, typed: str, known: Catalogue, meant: Callable[[str], str | None]
) -> tuple[Choice, list[Entry] | None]:
    """With the category whose name was typed, if it is clear which; else those it may be, None if there is none."""
    if not typed:
        return choice, []
    if slug := meant(typed):
        return choice.leaving_out(slug), []
    found = [entry for entry in find(known.entries, typed) if entry.slug not in choice.without]
    if len(found) == 1:
        return choice.leaving_out(found[0].slug), []
    return choice, found[:CANDIDATES] or None


def _narrowed(known: Catalogue, query: str, choice: Choice, number: int) -> Shown:
    """The best first, or the largest where nothing is looked for."""
    fitting = find(known.entries, query) if query else sorted(known.entries, key=lambda entry: -entry.count)
    loose = [entry for entry in fitting if entry.slug not in choice.categories]
    last = max(1, -(-len(loose) // PER_PAGE))
    number = min(number, last)
    return Shown(loose[(number - 1) * PER_PAGE : number * PER_PAGE], len(fitting), number, last)


def _preview(address: str) -> list[object] | None:
    """The feed's newest headlines as readers get them; None when it cannot be had now."""
    described = described_feed(address)
    return list(islice(shown_entries(described.get("items", ())), PREVIEW)) if described else None

"""What of an article may be passed on, enforced before any Feed is made, so that no format and no feed can leak it.

An article has the strictest of the rights of all its categories, in whichever feed it appears. A right of the site
("") is one of every article. A right that has ended is "none".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Literal

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE
from feedsvc.feeds.pairs import Pairs, named, pairs, spelled
from feedsvc.settings import Rights

Amount = Literal["full", "summary", "headline", "none"]
AMOUNTS: tuple[Amount, ...] = ("full", "summary", "headline", "none")  # each stricter than the one before


@dataclass(frozen=True, slots=True)
class Right:
    """text: how much of an article is shown. attribution: plain lines that follow every text."""

    text: Amount = "full"
    attribution: tuple[str, ...] = ()


InForce = Pairs[Right]


def in_force(rights: Mapping[str, Rights], now: datetime | None, moves: Mapping[str, str]) -> InForce:
    """The rights of each category at this instant; without one, as if none had ended.

    moves: moved category -> where its posts are now. What was said of the old name goes on for the new one, besides
    what is said of that: a category that is renamed must not lose its limits by it.
    """
    found: dict[str, Right] = {}
    ends = dict(pairs(moves))
    for slug, right in pairs(rights):
        ended = now is not None and right.until is not None and right.until <= now
        lines = (right.attribution.strip(),) if right.attribution.strip() else ()
        end = spelled(ends.get(slug, slug))
        found[end] = _strictest([found.get(end, Right()), Right("none" if ended else right.text, lines)])
    return pairs({slug: right for slug, right in found.items() if right != Right()})


def next_end(rights: Mapping[str, Rights], after: datetime) -> datetime | None:
    """The nearest instant later than `after` at which a right ends."""
    return min((right.until for right in rights.values() if right.until and right.until > after), default=None)


def right_of(categories: Iterable[str], rights: InForce) -> Right:
    """That of an article with these categories."""
    return _strictest([right for slug in (SITE, *categories) if (right := named(rights, slug))])


def permitted(article: Article, rights: InForce) -> Article | None:
    """The article with what may be shown of it; None when that is nothing.

    Pictures and files go with the full text only. Attribution follows the summary as well as the full text: each of
    them is shown without the other by some reader or some feed.
    """
    right = right_of(article.categories, rights)
    if right.text == "none":
        return None
    if right.text != "full":
        article = replace(
            article,
            content_html="",
            summary=article.summary if right.text == "summary" else "",
            image="",
            image_type="",
            image_length=None,
            enclosures=(),
        )
    return _attributed(article, right.attribution) if right.attribution else article


def _strictest(rights: Iterable[Right]) -> Right:
    strictest, lines = AMOUNTS[0], dict[str, None]()
    for right in rights:
        strictest = max(strictest, right.text, key=AMOUNTS.index)
        lines |= dict.fromkeys(right.attribution)
    return Right(strictest, tuple(lines))


def _attributed(article: Article, lines: tuple[str, ...]) -> Article:
    paragraphs = "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)
    return replace(
        article,
        content_html=f"{article.content_html.rstrip()}\n{paragraphs}" if article.content_html.strip() else "",
        summary="\n".join((article.summary.rstrip(), *lines)).strip(),
    )

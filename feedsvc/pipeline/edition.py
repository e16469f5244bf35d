"""One category on its way to documents: build, render, compress. Runs in any process; decides nothing about others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from feedsvc.articles.article import Article
from feedsvc.articles.category import Category
from feedsvc.feeds.build import build_feed
from feedsvc.feeds.feed import Deleted
from feedsvc.feeds.render import fitted
from feedsvc.feeds.rights import InForce
from feedsvc.feeds.rules import FeedRules
from feedsvc.feeds.window import window_of
from feedsvc.publishing.document import Document
from feedsvc.publishing.guard import outline_of
from feedsvc.publishing.publish import documents_for


@dataclass(frozen=True, slots=True)
class Order:
    """One category to render, with everything that takes. version: of its dirty mark when the articles were read.

    named: the name under which it is known so far. deleted: what has left it lately, newest first.
    rights, joined: see publishing/guard.py, Outline.
    """

    category: Category
    articles: tuple[Article, ...]
    version: int
    named: str = ""
    deleted: tuple[Deleted, ...] = ()
    rights: InForce = ()
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """One category as rendered: its documents, and what is in them (publishing/guard.py)."""

    documents: tuple[Document, ...]
    outline: str


class Renderer(Protocol):
    """Renders orders, in this process or in several; results in the order of the orders. number: how many there are."""

    def __call__(self, orders: Iterator[Order], number: int, rules: FeedRules) -> Iterator[Edition]: ...


def render(order: Order, rules: FeedRules) -> Edition:
    """All formats of one category, compressed. Pure."""
    slug = order.category.slug
    feed = build_feed(order.category, order.articles, rules, order.deleted)
    shown, rendered = fitted(feed, window_of(slug, rules).bytes)
    return Edition(documents_for(shown, rendered, slug), outline_of(shown, order.rights, order.joined))

"""The other documents of a feed, and feeds of other choices; made when somebody asks for them.

All of them take articles through the same gate and make the same entries as the default feed (build.py). None names
the hub (contract P03): only default feeds are topics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category
from feedsvc.feeds.address import SEARCH_PATH, combined_path, label_path, made_id, search_id, variant_path
from feedsvc.feeds.build import entries_of, head_of, newest_of, ordered
from feedsvc.feeds.dates import micros
from feedsvc.feeds.feed import Feed, PageLink
from feedsvc.feeds.language import language_tag
from feedsvc.feeds.legal import legal_line
from feedsvc.feeds.paging import Month, archive_link, archive_path, page_link
from feedsvc.feeds.pairs import named
from feedsvc.feeds.rules import Content, FeedRules
from feedsvc.feeds.selection import Selection, selection, selection_segment

Variant = Literal["full", "brief"]
Label = Literal["tag", "author"]

_AMOUNTS: Mapping[Variant | None, Content | None] = {"full": "full", "brief": "summary", None: None}


def page_feed(category: Category, articles: Sequence[Article], rules: FeedRules, *, number: int, last: int) -> Feed:
    """A page of the category's feed beyond the first (contract P01): exactly these articles. last: the last page."""
    feed = head_of(category, entries_of(ordered(articles, rules), rules), rules)
    links = [page_link(feed.path, "first", 1), page_link(feed.path, "previous", number - 1)]
    if number < last:
        links.append(page_link(feed.path, "next", number + 1))
    return replace(feed, query=f"?page={number}", links=(*links, page_link(feed.path, "last", last)))


def archive_feed(
    category: Category,
    articles: Sequence[Article],
    rules: FeedRules,
    *,
    month: str,
    part: int | None,
    earlier: Month | None,
    later: Month | None,
) -> Feed:
    """Exactly these articles, as a part of the category's archive (RFC 5005 section 4; contract P04).

    part: its number, None for the newest of the month. earlier, later: its neighbours. It depends on its own articles
    alone, not on what has left the category elsewhere, and says no ttl: that of a month changes when the month ends.
    """
    of_itself = replace(category, changed=None)
    feed = head_of(of_itself, entries_of(ordered(articles, rules), rules), rules)
    links = [PageLink("current", feed.path)]
    if earlier:
        links.append(archive_link(feed.path, "prev-archive", earlier))
    if later:
        links.append(archive_link(feed.path, "next-archive", later))
    return replace(feed, path=archive_path(feed.path, (month, part)), links=tuple(links), archive=True, ttl_seconds=0)


def variant_feed(category: Category, articles: Sequence[Article], rules: FeedRules, content: Variant) -> Feed:
    """The newest articles of a category, all in full or all as summaries, whatever the setting says.

    Its entries are those of the default feed, its own id is not: a reader may subscribe to both.
    """
    chosen = newest_of(category.slug, ordered(articles, rules), rules)
    feed = head_of(category, entries_of(chosen, rules, _AMOUNTS[content]), rules)
    return replace(feed, id=f"{feed.id}/+{content}", path=variant_path(category.slug, content))


def combined_feed(
    chosen: Selection,
    titles: Mapping[str, str],
    articles: Sequence[Article],
    rules: FeedRules,
    changed: datetime | None = None,
    content: Variant | None = None,
) -> Feed:
    """The newest of these articles, which the selection admits.

    titles: the display name of each category it names. changed: when an article last left one of them. Its id is made
    of the names by which the ids of its categories are, so that it survives their renaming too (contract AT02).
    content: all in full or all as summaries, under an id of its own as in variant_feed.
    """
    own = {**titles, SITE: titles.get(SITE) or rules.title}
    title = " + ".join(own.get(slug) or slug for slug in chosen.include)
    title += "".join(f" − {own.get(slug) or slug}" for slug in chosen.exclude)
    title += "".join(f" −“{word}”" for word in chosen.words)
    languages = {named(rules.languages, slug) or rules.language for slug in chosen.include}
    head = Category(
        slug=SITE,
        title=title,
        description=title,
        changed=changed,
        language=languages.pop() if len(languages) == 1 else "",
    )
    first = selection(_first_names(chosen.include, rules), _first_names(chosen.exclude, rules), chosen.words)
    path = combined_path(selection_segment(chosen), content or "")
    first_path = combined_path(selection_segment(first), f"+{content}" if content else "")
    feed = _of_the_site(head, articles, rules, content)
    return replace(feed, id=made_id(first_path, rules.authority), path=path)


def labelled_feed(kind: Label, name: str, articles: Sequence[Article], rules: FeedRules) -> Feed:
    """The newest articles with this tag or of this author."""
    title = f"{legal_line(name)} – {rules.title}"
    path = label_path(kind, name)
    feed = _of_the_site(Category(slug=SITE, title=title, description=title), articles, rules)
    return replace(feed, id=made_id(path, rules.authority), path=path)


def search_feed(words: str, articles: Sequence[Article], rules: FeedRules) -> Feed:
    """The newest articles that a search finds. Its home is the page with the same."""
    named_in = "搜索：" if (language_tag(rules.language) or "").lower().startswith("zh") else "Search: "
    title = f"{named_in}{legal_line(words)} – {rules.title}"
    feed = _of_the_site(Category(slug=SITE, title=title, description=title), articles, rules)
    query = f"?q={quote(words, safe='')}"
    home = f"{rules.public_base}{SEARCH_PATH}{query}"
    return replace(feed, id=search_id(words, rules.authority), path=SEARCH_PATH, query=query, home_url=home)


def delta_of(feed: Feed, known: Mapping[str, int]) -> Feed:
    """Only the entries that are new or changed since an earlier version of the feed (contract D02).

    known: id -> `updated` of that version's entries, in whole microseconds since 1970 (see `micros`).
    """
    news = tuple(entry for entry in feed.entries if known.get(entry.id) != micros(entry.updated))
    return replace(feed, entries=news, links=(), complete=False, total=None)


def _of_the_site(head: Category, articles: Sequence[Article], rules: FeedRules, content: Variant | None = None) -> Feed:
    """The newest of these articles, under the site's roof."""
    entries = entries_of(newest_of(head.slug, ordered(articles, rules), rules), rules, _AMOUNTS[content])
    return head_of(head, entries, rules)


def _first_names(slugs: Iterable[str], rules: FeedRules) -> list[str]:
    return [named(rules.ids, slug) or slug for slug in slugs]

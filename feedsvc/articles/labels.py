"""Labels: the tags and authors by which the index finds articles, where feeds for them are switched on."""

from __future__ import annotations

from feedsvc.articles.article import Article
from feedsvc.articles.person import person

_LONGEST = 500  # octets of UTF-8, as for a category: what is longer has no address


def labels_of(article: Article, *, tags: bool, authors: bool) -> tuple[str, ...]:
    """ "tag:<tag>" and "author:<name>", each once. An author's name stands without the mail address."""
    found = [f"tag:{tag}" for tag in article.tags] if tags else []
    if authors:
        found += [f"author:{person(author).name}" for author in article.authors]
    return tuple(label for label in dict.fromkeys(found) if len(label.encode("utf-8", "replace")) <= _LONGEST)

"""JSON Feed 1.1 (contract JF01-JF06; https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json

from feedsvc.articles.person import person
from feedsvc.feeds.dates import rfc3339
from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.legal import legal_feed

# One encoder for all: made in C as long as nothing is indented, and ten times as fast as the other.
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(", ", ": ")).encode


class JsonFeed:
    name = "json"
    suffix = ".json"
    media_type = "application/feed+json"  # no charset: RFC 8259 knows none

    def render(self, feed: Feed) -> bytes:
        """One member list of the feed, then one item a line."""
        try:
            return _document(feed).encode()
        except UnicodeEncodeError:  # lone surrogates: this feed did not come from build_feed
            return _document(legal_feed(feed)).encode()


def _document(feed: Feed) -> str:
    address = feed.address(JsonFeed.suffix)
    head: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": address,
        "description": feed.description,
        "language": feed.language,
        "authors": [{"name": feed.author or feed.title}],
    }
    if following := next((link for link in feed.links if link.rel == "next"), None):  # JF04
        head["next_url"] = feed.link_to(following, JsonFeed.suffix)
    if feed.image:
        head["icon"] = feed.image
    if feed.expired:  # JF05
        head["expired"] = True
    if feed.hub_url:
        head["hubs"] = [{"type": "WebSub", "url": feed.hub_url}]
    items = ",\n".join(_encode(_item(entry, feed.language)) for entry in feed.entries)
    return f'{_encode(head)[:-1]}, "items": [\n{items}\n]}}\n' if items else f'{_encode(head)[:-1]}, "items": []}}\n'


def _item(entry: Entry, language: str) -> dict[str, object]:
    item: dict[str, object] = {"id": entry.id, "url": entry.link, "title": entry.title}
    if entry.content_html:
        item["content_html"] = entry.content_html
    else:
        item["content_text"] = entry.summary  # the format demands one of the two
    if entry.summary:
        item["summary"] = entry.summary
    if entry.image:
        item["image"] = entry.image
    item["date_published"] = rfc3339(entry.published)
    item["date_modified"] = rfc3339(entry.updated)
    if entry.authors:
        item["authors"] = [{"name": person(author).name} for author in entry.authors]
    if entry.categories:
        item["tags"] = list(entry.categories)
    if entry.language and entry.language != language:
        item["language"] = entry.language
    if entry.enclosures:
        item["attachments"] = [
            {"url": e.url, "mime_type": e.media_type}
            | ({} if e.length is None or e.length < 0 else {"size_in_bytes": e.length})
            for e in entry.enclosures
        ]
    if entry.source:  # the format has no member for it: one of our own (JF03)
        item["_source"] = {"title": entry.source.title} | ({"url": entry.source.url} if entry.source.url else {})
    return item

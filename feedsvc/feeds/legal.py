"""Only characters that every format can carry (contract F03; XML 1.0 section 2.2). The last gate before rendering."""

from __future__ import annotations

import re
from dataclasses import replace

from feedsvc.articles.title import strip_markup
from feedsvc.feeds.feed import Entry, Feed, Source

# C0 controls but tab and line feed, DEL and C1, lone surrogates, U+FFFD (a broken character), U+FFFE, U+FFFF
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
# All others: to run over what is legal takes less than half the time of looking for what is not.
_LINE = "\x20-\x7e\xa0-\ud7ff\ue000-\ufffc\U00010000-\U0010ffff"
_LEGAL_LINE = re.compile(f"[{_LINE}]*")
_LEGAL = re.compile(f"[\t\n{_LINE}]*")
_BREAKS = re.compile("[\t\n]+")


def is_legal(text: str) -> bool:
    """Whether every format can carry each of its characters as it is."""
    return _LEGAL.fullmatch(text) is not None


def legal(text: str) -> str:
    """The text without illegal characters; line ends become line feeds, as any XML parser would make them."""
    if is_legal(text):
        return text
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def legal_line(text: str) -> str:
    """The same for text that stands in one line: no tabs, no line ends, no blanks around it."""
    return _BREAKS.sub(" ", legal(text)).strip()


def plain_line(text: str) -> str:
    """The same for plain text that readers see: without HTML elements, which they take for markup (contract RS04).

    Whole elements only: "a <b" and "List<String>" are what somebody wrote (F05). What is left of one element, or a
    character reference in it, may make another, so this goes on until none is left.
    """
    line = legal_line(text)
    while "</" in line and (bare := strip_markup(line)) != line:
        line = legal_line(bare)
    return line


def legal_entry(entry: Entry) -> Entry:
    """The entry with every text made legal, and its content ready for XML."""
    if not _is_tidy(entry):
        entry = replace(
            entry,
            id=legal_line(entry.id),
            title=plain_line(entry.title),
            link=legal_line(entry.link),
            summary=legal(entry.summary).strip(),
            content_html=legal(entry.content_html).strip(),
            authors=_lines(entry.authors),
            categories=_lines(entry.categories),
            language=legal_line(entry.language),
            image=legal_line(entry.image),
            image_type=legal_line(entry.image_type),
            source=_source(entry.source),
            enclosures=tuple(
                replace(e, url=legal_line(e.url), media_type=legal_line(e.media_type)) for e in entry.enclosures
            ),
        )
    object.__setattr__(entry, "xml_text", xml_text(entry.content_html))
    return entry


def xml_text(html: str) -> bytes:
    """HTML as the text of an XML element, in UTF-8."""
    return html.encode().replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _is_tidy(entry: Entry) -> bool:
    """Whether legal_entry would change nothing, as with nearly every entry; a quarter of the time of changing it."""
    lists = entry.authors + entry.categories
    lines = [entry.id, entry.title, entry.link, entry.language, entry.image, entry.image_type, *lists]
    if source := entry.source:
        lines += (source.id, source.title, source.url)
    for enclosure in entry.enclosures:
        lines += (enclosure.url, enclosure.media_type)
    texts = [entry.summary, entry.content_html]
    return (
        _are_tidy(lines)
        and texts == [*map(str.strip, texts)]
        and is_legal(entry.summary)
        and is_legal(entry.content_html)
        and "" not in lists
        and not (source and not source.title)
        and len({*entry.authors}) == len(entry.authors)
        and len({*entry.categories}) == len(entry.categories)
    )


def _are_tidy(lines: list[str]) -> bool:
    """Whether plain_line would change none of them."""
    joined = "".join(lines)
    return lines == [*map(str.strip, lines)] and _LEGAL_LINE.fullmatch(joined) is not None and "</" not in joined


def legal_feed(feed: Feed) -> Feed:
    """The feed with every text made legal."""
    return replace(legal_head(feed), entries=tuple(map(legal_entry, feed.entries)))


def legal_head(feed: Feed) -> Feed:
    """The same for all but the entries."""
    lines = [feed.title, feed.description, feed.author, feed.author_email, feed.language, feed.image, feed.hub_url]
    if _are_tidy([*lines, feed.stylesheet, *[gone.id for gone in feed.deleted]]):
        return feed
    return replace(
        feed,
        title=plain_line(feed.title),
        description=plain_line(feed.description),
        author=plain_line(feed.author),
        author_email=legal_line(feed.author_email),
        language=legal_line(feed.language),
        image=legal_line(feed.image),
        hub_url=legal_line(feed.hub_url),
        stylesheet=legal_line(feed.stylesheet),
        deleted=tuple(replace(gone, id=legal_line(gone.id)) for gone in feed.deleted),
    )


def first_line(*texts: str) -> str:
    """The first of these texts that says something, as a plain line; "" when none does."""
    return next((line for text in texts if (line := plain_line(text))), "")


def _source(source: Source | None) -> Source | None:
    """None without a title, which every format wants (contract AT10)."""
    if not source or not (title := plain_line(source.title)):
        return None
    return replace(source, id=legal_line(source.id), title=title, url=legal_line(source.url))


def _lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty and the repeated ones, in their order."""
    return tuple(dict.fromkeys(line for text in texts if (line := plain_line(text))))

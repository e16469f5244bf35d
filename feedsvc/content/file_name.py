"""What a post's place and name say: jekyll-compat.md section 3.

Jekyll takes any extension under `_posts`; what is plainly no text (pictures, archives) or a half-written copy
(`.tmp`, `.part`) is not looked at here. Two names without a date are accepted although Jekyll skips them, because
crawlers of the sample site's kind produce them: an infoCode, with or without a stray hyphen (`-202205262391921712.md`).
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from feedsvc.content.dates import rolled
from feedsvc.content.draft import FileName

PLAIN_EXTENSIONS = frozenset(
    (".md", ".markdown", ".mkd", ".mkdn", ".mkdown", ".html", ".htm", ".xhtml", ".txt"),
)
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".ico")
_MEDIA = (".mp3", ".mp4", ".m4a", ".webm", ".pdf", ".zip", ".gz", ".css", ".js")
_NO_TEXT = frozenset((*_PICTURES, *_MEDIA, ".tmp", ".part", ".swp", ".bak"))
# J/document.rb:15 DATE_FILENAME_MATCHER, on the file's own name
_DATED = re.compile(r"(\d{2,4})-(\d{1,2})-(\d{1,2})-(.*)(\.[^.]+)", re.ASCII | re.DOTALL)
_BARE_ID = re.compile(r"-?(\d{9,}|NW\d+)(\.[^.]+)", re.ASCII)
POSTS, DRAFTS = "_posts", "_drafts"
CONFIG_NAMES = ("_config.yml", "_config.yaml", "_config.toml")


def ignored(name: str) -> bool:
    """J/entry_filter.rb: names starting with `. _ # ~` or ending in `~`."""
    return name[0] in "._#~" or name[-1] == "~"


def parse_name(relative_path: str, jekyll: bool) -> FileName | None:
    """Read a path (relative to its root, `/` between parts); None when the file is no post.

    jekyll: only what lies under `_posts` or `_drafts` is a post; otherwise every Markdown, HTML or text file is.
    """
    *folders, name = relative_path.split("/")
    if not jekyll:
        if any(ignored(part) for part in (*folders, name)):
            return None
        return name_in(relative_path, tuple(folders), name)
    for index, folder in enumerate(folders):
        if folder in (POSTS, DRAFTS):
            if any(ignored(part) for part in (*folders[:index], *folders[index + 1 :], name)):
                return None
            return name_in(relative_path, tuple(folders[:index]), name, folder)
    return None


def name_in(path: str, folders: tuple[str, ...], name: str, home: str = "") -> FileName | None:
    """The same with the folders known. home: `_posts`, `_drafts`, or "" in a root without them."""
    found = _DATED.fullmatch(name)
    if found:
        year, month, day, slug, ext = found.groups()
        file_date = _file_date(year, month, day)
    else:
        file_date = None
        stem, dot, ending = name.rpartition(".")
        if not stem or not ending:
            return None
        slug, ext = stem, dot + ending
        if home == POSTS:
            bare = _BARE_ID.fullmatch(name)
            if bare is None:
                return None
            slug = bare[1]
    if ext.lower() in _NO_TEXT if home else ext.lower() not in PLAIN_EXTENSIONS:
        return None
    return FileName(path, folders, file_date, slug, ext, home == DRAFTS)


@lru_cache(maxsize=4096)
def _file_date(year: str, month: str, day: str) -> date | None:
    """Two digits mean 1969-2068, days past the month's end roll over (Ruby); an impossible month gives None."""
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= 69 else 2000
    try:
        return rolled(number, int(month), int(day))
    except (ValueError, OverflowError):
        return None

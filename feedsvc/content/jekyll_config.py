"""What a Jekyll site says of itself: `_config.yml` as defaults for our settings, `_data/authors.yml` for names.

Only what is there and sane is taken; the rest is named in a Problem and left at its default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from feedsvc.content.coerce import text_of, word_of
from feedsvc.content.draft import Problem
from feedsvc.content.encoding import Undecodable, clean, decode
from feedsvc.content.file_name import CONFIG_NAMES
from feedsvc.content.problems import Problems
from feedsvc.content.yaml_text import BadYaml, Scalar, Value, line_of, read_yaml

_LARGEST = 1_000_000  # bytes of a configuration or data file


def read_jekyll_config(root: Path) -> tuple[dict[str, object], tuple[Problem, ...]]:
    """Our settings' form of the root's `_config` file, `{"site": {...}, "content": {...}, "feeds": {...}}`.

    Empty without such a file. Never raises: an unreadable file is a Problem.
    """
    path = next((root / name for name in CONFIG_NAMES if (root / name).is_file()), None)
    if path is None:
        return {}, ()
    found = Problems(f"{root.name or root.resolve().name}/{path.name}")
    values = _load(path, found)
    site = _Section(found)
    site.take("url", values.get("url"), _web_address)
    site.take("baseurl", values.get("baseurl"), _path_prefix)
    site.take("title", values.get("title"), _line)
    site.take("description", values.get("description"), _line)
    site.take("language", _first(values, "lang", "locale"), _language)
    site.take("timezone", values.get("timezone"), _zone)
    site.take("permalink", values.get("permalink"), _line)
    _take_author(site, values, read_authors(root))
    separator = values.get("excerpt_separator")
    if "excerpt_separator" in values and (separator is None or isinstance(separator, Scalar)):
        site.values["excerpt_separator"] = text_of(separator) or ""
    content = _Section(found)
    content.take("future", values.get("future"), _flag)
    content.take("show_drafts", values.get("show_drafts"), _flag)
    feeds = _Section(found)
    feed = values.get("feed")
    if isinstance(feed, dict):
        feeds.take("max_items", feed.get("posts_limit"), _count)
    sections = {"site": site.values, "content": content.values, "feeds": feeds.values}
    return {name: section for name, section in sections.items() if section}, found.all()


def read_authors(root: Path) -> dict[str, tuple[str, str]]:
    """Short name -> (display name, mail address) from `_data/authors.yml`; empty when there is none to be read."""
    paths = (root / "_data" / name for name in ("authors.yml", "authors.yaml"))
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return {}
    authors: dict[str, tuple[str, str]] = {}
    for key, value in _load(path, Problems("")).items():
        if isinstance(value, dict):
            authors[key] = (_line(value.get("name")) or key, _line(value.get("email")) or "")
        elif word := _line(value):
            authors[key] = (word, "")
    return authors


class _Section:
    """One section of settings being filled."""

    def __init__(self, found: Problems) -> None:
        self.found = found
        self.values: dict[str, object] = {}

    def take(self, name: str, value: Value | None, reading: Callable[[Value | None], object | None]) -> None:
        """Keep `value` if `reading` makes something of it; tell of one that is there and makes no sense."""
        if value is None or (isinstance(value, Scalar) and value.is_null):
            return
        meant = reading(value)
        if meant is not None:
            self.values[name] = meant
        elif text_of(value):
            message = f"`{text_of(value)}` makes no sense as the site's {name} and was not used."
            self.found.add("config.unusable", message, line=line_of(value), field=name, value=text_of(value) or "")


def _load(path: Path, found: Problems) -> dict[str, Value]:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadYaml(f"it is larger than {_LARGEST} bytes")
        text = clean(decode(path.read_bytes()).text)
        if path.suffix == ".toml":
            return {key: _from_toml(value) for key, value in tomllib.loads(text).items()}
        tree = read_yaml(text)
        if tree is None or (isinstance(tree, Scalar) and tree.is_null):
            return {}
        if not isinstance(tree, dict):
            raise BadYaml("it holds no `key: value` lines", line_of(tree))
    except (OSError, BadYaml, Undecodable, tomllib.TOMLDecodeError, RecursionError) as error:
        line = getattr(error, "line", 0)
        found.add("config.unreadable", f"The file {path.name} cannot be read: {error}.", line=line)
        return {}
    return tree


def _from_toml(value: object) -> Value:
    if isinstance(value, dict):
        return {key: _from_toml(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_toml(item) for item in value]
    if isinstance(value, bool):
        return Scalar("true" if value else "false")
    return Scalar(str(value), isinstance(value, str))


def _take_author(site: _Section, values: dict[str, Value], known: dict[str, tuple[str, str]]) -> None:
    """`author` as a name, a short name of `_data/authors.yml`, or a mapping; the mail address beside it."""
    author = values.get("author")
    if isinstance(author, list) and author:
        author = author[0]
    if isinstance(author, dict):
        name, mail = _line(author.get("name")) or "", _line(author.get("email")) or ""
    else:
        short = _line(author) or ""
        name, mail = known.get(short, (short, ""))
    if name:
        site.values["author"] = name
        if mail := mail or _line(values.get("email")) or "":
            site.values["author_email"] = mail


def _first(values: dict[str, Value], *keys: str) -> Value | None:
    return next((values[key] for key in keys if key in values), None)


def _line(value: Value | None) -> str | None:
    """Words on one line."""
    return " ".join(word_of(value).split()) or None


def _flag(value: Value | None) -> bool | None:
    return value.flag if isinstance(value, Scalar) else None


def _count(value: Value | None) -> int | None:
    word = word_of(value)
    return int(word) if word.isascii() and word.isdigit() and 0 < len(word) < 6 and 1 <= int(word) <= 10_000 else None


def _web_address(value: Value | None) -> str | None:
    word = word_of(value).rstrip("/")
    try:
        parts = urlsplit(word)
    except ValueError:
        return None
    return word if parts.scheme in ("http", "https") and parts.hostname and not parts.query else None


def _path_prefix(value: Value | None) -> str | None:
    word = word_of(value).strip("/")
    return f"/{word}" if word and not any(char in word for char in ":?# ") else None


def _language(value: Value | None) -> str | None:
    word = word_of(value).replace("_", "-")
    return (
        word if word and all(part.isascii() and part.isalnum() and len(part) < 9 for part in word.split("-")) else None
    )


def _zone(value: Value | None) -> str | None:
    word = word_of(value)
    try:
        ZoneInfo(word)
    except (ValueError, OSError, KeyError):
        return None
    return word or None

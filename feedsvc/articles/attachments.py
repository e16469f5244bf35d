"""An article's picture and the files that belong to it: absolute addresses, media types and lengths."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import unquote, urlsplit

from feedsvc.articles.address import absolute
from feedsvc.content.draft import Draft, Enclosure, Problem, Severity

_KINDS = {
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/ogg": "ogg oga opus",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "video/mp4": "mp4 m4v",
    "video/webm": "webm",
    "video/ogg": "ogv",
    "video/quicktime": "mov",
    "image/jpeg": "jpg jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
    "application/epub+zip": "epub",
    "application/zip": "zip",
    "text/plain": "txt",
}
_MEDIA_TYPES = {extension: kind for kind, extensions in _KINDS.items() for extension in extensions.split()}


_ANY_FILE = "application/octet-stream"
_IMG = re.compile(r"<img [^<>]*>")  # of clean HTML: nothing but entities for < and > in attributes
_SRC = re.compile(r' src="([^"]*)"')
_TINY = re.compile(r' (?:width|height)="\s*0*[01](?:\.\d*)?\s*(?:px)?\s*"', re.IGNORECASE)

# The octets of the file at an absolute address; None when it is not ours or not there.
Octets = Callable[[str], int | None]


def unknown_length(url: str) -> None:
    """The Octets of who cannot look."""


def picture_of(draft: Draft, content: str, site_base: str, problems: list[Problem]) -> str:
    """The front matter's image, else the first picture of the clean text, else ""; appends to problems.

    Absolute like jekyll-feed's: a path in the front matter counts from the site's prefix, not from the page.
    """
    if not draft.image:
        return _first_picture(content) if "<img " in content else ""
    value = draft.image.strip()
    if not value.startswith("//") and not _scheme(value):
        value = f"{site_base}/{value.lstrip('/')}"
    url = absolute(value, site_base + "/")
    if not url:
        problems.append(_no_address(draft, "image", draft.image))
    return url


def _first_picture(content: str) -> str:
    """Of those that are pictures: one of a single pixel counts readers, or holds lines apart."""
    for image in _IMG.finditer(content):
        source = _SRC.search(image[0])
        if source and not _TINY.search(image[0]):
            return unescape(source[1])
    return ""


def _scheme(value: str) -> str:
    """The scheme of an address, "" without one or when it is broken."""
    try:
        return urlsplit(value).scheme
    except ValueError:
        return ""


def enclosures_of(draft: Draft, page_url: str, octets: Octets, problems: list[Problem]) -> tuple[Enclosure, ...]:
    """Absolute, with a media type; those without a web address are left out and told.

    The length is the file's, when we have it, else what the author wrote (contract RS20).
    """
    if not draft.enclosures:
        return ()
    made = []
    for enclosure in draft.enclosures:
        url = absolute(enclosure.url, page_url)
        if url:
            length = octets(url)
            if length is None and enclosure.length is not None and enclosure.length >= 0:
                length = enclosure.length
            made.append(Enclosure(url, enclosure.media_type or media_type(url), length))
        else:
            problems.append(_no_address(draft, "enclosures", enclosure.url))
    return tuple(made)


def _no_address(draft: Draft, field: str, value: str) -> Problem:
    return Problem(
        draft.key,
        "address.invalid",
        f"{field}: {value[:200]!r} is no web address; it is left out.",
        Severity.WARNING,
        field=field,
        params={"value": value[:200]},
    )


def media_type(url: str) -> str:
    """By the extension, from a table of our own: the same on every machine."""
    return _MEDIA_TYPES.get(_extension(url), _ANY_FILE)


def image_type(url: str) -> str:
    """The same of a picture; "" when the extension does not tell."""
    kind = _MEDIA_TYPES.get(_extension(url), "")
    return kind if kind.startswith("image/") else ""


def _extension(url: str) -> str:
    path = url.partition("://")[2].partition("#")[0].partition("?")[0].partition("/")[2]
    return path.rpartition(".")[2].lower()


def parts_on_site(url: str, site_base: str) -> tuple[str, ...] | None:
    """Folders and file, decoded, of an address below the site's, http or https alike; None for any other.

    Whoever looks for the file must refuse names such as `..` (public_name).
    """
    place, home = url.partition("://")[2], site_base.partition("://")[2]
    if not place.startswith(home + "/"):
        return None
    path = place[len(home) + 1 :].partition("#")[0].partition("?")[0]
    return tuple(unquote(path).split("/"))


def public_name(name: str) -> bool:
    """Whether a file or folder of this name is published at all (as web/assets.py has it, and Jekyll)."""
    return bool(name) and name[0] not in "._~#" and "\\" not in name and "\0" not in name

"""An article's picture and the files that belong to it: absolute addresses and media types."""

from __future__ import annotations

from urllib.parse import urlsplit

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


def image_of(draft: Draft, site_base: str, problems: list[Problem]) -> str:
    """Absolute like jekyll-feed's: a path counts from the site's prefix, not from the page. Appends to problems."""
    if not draft.image:
        return ""
    value = draft.image.strip()
    if not value.startswith("//") and not _scheme(value):
        value = f"{site_base}/{value.lstrip('/')}"
    url = absolute(value, site_base + "/")
    if not url:
        problems.append(_no_address(draft, "image", draft.image))
    return url


def _scheme(value: str) -> str:
    """The scheme of an address, "" without one or when it is broken."""
    try:
        return urlsplit(value).scheme
    except ValueError:
        return ""


def enclosures_of(draft: Draft, page_url: str, problems: list[Problem]) -> tuple[Enclosure, ...]:
    """Absolute, with a media type; those without a web address are left out and told."""
    if not draft.enclosures:
        return ()
    made = []
    for enclosure in draft.enclosures:
        url = absolute(enclosure.url, page_url)
        if url:
            length = enclosure.length if enclosure.length is not None and enclosure.length >= 0 else None
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
    return _MEDIA_TYPES.get(urlsplit(url).path.rpartition(".")[2].lower(), "application/octet-stream")

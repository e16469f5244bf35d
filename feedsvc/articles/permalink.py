"""Where an article's page is: Jekyll's URLs exactly (lib/jekyll/url.rb, drops/url_drop.rb, utils.rb of Jekyll 4.3).

Two differences, both in what the link says and not in where the page is: no Unicode normalisation of the path (Jekyll's
feed uses NFKC and gives links that are 404), and `?` and `#` of a path are escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote
from zoneinfo import ZoneInfo

from feedsvc.articles.address import percent_encode
from feedsvc.content.draft import Draft

STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}
MARKDOWN = frozenset({".md", ".markdown", ".mkdown", ".mkdn", ".mkd"})

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PLACEHOLDER = re.compile(r":([a-z_]+)")
_PLAIN_SLUG = re.compile(r"[A-Za-z0-9._~!$&'()+,;=@]+(?:-[A-Za-z0-9._~!$&'()+,;=@]+)*")
_PRETTY = frozenset("._~!$&'()+,;=@")
_ESCAPE_SAFE = "-._~!$&'()*+,;=:@/"
_NOTHING_TO_ESCAPE = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]*")


class UnknownPlaceholder(ValueError):
    """A permalink names a placeholder that Jekyll does not have (there it ends the build)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The permalink has no placeholder :{name}.")
        self.name = name


def page_path(draft: Draft, published: datetime, zone: str, style: str = "date") -> str:
    """The page's path on its site, percent-encoded, with a leading slash.

    published: the final date; year, month and day are those of `zone` (an IANA name), not of the file name.
    style: a built-in style or a template; the draft's own `permalink` goes first. Raises UnknownPlaceholder.
    """
    page = _Page(draft, published.astimezone(_zone(zone)))
    if draft.permalink:
        return percent_encode(_sanitize(_expand(draft.permalink, page)))
    return _sanitize(_expand(STYLES.get(style, style), page))


def check_template(style: str) -> None:
    """Raise UnknownPlaceholder if a site's permalink could not be followed."""
    _parts(STYLES.get(style, style))


def canonical_url(site_base: str, path: str) -> str:
    """site_base: scheme, host and the site's path prefix, without trailing slash."""
    return site_base + path


def slugify(text: str, *, pretty: bool = False) -> str:
    """Jekyll's slugify: runs of anything but letters, marks and digits become one hyphen.

    pretty keeps `._~!$&'()+,;=@` too and the letters' case; otherwise all is lower-cased.
    """
    if pretty and _PLAIN_SLUG.fullmatch(text):
        return text
    kept = _PRETTY if pretty else frozenset()
    chars = [c if c in kept or unicodedata.category(c)[0] in "LM" or c.isdecimal() else "\0" for c in text]
    slug = re.sub("\0+", "-", "".join(chars)).removeprefix("-").removesuffix("-")
    return slug if pretty else slug.lower()


def output_ext(ext: str) -> str:
    """The extension of the page: `.html` for Markdown and HTML in any letter case, otherwise the file's own."""
    return ".html" if ext.lower() in MARKDOWN or ext.lower() == ".html" else ext


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class _Page:
    draft: Draft
    date: datetime

    @property
    def slug(self) -> str:
        return self.draft.slug or self.draft.name.slug.rstrip(".")


_VALUES: dict[str, Callable[[_Page], str]] = {
    "categories": lambda p: "/".join(dict.fromkeys(c.lower() for c in p.draft.categories)),
    "slugified_categories": lambda p: "/".join(dict.fromkeys(slugify(c) for c in p.draft.categories)),
    "year": lambda p: f"{p.date.year:04}",
    "short_year": lambda p: f"{p.date.year % 100:02}",
    "month": lambda p: f"{p.date.month:02}",
    "i_month": lambda p: str(p.date.month),
    "short_month": lambda p: _MONTHS[p.date.month - 1][:3],
    "long_month": lambda p: _MONTHS[p.date.month - 1],
    "day": lambda p: f"{p.date.day:02}",
    "i_day": lambda p: str(p.date.day),
    "y_day": lambda p: f"{p.date.timetuple().tm_yday:03}",
    "week": lambda p: f"{p.date.isocalendar().week:02}",
    "w_year": lambda p: f"{p.date.isocalendar().year:04}",
    "w_day": lambda p: str(p.date.isoweekday()),
    "short_day": lambda p: _DAYS[p.date.weekday()][:3],
    "long_day": lambda p: _DAYS[p.date.weekday()],
    "hour": lambda p: f"{p.date.hour:02}",
    "minute": lambda p: f"{p.date.minute:02}",
    "second": lambda p: f"{p.date.second:02}",
    "title": lambda p: slugify(p.slug, pretty=True),
    "slug": lambda p: slugify(p.slug),
    "name": lambda p: slugify(p.draft.name.path.rpartition("/")[2].removesuffix(p.draft.name.ext)),
    "collection": lambda p: "posts",
    "output_ext": lambda p: output_ext(p.draft.name.ext),
}


# Of digits, or known words: never anything to escape.
_PLAIN = _VALUES.keys() - {"categories", "slugified_categories", "title", "slug", "name", "output_ext"}


def _placeholder(name: str) -> tuple[str, str]:
    """The placeholder's name and what follows it: in `:month_:day` the underscore is no part of the name."""
    if name in _VALUES:
        return name, ""
    shorter = name.removesuffix("_")
    if shorter != name and shorter in _VALUES:
        return shorter, "_"
    raise UnknownPlaceholder(name)


@lru_cache(maxsize=256)
def _parts(template: str) -> tuple[str | Callable[[_Page], str], ...]:
    """The template taken apart: literal text, and what gives a placeholder's value, escaped."""
    parts: list[str | Callable[[_Page], str]] = []
    position = 0
    for match in _PLACEHOLDER.finditer(template):
        name, rest = _placeholder(match[1])
        parts += (
            template[position : match.start()],
            _VALUES[name] if name in _PLAIN else _escaping(_VALUES[name]),
            rest,
        )
        position = match.end()
    return tuple(part for part in (*parts, template[position:]) if part)


def _escaping(value: Callable[[_Page], str]) -> Callable[[_Page], str]:
    return lambda page: _escaped(value(page))


def _expand(template: str, page: _Page) -> str:
    return "".join([part if isinstance(part, str) else part(page) for part in _parts(template)])


def _escaped(text: str) -> str:
    """quote() for a part, without calling it for the usual one that needs none."""
    return text if _NOTHING_TO_ESCAPE.fullmatch(text) else quote(text, safe=_ESCAPE_SAFE, errors="replace")


def _sanitize(path: str) -> str:
    path = f"/{path}".replace("..", "/").replace("./", "")
    while "//" in path:
        path = path.replace("//", "/")
    return path


def titleize(slug: str) -> str:
    """What Jekyll makes of a post without a title: words of the slug, capitalised."""
    words: Sequence[str] = slug.rstrip(".").rstrip("-").split("-")
    return " ".join(word.capitalize() for word in words)

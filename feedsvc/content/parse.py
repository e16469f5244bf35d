"""One file becomes a Draft, or Problems that say why not. Pure, and it never raises, whatever the bytes are.

Order of mercy: read it as Jekyll does; where Jekyll would lose the post or stop, mend it and say so (WARNING); where
nothing can be made of it, quarantine it (ERROR, no Draft), so that its last good version stays published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from feedsvc.content.coerce import address_of, authors_of, enclosures_of, name_of, names, plain, text_of, word_of
from feedsvc.content.draft import ContentFile, Draft, FileName, Problem, Severity
from feedsvc.content.encoding import ILLEGAL, Undecodable, clean, decode, first_illegal
from feedsvc.content.front_matter import BadFrontMatter, Page, quote, read_page
from feedsvc.content.problems import Problems
from feedsvc.content.publication import DateReader, when_written
from feedsvc.content.share_fields import code_in, codes_in, paths_in
from feedsvc.content.yaml_text import Scalar, Value, line_of

if TYPE_CHECKING:
    from feedsvc.settings import Settings

_TYPED = frozenset((
    "title", "date", "last_modified_at", "categories", "category", "tags", "tag", "author", "authors", "id", "guid",
    "slug", "permalink", "description", "excerpt", "excerpt_separator", "lang", "language", "image", "enclosure",
    "enclosures", "published", "draft", "share_code", "share_aliases", "redirect_from",
    "canonical_url",
))  # fmt: skip
_WORDS = frozenset(("title", "id", "guid", "slug", "permalink", "description", "excerpt", "lang", "canonical_url"))
MAX_CATEGORY = 500  # octets of UTF-8; percent-encoded they make an address of 1,500
_NAMES = frozenset(("categories", "category", "tags", "tag"))
_RAW_TAGS = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_BARE_ID = re.compile(r"-?(?:\d{9,}|NW\d+)\.[^.]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class ParseRules:
    """All that a file's reading depends on besides its bytes; plain values, so that it travels between processes.

    zone: IANA name. split, naive: settings `categories.split` and `dates.naive`. authors: short name -> (name,
    address), from `_data/authors.yml`.
    """

    zone: str = "Asia/Shanghai"
    split: Literal["jekyll", "whole"] = "jekyll"
    naive: Literal["jekyll", "local"] = "jekyll"
    show_drafts: bool = False
    authors: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Settings, authors: Mapping[str, tuple[str, str]] | None = None) -> ParseRules:
        return cls(
            zone=settings.site.timezone,
            split=settings.categories.split,
            naive=settings.dates.naive,
            show_drafts=settings.content.show_drafts,
            authors=authors or {},
        )


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of a file. No draft and not hidden: quarantined, and one of the problems is an ERROR.

    hidden: deliberately unpublished (`published: false`, `_drafts`); then there is no draft either.
    """

    key: str
    draft: Draft | None
    problems: tuple[Problem, ...] = ()
    hidden: bool = False


def parse(file: ContentFile, rules: ParseRules) -> Parsed:
    """Read one file."""
    found = Problems(file.key)
    try:
        decoded = decode(file.data)
    except Undecodable as error:
        found.add(error.code, error.message, line=error.line, severity=Severity.ERROR)
        return Parsed(file.key, None, found.all())
    text = decoded.text
    if decoded.encoding != "utf-8":
        name = decoded.encoding.upper()
        found.add("encoding.converted", f"The file is {name}; UTF-8 would be safer.", severity=Severity.NOTE, name=name)
    dirt = first_illegal(text)
    if dirt >= 0:
        line = text.count("\n", 0, dirt) + 1
        count = str(len(ILLEGAL.findall(text)))
        message = f"Characters that no feed can carry were removed ({count}, the first is U+{ord(text[dirt]):04X})."
        found.add("text.control-characters", message, line=line, count=count)
    try:
        page = read_page(text)
    except BadFrontMatter as error:
        found.add(error.code, error.message, line=error.line, severity=Severity.ERROR)
        return Parsed(file.key, None, found.all())
    _tell_of_page(page, text, found)
    if _hidden(page.values, file, rules, found):
        return Parsed(file.key, None, found.all(), hidden=True)
    _tell_of_shapes(page.values, found)
    body = clean(page.body) if dirt >= 0 else page.body
    body = _without_raw(body, page.body_line, found)
    return Parsed(file.key, _draft(file, page, body, rules, found), found.all())


def _tell_of_page(page: Page, text: str, found: Problems) -> None:
    for mend in page.mends:
        what = f"`{mend.field}`" if mend.field else "A line of the front matter"
        message = f"{what} is not valid YAML ({mend.reason}); it was read as plain words."
        if not mend.field:
            message = f"The front matter is not valid YAML ({mend.reason}); it was read line by line."
        found.add(
            "front-matter.repaired", message, line=mend.line, field=mend.field, repair=mend.repair, reason=mend.reason
        )
    if page.unclosed:
        message = "The front matter is never closed by a line `---`, so all of it is shown as text."
        found.add("front-matter.unclosed", message, line=1, repair="---")
    elif page.late:
        message = "Front matter only counts from the very first line; here something stands before it."
        found.add("front-matter.not-first", message, line=1)
    if not text.strip():
        found.add("body.empty", "The file is empty.")


def _tell_of_name(name: FileName, day: str, found: Problems) -> None:
    """A post Jekyll would not see, because its name has no date (content.md 0.6)."""
    *folders, last = name.path.split("/")
    if _BARE_ID.fullmatch(last) and ("_posts" in folders or last[0] == "-"):
        message = "The file's name does not start with a date, so Jekyll skips the post; it is published here."
        found.add("name.no-date", message, repair=f"{day}-{name.slug}{name.ext}")


def _tell_of_shapes(values: Mapping[str, Value], found: Problems) -> None:
    """A list or mapping where words are expected."""
    for key, value in values.items():
        if isinstance(value, Scalar) or key not in _TYPED:
            continue
        if key in _WORDS or (key in _NAMES and isinstance(value, dict)):
            message = f"`{key}` should be text, not a {'mapping' if isinstance(value, dict) else 'list'}."
            repair = f"{key}: {quote(text_of(value) or '')}"
            found.add("field.not-text", message, line=line_of(value), field=key, repair=repair)


def _hidden(values: Mapping[str, Value], file: ContentFile, rules: ParseRules, found: Problems) -> bool:
    """J/publisher.rb: `published` present and false or empty hides; the string 'false' and 0 do not."""
    if file.name.draft_folder and not rules.show_drafts:
        return True
    published = values.get("published")
    if not isinstance(published, Scalar):
        return False
    if published.is_null or published.flag is False:
        return True
    if published.text.strip().lower() in ("false", "no", "off"):
        message = "`published` is in quotes, so it is text, and the post is published."
        found.add("published.quoted", message, line=published.line, field="published", repair="published: false")
    return False


def _without_raw(body: str, first_line: int, found: Problems) -> str:
    """Liquid is not run; only the tags that keep it from running are taken out."""
    if "{" not in body or ("{%" not in body and "{{" not in body):  # the first look is by far the cheapest
        return body
    plain_body = _RAW_TAGS.sub("", body) if "raw" in body else body
    if plain_body == body:
        at = min(position for position in (body.find("{%"), body.find("{{")) if position >= 0)
        line = first_line + body.count("\n", 0, at)
        message = "Liquid tags are not run; they are shown as they are written."
        found.add("liquid.not-run", message, line=line, severity=Severity.NOTE)
    return plain_body


def _fits(category: str, written: Value | None, found: Problems) -> bool:
    """Whether a category can have an address: servers and databases have limits, and no name needs so much."""
    if len(category) <= MAX_CATEGORY // 4 or len(category.encode()) <= MAX_CATEGORY:
        return True
    message = f"The category `{category[:40]}…` is longer than {MAX_CATEGORY} octets and was left out."
    found.add("category.too-long", message, line=line_of(written) if written else 0, field="categories")
    return False


def _draft(file: ContentFile, page: Page, body: str, rules: ParseRules, found: Problems) -> Draft:
    values = page.values
    get = values.get
    mtime = when_written(file.mtime_ns)
    explicit_id = word_of(get("id")) or word_of(get("guid"))
    dates = DateReader(ZoneInfo(rules.zone), rules.naive, found)
    published = dates.published(values, file.name, explicit_id, mtime)
    if file.name.file_date is None:
        _tell_of_name(file.name, dates.shown(published)[:10], found)
    category = get("category")
    categories = (*map(name_of, file.name.folders), *names(get("categories"), rules.split), *names(category, "whole"))
    said = category or get("categories")
    tag = get("tag")
    excerpt, separator = text_of(get("excerpt")), text_of(get("excerpt_separator"))
    feed = get("feed")
    return Draft(
        key=file.key,
        name=file.name,
        tier=file.tier,
        body=body,
        title=text_of(get("title")),
        date=published.instant,
        date_only=published.date_only,
        updated=dates.updated(values),
        categories=tuple(name for name in dict.fromkeys(categories) if _fits(name, said, found)),
        primary_category=(names(category, "whole") or [""])[0] if isinstance(category, Scalar) else "",
        tags=tuple(names(tag, "whole") or names(get("tags"), rules.split)),
        authors=tuple(authors_of(get("author"), rules.authors) or authors_of(get("authors"), rules.authors)),
        explicit_id=explicit_id,
        slug=word_of(get("slug")),
        permalink=word_of(get("permalink")),
        description=text_of(get("description")) or "",
        excerpt=excerpt,
        excerpt_separator=separator if "excerpt_separator" not in values else separator or "",
        excerpt_only=isinstance(feed, dict) and _flag(feed.get("excerpt_only")),
        language=word_of(get("lang")) or word_of(get("language")),
        image=address_of(get("image")),
        enclosures=(*enclosures_of(get("enclosure")), *enclosures_of(get("enclosures"))),
        draft=_flag(get("draft")),
        share_code=code_in(get("share_code"), "share_code", found),
        share_aliases=codes_in(get("share_aliases"), "share_aliases", found),
        redirect_from=paths_in(get("redirect_from"), "redirect_from", found),
        canonical_url=word_of(get("canonical_url")),
        mtime=mtime,
        front_matter={key: plain(value) for key, value in values.items() if key not in _TYPED},
    )


def _flag(value: Value | None) -> bool:
    return isinstance(value, Scalar) and value.flag is True

"""A Draft becomes an Article: pure, so that the same file gives the same article on every machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from feedsvc.articles.address import absolute, ascii_host, host_of
from feedsvc.articles.article import Article
from feedsvc.articles.attachments import Octets, enclosures_of, image_type, picture_of, unknown_length
from feedsvc.articles.body import render, without_tail
from feedsvc.articles.canonical import is_canonical
from feedsvc.articles.credit import source_of
from feedsvc.articles.digest import digest_of
from feedsvc.articles.identity import is_uri, public_id
from feedsvc.articles.permalink import UnknownPlaceholder, canonical_url, check_template, page_path
from feedsvc.articles.significance import text_digest
from feedsvc.articles.summary import shorten, summarize
from feedsvc.articles.title import make_title, strip_markup
from feedsvc.content.coerce import name_of
from feedsvc.content.draft import Draft, Problem, Severity
from feedsvc.errors import SettingsError
from feedsvc.settings import Settings

_TITLE_TEXT_CHARS = 200
_LINK_DEFINITION = re.compile(r"^ {0,3}(\[[^\]\n]+\]):.+$", re.MULTILINE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRules:
    """What of the settings decides how a draft becomes an article. Plain values: it travels between processes.

    authority: "host,year" for ids. site_base: scheme, host and path prefix of the site, without trailing slash.
    zone: IANA name. permalink: a Jekyll style or template. excerpt_separator: "" for no excerpts.
    hosts: further hosts that canonical addresses may have (contract S08). moves: category -> where its articles are
    now; removed: categories that are no more (contract M01, M04). label_tags, label_authors: whether there are feeds
    for them; no part of the article, but a reason to look at all of them again.
    """

    authority: str
    site_base: str
    zone: str = "Asia/Shanghai"
    permalink: str = "date"
    language: str = ""
    author: str = ""
    summary_chars: int = 200
    excerpt_separator: str = "\n\n"
    strip_tail: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    moves: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    label_tags: bool = False
    label_authors: bool = False

    @classmethod
    def from_settings(cls, settings: Settings, authority: str) -> ArticleRules:
        """Raises SettingsError, which names the setting, when one of them cannot be followed."""
        site = settings.site
        base = absolute(settings.site_base, "").rstrip("/")
        if not base:
            raise SettingsError(f"site.url and site.baseurl make no http(s) address: {settings.site_base!r}.")
        try:
            check_template(site.permalink)
        except UnknownPlaceholder as error:
            raise SettingsError(f"site.permalink has no placeholder :{error.name}.") from error
        for pattern in settings.content.strip_tail:
            try:
                re.compile(pattern)
            except re.error as error:
                raise SettingsError(f"content.strip_tail is no regular expression: {pattern!r}, {error}.") from error
        return cls(
            authority=authority,
            site_base=base,
            zone=site.timezone,
            permalink=site.permalink,
            language=language_tag(site.language),
            author=site.author,
            summary_chars=settings.feeds.summary_chars,
            excerpt_separator=site.excerpt_separator,
            strip_tail=settings.content.strip_tail,
            hosts=tuple(filter(None, map(ascii_host, site.hosts))),
            moves={name_of(old): name_of(new) for old, new in sorted(settings.categories.moves.items())},
            # One with rights stays with the article, or its text would be free elsewhere (feeds/rights.py).
            removed=tuple(sorted(map(name_of, set(settings.categories.removed) - settings.categories.rights.keys()))),
            label_tags=settings.feeds.tags,
            label_authors=settings.feeds.authors,
        )


@dataclass(frozen=True, slots=True)
class Made:
    """An article and what was odd about its draft."""

    article: Article
    problems: tuple[Problem, ...] = ()


def make_article(draft: Draft, identity: str, rules: ArticleRules, octets: Octets = unknown_length) -> Made:
    """The article that `draft` says, under an identity that articles/identity.py settled. Never raises for a draft.

    `updated` is what the front matter says, never before `published`; the pipeline moves it on later edits.
    octets: how long the file at an address is, for pictures and enclosures that lie on the site.
    """
    problems: list[Problem] = []
    _look_at_id(draft, problems)
    published = draft.date or _guessed_date(draft, rules.zone)
    path = _path(draft, published, rules, problems)
    own_url = canonical_url(rules.site_base, path)
    body = without_tail(draft.body, rules.strip_tail)
    content = render(body, draft.name.ext, own_url)
    summary = _summary(draft, body, content, own_url, rules)
    source = source_of(content)
    picture = picture_of(draft, content, rules.site_base, problems)
    enclosures = enclosures_of(draft, own_url, octets, problems)
    article = Article(
        id=public_id(identity, rules.authority),
        identity=identity,
        slug=identity.rpartition("/")[2],
        title=make_title(draft.title, draft.slug or draft.name.slug, _opening(draft, content)),
        published=published,
        updated=max(draft.updated or published, published),
        content_html=content,
        summary=summary,
        canonical_url=_canonical(draft, own_url, rules, problems),
        path=path,
        order_key=order_key(draft),
        source_key=draft.key,
        digest="",
        date_only=draft.date_only,
        authors=_plain(draft.authors or ((source,) if source else (rules.author,))),
        categories=_present(_plain(draft.categories), rules),
        tags=_plain(draft.tags),
        language=language_tag(draft.language) or rules.language,
        image=picture,
        image_type=image_type(picture) if picture else "",
        image_length=octets(picture) if picture else None,
        source=source,
        enclosures=enclosures,
        in_feeds=not draft.draft,
        excerpt_only=draft.excerpt_only,
    )
    # Set in place, while the article is ours alone: a copy would cost as much as making it.
    object.__setattr__(article, "digest", digest_of(article, draft.updated))
    said = summary if draft.description or draft.excerpt else ""
    object.__setattr__(article, "text_digest", text_digest(article.title, content, said, enclosures))
    return Made(article, tuple(problems))


def _plain(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names without HTML (contract RS04), and without those that are nothing else."""
    if all(names) and "<" not in "".join(names):
        return names
    return tuple(filter(None, (strip_markup(name) if "<" in name else name for name in names)))


def _present(categories: tuple[str, ...], rules: ArticleRules) -> tuple[str, ...]:
    """The categories as they are called now, each once, without those that were removed."""
    if not rules.moves and not rules.removed:
        return categories
    now = dict.fromkeys(rules.moves.get(name, name) for name in categories)
    return tuple(name for name in now if name not in rules.removed)


def order_key(draft: Draft) -> str:
    """The file's path as a Jekyll site would have it, `_posts` included: the same after a move to another root."""
    if draft.name.path.startswith("_posts/"):
        return draft.name.path
    parts = draft.name.path.split("/")
    if "_posts" not in parts and "_drafts" not in parts:
        parts.insert(len(draft.name.folders), "_posts")
    return "/".join(parts)


@lru_cache(maxsize=256)
def language_tag(text: str) -> str:
    """BCP 47 with hyphens (contract RS05): zh_TW.UTF-8 -> zh-TW; "" when it is no language tag."""
    tag = text.strip().partition(".")[0].partition("@")[0].replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _guessed_date(draft: Draft, zone: str) -> datetime:
    if draft.name.file_date:
        return datetime.combine(draft.name.file_date, time(), ZoneInfo(zone)).astimezone(UTC)
    return draft.mtime or _EPOCH


def _look_at_id(draft: Draft, problems: list[Problem]) -> None:
    """Tell of an id that has a tidier spelling (contract AT09). It is used all the same: readers know it (ID03)."""
    given = draft.explicit_id
    if not given or not is_uri(given) or is_canonical(given):
        return
    text = f"The id {given[:200]!r} is not in its canonical form; it is used as it is, since readers may know it."
    code = "id.not_canonical"
    problems.append(Problem(draft.key, code, text, Severity.WARNING, field="id", params={"id": given[:200]}))


def _path(draft: Draft, published: datetime, rules: ArticleRules, problems: list[Problem]) -> str:
    try:
        return page_path(draft, published, rules.zone, rules.permalink)
    except UnknownPlaceholder as error:
        problems.append(
            Problem(
                draft.key,
                "permalink.unknown",
                f"The permalink has no placeholder :{error.name}; the site's own form is used.",
                Severity.WARNING,
                field="permalink",
                params={"placeholder": error.name},
            )
        )
        return page_path(replace(draft, permalink=""), published, rules.zone, rules.permalink)


def _canonical(draft: Draft, own_url: str, rules: ArticleRules, problems: list[Problem]) -> str:
    """The front matter's canonical_url if its host is one of the site's (contract S08: no open redirect)."""
    if not draft.canonical_url:
        return own_url
    url = absolute(draft.canonical_url, own_url)
    host = host_of(url)
    if host and (host == _site_host(rules.site_base) or host in rules.hosts):
        return url
    problems.append(
        Problem(
            draft.key,
            "canonical.foreign",
            f"The canonical address leads to {host or 'no web address'}, which is none of the site's hosts"
            " (site.hosts); the article's own address is used.",
            Severity.WARNING,
            field="canonical_url",
            repair=f"canonical_url: {own_url}",
            params={"host": host, "url": draft.canonical_url},
        )
    )
    return own_url


@lru_cache(maxsize=8)
def _site_host(site_base: str) -> str:
    return host_of(site_base)


def _summary(draft: Draft, body: str, content: str, page_url: str, rules: ArticleRules) -> str:
    """Description, else the front matter's excerpt, else the text before the separator: plain, and never too long.

    Unlike Jekyll: an excerpt without any text (a picture) and a site without excerpts give the beginning of the text.
    """
    if draft.description:
        return shorten(strip_markup(draft.description), rules.summary_chars)
    if draft.excerpt is not None:
        return shorten(strip_markup(draft.excerpt), rules.summary_chars)
    own = draft.excerpt_separator
    separator = rules.excerpt_separator if own is None else own
    if separator:
        text = body.lstrip("\r\n")
        if separator == "\n\n" and "\r" in text:
            text = text.replace("\r\n", "\n")
        head, found, rest = text.partition(separator)
        if found and len(head) <= 20 * rules.summary_chars + 1_000:
            summary = summarize(_rendered_excerpt(head, rest, draft, page_url), rules.summary_chars)
            if summary:
                return summary
    return summarize(content, rules.summary_chars)


def _rendered_excerpt(head: str, rest: str, draft: Draft, page_url: str) -> str:
    if "[" in head:
        definitions = [m[0] for m in _LINK_DEFINITION.finditer(rest) if m[1] in head]
        head = "\n".join((head, "", *definitions))
    return render(head, draft.name.ext, page_url)


def _opening(draft: Draft, content: str) -> str:
    """The first words, for an article without title; not looked for when there is one."""
    return "" if draft.title is None or draft.title.strip() else summarize(content, _TITLE_TEXT_CHARS)

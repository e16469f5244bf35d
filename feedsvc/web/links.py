"""Share links in this process' memory: a popular link costs no database and no Flask (contract S01-S05).

A resolved link is believed for a second, and no longer than the edition it was resolved under; while the database is
away, for as long as that lasts. Only redirects are kept: what is gone or unknown is Flask's to explain.

Names are looked for in this order: what articles claim (codes, old paths), identities, their last parts, full ids.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from time import monotonic
from urllib.parse import unquote_plus

from feedsvc.articles.article import Article, Headline, Status
from feedsvc.content.share_names import path_name
from feedsvc.errors import StoreUnavailable
from feedsvc.settings import ShareSettings
from feedsvc.sharing.campaign import pairs_of, passed_on, with_campaign
from feedsvc.sharing.old_forms import queries
from feedsvc.sharing.resolve import Redirect, Resolution, Unknown, name_in, resolve
from feedsvc.store import Reader, Store
from feedsvc.web.prepared import NOSNIFF, REFERRER, Headers
from feedsvc.web.spelling import decoded

PREFIX = "/s/"
PAGES = "/articles/"  # where an article has its page, or leads to it, whatever is its own path
LIFETIME = 1.0  # seconds a resolved link is believed
NO_LINKS = ("/qr.svg", "/qr.png")  # ends of what is below a link and none itself
_PERMANENT_FOR = 90  # seconds (contract S01)
_LONGEST_KEPT = 512  # characters of a target, or of a campaign: what anybody can make up must not fill the memory
_LONGEST_MATCHED = 2_000  # characters of a path that patterns are tried on


@dataclass(frozen=True, slots=True)
class HotLink:
    """The prepared redirect of one name. until: by time.monotonic. edition: of the shelf when it was resolved.

    code: under which its clicks are counted. name, passed: what was asked for, to ask again.
    """

    headers: Headers
    body: tuple[bytes, ...]
    until: float
    edition: int
    status: str = "302 Found"
    code: str = ""
    name: str = ""
    passed: tuple[str, ...] = ()


class Links:
    """Resolves names of share links. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        share: ShareSettings,
        visible: Callable[[], datetime],
        site_path: Callable[[], str | None] = lambda: None,
        limit: int = 20_000,
    ) -> None:
        """visible: articles dated until then are public.

        site_path: where the paths of articles' pages begin, None when those are not on this server.
        """
        self._store = store
        self._legacy = {path: parameter.lower() for path, parameter in share.legacy_paths.items()}
        self._patterns = [re.compile(pattern) for pattern in share.patterns]
        self._campaign = pairs_of(share.campaign)
        self._pass_campaign = share.pass_campaign
        self._permanent = share.status == 301
        seconds = _PERMANENT_FOR if self._permanent else share.cache_seconds
        self._kept = f"private, max-age={seconds}" if seconds else "no-store"
        self._visible = visible
        self._site_path = site_path
        self._limit = limit
        self._hot: dict[tuple[str, tuple[str, ...]], HotLink] = {}
        self._targets: dict[str, HotLink] = {}  # changed in place only
        # By the request's raw target, what `keep` was told: perhaps late, see `still`.
        self.at_hand: Callable[[str], HotLink | None] = self._targets.get

    def is_link(self, path: str) -> bool:
        """Whether this raw path is one of a share link, with a sensible name or not."""
        return path.startswith(PREFIX) or path in self._legacy

    def name(self, path: str, query: str) -> str:
        """The name asked for at any raw path; "" when there is none worth looking for. Raises StoreUnavailable."""
        if path.startswith(PREFIX):
            name = name_in(path[len(PREFIX) :])
            return "" if name.startswith("/") else name  # an old path is asked for as what it is
        wanted = self._legacy.get(path)
        if wanted is None:
            return self.old_path(path, query)
        for pair in query.split("&"):
            parameter, _, value = pair.partition("=")
            if unquote_plus(parameter).lower() == wanted:
                return name_in(value.replace("+", " "))
        return ""

    def old_path(self, path: str, query: str) -> str:
        """The name that an old address of this server means: a path that an article claims, or a code in a pattern.

        "" when nobody has ever said anything of it, or an article lives there now. Raises StoreUnavailable.
        """
        spelled = self._spelled(path, query)
        if not spelled:
            return ""
        with self._store.reading() as reader:
            claimed = reader.claims(spelled)
            known = (name for name in spelled if name in claimed and self._is_public(reader, name))
            name = next(known, "") or self._code_in(path, query)
            return "" if name and self._is_page(reader, path) else name

    def redirect(self, name: str, edition: int, query: str = "") -> HotLink | None:
        """The prepared redirect, None when the name leads nowhere (now). Raises StoreUnavailable.

        query: of the request, raw; nothing of it but a campaign reaches the target, if the settings say so.
        """
        return self._redirect(name, edition, passed_on(query) if self._pass_campaign and query else ())

    def keep(self, target: str, link: HotLink) -> None:
        """Remember what a raw target leads to, for `at_hand`."""
        if len(target) > _LONGEST_KEPT:
            return
        if len(self._targets) >= self._limit and target not in self._targets:
            self._targets.clear()  # rare; the few links that are popular come back at once
        self._targets[target] = link

    def still(self, target: str, link: HotLink, edition: int) -> HotLink | None:
        """What a link that was at hand has become: itself while it may be believed."""
        if link.edition == edition and monotonic() < link.until:
            return link
        try:
            if link.name.startswith("/") and not self._still_old(target):
                fresh = None
            else:
                fresh = self._redirect(link.name, edition, link.passed)
        except StoreUnavailable:
            return link
        if fresh is None:
            self._targets.pop(target, None)
        else:
            self._targets[target] = fresh
        return fresh

    def resolve(self, name: str) -> Resolution:
        """Ask the store where a name leads."""
        if not name:
            return Unknown()
        visible = self._visible()
        with self._store.reading() as reader:
            found = find(reader, name, visible)
        return resolve(found[1] if found else None, visible)

    def _redirect(self, name: str, edition: int, passed: tuple[str, ...]) -> HotLink | None:
        key = name, passed
        known = self._hot.get(key)
        if known is not None and known.edition == edition and monotonic() < known.until:
            return known
        visible = self._visible()
        try:
            with self._store.reading() as reader:
                found = find(reader, name, visible) if name else None
        except StoreUnavailable:
            if known is None:
                raise
            return known
        leads = resolve(found[1], visible) if found else Unknown()
        if found is None or not isinstance(leads, Redirect):
            self._hot.pop(key, None)
            return None
        if len(self._hot) >= self._limit and key not in self._hot:
            self._hot = {}
        link = self._prepared(leads.target, edition, found[0], name, passed)
        if sum(map(len, passed)) <= _LONGEST_KEPT:
            self._hot[key] = link
        return link

    def _prepared(self, target: str, edition: int, code: str, name: str, passed: tuple[str, ...]) -> HotLink:
        """The answer of contract S01-S05. target: absolute, percent-encoded ASCII."""
        target = with_campaign(target, (*passed, *self._campaign))
        shown = escape(target, quote=True)
        data = (
            f'<!doctype html>\n<meta charset="utf-8">\n<title>Redirect</title>\n<p><a href="{shown}">{shown}</a></p>\n'
        ).encode()
        headers: Headers = [
            ("Location", target),
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", self._kept),
            ("X-Robots-Tag", "noindex"),
            REFERRER,
            NOSNIFF,
            ("Content-Security-Policy", "default-src 'none'"),
        ]
        status = "301 Moved Permanently" if self._permanent else "302 Found"
        return HotLink(headers, (data,), monotonic() + LIFETIME, edition, status, code, name, passed)

    def _spelled(self, path: str, query: str) -> list[str]:
        """The names under which a raw path may be claimed, best first: with its query, then with less of it."""
        paths, base = [path], self._site_path()
        if base and path.startswith(base + "/"):
            paths.append(path.removeprefix(base))  # redirect_from knows nothing of the site's baseurl
        names = [path_name(one, asked) for asked in queries(query) for one in paths]
        return [name for name in dict.fromkeys(names) if name]

    def _code_in(self, path: str, query: str) -> str:
        """What a pattern of the settings finds; "" when none matches."""
        whole = f"{path}?{query}" if query else path
        for pattern in self._patterns:
            for text in dict.fromkeys((whole, path)):
                if len(text) <= _LONGEST_MATCHED and (match := pattern.fullmatch(text)):
                    return name_in(match["code"] or "")
        return ""

    def _is_public(self, reader: Reader, name: str) -> bool:
        """Whether an article that is public, or was, claims it: of those to come nothing is to be told."""
        visible = self._visible()
        found = find(reader, name, visible)
        return found is not None and found[1].published <= visible

    def _is_page(self, reader: Reader, path: str) -> bool:
        """Whether an article is shown at this very path."""
        if path.startswith(PAGES):
            page: Headline | Article | None = reader.headline_by_identity(identity_in(path))
        else:
            base = self._site_path()
            page = None if base is None else reader.article_by_path(path.removeprefix(base))
        return page is not None and page.status is Status.PUBLISHED and page.published <= self._visible()

    def _still_old(self, target: str) -> bool:
        path, _, query = target.partition("?")
        return self.old_path(path, query) != ""


def identity_in(path: str) -> str:
    """The identity in a raw path below PAGES; "" when it can be none. Unlike a share link's it may have blanks."""
    return unicodedata.normalize("NFC", decoded(path.removeprefix(PAGES).rstrip("/")) or "")


def find(reader: Reader, name: str, visible: datetime | None = None) -> tuple[str, Headline | Article] | None:
    """The article that a name means, withdrawn ones too, and the code under which its clicks are counted.

    visible: articles dated until then are public; until it is, none takes a name that another one claims as well.
    """
    if claimed := reader.link(name):
        if visible is not None and claimed[1].published > visible:
            ranked = [link.article_id for link in reader.claims([name]).get(name, ())]
            claiming = reader.articles(ranked)
            public = (claiming[it] for it in ranked if it in claiming and claiming[it].published <= visible)
            if best := next(public, None):
                return name, best
        return claimed[0].code, claimed[1]
    if name.startswith("/"):
        return None
    article: Headline | Article | None = reader.headline_by_identity(name)
    if article is None and ":" in name:
        article = reader.articles([name]).get(name)
    if article is None:
        return None
    return reader.code_of([article.id]).get(article.id, name), article

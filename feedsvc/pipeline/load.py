"""One file on its way to an article: read, compare, parse, make. Runs in any process; decides nothing about others."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from feedsvc.articles.article import Article
from feedsvc.articles.attachments import parts_on_site, public_name
from feedsvc.articles.identity import base_identity
from feedsvc.articles.make import ArticleRules, make_article
from feedsvc.content.draft import ContentFile, Draft, Problem
from feedsvc.content.parse import ParseRules, parse
from feedsvc.content.settled import being_written
from feedsvc.content.source import FoundFile, Root, TooLarge, Unsettled, read
from feedsvc.errors import FeedsvcError
from feedsvc.sharing.claims import names_of
from feedsvc.sharing.link import LinkKind

NEVER = datetime.max.replace(tzinfo=UTC)
PATIENCE_SECONDS = 2.0  # how long a file that looks begun may stay so before it is taken as meant


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides what a file becomes. Picklable; equal rules and equal files give equal articles.

    folders: where the site's pictures and other files lie. They may lie elsewhere on the next machine, which is no
    reason to read all posts again: so they are left out of what is compared.
    """

    parse: ParseRules
    articles: ArticleRules
    max_file_bytes: int
    settle_seconds: float
    folders: tuple[str, ...] = field(default=(), repr=False)

    def looking_in(self, roots: Iterable[Root]) -> Rules:
        """The same, with the files of these roots at hand."""
        return dataclasses.replace(self, folders=tuple(str(root.path) for root in roots))


@dataclass(frozen=True, slots=True)
class Task:
    """found: the file to look at. known: the digest of what was read last, b"" for a new file or to force a reading.

    identity: make the article under this identity; None: under the file's own. published: the date the article has
    already, for a file that says nothing of its date: the file's time is only right when it is seen first.
    as_it_is: do not wait for a writer (a checker is told of what is there, not of what may come).
    """

    found: FoundFile
    known: bytes = b""
    identity: str | None = None
    published: datetime | None = None
    as_it_is: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one look at a file gave.

    unchanged: the bytes are those already known, nothing else is filled in. unsettled: look again soon.
    unreadable: permission or disk; it is tried again with each scan. gone: the file is not there any more.
    hidden: deliberately not published.
    explicit: the base comes from the front matter. undated: the date is the file's time.
    article: None when hidden or quarantined (then an ERROR is among the problems).
    names: what leads to the article by its front matter (sharing/claims.py).
    """

    found: FoundFile
    digest: bytes = b""
    unchanged: bool = False
    unsettled: bool = False
    unreadable: bool = False
    gone: bool = False
    hidden: bool = False
    base: str = ""
    article: Article | None = None
    explicit: bool = False
    explicit_updated: bool = False
    undated: bool = False
    names: Mapping[str, LinkKind] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def load(task: Task, rules: Rules) -> Loaded:
    """Never raises for what a file holds."""
    found = task.found
    try:
        if not task.as_it_is and not _settled(found, rules.settle_seconds):
            return Loaded(found, unsettled=True)
        file = read(found, rules.max_file_bytes)
    except Unsettled:
        return Loaded(found, unsettled=True)
    except TooLarge as error:
        # The size stands for the content: a file that grows or shrinks is looked at again.
        digest = hashlib.sha256(b"too large %d" % found.fingerprint.size).digest()
        return Loaded(found, digest, problems=(Problem(found.key, error.code, error.message),))
    except FileNotFoundError:
        return Loaded(found, gone=True)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        return Loaded(found, unreadable=True, problems=(Problem(found.key, "file.unreadable", message),))
    if not task.as_it_is and 0 <= _age(found) < PATIENCE_SECONDS and _begun(file.data):
        return Loaded(found, unsettled=True)
    return make(file, found, rules, task)


def make(file: ContentFile, found: FoundFile, rules: Rules, task: Task) -> Loaded:
    """Bytes in, article or problems out. Of the disk it only asks how long the article's pictures and files are."""
    digest = hashlib.sha256(file.data).digest()
    if digest == task.known:
        return Loaded(found, digest, unchanged=True)
    parsed = parse(file, rules.parse)
    draft = parsed.draft
    if draft is None:
        return Loaded(found, digest, hidden=parsed.hidden, problems=parsed.problems)
    undated = draft.date is not None and draft.date == draft.mtime
    if undated and task.published is not None:
        draft = dataclasses.replace(draft, date=task.published)
    base = base_identity(draft)
    made = make_article(draft, task.identity or base, rules.articles, lambda url: octets(url, rules))
    return Loaded(
        found,
        digest,
        base=base,
        article=made.article,
        explicit=bool(draft.explicit_id),
        explicit_updated=draft.updated is not None,
        undated=undated,
        names=_names(draft, made.article),
        problems=parsed.problems + made.problems,
    )


def _names(draft: Draft, article: Article) -> dict[str, LinkKind]:
    """Without the page's own address: a redirect from there would lead to itself."""
    names = names_of(draft)
    names.pop(article.path, None)
    return names


def octets(url: str, rules: Rules) -> int | None:
    """The length of the file that an address of the site stands for; None when it is not ours, or not there.

    Only what web/assets.py would send: nothing hidden, nothing outside the roots, not through a symlink either.
    """
    parts = parts_on_site(url, rules.articles.site_base)
    if parts is None or not all(map(public_name, parts)):
        return None
    for folder in rules.folders:
        path = os.path.join(folder, *parts)  # noqa: PTH118
        try:
            state = os.stat(path)  # noqa: PTH116
            inside = os.path.realpath(path).startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep)
        except (OSError, ValueError):
            continue
        if inside and stat.S_ISREG(state.st_mode):
            return state.st_size
    return None


def refused(loaded: Loaded, error: FeedsvcError) -> Loaded:
    """The file as quarantined, because the database does not take its article."""
    key = loaded.found.key
    message = f"{error.message} Something in the post is too long: its id, slug, permalink, category or file name."
    return Loaded(loaded.found, loaded.digest, problems=(*loaded.problems, Problem(key, error.code, message)))


def _settled(found: FoundFile, settle_seconds: float) -> bool:
    """Whether the file can be taken as whole (content.md 0.4)."""
    age = _age(found)
    if age > 60:
        return True
    descriptor = os.open(found.path, os.O_RDONLY | os.O_NONBLOCK)  # a named pipe must not hang us
    try:
        writing = being_written(descriptor)
    finally:
        os.close(descriptor)
    if writing is not None:
        return not writing
    return age < 0 or age >= settle_seconds


def _age(found: FoundFile) -> float:
    """Seconds since the file was last written."""
    return time.time() - found.fingerprint.mtime_ns / 1e9


def _begun(data: bytes) -> bool:
    """Whether this looks like the beginning of a post whose rest is still to come: empty, or front matter left open."""
    return not data.strip() or (data.startswith(b"---") and b"\n---" not in data and b"\n..." not in data)


def published_of(loaded: Loaded) -> datetime:
    """For the question who was first; a file that gives no article is never first."""
    return loaded.article.published if loaded.article else NEVER

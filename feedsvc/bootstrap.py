"""The only place where implementations are chosen and joined."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feedsvc import configuration
from feedsvc.articles.category import SITE
from feedsvc.configuration import Loaded, in_words, without_password
from feedsvc.content.draft import Tier
from feedsvc.content.look import Places
from feedsvc.content.source import Root, is_site, named_roots
from feedsvc.errors import SettingsError, StoreUnavailable
from feedsvc.scheduling.lease import Lease
from feedsvc.settings import Settings
from feedsvc.sqlstore.migrate import holds_tables
from feedsvc.sqlstore.store import open_store as open_sql_store
from feedsvc.store import Store

if TYPE_CHECKING:  # what renders feeds is imported where it is joined: web workers and small commands do without
    from feedsvc.feeds.rules import FeedRules
    from feedsvc.pipeline.load import Rules
    from feedsvc.pipeline.old_links import OldLinks
    from feedsvc.pipeline.on_demand import OnDemand
    from feedsvc.pipeline.publisher import Publisher
    from feedsvc.pipeline.workers import Workers

TOKEN_FILE = "operator.token"
AUTHORITY_META = "site.authority"
# The year in which feedsvc began to make tag: ids. Part of the ids, so it can never change (RFC 4151).
AUTHORITY_YEAR = "2026"


def now() -> datetime:
    return datetime.now(UTC)


def load_settings(command_line: Mapping[str, Any] | None = None, config_file: Path | None = None) -> Loaded:
    """Settings from every source; a Jekyll site in a root speaks for itself."""
    from feedsvc.content.jekyll_config import read_jekyll_config

    return configuration.load(
        command_line=command_line, config_file=config_file, site_defaults=lambda root: read_jekyll_config(root)[0]
    )


def open_store(settings: Settings, *, create: bool = True) -> Store:
    """The database, with its schema brought up to date.

    Without `create`, for who only looks: StoreUnavailable when nobody made a database there yet, and nothing is made.
    """
    if create:
        make_data_dir(settings.data_dir)
    elif not holds_tables(settings.database_url):
        _must_be_folder(settings.data_dir)
        place = without_password(settings.database.url) or settings.data_dir.absolute()
        raise StoreUnavailable(
            f"Nothing has been published in {place} yet. Start `feedsvc serve`, "
            "or give this command the settings of the server it is about."
        )
    store = open_sql_store(settings.database_url)
    store.migrate()
    return store


def make_data_dir(folder: Path) -> None:
    """The data folder, readable only by the service (contract B29)."""
    _must_be_folder(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"The data folder {folder} cannot be made: {in_words(error)} (setting data_dir).") from None


def _must_be_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"The data folder {folder} is a file, not a folder (setting data_dir).")


def operator_token(data_dir: Path) -> Path:
    """The file with the operator's token, made with the first start; nobody else can read it."""
    make_data_dir(data_dir)
    path = data_dir / TOKEN_FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    except OSError as error:
        raise _no_token(path, error) from None
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    except OSError as error:
        path.unlink(missing_ok=True)  # an empty one would stay for ever
        raise _no_token(path, error) from None
    return path


def _no_token(path: Path, error: OSError) -> SettingsError:
    return SettingsError(f"The operator's token {path} cannot be written: {in_words(error)} (setting data_dir).")


def roots(settings: Settings) -> tuple[Root, ...]:
    """The content folders; SettingsError when two of them would find the same posts."""
    named = named_roots([(root.path, Tier(root.tier)) for root in settings.content.roots])
    for one, other in combinations(named, 2):
        _must_be_apart(one, other, settings.content.show_drafts)
    return named


def _must_be_apart(one: Root, other: Root, show_drafts: bool) -> None:
    """A root may lie inside another whose scan does not find its posts: old_post/ in a Jekyll site.

    Folders that cannot be read now say nothing; whoever scans them notices (contract M05).
    """
    outer, inner = sorted((one, other), key=lambda root: len(os.path.realpath(root.path)))
    around, within = Path(os.path.realpath(outer.path)), Path(os.path.realpath(inner.path))
    if not within.is_relative_to(around) or not within.is_dir():
        return
    if within == around:
        raise SettingsError(f"content.roots names the same folder twice: {one.path} and {other.path}.")
    # Where the inner one's scan would find a post: in a Jekyll site below `_posts`, else anywhere.
    try:
        probe = "_posts/2026-01-01-a.md" if is_site(str(within)) else "2026-01-01-a.md"
    except OSError:
        return
    if isinstance(Places(outer, show_drafts).key(within / probe), str):
        raise SettingsError(
            f"content.roots: {inner.path} lies in {outer.path}, which finds its posts as well: each would be published "
            "twice. Name only one of them."
        )


def authority(settings: Settings, store: Store | None, *, keep: bool = True) -> str:
    """The `host,year` of tag: ids: as set, else what it was in this store, else from the site's host, then kept.

    So that moving to another host, or from http to https, shows no reader anything as new. Where this server is
    reached (public_url) never matters; a site without an address of its own gets a name that belongs to nobody.
    Another one that is set is kept as soon as readers have it: one set by mistake, which the guard holds, is undone by
    taking it out again. keep: False for who only reads.
    """
    host = (urlsplit(settings.site.url).hostname or "feedsvc").encode("idna").decode()
    derived = settings.site.authority or f"{host},{AUTHORITY_YEAR}"
    if store is None:
        return derived
    with store.reading() as reader:
        known = reader.meta(AUTHORITY_META)
    if known is not None and not settings.site.authority:
        return known
    if keep and (known is None or (known != derived and _readers_have(derived, store))):
        with store.writing() as tx:
            tx.put_meta(AUTHORITY_META, derived)
    return derived


def _readers_have(authority: str, store: Store) -> bool:
    """Whether ids with this authority are published."""
    from feedsvc.publishing.guard import read_outline

    with store.reading() as reader:
        outline = read_outline(reader.outlines([SITE]).get(SITE, ""))
    return outline is not None and any(entry.id.startswith(f"tag:{authority}:") for entry in outline.entries)


def rules(settings: Settings, authority: str) -> Rules:
    """What decides what a file becomes."""
    from feedsvc.articles.make import ArticleRules
    from feedsvc.content.jekyll_config import read_authors
    from feedsvc.content.parse import ParseRules
    from feedsvc.pipeline.load import Rules

    authors: dict[str, tuple[str, str]] = {}
    for root in settings.content.roots:
        authors.update(read_authors(root.path))
    return Rules(
        parse=ParseRules.from_settings(settings, dict(sorted(authors.items()))),
        articles=ArticleRules.from_settings(settings, authority),
        max_file_bytes=settings.content.max_file_bytes,
        settle_seconds=settings.publisher.settle_ms / 1000,
    )


def feed_rules(settings: Settings, authority: str) -> Callable[[datetime], FeedRules]:
    """The rules of feeds in force at an instant; they change when somebody's rights end, and are the same till then."""
    from feedsvc.feeds.rights import next_end
    from feedsvc.feeds.rules import FeedRules

    rights, made = settings.categories.rights, {}

    def at(moment: datetime) -> FeedRules:
        end = next_end(rights, moment)
        if end not in made:
            made[end] = FeedRules.from_settings(settings, authority, moment)
        return made[end]

    return at


def publisher(
    settings: Settings,
    store: Store,
    lease: Callable[[], Lease | None],
    workers: Workers,
    clock: Callable[[], datetime] = now,
    alarm: Callable[[str, datetime], None] = lambda job, at: None,
) -> Publisher:
    """Everything that turns files into documents, joined."""
    from feedsvc.feeds.rights import next_end
    from feedsvc.pipeline.ingest import Ingest
    from feedsvc.pipeline.publisher import Publisher
    from feedsvc.pipeline.regenerate import Regenerate, TitleRules
    from feedsvc.pipeline.searching import Searching
    from feedsvc.pipeline.vanish import VanishRules
    from feedsvc.publishing.guard import GuardRules

    known = authority(settings, store)
    options = settings.publisher
    ingest = Ingest(
        store,
        roots(settings),
        rules(settings, known),
        VanishRules(
            grace=timedelta(seconds=options.grace_seconds),
            hold_share=options.vanish_hold_share,
            hold_files=options.vanish_hold_files,
        ),
        workers.load,
        clock,
        settings.content.show_drafts,
    )
    regenerate = Regenerate(
        store,
        feed_rules(settings, known),
        TitleRules(settings.categories.titles, settings.categories.title_suffix),
        workers.render,
        clock,
        GuardRules.from_settings(settings),
        settings.categories.former,
        timed=options.category_schedules,
        future=settings.content.future,
    )
    return Publisher(
        store,
        ingest,
        regenerate,
        workers,
        clock,
        lease,
        timedelta(days=options.keep_runs_days),
        alarm,
        options.mode == "schedule",
        lambda after: next_end(settings.categories.rights, after),
        Searching(store, clock) if settings.search.enabled else None,
        timedelta(days=settings.share.keep_days),
    )


def on_demand(settings: Settings, store: Store, clock: Callable[[], datetime] = now) -> OnDemand:
    """What makes documents in web workers when somebody asks for them. It only reads."""
    from feedsvc.pipeline.on_demand import OnDemand

    known = authority(settings, store, keep=False)
    return OnDemand(
        store,
        feed_rules(settings, known),
        clock,
        hidden=settings.categories.former,
        future=settings.content.future,
    )


def old_links(settings: Settings, store: Store, clock: Callable[[], datetime] = now) -> OldLinks:
    """What imports tables of old links."""
    from feedsvc.pipeline.old_links import OldLinks
    from feedsvc.sharing.old_forms import OldForms

    return OldLinks(store, OldForms.from_settings(settings), clock)


def holder() -> str:
    """Who we are, for the lease: readable and never the same twice."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

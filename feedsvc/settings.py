"""Settings: what can be set, with defaults and help. configuration.py reads them.

Order, strongest first: command line, environment (`FEEDSVC_SITE__URL`), secret files (`FEEDSVC_DATABASE__URL_FILE`),
feedsvc.toml, `_config.yml` of the first root that has one, the defaults below. Sections are nested by two underscores.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, Self
from unicodedata import normalize
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "FEEDSVC_"
A_MOMENT = "must be a day such as 2027-07-01 or a moment such as 2027-07-01T08:00:00+08:00"
_WEB = re.compile(r"https?://[^/\s]+")


def _web_address(value: str) -> str:
    """An absolute http(s) address without query and without password, or "" """
    if value and not _is_web_address(value):
        raise ValueError("must be an address such as https://news.example.com")
    return value.rstrip("/")


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port  # a port that is none is a ValueError
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme in ("http", "https") and bool(host) and plain


def _origin(address: SplitResult) -> tuple[str, str | None, int]:
    """Scheme, host and port; the port that a scheme means by itself is as good as written."""
    return address.scheme, address.hostname, address.port or {"http": 80, "https": 443}.get(address.scheme, 0)


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def _nfc(value: object) -> object:
    """Names in the form in which the index has them, however they were typed."""
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, dict):
        return {_nfc(key): _nfc(inner) for key, inner in value.items()}
    return [_nfc(inner) for inner in value] if isinstance(value, list | tuple) else value


class RootSettings(Section):
    path: Path = Field(description="A folder of posts: a Jekyll site, or any folder of Markdown or HTML files.")
    tier: Literal["live", "archive"] = Field(
        "live", description="`live`, or `archive` for old posts: live wins over archived."
    )


class ContentSettings(Section):
    roots: tuple[RootSettings, ...] = Field(
        (RootSettings(path=Path("content")),),
        description='JSON list of folders; each a path or {"path": ..., "tier": "live" or "archive"}.',
    )
    max_file_bytes: int = Field(2_000_000, ge=1_000, description="Larger files are quarantined, unread.")
    strip_tail: tuple[str, ...] = Field(
        (
            r"<https?://[^>\s]*NewsShare\.html\?infoCode=[^>\s]*>",
            r"<>",
            r"(?:\[返回[^\]]*\]\((?:[^()]|\([^()]*\))*\)\s*[｜|]?\s*)+",
        ),
        description="Regular expressions; last lines of a body that match one of them whole are left out of feeds.",
    )
    future: bool = Field(False, description="Publish posts dated in the future at once (Jekyll's `future`).")
    show_drafts: bool = Field(False, description="Publish what lies in _drafts.")

    @field_validator("roots", mode="before")
    @classmethod
    def _a_path_alone_is_a_root(cls, value: object) -> object:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [{"path": root} if isinstance(root, str | Path) else root for root in value]
        return value


class DatabaseSettings(Section):
    url: str = Field(
        "", description="SQLAlchemy URL; empty means SQLite in the data folder. postgresql://… serves several nodes."
    )


class SiteSettings(Section):
    url: str = Field("", description="Where canonical article pages live; empty means this server (public_url).")
    baseurl: str = Field("", description="Path prefix of the site under its host, as in Jekyll.")
    title: str = Field("", description="Title of the site and of its whole feed.")
    description: str = Field("", description="One sentence on the site.")
    language: str = Field("zh-CN", description="Language of articles that name none (BCP 47).")
    timezone: str = Field("Asia/Shanghai", description="IANA zone of dates without a zone and of permalinks.")
    authority: str = Field(
        "", description="`host,year` for tag: ids. Empty: derived once from the site's host, then kept for ever."
    )
    author: str = Field("", description="Author of articles that name none.")
    author_email: str = Field("", description="Mail address of the editor; only used together with `author`.")
    permalink: str = Field("date", description="Jekyll style (date, pretty, ordinal, weekdate, none) or template.")
    excerpt_separator: str = Field("\n\n", description="Ends the excerpt; empty means no excerpt.")
    hosts: tuple[str, ...] = Field((), description="Further hosts that canonical addresses may have (contract S08).")

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"no time zone is named {value!r}; use an IANA name such as Asia/Shanghai or UTC"
            ) from None
        return value

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _web_address(value)

    @field_validator("baseurl")
    @classmethod
    def _path_prefix(cls, value: str) -> str:
        """`/blog`, however it was written; nothing for the host itself."""
        path = value.strip().strip("/")
        if re.search(r"[?#\s]|://", path):
            raise ValueError("must be a path such as /blog")
        return f"/{path}" if path else ""

    @field_validator("authority")
    @classmethod
    def _host_and_year(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9.@-]+,\d{4}(-\d\d){0,2}", value):
            raise ValueError("must be `host,year` in lower case, such as news.example.com,2026 (RFC 4151)")
        return value


class ServerSettings(Section):
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(2, ge=1, le=64, description="Web worker processes.")
    threads: int = Field(8, ge=1, le=256, description="Threads in each web worker.")
    trusted_proxies: tuple[str, ...] = Field((), description="Addresses of proxies whose X-Forwarded-* are believed.")
    hot_bytes: int = Field(256_000_000, ge=1_000_000, description="Memory for hot documents in each web worker.")

    @property
    def local_address(self) -> str:
        """Where this machine reaches the server."""
        host = "localhost" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Window(Section):
    """Limits of one feed; 0 means the general one."""

    items: int = Field(0, ge=0, le=10_000, description="Entries at the most, unless `hours` asks for more.")
    hours: int = Field(0, ge=0, description="Everything of the newest so many hours.")
    bytes: int = Field(0, ge=0, description="Octets at the most, uncompressed.")
    cache_seconds: int | None = Field(None, ge=0, description="max-age of this feed.")


class Rights(Section):
    """What of a category's articles may be passed on."""

    text: Literal["full", "summary", "headline", "none"] = Field("full", description="How much of an article is shown.")
    attribution: str = Field("", description="A line that follows every text.")
    until: datetime | None = Field(None, description="When the licence ends (with a zone, or UTC); then `none`.")

    @field_validator("until", mode="before")
    @classmethod
    def _a_day_begins(cls, value: object) -> object:
        if isinstance(value, int | float) or (
            isinstance(value, str) and re.fullmatch(r"[\d.+-]?[\d.]*", value.strip())
        ):
            raise ValueError(A_MOMENT)  # it would be a second of 1970
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        return value

    @field_validator("until")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FeedSettings(Section):
    max_items: int = Field(50, ge=1, le=10_000, description="Entries in a feed at the most.")
    max_bytes: int = Field(3_145_728, ge=10_000, description="Octets of a feed at the most, uncompressed (F10).")
    max_age_days: int = Field(0, ge=0, description="Leave out older entries; 0 means no limit.")
    hours: int = Field(0, ge=0, description="Show everything of the newest so many hours, even above max_items.")
    windows: dict[str, Window] = Field(
        default_factory=dict,
        description='Category ("" is the whole site) -> {"items", "hours", "bytes", "cache_seconds"}: its own instead.',
    )
    content: Literal["full", "summary"] = Field("full", description="Full text, or only the summary.")
    cache_seconds: int = Field(300, ge=0, description="max-age of feeds (contract H32).")
    summary_chars: int = Field(200, ge=20, description="Length of a summary made from the text, in characters.")
    image: str = Field("", description="Picture of feeds and of entries that have none, a web address (RS11).")
    sources: dict[str, str] = Field(
        default_factory=dict,
        description="Name in a `（文章来源：…）` line -> address of that source's feed (contract RS21, AT10).",
    )
    browser: Literal["page", "css", "off"] = Field(
        "page",
        description="What a person's browser gets at a feed's address: `page` an HTML page, `css` the feed with a "
        "style sheet for everybody, `off` the bare feed (contract V01, V08).",
    )
    tags: bool = Field(False, description="A feed for every tag, at /feeds/+tag/<tag>.rss.")
    authors: bool = Field(False, description="A feed for every author, at /feeds/+author/<name>.rss.")
    max_parts: int = Field(20, ge=1, le=100, description="Parts of a combined feed (/feeds/+/…) at the most.")
    archive_items: int = Field(100, ge=10, le=1_000, description="Entries in one archive document (contract P04).")
    deltas: bool = Field(False, description="Answer `A-IM: feed` with the new entries only (RFC 3229, contract D02).")
    tombstones: bool = Field(False, description="Name removed entries in Atom for 30 days (RFC 6721, contract D06).")
    hub: str = Field("", description="Address of an outside WebSub hub to advertise; it has to look for news itself.")
    skip_hours: tuple[int, ...] = Field((), description="GMT hours (0-23) in which nothing new comes (contract RS09).")
    skip_days: tuple[str, ...] = Field((), description="English names of days on which nothing new comes.")
    update_period: Literal["", "hourly", "daily", "weekly", "monthly", "yearly"] = Field(
        "", description="sy:updatePeriod of RSS feeds (contract RS10); empty: not said."
    )
    update_frequency: int = Field(1, ge=1, description="sy:updateFrequency: how often in each period.")

    @field_validator("windows", "sources", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return _nfc(value)

    @field_validator("image")
    @classmethod
    def _picture(cls, value: str) -> str:
        if value and not _WEB.match(value):
            raise ValueError("must be an address such as https://news.example.com/logo.png")
        return value

    @field_validator("hub")
    @classmethod
    def _hub(cls, value: str) -> str:
        if value and not _WEB.match(value):
            raise ValueError("must be an address such as https://hub.example.com/")
        return value

    @field_validator("sources")
    @classmethod
    def _addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for name, address in value.items():
            if not re.fullmatch(r"https?://[^/\s]+\S*", address):
                raise ValueError(f"the address of {name!r} must be such as https://paper.example.com/feed.xml")
        return value

    @field_validator("skip_hours")
    @classmethod
    def _hours(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 0 <= hour <= 23 for hour in value) or len(set(value)) < len(value):
            raise ValueError("must be different whole hours from 0 to 23; midnight is 0, not 24")
        return value

    @field_validator("skip_days")
    @classmethod
    def _days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(day not in DAYS for day in value) or len(set(value)) < len(value):
            raise ValueError(f"must be different names of {', '.join(DAYS)}")
        return value


class PublisherSettings(Section):
    mode: Literal["watch", "schedule", "both"] = Field("both", description="What starts a look at the content.")
    rescan_seconds: int = Field(300, ge=1, description="Full rescan, whatever the watcher saw.")
    schedule: str = Field("", description="Interval (`30m`, `2h`) or cron line in the site's zone, for everything.")
    category_schedules: dict[str, str] = Field(
        default_factory=dict, description="Category -> interval or cron line: editions at these times only."
    )
    settle_ms: int = Field(
        1500,
        ge=0,
        description="Where the system cannot tell that a file is being written (it is not ours, or on a network disk): "
        "a new or changed file is read once it has not changed for so long.",
    )
    grace_seconds: int = Field(60, ge=0, description="A vanished file withdraws its article after this time.")
    vanish_hold_share: float = Field(0.3, gt=0, le=1, description="Hold when more than this share vanishes at once…")
    vanish_hold_files: int = Field(10, ge=1, description="…and more than so many files.")
    processes: int = Field(0, ge=0, le=64, description="Processes for large builds; 0 means one a core, at most 4.")
    lease_seconds: int = Field(6, ge=2, description="A leader that is silent for so long is replaced.")
    keep_runs_days: int = Field(
        30, ge=1, description="How long finished runs are remembered, and what tombstones and deltas are made of."
    )


class CategorySettings(Section):
    split: Literal["jekyll", "whole"] = Field(
        "jekyll", description="`jekyll`: a string of categories is split at blanks; `whole`: it is one name."
    )
    titles: dict[str, str] = Field(default_factory=dict, description="Category -> display name, over the derived one.")
    title_suffix: str = Field("新闻", description="Cut from a tag to make the category's display name.")
    descriptions: dict[str, str] = Field(default_factory=dict, description="Category -> one sentence on it.")
    languages: dict[str, str] = Field(default_factory=dict, description="Category -> its language (BCP 47).")
    images: dict[str, str] = Field(
        default_factory=dict, description="Category -> address of its picture, for the feed and entries without one."
    )
    renamed: dict[str, str] = Field(
        default_factory=dict,
        description="Old category -> its new name: posts of both go there, the feed keeps its id, old addresses are "
        "301 (contract M01).",
    )
    merged: dict[str, str] = Field(
        default_factory=dict,
        description="Category -> another that takes its posts over; old addresses are 301 (contract M01).",
    )
    also_at_old_address: tuple[str, ...] = Field(
        (), description="Renamed or merged categories whose old address answers 200, not 301 (contract M03)."
    )
    removed: tuple[str, ...] = Field(
        (), description="Categories without a feed any more: 410 until taken out of this list (contract M04)."
    )
    rights: dict[str, Rights] = Field(
        default_factory=dict,
        description='Category -> {"text": full, summary, headline or none, "attribution", "until"}: what feeds may '
        "show of its articles, wherever they appear.",
    )
    closed: tuple[str, ...] = Field(
        (), description="Categories that are still served, but get nothing new (contract JF05)."
    )

    @model_validator(mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return _nfc(value)

    @field_validator("images")
    @classmethod
    def _pictures(cls, value: dict[str, str]) -> dict[str, str]:
        for name, address in value.items():
            if not _WEB.match(address):
                raise ValueError(f"the picture of {name!r} must have an address such as https://news.example.com/a.png")
        return value

    @model_validator(mode="after")
    def _moves_lead_somewhere(self) -> Self:
        moves = {**self.merged, **self.renamed}
        if both := sorted(self.renamed.keys() & self.merged.keys()):
            raise ValueError(f"{both[0]!r} is both renamed and merged; leave one of them out")
        for start in moves:
            seen, slug = {start}, moves[start]
            while slug in moves:
                if slug in seen:
                    raise ValueError(f"the moves of {start!r} lead in a circle")
                seen.add(slug)
                slug = moves[slug]
            if not slug:
                raise ValueError(f"{start!r} moves to a category without a name")
        if strange := sorted(set(self.also_at_old_address) - moves.keys()):
            raise ValueError(f"also_at_old_address: {strange[0]!r} is neither renamed nor merged")
        if strange := sorted(set(self.removed) & moves.keys()):
            raise ValueError(f"{strange[0]!r} is both removed and moved; leave one of them out")
        return self

    @property
    def moves(self) -> dict[str, str]:
        """Every moved category -> where its posts are now, however many steps that took."""
        steps = {**self.merged, **self.renamed}
        ends = {}
        for start, slug in steps.items():
            while slug in steps:
                slug = steps[slug]
            ends[start] = slug
        return ends

    @property
    def former(self) -> dict[str, str]:
        """Every category without a feed of its own any more -> where its posts are now, "" where they have none."""
        ends = {slug: "" if end in self.removed else end for slug, end in self.moves.items()}
        return {**ends, **dict.fromkeys(self.removed, "")}


class DateSettings(Section):
    naive: Literal["jekyll", "local"] = Field(
        "jekyll",
        description="A plain date-time with seconds, no zone: UTC (`jekyll`) or the site's (`local`).",
    )


class GuardSettings(Section):
    enabled: bool = Field(True, description="Hold an edition that looks like an accident back (`feedsvc guard`).")
    min_entries: int = Field(10, ge=1, description="Feeds with fewer published entries are never held.")
    vanished_share: float = Field(0.5, gt=0, le=1, description="Hold when more than this share of entries vanishes…")
    updated_share: float = Field(0.9, gt=0, le=1, description="…when more than this share is updated at once…")
    renamed_share: float = Field(0.3, gt=0, le=1, description="…or gets another id under the same title.")
    exempt: tuple[str, ...] = Field(
        (),
        description='Categories ("" is the whole site) that are never held, since all of it is rewritten every day: '
        "tables of prices, timetables.",
    )

    @field_validator("exempt", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return _nfc(value)


class LimitSettings(Section):
    requests: int = Field(
        0, ge=0, description="Whole feeds a client address may fetch in `seconds`; 0 means no limit (contract M06)."
    )
    seconds: int = Field(60, ge=1, le=86_400, description="Length of the time in which requests are counted.")


class ShareSettings(Section):
    legacy_paths: dict[str, str] = Field(
        {"/html_News/NewsShare.html": "infoCode"},
        description="Old share paths -> query parameter with the id.",
    )
    patterns: tuple[str, ...] = Field(
        (),
        description="Further old forms: regular expressions for a whole path (with its query, if it has one), "
        "whose group `code` is the code or id, such as `/news/\\d+,(?P<code>\\d+)\\.html`.",
    )
    status: Literal[302, 301] = Field(302, description="Status of share links; 301 is kept by caches for 90 s (S01).")
    cache_seconds: int = Field(
        0, ge=0, le=3_600, description="How long a browser may keep a 302; 0: not at all (contract S02)."
    )
    campaign: dict[str, str] = Field(
        default_factory=dict,
        description="Query parameters that a share link appends to its target, such as utm_source (contract S15).",
    )
    pass_campaign: bool = Field(False, description="Pass `utm_*` of the request on to the target (contract S15).")
    cards: bool = Field(
        False, description="Give known preview robots a page with the article's card instead of the redirect (S13)."
    )
    count: bool = Field(True, description="Count clicks: day totals per code, no addresses (contract S14).")
    referrers: bool = Field(False, description="Count from which hosts people come, too.")
    repeat_seconds: int = Field(
        10, ge=0, le=3_600, description="The same visitor within so many seconds counts as a repeat (contract S14)."
    )
    keep_days: int = Field(400, ge=1, description="How long day totals and unknown codes are remembered.")

    @field_validator("legacy_paths")
    @classmethod
    def _paths(cls, value: dict[str, str]) -> dict[str, str]:
        for path, parameter in value.items():
            if not path.startswith("/"):
                raise ValueError(f"the path {path!r} must begin with a slash")
            if not parameter:
                raise ValueError(f"the path {path!r} needs the name of a query parameter")
        return value

    @field_validator("patterns")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            try:
                groups = re.compile(pattern).groupindex
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
            if "code" not in groups:
                raise ValueError(f"{pattern!r} needs a group named code: (?P<code>…)")
        return value


class SearchSettings(Section):
    enabled: bool = Field(True, description="Index titles, summaries and texts, and offer search.")
    requests: int = Field(30, ge=0, description="Searches a client address may make in `seconds`; 0 means no limit.")
    seconds: int = Field(60, ge=1, le=86_400, description="Length of the time in which searches are counted.")


class PageSettings(Section):
    readers: dict[str, str] = Field(
        {
            "Inoreader": "https://www.inoreader.com/?add_feed={url}",
            "Feedly": "https://feedly.com/i/subscription/feed/{url}",
            "The Old Reader": "https://theoldreader.com/feeds/subscribe?url={url}",
            "NewsBlur": "https://www.newsblur.com/?url={url}",
            "Feedbin": "https://feedbin.com/?subscribe={url}",
        },
        description="Web readers in the subscribe box: name -> address, in which {url} stands for the feed's.",
    )
    robots: bool = Field(True, description="Let search engines index the pages; false forbids it in /robots.txt.")

    @field_validator("readers")
    @classmethod
    def _readers(cls, value: dict[str, str]) -> dict[str, str]:
        for name, address in value.items():
            if not _WEB.match(address) or "{url}" not in address:
                raise ValueError(f"the address of {name!r} must be such as https://reader.example.com/?add={{url}}")
        return value


class Settings(BaseSettings):
    """Every effective setting. `FEEDSVC_` and two underscores between levels make the environment names.

    Made by configuration.load; `Settings()` in code reads nothing from outside.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    public_url: str = Field("", description="Where this server is reached from outside; empty: http://host:port.")
    data_dir: Path = Field(Path("var"), description="Folder for the database and the operator's token.")
    content: ContentSettings = ContentSettings()
    database: DatabaseSettings = DatabaseSettings()
    site: SiteSettings = SiteSettings()
    server: ServerSettings = ServerSettings()
    feeds: FeedSettings = FeedSettings()
    publisher: PublisherSettings = PublisherSettings()
    guard: GuardSettings = GuardSettings()
    limits: LimitSettings = LimitSettings()
    categories: CategorySettings = CategorySettings()
    dates: DateSettings = DateSettings()
    share: ShareSettings = ShareSettings()
    search: SearchSettings = SearchSettings()
    pages: PageSettings = PageSettings()

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if re.search(r"\s", value):  # of site.url, articles/make.py says it and more
            raise ValueError("must be an address without blanks")
        return _web_address(value)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @property
    def public_base(self) -> str:
        """The public address without trailing slash (contract L05: never from the Host header)."""
        return self.public_url.rstrip("/") or self.server.local_address

    @property
    def site_base(self) -> str:
        """Where canonical pages live, with the site's path prefix, without trailing slash."""
        return (self.site.url.rstrip("/") or self.public_base) + self.site.baseurl.rstrip("/")

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data_dir.absolute() / 'feedsvc.db'}"

    @property
    def serves_articles(self) -> bool:
        """Whether the canonical article pages live on this server: at its public address, or further down there."""
        site, public = urlsplit(self.site_base + "/"), urlsplit(self.public_base + "/")
        return _origin(site) == _origin(public) and site.path.startswith(public.path)

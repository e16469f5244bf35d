"""The site itself: its content, its database, its server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from feedsvc.settings.section import Section, web_address


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
        return web_address(value)

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


class DateSettings(Section):
    naive: Literal["jekyll", "local"] = Field(
        "jekyll",
        description="A plain date-time with seconds, no zone: UTC (`jekyll`) or the site's (`local`).",
    )

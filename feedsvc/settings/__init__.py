"""Settings: what can be set, with defaults and help. configuration.py reads them.

Order, strongest first: command line, environment (`FEEDSVC_SITE__URL`), secret files (`FEEDSVC_DATABASE__URL_FILE`),
feedsvc.toml, `_config.yml` of the first root that has one, the defaults in this folder. Sections are nested by two
underscores.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from feedsvc.settings.categories import A_MOMENT, CategorySettings, Rights
from feedsvc.settings.feeds import FeedSettings
from feedsvc.settings.publisher import GuardSettings, PublisherSettings
from feedsvc.settings.section import origin, web_address
from feedsvc.settings.site import (
    ContentSettings,
    DatabaseSettings,
    DateSettings,
    ServerSettings,
    SiteSettings,
)
from feedsvc.settings.visitors import LimitSettings, PageSettings, SearchSettings, ShareSettings

__all__ = [
    "A_MOMENT",
    "PREFIX",
    "CategorySettings",
    "ContentSettings",
    "FeedSettings",
    "Rights",
    "Settings",
    "ShareSettings",
    "SiteSettings",
]

PREFIX = "FEEDSVC_"


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
        return web_address(value)

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
        return origin(site) == origin(public) and site.path.startswith(public.path)

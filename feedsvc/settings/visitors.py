"""What visitors get besides feeds: share links, search, pages; and how much they may ask for."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from feedsvc.settings.section import WEB, Section


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
        "whose group `code` is the code or id, such as `/news/\\d+,(?P<code>\\d+)\\.html`. "
        "Anybody's paths are tried on them: nothing repeated inside of something repeated, or one may take for ever.",
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
            if not WEB.match(address) or "{url}" not in address:
                raise ValueError(f"the address of {name!r} must be such as https://reader.example.com/?add={{url}}")
        return value

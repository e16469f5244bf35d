"""The language and the clock of pages: Chinese or English, dates in the site's zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl

from babel.dates import format_date, format_datetime, get_timezone_name
from flask import Flask, request
from flask_babel import Babel, get_locale  # type: ignore[import-untyped, unused-ignore]
from flask_babel import gettext as flask_gettext
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from feedsvc.web.services import services

LANGUAGES = {"zh": "中文", "en": "English"}

LONGEST_ACCEPT = 500  # characters of Accept-Language that are looked at; browsers send a tenth of it

_PATTERNS = {"zh": ("y年M月d日", "y年M月d日 HH:mm"), "en": ("d MMMM y", "d MMMM y, HH:mm")}
_LISTED = {"zh": _PATTERNS["zh"], "en": ("d MMM y", "d MMM y, HH:mm")}


def install(app: Flask) -> None:
    """Make the application speak both languages."""
    Babel(app, locale_selector=select)


def gettext(text: str) -> str:
    """The text in the page's language."""
    return str(flask_gettext(text))


def chosen() -> str:
    """The language picked with the visible switch (`?lang=`), "" when none was."""
    return picked(request.environ.get("QUERY_STRING", ""))


def select() -> str:
    """The page's language."""
    environ = request.environ
    return decide(
        environ.get("QUERY_STRING", ""), environ.get("HTTP_ACCEPT_LANGUAGE", ""), services().settings.site.language
    )


def decide(query: str, accept: str, site: str) -> str:
    """The switch in the query, then the browser's wish (Accept-Language), then the site's own (BCP 47): zh or en."""
    return (picked(query) if query else "") or _wished(accept[:LONGEST_ACCEPT]) or ("zh" if _is_chinese(site) else "en")


def picked(query: str) -> str:
    """What the switch says in a raw query; "" when nothing that we speak."""
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "lang":
            return value if value in LANGUAGES else ""
    return ""


@lru_cache(maxsize=512)
def _wished(accept: str) -> str:
    for tag in parse_accept_header(accept, LanguageAccept).values():  # best first
        primary = tag.partition("-")[0].lower()
        if primary in LANGUAGES:
            return primary
    return ""


def _is_chinese(tag: str) -> bool:
    return tag.lower().startswith("zh")


def page_language() -> str:
    """BCP 47, for the html element."""
    return {"zh": "zh-CN", "en": "en"}[select()]


def show_date(moment: datetime, date_only: bool = False) -> str:
    """For people: the day, or day, time and offset from UTC, in the site's zone and the page's language."""
    day, full = _PATTERNS[select()]
    local = moment.astimezone(services().zone)
    if date_only:
        return format_datetime(local, day, locale=get_locale())
    return f"{format_datetime(local, full, locale=get_locale())} {_offset(local)}"


def list_date(moment: datetime, date_only: bool = False) -> str:
    """The same for lists: short, and without the offset, which the page's foot names for all (`zone_name`). The day's
    first instant is no time of day but a date without one."""
    local = moment.astimezone(services().zone)
    pattern = _LISTED[select()][0 if date_only or not (local.hour or local.minute or local.second) else 1]
    return str(format_datetime(local, pattern, locale=get_locale()))


def zone_name() -> str:
    """What people call the site's zone: China Time, Central European Time, UTC."""
    zone = services().zone
    if "/" not in zone.key or zone.key.startswith("Etc/"):
        return zone.key.removeprefix("Etc/")
    return str(get_timezone_name(zone, locale=get_locale()))


def day_name(day: date) -> str:
    """For a heading: the weekday, too."""
    return format_date(day, {"zh": "y年M月d日 EEEE", "en": "EEEE, d MMMM y"}[select()], locale=get_locale())


def month_name(day: date, alone: bool = True) -> str:
    """The month of a day; without its year where that is said already."""
    pattern = {"zh": ("y年M月", "M月"), "en": ("MMMM y", "MMM")}[select()]
    return format_date(day, pattern[0 if alone else 1], locale=get_locale())


def _offset(local: datetime) -> str:
    """UTC+8, UTC-3:30, UTC."""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")

"""Small promises of the web folder: trusted proxies, the formats' table, the Chinese texts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from werkzeug.test import Client

import feedsvc.web
from feedsvc.errors import SettingsError
from feedsvc.feeds.formats import FORMATS
from feedsvc.web.discovery import FEED_FORMATS, in_every_format, link_header, links_in
from feedsvc.web.proxies import TrustedProxies

WEB = Path(feedsvc.web.__file__).parent
TEXTS = WEB / "translations" / "zh" / "LC_MESSAGES"


def test_the_formats_are_those_that_are_rendered() -> None:
    rendered = [(one.suffix, one.media_type.partition(";")[0]) for one in FORMATS]
    assert [(suffix, media_type) for _, suffix, media_type in FEED_FORMATS] == rendered


BASE = "https://feeds.example.com"


def test_l04_link_header_of_a_feed() -> None:
    """Contract L03, L04, H34: one header; itself once, its hub, the other formats with their types."""
    header = link_header("/feeds/harbour.atom", BASE, [("hub", "https://hub.example.com/")])
    assert header == (
        f'<{BASE}/feeds/harbour.atom>; rel="self", <https://hub.example.com/>; rel="hub", '
        f'<{BASE}/feeds/harbour.rss>; rel="alternate"; type="application/rss+xml", '
        f'<{BASE}/feeds/harbour.json>; rel="alternate"; type="application/feed+json"'
    )


def test_p01_link_header_of_a_page() -> None:
    """Contract P01, P02: pages keep their query, in every format."""
    pages = [("first", f"{BASE}/feed.rss"), ("previous", f"{BASE}/feed.rss"), ("next", f"{BASE}/feed.rss?page=3")]
    header = link_header("/feed.rss?page=2", BASE, pages)
    assert links_in(header) == {
        "self": f"{BASE}/feed.rss?page=2",
        "first": f"{BASE}/feed.rss",
        "previous": f"{BASE}/feed.rss",
        "next": f"{BASE}/feed.rss?page=3",
        "alternate": f"{BASE}/feed.atom?page=2",
    }


def test_documents_that_are_no_feeds_have_no_other_formats() -> None:
    assert link_header("/feeds.opml?category=a&format=atom", BASE) == (
        f'<{BASE}/feeds.opml?category=a&format=atom>; rel="self"'
    )
    assert in_every_format("/feeds.opml") == in_every_format("/feed") == ()
    assert [target for _, target, _ in in_every_format("/feeds/+/a,b.json")] == [
        "/feeds/+/a,b.rss",
        "/feeds/+/a,b.atom",
        "/feeds/+/a,b.json",
    ]


def singular(message: str | Sequence[str]) -> str:
    """The text, or its first form where there is a plural; Chinese has one form only."""
    return message if isinstance(message, str) else message[0]


def test_every_text_is_translated() -> None:
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    used = {singular(message) for _, _, message, _, _ in extract_from_dir(WEB, methods)}
    catalog = read_po(io.BytesIO((TEXTS / "messages.po").read_bytes()), locale="zh")
    translated = {singular(message.id) for message in catalog if message.id and message.string}
    assert used == translated


def test_the_compiled_texts_are_current() -> None:
    catalog = read_po(io.BytesIO((TEXTS / "messages.po").read_bytes()), locale="zh")
    compiled = read_mo(io.BytesIO((TEXTS / "messages.mo").read_bytes()))
    current, told = ({singular(m.id): singular(m.string or "") for m in part if m.id} for part in (compiled, catalog))
    assert current == told, "run pybabel compile"


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']} {environ['HTTP_HOST']}".encode()]


@pytest.mark.parametrize(
    ("peer", "seen"),
    [("10.1.2.3", "203.0.113.9 https localhost"), ("192.0.2.1", "192.0.2.1 http localhost"), ("", " http localhost")],
)
def test_only_named_proxies_are_believed(peer: str, seen: str) -> None:
    client = Client(TrustedProxies(echo, ["10.0.0.0/8", "::1"]))
    forwarded = {
        "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
    }
    answer = client.get("/", headers=forwarded, environ_overrides={"REMOTE_ADDR": peer})
    assert answer.text == seen


def test_a_proxy_that_is_no_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="trusted_proxies"):
        TrustedProxies(echo, ["proxy.example"])

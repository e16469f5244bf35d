"""Contract section 8, rule by rule, in every format, over the wire: real gunicorn, the real store, plain sockets.

What of it depends on the moment of a change is in test_contract_http.py; what a browser gets, in the tests of the page.
"""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest

from tests.contract.served import Answer, Server, serving
from tests.contract.test_contract_http import LONG, folder_url, opened, put
from tests.web.served_site import migrated_copy

FEEDS = [f"/feeds/harbour{suffix}" for suffix in (".rss", ".atom", ".json")]
CODINGS = ["identity", "gzip"]
READERS = {
    "newsboat": "*/*",
    "Miniflux": "application/xml,application/atom+xml,application/rss+xml,application/rdf+xml,application/feed+json,"
    "text/html,*/*;q=0.9",
    "FreshRSS": "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8,"
    " text/xml;q=0.8, text/html;q=0.7, unknown/unknown;q=0.1, application/unknown;q=0.1, */*;q=0.1",
    "feedparser": "application/atom+xml,application/rdf+xml,application/rss+xml,application/x-netcdf,"
    "application/xml;q=0.9,text/xml;q=0.2,*/*;q=0.1",
    "reader": "application/atom+xml,application/rdf+xml,application/rss+xml,application/x-netcdf,"
    "application/xml;q=0.9,text/xml;q=0.2,application/feed+json,application/json;q=0.8,*/*;q=0.1",
}
IMF_FIXDATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("rules")
    migrated_copy(folder)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with opened(folder_url(folder)) as store:
            put(store, "harbour", LONG)
        with serving(folder, listener) as running:
            yield running


@pytest.fixture(params=FEEDS)
def feed(request: pytest.FixtureRequest) -> str:
    """The address of one feed in each format."""
    path: str = request.param
    return path


def answers(server: Server, feed: str) -> dict[str, Answer]:
    """One answer of every kind that a feed address gives."""
    tag = server.ask(feed).headers["etag"]
    return {
        "200": server.ask(feed),
        "200 gzip": server.ask(feed, headers={"Accept-Encoding": "gzip"}),
        "HEAD": server.ask(feed, "HEAD"),
        "304": server.ask(feed, headers={"If-None-Match": tag}),
        "304 HEAD": server.ask(feed, "HEAD", {"If-None-Match": tag}),
        "301": server.ask(feed + "/"),
        "404": server.ask(feed.replace("harbour", "nowhere")),
        "405": server.ask(feed, "POST"),
        "412": server.ask(feed, headers={"If-Match": '"nope"'}),
        "431": server.ask(feed, headers={f"X-{number}": "y" * 1000 for number in range(20)}),
        "preflight": server.ask(feed, "OPTIONS"),
    }


def ask(server: Server, feed: str, **headers: str) -> Answer:
    return server.ask(feed, headers={name.replace("_", "-"): value for name, value in headers.items()})


def names(value: str) -> set[str]:
    return {name.strip().lower() for name in value.split(",")}


def test_the_answers_are_what_they_are_called(server: Server, feed: str) -> None:
    statuses = {"HEAD": 200, "304 HEAD": 304, "200 gzip": 200, "preflight": 204}
    for kind, answer in answers(server, feed).items():
        assert answer.status == statuses.get(kind) or str(answer.status) == kind


def test_h01_media_types(server: Server) -> None:
    kinds = [server.ask(feed).headers["content-type"] for feed in FEEDS]
    assert kinds == [
        "application/rss+xml; charset=utf-8",
        "application/atom+xml; charset=utf-8",
        "application/feed+json",
    ]


def test_h02_nosniff_on_every_answer(server: Server, feed: str) -> None:
    for kind, answer in answers(server, feed).items():
        assert answer.headers.get("x-content-type-options") == "nosniff", kind


@pytest.mark.parametrize("coding", CODINGS)
def test_h03_h04_same_bytes_same_strong_tag(server: Server, feed: str, coding: str) -> None:
    first, second = (ask(server, feed, Accept_Encoding=coding) for _ in range(2))
    assert first.body == second.body and first.headers["etag"] == second.headers["etag"]
    assert re.fullmatch(r'"[\x21\x23-\x7e]+"', first.headers["etag"])


def test_h04_the_tag_is_made_from_the_bytes(server: Server) -> None:
    assert len({server.ask(feed).headers["etag"] for feed in FEEDS}) == 3, "three formats, three bodies"


def test_h05_last_modified_is_a_date_that_is_not_ahead(server: Server, feed: str) -> None:
    for kind in ("200", "200 gzip", "HEAD"):
        headers = answers(server, feed)[kind].headers
        assert IMF_FIXDATE.fullmatch(headers["last-modified"])
        assert parsedate_to_datetime(headers["last-modified"]) <= parsedate_to_datetime(headers["date"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", CODINGS)
def test_h06_h07_h08_h20_h26_h31_not_modified(server: Server, feed: str, coding: str, method: str) -> None:
    """No body, no coding; tag, lifetime, Vary and CORS as on the 200 it stands for."""
    full = ask(server, feed, Accept_Encoding=coding, Origin="https://reader.example")
    known = {"Accept-Encoding": coding, "If-None-Match": full.headers["etag"], "Origin": "https://reader.example"}
    answer = server.ask(feed, method, known)
    assert (answer.status, answer.body) == (304, b"")
    for name in ("etag", "cache-control", "vary", "access-control-allow-origin", "access-control-expose-headers"):
        assert answer.headers[name] == full.headers[name]
    for name in ("content-location", "expires"):
        assert answer.headers.get(name) == full.headers.get(name)
    assert "date" in answer.headers
    assert not {"content-encoding", "transfer-encoding", "content-length", "content-type"} & answer.headers.keys()


def test_h09_h10_h11_h12_lists_stars_weak_and_unknown_tags(server: Server, feed: str) -> None:
    tag = server.ask(feed).headers["etag"]
    for value in (f'"nope", W/"x,y", {tag}', f'{tag}, "z"', f'"a, b",{tag}', "*", f"W/{tag}", f'W/"n",\tW/{tag}'):
        assert ask(server, feed, If_None_Match=value).status == 304, value
    for value in ('""', '"nope"', 'W/""', tag.strip('"'), '"' + tag[1:-1].upper() + 'X"', f'"x,{tag[1:]}', "x"):
        assert ask(server, feed, If_None_Match=value).status == 200, value


def test_h13_to_h18_dates(server: Server, feed: str) -> None:
    """Contract H13, H14, H15, H16, H17, H18."""
    modified = server.ask(feed).headers["last-modified"]
    moment = parsedate_to_datetime(modified)

    def since(value: str, **more: str) -> int:
        return ask(server, feed, If_Modified_Since=value, **more).status

    def http(at: datetime) -> str:
        return format_datetime(at.astimezone(UTC), usegmt=True)

    assert since(modified, If_None_Match='"nope"') == 200  # H13
    assert since(modified) == 304  # H14
    assert since(http(moment + timedelta(seconds=1))) == since(http(moment + timedelta(hours=1))) == 304  # H15
    assert since(http(moment - timedelta(seconds=1))) == since(http(moment - timedelta(hours=1))) == 200  # H16
    for unreadable in ("yesterday", "0", "2026-11-20T08:00:00Z", "Fri, 99 Nov 2026 08:00:00 GMT", ","):
        assert since(unreadable) == 200  # H17
    assert since(moment.strftime("%A, %d-%b-%y %H:%M:%S GMT")) == 304  # H18
    assert since(moment.strftime("%a %b %e %H:%M:%S %Y")) == 304


def test_h19_h21_h22_gzip_with_a_tag_of_its_own(server: Server, feed: str) -> None:
    plain, coded = server.ask(feed), ask(server, feed, Accept_Encoding="gzip")
    assert coded.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert gzip.decompress(coded.body) == plain.body and len(coded.body) < len(plain.body)
    assert coded.headers["etag"] == plain.headers["etag"][:-1] + '-gz"'
    again = ask(server, feed, Accept_Encoding="gzip", If_None_Match=coded.headers["etag"])
    assert (again.status, again.headers["etag"]) == (304, coded.headers["etag"])


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=0.001, *;q=0", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0, identity", None),
        ("gzip;q=0.0,*", None),
        ("br", None),
        ("identity", None),
        ("", None),
    ],
)
def test_h19_h23_h24_who_gets_gzip(server: Server, feed: str, accept: str, coding: str | None) -> None:
    assert ask(server, feed, Accept_Encoding=accept).headers.get("content-encoding") == coding


@pytest.mark.parametrize("coding", CODINGS)
def test_h25_head_is_get_without_its_body(server: Server, feed: str, coding: str) -> None:
    full, head = (server.ask(feed, method, {"Accept-Encoding": coding}) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, b"") and full.body
    full.headers.pop("date"), head.headers.pop("date")
    assert head.headers == full.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_h27_other_methods(server: Server, feed: str, method: str) -> None:
    answer = server.ask(feed, method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_h28_preflight(server: Server, feed: str) -> None:
    answer = server.ask(
        feed,
        "OPTIONS",
        {
            "Origin": "https://reader.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        },
    )
    assert answer.status in (200, 204) and answer.headers["access-control-allow-origin"] == "*"
    assert {"get", "head"} <= names(answer.headers["access-control-allow-methods"])
    allowed = names(answer.headers["access-control-allow-headers"])
    assert {"if-none-match", "if-modified-since", "a-im", "accept"} <= allowed
    assert answer.headers["access-control-max-age"] == "86400"


def test_h29_h30_h31_cors_on_every_answer(server: Server, feed: str) -> None:
    for kind, answer in answers(server, feed).items():
        if kind == "431":  # refused before anybody looked what it asks for
            continue
        assert answer.headers["access-control-allow-origin"] == "*", kind
        if kind != "preflight":
            exposed = names(answer.headers["access-control-expose-headers"])
            assert {"etag", "last-modified", "link", "cache-control", "retry-after"} <= exposed, kind
    assert ask(server, feed, Origin="https://reader.example").headers["access-control-allow-origin"] == "*"


def test_h32_h33_lifetimes(server: Server, feed: str) -> None:
    expected = "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
    for kind in ("200", "200 gzip", "HEAD", "304"):
        assert answers(server, feed)[kind].headers["cache-control"] == expected


def test_h34_without_a_hub_no_hub_is_named(server: Server, feed: str) -> None:
    link = server.ask(feed).headers["link"]
    assert link.count('rel="self"') == 1 and "hub" not in link


def test_h35_h36_no_parts_but_the_whole(server: Server, feed: str) -> None:
    full = server.ask(feed)
    assert full.headers["accept-ranges"] == "none"
    for headers in (
        {"Range": "bytes=0-9"},
        {"Range": "bytes=0-9", "If-Range": '"nope"'},
        {"Range": "bytes=0-9", "If-Range": full.headers["etag"]},
        {"Range": "bytes=9999999-"},
        {"Range": "bytes=5-1"},
    ):
        answer = server.ask(feed, headers=headers)
        assert (answer.status, answer.body) == (200, full.body) and "content-range" not in answer.headers


def test_h37_h38_asking_for_a_delta(server: Server, feed: str) -> None:
    """Contract H37, H38: the current tag gives a 304, any other the whole feed."""
    full = server.ask(feed)
    assert ask(server, feed, A_IM="feed", If_None_Match=full.headers["etag"]).status == 304
    answer = ask(server, feed, A_IM="feed", If_None_Match='"unknown"')
    assert (answer.status, answer.body) == (200, full.body) and "im" not in answer.headers


def test_h39_an_unknown_feed(server: Server, feed: str) -> None:
    answer = server.ask(feed.replace("harbour", "nowhere"), headers={"Accept": "text/html"})
    assert answer.status == 404 and answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("query", ["utm_source=x", "x", "=", "&&", "lang=zh&_=1732233600", "a=%ff%00", "?", "rss"])
def test_h40_unknown_parameters_change_nothing(server: Server, feed: str, query: str) -> None:
    plain, asked = server.ask(feed), server.ask(f"{feed}?{query}")
    assert (asked.status, asked.body) == (200, plain.body)
    for headers in (plain.headers, asked.headers):
        headers.pop("date")
    assert asked.headers == plain.headers
    assert server.ask(f"{feed}?{query}", headers={"If-None-Match": plain.headers["etag"]}).status == 304


def test_h41_h50_h52_what_no_answer_carries(server: Server, feed: str) -> None:
    """Contract H41, H50, H52: no cookie, no Age, no Expires, no Vary beyond the two."""
    for kind, answer in answers(server, feed).items():
        assert not {"set-cookie", "age", "expires"} & answer.headers.keys(), kind
        assert names(answer.headers.get("vary", "")) <= {"", "accept", "accept-encoding"}, kind
    for kind in ("200", "200 gzip", "HEAD", "304"):
        assert names(answers(server, feed)[kind].headers["vary"]) == {"accept", "accept-encoding"}


def test_h42_date_and_length(server: Server, feed: str) -> None:
    for kind in ("200", "200 gzip"):
        answer = answers(server, feed)[kind]
        assert answer.headers["content-length"] == str(len(answer.body))
        assert "transfer-encoding" not in answer.headers
        assert abs(parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("reader", READERS)
def test_h43_readers_get_the_feed(server: Server, feed: str, reader: str) -> None:
    plain, asked = server.ask(feed), ask(server, feed, Accept=READERS[reader])
    assert (asked.status, asked.body) == (200, plain.body)
    assert asked.headers["content-type"] == plain.headers["content-type"]
    coded = ask(server, feed, Accept=READERS[reader], Accept_Encoding="gzip, deflate")
    assert gzip.decompress(coded.body) == plain.body


@pytest.mark.parametrize(
    "agent",
    ["", "-", "curl/8", "sqlmap/1.7", "python-requests/2.0", "Mozilla/5.0 " * 100, "() { :;}; x", "é新", "GPTBot"],
)
def test_h44_m08_nobody_is_refused_for_his_name(server: Server, feed: str, agent: str) -> None:
    plain = server.ask(feed)
    answer = server.ask(feed, headers={"User-Agent": agent.encode().decode("latin-1")})
    assert (answer.status, answer.body) == (200, plain.body)
    assert "set-cookie" not in answer.headers and b"<script" not in answer.body


def test_h44_m08_missing_headers_are_no_fault(server: Server, feed: str) -> None:
    """Not even Host, from a client of HTTP/1.0."""
    assert server.say(f"GET {feed} HTTP/1.0\r\n\r\n".encode()) == 200
    assert server.say(f"GET {feed} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()) == 200


def test_h45_h46_f02_the_first_bytes(server: Server, feed: str) -> None:
    body = server.ask(feed).body
    assert body[:1] in (b"<", b"{")
    assert any(root in body[:512] for root in (b"<rss", b"<feed", b'"version"'))


def test_h48_order_of_the_conditions(server: Server, feed: str) -> None:
    full = server.ask(feed)
    tag, modified = full.headers["etag"], full.headers["last-modified"]
    earlier = format_datetime(parsedate_to_datetime(modified) - timedelta(hours=1), usegmt=True)

    def status(**headers: str) -> int:
        return ask(server, feed, **headers).status

    assert status(If_Match='"nope"') == status(If_Unmodified_Since=earlier) == 412
    assert status(If_Match=f"W/{tag}") == 412, "a weak tag never matches strongly"
    assert status(If_Match=tag) == status(If_Match="*") == status(If_Unmodified_Since=modified) == 200
    assert status(If_Match=tag, If_Unmodified_Since=earlier) == 200, "If-Match decides alone"
    assert status(If_Match='"nope"', If_None_Match=tag) == 412, "If-Match is looked at first"
    assert status(If_Match=tag, If_None_Match=tag) == status(If_Match=tag, If_Modified_Since=modified) == 304
    assert status(If_None_Match=tag, Range="bytes=0-9") == 304, "Range comes last"


@pytest.mark.parametrize("suffix", ["-gzip", "--gzip", "-br", "-zstd", "-gz", ";gzip"])
def test_h49_tags_with_the_suffix_of_a_proxy(server: Server, feed: str, suffix: str) -> None:
    tag = server.ask(feed).headers["etag"]
    for shown in (tag[:-1] + suffix + '"', "W/" + tag[:-1] + suffix + '"'):
        assert ask(server, feed, If_None_Match=shown).status == 304
        assert ask(server, feed, If_None_Match=shown, Accept_Encoding="gzip").status == 304


def test_h53_a_feed_in_a_browser_can_do_nothing(server: Server, feed: str) -> None:
    headers = server.ask(feed).headers
    policy = "default-src 'none'; style-src 'self'; img-src http: https: data:; sandbox"
    assert headers["content-security-policy"] == policy
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"


def test_h54_one_address(server: Server, feed: str) -> None:
    for spelling in (feed.upper(), feed + "/", "/" + feed, feed.replace("/feeds/", "/feeds//"), feed.title()):
        answer = server.ask(spelling)
        assert answer.status in (301, 404), spelling
        if answer.status == 301:
            assert answer.headers["location"] == feed


def test_l05_m07_the_host_header_is_never_believed(server: Server, feed: str) -> None:
    plain = server.ask(feed)
    with socket.create_connection((server.host, server.port), timeout=15) as sock:
        sock.sendall(f"GET {feed} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: sock.recv(65536), b""))
    assert said.endswith(plain.body) and b"evil.example" not in said

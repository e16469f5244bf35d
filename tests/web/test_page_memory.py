"""Pages kept between the hot layer and Flask: which, how long, for whom, and how conditional requests are answered."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder, TestResponse

from feedsvc.errors import StoreUnavailable
from feedsvc.web.language import decide
from feedsvc.web.page_memory import LIFETIME, LIFETIME_KEY, PATIENCE, STALE, PageMemory
from tests.web.live_site import until
from tests.web.served_site import Site, open_site, sample_article

PUBLIC_PAGE = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "public, max-age=60"),
    ("Vary", "Accept-Language"),
    ("Content-Security-Policy", "default-src 'none'"),
)


@dataclass
class Shelf:
    """What the memory is told of editions."""

    edition: int = 1
    reachable: bool = True


@dataclass
class View:
    """A view that tells in its page for what and in which language it was rendered, and the how manyth time."""

    headers: tuple[tuple[str, str], ...] = PUBLIC_PAGE
    status: str = "200 OK"
    tag: str = ""  # instead of one of the page
    asked: list[WSGIEnvironment] = field(default_factory=list)
    before: Callable[[], object] = lambda: None
    padding: str = ""
    closed: int = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked.append(environ)
        self.before()
        number = len(self.asked)
        accept = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        language = decide(environ["QUERY_STRING"], accept, "zh-CN")
        body = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']} {language} {number} {self.padding}".encode()
        tag = ("ETag", self.tag or f'"v{number}"')
        start_response(self.status, [*self.headers, tag, ("Content-Length", str(len(body)))])
        return Body(self, () if environ["REQUEST_METHOD"] == "HEAD" else (body,))


@dataclass
class Body:
    view: View
    parts: tuple[bytes, ...]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        self.view.closed += 1


@dataclass
class Rig:
    view: View = field(default_factory=View)
    shelf: Shelf = field(default_factory=Shelf)
    now: float = 1_000.0
    limit: int = 1_000_000

    def __post_init__(self) -> None:
        self.memory = PageMemory(self.view, self.shelf, "zh-CN", self.limit, lambda: self.now)
        self.client = Client(self.memory)

    def get(self, target: str = "/", method: str = "GET", **headers: str) -> TestResponse:
        """headers: If_None_Match for If-None-Match."""
        return self.client.open(target, method=method, headers={n.replace("_", "-"): v for n, v in headers.items()})

    @property
    def renderings(self) -> int:
        return len(self.view.asked)


@pytest.fixture
def rig() -> Rig:
    return Rig()


# How long


def test_a_page_is_rendered_once_an_edition(rig: Rig) -> None:
    assert rig.get().text == rig.get().text == "/? zh 1 "
    rig.shelf.edition += 1
    assert rig.get().text == "/? zh 2 "
    assert rig.renderings == 2


def test_within_an_edition_a_page_is_believed_for_ten_seconds(rig: Rig) -> None:
    rig.get()
    rig.now += LIFETIME - 0.1
    assert rig.get().text == "/? zh 1 "
    rig.now += 0.2
    assert rig.get().text == "/? zh 2 "
    assert LIFETIME == 10


def test_a_view_may_want_its_page_believed_for_less(rig: Rig) -> None:
    rig.view.before = lambda: rig.view.asked[-1].update({LIFETIME_KEY: 2.0})
    rig.get()
    rig.now += 1.9
    assert rig.get().text == "/? zh 1 "
    rig.now += 0.2
    assert rig.get().text == "/? zh 2 "


def test_what_was_rendered_while_an_edition_came_is_not_believed(rig: Rig) -> None:
    def edition() -> None:
        rig.shelf.edition += 1

    rig.view.before = edition
    rig.get()
    rig.view.before = lambda: None
    assert rig.get().text == "/? zh 2 "


def test_while_the_database_is_away_the_last_page_is_served_for_ten_minutes(rig: Rig) -> None:
    rig.get()
    rig.shelf.reachable = False
    rig.now += STALE - 1
    assert (rig.get().text, rig.renderings) == ("/? zh 1 ", 1)
    rig.now += 2
    rig.view.status = "503 Service Unavailable"
    assert rig.get().status_code == 503
    assert STALE == 600


def test_when_it_goes_away_during_the_rendering_too(rig: Rig) -> None:
    rig.get()
    rig.now += LIFETIME + 1

    def away() -> None:
        rig.shelf.reachable = False
        rig.view.status = "503 Service Unavailable"

    rig.view.before = away
    assert (rig.get().status_code, rig.get().text) == (200, "/? zh 1 ")


def test_a_fault_is_not_hidden_and_forgets_nothing(rig: Rig) -> None:
    rig.get()
    rig.now += LIFETIME + 1
    rig.view.status = "503 Service Unavailable"
    assert rig.get().status_code == 503  # the database answers: something else is the matter
    rig.shelf.reachable = False
    assert rig.get().text == "/? zh 1 "


def test_what_is_gone_is_forgotten(rig: Rig) -> None:
    rig.get()
    rig.shelf.edition += 1
    rig.view.status = "410 Gone"
    assert rig.get().status_code == 410
    rig.shelf.reachable = False
    assert rig.get().status_code == 410


# Which


@pytest.mark.parametrize(
    "headers",
    [
        (("Cache-Control", "no-store"),),
        (("Cache-Control", "private, max-age=60"),),
        (("Cache-Control", "public, no-cache"),),
        (("Cache-Control", "max-age=60"),),
        (("Set-Cookie", "a=b"),),
        (("Vary", "Accept-Language, User-Agent"),),
        (("Vary", "*"),),
        (("Vary", "Cookie"),),
        (("Content-Type", "video/mp4"),),
        (("Content-Encoding", "br"),),
        (("ETag", 'W/"weak"'),),
    ],
)
def test_never_kept(headers: tuple[tuple[str, str], ...]) -> None:
    names = {name for name, _ in headers}
    view = View((*(pair for pair in PUBLIC_PAGE if pair[0] not in names), *headers))
    view.tag = dict(headers).get("ETag", "")
    rig = Rig(view)
    first, second = rig.get(Accept_Encoding="gzip"), rig.get(Accept_Encoding="gzip")
    assert (first.text, second.text) == ("/? zh 1 ", "/? zh 2 ")
    for name, value in headers:
        assert first.headers[name] == value


@pytest.mark.parametrize("status", ["201 Created", "206 Partial Content", "301 Moved Permanently", "404 Not Found"])
def test_only_200_is_kept(status: str) -> None:
    rig = Rig(View(status=status))
    assert (rig.get().text, rig.get().text) == ("/? zh 1 ", "/? zh 2 ")


@pytest.mark.parametrize(
    ("target", "method", "headers"),
    [
        ("/", "POST", {}),
        ("/", "GET", {"Authorization": "Bearer x"}),
        ("/", "GET", {"Range": "bytes=0-1"}),
        ("/api/v1/status", "GET", {}),
        ("/%61pi/v1/status", "GET", {}),
        ("/readyz", "GET", {}),
    ],
)
def test_such_requests_are_passed_on_as_they_are(rig: Rig, target: str, method: str, headers: dict[str, str]) -> None:
    sent = {**headers, "If_None_Match": '"v1"', "Accept_Language": "fr"}
    for number in (1, 2):
        assert f" {number} " in rig.get(target, method, **sent).text
    assert rig.view.asked[0]["HTTP_IF_NONE_MATCH"] == '"v1"'
    assert rig.view.asked[0]["HTTP_ACCEPT_LANGUAGE"] == "fr"


def test_too_many_header_octets_are_flasks_to_refuse(rig: Rig) -> None:
    """Contract M07."""
    rig.get()
    assert " 2 " in rig.get(X_Long="x" * 17_000).text
    assert " 1 " in rig.get(X_Long="x" * 12_000).text


def test_pages_are_bounded_and_the_oldest_use_goes_first() -> None:
    rig = Rig(View(padding="x" * 4_000), limit=100_000)
    for number in range(5):
        rig.get(f"/{number}")
    for number in range(100, 130):
        rig.get("/0")
        rig.get(f"/{number}")
    assert " 1 " in rig.get("/0").text
    assert " 2 " not in rig.get("/1").text
    assert sum(page.size for page in rig.memory._kept.values()) == rig.memory._size <= 100_000


def test_long_queries_count() -> None:
    rig = Rig(limit=100_000)
    for number in range(20):
        rig.get(f"/?{'x' * 6_000}{number}")
    held = [len(page.identity.body[0]) for page in rig.memory._kept.values()]
    assert sum(held) + sum(len(part) for key in rig.memory._kept for part in key) <= 100_000


def test_one_page_may_not_take_it_all() -> None:
    rig = Rig(View(padding="x" * 10_000), limit=100_000)
    assert (rig.get().text != rig.get().text, rig.memory._size) == (True, 0)


# For whom: the key


def test_wishes_for_the_same_language_share_a_page(rig: Rig) -> None:
    for accept in ("en", "en-GB,en;q=0.8", "fr, en;q=0.2", "EN"):
        assert rig.get(Accept_Language=accept).text == "/? en 1 "
    for accept in ("", "zh-TW", "fr", "*"):
        assert rig.get(Accept_Language=accept).text == "/? zh 2 "
    assert rig.get("/?lang=en", Accept_Language="zh").text == "/?lang=en en 3 "
    assert rig.get("/?lang=en", Accept_Language="en").text == "/?lang=en en 3 "


TAGS = st.sampled_from(["zh", "zh-TW", "en", "en-GB", "fr", "de", "*", "q", "zh;q=0", "en;q=0.5", "zh;q=0.3", ",", ";"])
PAIRS = st.sampled_from(
    ["lang=zh", "lang=en", "lang=xx", "lang=", "lang", "l%61ng=en", "lang=%7ah", "page=2", "q=%E9", "&"]
)
WISHES = st.one_of(
    st.none(), st.lists(TAGS, max_size=3).map(", ".join), st.text(st.characters(max_codepoint=255), max_size=9)
)
REQUESTS = st.tuples(
    st.sampled_from(["/", "/a/", "/a%20b", "/%E6%B8%AF/"]), st.lists(PAIRS, max_size=3).map("&".join), WISHES
)


@given(st.lists(REQUESTS, min_size=1, max_size=12))
def test_nobody_gets_another_target_or_another_language(requests: list[tuple[str, str, str | None]]) -> None:
    """Whatever was asked before: the answer is the one that the view alone would have given, but for its number."""
    rig, alone = Rig(), View()
    for path, query, accept in requests:
        builder = EnvironBuilder(path=path, query_string=query)
        environ = builder.get_environ()
        if accept is not None:
            environ["HTTP_ACCEPT_LANGUAGE"] = accept
        assert _words(rig.memory, dict(environ)) == _words(alone, environ)


def _words(application: WSGIApplication, environ: WSGIEnvironment) -> list[bytes]:
    return b"".join(application(environ, lambda *_: lambda _: None)).rsplit(maxsplit=1)[:1]


def test_where_the_application_is_mounted_belongs_to_the_target(rig: Rig) -> None:
    one = rig.client.get("/a", base_url="http://localhost/news").text
    assert one != rig.client.get("/a", base_url="http://localhost/").text


def test_a_server_that_tells_no_raw_target(rig: Rig) -> None:
    def ask(target: str) -> list[bytes]:
        environ = EnvironBuilder(target).get_environ()
        del environ["RAW_URI"]
        return _words(rig.memory, environ)

    assert ask("/a?page=2") == [b"/a?page=2 zh"]
    assert ask("/a") == [b"/a? zh"]
    assert ask("/a") == [b"/a? zh"]
    assert rig.renderings == 2


# Codings and conditions


def test_both_codings_are_one_page_with_tags_of_their_own() -> None:
    rig = Rig(View(padding="x" * 1_000))
    packed, plain = rig.get(Accept_Encoding="gzip"), rig.get()
    assert gzip.decompress(packed.data) == plain.data
    assert (packed.headers["ETag"], plain.headers["ETag"]) == ('"v1-gz"', '"v1"')
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Language, Accept-Encoding"
    for answer in (packed, plain):
        assert answer.headers["Content-Length"] == str(len(answer.data))
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert rig.view.closed == 1


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("sent", ['"v1"', 'W/"v1"', '"v1-gz"', '"x", "v1"', "*"])
def test_304_for_who_has_it(kept: bool, sent: str) -> None:
    rig = Rig()
    if kept:
        rig.get()
    answer = rig.get(If_None_Match=sent)
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == '"v1"'
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Vary"] == "Accept-Language, Accept-Encoding"
    assert not {"Content-Type", "Content-Length"} & set(answer.headers.keys())


def test_what_is_not_kept_is_answered_with_304_as_well() -> None:
    view = View((("Content-Type", "text/html"), ("Cache-Control", "private")), tag='"mine"')
    rig = Rig(view)
    assert rig.get(If_None_Match='"mine"').status_code == 304
    assert rig.get(If_None_Match='"other"').status_code == 200
    assert rig.get(If_Match='"other"').status_code == 412
    assert view.closed >= 2  # of the bodies that are not sent


@pytest.mark.parametrize("control", ["private, max-age=60", "no-store"])
def test_what_is_not_kept_comes_small_as_well(control: str) -> None:
    rig = Rig(View((("Content-Type", "text/html"), ("Cache-Control", control)), tag='"mine"', padding="long " * 200))
    first = rig.get(Accept_Encoding="gzip")
    assert first.headers["Content-Encoding"] == "gzip" and first.headers["ETag"] == '"mine-gz"'
    assert len(first.data) < 200 and gzip.decompress(first.data).endswith(b"long ")
    assert rig.get(Accept_Encoding="gzip", If_None_Match='"mine-gz"').status_code == 304
    assert rig.get().text.startswith("/? zh 3 "), "each is rendered anew"


def test_412_and_dates() -> None:
    rig = Rig(View((*PUBLIC_PAGE, ("Last-Modified", "Fri, 20 Nov 2026 08:00:00 GMT"))))
    for _ in range(2):
        assert rig.get(If_Match='"v1"').status_code == 200
        assert rig.get(If_Match='"v2"').status_code == 412
        assert rig.get(If_Modified_Since="Fri, 20 Nov 2026 08:00:00 GMT").status_code == 304
        assert rig.get(If_Modified_Since="Fri, 20 Nov 2026 07:59:59 GMT").status_code == 200
        assert rig.get(If_Unmodified_Since="Fri, 20 Nov 2026 07:59:59 GMT").status_code == 412
        assert rig.get(If_None_Match='"v9"', If_Modified_Since="Fri, 20 Nov 2026 08:00:00 GMT").status_code == 200


@pytest.mark.parametrize("first", ["GET", "HEAD"])
def test_head_is_get_without_its_body(first: str) -> None:
    rig = Rig(View(padding="x" * 1_000, tag='"same"'))
    rig.get(method=first, Accept_Encoding="gzip")
    head, full = (rig.get(method=method, Accept_Encoding="gzip") for method in ("HEAD", "GET"))
    assert (head.data, head.headers) == (b"", full.headers)


# At the same time


@dataclass
class Slow:
    """Holds the renderings until told."""

    rig: Rig
    started: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go: threading.Event = field(default_factory=threading.Event)
    answers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rig.view.before = self.hold

    def hold(self) -> None:
        self.started.release()
        assert self.go.wait(10)

    def ask(self) -> threading.Thread:
        thread = threading.Thread(target=lambda: self.answers.append(self.rig.get().text), daemon=True)
        thread.start()
        return thread


def test_one_renders_and_the_others_wait_for_it(rig: Rig) -> None:
    slow = Slow(rig)
    threads = [slow.ask()]
    assert slow.started.acquire(timeout=10)
    threads += [slow.ask() for _ in range(5)]
    slow.go.set()
    for thread in threads:
        thread.join(10)
    assert slow.answers == ["/? zh 1 "] * 6
    assert (rig.renderings, rig.memory._flights) == (1, {})


def test_meanwhile_the_page_before_is_served_unless_it_is_old(rig: Rig) -> None:
    rig.get()
    rig.shelf.edition += 1
    slow = Slow(rig)
    first = slow.ask()
    assert slow.started.acquire(timeout=10)
    assert rig.get().text == "/? zh 1 "
    rig.now += LIFETIME + PATIENCE + 1  # now it is too old to be shown; who waits in vain renders it himself
    second = slow.ask()
    assert slow.started.acquire(timeout=10)
    slow.go.set()
    first.join(10)
    second.join(10)
    assert rig.renderings == 3
    assert rig.get().text in {"/? zh 2 ", "/? zh 3 ", "/? zh 4 "}


def test_a_failing_view_lets_the_next_one_in(rig: Rig) -> None:
    def fail() -> None:
        raise RuntimeError("a fault")

    rig.view.before = fail
    with pytest.raises(RuntimeError):
        rig.get()
    rig.view.before = lambda: None
    assert (rig.get().text, rig.memory._flights) == ("/? zh 2 ", {})


def test_a_forked_child_begins_anew(rig: Rig) -> None:
    """Also when another thread held the lock at that moment."""
    rig.get()
    with rig.memory._lock:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if rig.get().text == "/? zh 2 " and not rig.memory._flights else 2
            finally:
                os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# In the application


def test_a_page_is_as_new_as_the_edition(site: Site) -> None:
    before = site.client.get("/").text
    site.put(sample_article("NW7", title="Late words"))
    assert site.client.get("/").text == before
    assert site.client.get("/?lang=en").text != before
    site.publish("harbour", "second")
    until(lambda: "Late words" in site.client.get("/").text)


def test_pages_and_what_they_load_come_small(site: Site) -> None:
    site.put(sample_article("NW1"))
    page = site.client.get("/harbour/NW1.html").text
    sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
    for path in ("/harbour/NW1.html", sheet):
        answer = site.client.get(path, headers={"Accept-Encoding": "gzip"})
        plain = site.client.get(path)
        assert gzip.decompress(answer.data) == plain.data
        again = site.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, plain.headers["Cache-Control"])


def test_pages_outlive_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_site(tmp_path) as site:
        site.publish("harbour", "text")
        site.put(sample_article("NW1"))
        before = site.client.get("/harbour/NW1.html")

        def away(*_: object) -> object:
            raise StoreUnavailable("away")

        monkeypatch.setattr(type(site.store), "reading", away)
        monkeypatch.setattr(type(site.store), "edition", away)
        until(lambda: not site.app._shelf.reachable)
        assert site.client.get("/harbour/NW1.html").data == before.data
        assert site.client.get("/harbour/NW2.html").status_code == 503

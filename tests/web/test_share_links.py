"""Where share links and old addresses lead, under every setting, and that following them is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from feedsvc.errors import StoreUnavailable
from feedsvc.sharing.click import Visitor
from feedsvc.sharing.codes import share_code
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.web import links
from tests.web.live_site import until
from tests.web.served_site import NOON, PUBLIC, Site, open_site, sample_article

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
LEGACY = "/html_News/NewsShare.html"
ARTICLE = sample_article("NW202611200001")
CODE = share_code(ARTICLE.id)
TARGET = ARTICLE.canonical_url
ELSEWHERE: dict[str, Any] = {"site": {"title": "Nordhaven Wire", "url": "https://site.example.com"}}
PEOPLE = {"User-Agent": BROWSER}


def claim(site: Site, *names: str, kind: LinkKind = LinkKind.ALIAS, article_id: str = ARTICLE.id) -> None:
    with site.store.writing() as transaction:
        transaction.put_links([ShareLink(name, article_id, kind) for name in names])


def filled(site: Site) -> Site:
    site.publish("harbour", "text")
    site.put(ARTICLE, sample_article("en/hello", canonical_url=f"{PUBLIC}/harbour/hello.html?id=1#top"))
    return site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as site:
        yield filled(site)


def get(site: Site, path: str, **headers: str) -> TestResponse:
    """As a person's browser would, letter for letter."""
    sent = {**PEOPLE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return site.client.get(path, headers=sent)


def leads(site: Site, path: str) -> str:
    """Twice: looked up, and from memory. "" when it leads nowhere."""
    found = [(answer.status_code, answer.headers.get("Location", "")) for answer in (get(site, path), get(site, path))]
    assert found[0] == found[1]
    assert (found[0][0] in (301, 302)) is bool(found[0][1])
    return found[0][1]


def counted(site: Site, *codes: str) -> dict[tuple[str, Visitor], int]:
    site.app._clicks.flush()
    with site.store.reading() as reader:
        days = reader.clicks(codes or (CODE,), date(2026, 11, 20), date(2026, 11, 20))
    return {(day.code, day.visitor): day.count for day in days}


# Names


@pytest.mark.parametrize(
    "name",
    [CODE, "NW202611200001", "tag:example.com,2026:NW202611200001", "tag%3Aexample.com%2C2026%3ANW202611200001",
     "ferry", "%E6%B8%A1%E8%BD%AE", "caf%C3%A9", "cafe%CC%81"],
)  # fmt: skip
def test_s01_every_name_of_an_article(site: Site, name: str) -> None:
    """Contract S01, S16: codes, custom ones in any script and spelling (NFC), the identity, the whole id."""
    claim(site, "ferry", "渡轮", "café")
    assert leads(site, f"/s/{name}") == TARGET


def test_clicks_on_an_identity_are_those_of_the_code_that_is_shown(site: Site) -> None:
    """Contract S14: otherwise nobody who asks for the article's names would find them."""
    get(site, "/s/NW202611200001")
    assert counted(site) == {(CODE, Visitor.PERSON): 1}
    claim(site, "ferry", kind=LinkKind.CUSTOM)
    get(site, "/s/tag:example.com,2026:NW202611200001")
    assert counted(site, CODE, "ferry") == {(CODE, Visitor.PERSON): 1, ("ferry", Visitor.PERSON): 1}


def test_the_last_part_of_an_identity_counts_for_its_article(site: Site) -> None:
    get(site, "/s/hello")
    assert counted(site, share_code("tag:example.com,2026:en/hello")) == {
        (share_code("tag:example.com,2026:en/hello"), Visitor.PERSON): 1
    }


def test_s07_an_old_path_is_no_code(site: Site) -> None:
    """Contract S07: the path of a claim is asked for as a path."""
    claim(site, "/old.html")
    assert leads(site, "/s//old.html") == leads(site, "/s/%2Fold.html") == ""


# Settings


def test_s01_s02_permanent(tmp_path: Path) -> None:
    """Contract S01, S02: 301, and for how long it is believed."""
    with open_site(tmp_path, share={"status": 301}) as site:
        filled(site)
        for _ in range(2):
            answer = get(site, f"/s/{CODE}")
            assert (answer.status, answer.headers["Location"]) == ("301 Moved Permanently", TARGET)
            assert answer.headers["Cache-Control"] == "private, max-age=90"


def test_s02_kept_for_a_while(tmp_path: Path) -> None:
    """Contract S02."""
    with open_site(tmp_path, share={"cache_seconds": 20}) as site:
        filled(site)
        answer = get(site, f"/s/{CODE}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "private, max-age=20")


def test_s15_campaigns(tmp_path: Path) -> None:
    """Contract S15: appended, the target's own query and fragment kept; nothing is passed on."""
    with open_site(tmp_path, share={"campaign": {"utm_source": "share"}}) as site:
        filled(site)
        for query in ("", "?utm_source=evil&utm_medium=x"):
            assert leads(site, f"/s/{CODE}{query}") == f"{TARGET}?utm_source=share"
            assert leads(site, f"/s/hello{query}") == f"{PUBLIC}/harbour/hello.html?id=1&utm_source=share#top"
        assert "utm_source=share" in get(site, f"/s/{CODE}").text


def test_s15_s08_campaigns_of_the_request(tmp_path: Path) -> None:
    """Contract S15, S08: only `utm_*`, only where that is switched on, and each request its own."""
    share = {"campaign": {"utm_source": "share"}, "pass_campaign": True}
    with open_site(tmp_path, share=share) as site:
        filled(site)
        assert leads(site, f"/s/{CODE}?utm_source=wechat&url=//evil.example") == f"{TARGET}?utm_source=wechat"
        assert leads(site, f"/s/{CODE}?utm_medium=a%20b") == f"{TARGET}?utm_medium=a%20b&utm_source=share"
        assert leads(site, f"/s/{CODE}") == f"{TARGET}?utm_source=share"
        assert leads(site, f"{LEGACY}?infoCode=hello&utm_medium=x").endswith("?id=1&utm_medium=x&utm_source=share#top")
        assert counted(site)[CODE, Visitor.PERSON] == 1, "all of them are clicks on one name"


# Old addresses


@pytest.mark.parametrize("settings", [{}, ELSEWHERE], ids=["canonical", "elsewhere"])
def test_s01_old_paths(tmp_path: Path, settings: dict[str, Any]) -> None:
    """Contract S01: one hop, counted, from memory the second time; with its query if that was claimed, else without."""
    with open_site(tmp_path, **settings) as site:
        filled(site)
        claim(site, "/old/post.html", "/news.php?id=7", "/%E6%97%A7%E9%97%BB/", kind=LinkKind.IMPORTED)
        for path in ("/old/post.html", "/old/post.html?from=timeline", "/news.php?id=7", "/%e6%97%a7%E9%97%BB/"):
            assert leads(site, path) == TARGET
        assert get(site, "/old/post.html").headers["X-Robots-Tag"] == "noindex"
        for path in ("/news.php", "/news.php?id=8", "/old/post", "/OLD/post.html", "/old/other.html"):
            assert get(site, path).status_code == 404
        totals = counted(site, "/old/post.html", "/news.php?id=7")
        assert totals["/old/post.html", Visitor.PERSON] == totals["/news.php?id=7", Visitor.PERSON] == 1


def test_a_server_that_does_not_tell_the_raw_path(site: Site) -> None:
    claim(site, "/old/post.html")
    answer = site.client.get("/", environ_overrides={"RAW_URI": None, "PATH_INFO": "/old/post.html"}, headers=PEOPLE)
    assert answer.headers["Location"] == TARGET


def test_s11_an_old_path_of_a_withdrawn_article(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract S11: 410, also when it was in memory; and back."""
    monkeypatch.setattr(links, "LIFETIME", 0)
    claim(site, "/old/post.html")
    assert leads(site, "/old/post.html") == TARGET
    site.withdraw(ARTICLE)
    assert [get(site, "/old/post.html").status_code for _ in range(2)] == [410, 410]
    site.put(ARTICLE)
    assert leads(site, "/old/post.html") == TARGET


def test_a_page_wins_over_an_old_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is shown, be it that an article names its own path; once it has gone, the old address leads on."""
    monkeypatch.setattr(links, "LIFETIME", 0)
    claim(site, ARTICLE.path, "/harbour/late.html")
    assert get(site, ARTICLE.path).status_code == 200
    assert leads(site, "/harbour/late.html") == TARGET
    late = sample_article("late")
    site.put(late)
    assert get(site, late.path).status_code == 200
    site.withdraw(late)
    site.publish("harbour", "without it")
    until(lambda: site.app._shelf.edition == site.store.edition())
    assert leads(site, "/harbour/late.html") == TARGET


def test_old_paths_under_a_sites_own_path(tmp_path: Path) -> None:
    """`redirect_from` knows nothing of the site's baseurl; an imported address has it."""
    with open_site(tmp_path, site={"title": "Wire", "baseurl": "/wire"}) as site:
        filled(site)
        claim(site, "/old/", "/wire/imported")
        for path in ("/wire/old/", "/old/", "/wire/imported"):
            assert leads(site, path) == TARGET
        assert get(site, "/imported").status_code == 404


PATTERNS = (r"/news/\d+,(?P<code>\w+)\.html", r"/show\.asp\?(?:.*&)?id=(?P<code>[^&]+).*")


@pytest.mark.parametrize(
    "path",
    ["/news/20,NW202611200001.html", "/news/20,NW202611200001.html?from=timeline", f"/show.asp?x=1&id={CODE}&y=2"],
)
def test_s12_further_old_forms(tmp_path: Path, path: str) -> None:
    """Contract S12: by patterns of the settings; one hop; counted as what the code in them means."""
    with open_site(tmp_path, share={"patterns": PATTERNS}) as site:
        filled(site)
        assert leads(site, path) == TARGET
        assert counted(site)[CODE, Visitor.PERSON] == 1


@pytest.mark.parametrize("path", ["/news/20,unknown.html", "/show.asp?id=https://evil.example/", "/show.asp?id=%00"])
def test_s12_further_old_forms_without_a_known_code(tmp_path: Path, path: str) -> None:
    """Contract S12, S07."""
    with open_site(tmp_path, share={"patterns": PATTERNS}) as site:
        filled(site)
        answer = get(site, path)
        assert (answer.status_code, "Location" in answer.headers) == (404, False)


def test_an_unknown_code_in_an_old_form_is_told_to_the_operator(tmp_path: Path) -> None:
    with open_site(tmp_path, share={"patterns": PATTERNS}) as site:
        filled(site)
        for path in ("/news/20,nope.html", f"{LEGACY}?infoCode=zz", "/wp-login.php"):
            assert get(site, path).status_code == 404
        site.app._clicks.flush()
        with site.store.reading() as reader:
            assert [miss.name for miss in reader.misses(9)] == ["nope", "zz"], "of addresses that are none, nothing"


def test_a_claim_is_more_than_a_pattern(tmp_path: Path) -> None:
    with open_site(tmp_path, share={"patterns": PATTERNS}) as site:
        filled(site)
        claim(site, "/news/20,hello.html")
        assert leads(site, "/news/20,hello.html") == TARGET


def test_without_a_database_an_unknown_path_is_not_called_unknown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be an old address; one that is in memory goes on leading where it did."""

    def away(*_: object, **__: object) -> Any:
        raise StoreUnavailable("away")

    claim(site, "/old/post.html", "/old/other.html")
    assert leads(site, "/old/post.html") == TARGET
    monkeypatch.setattr(site.store, "reading", away)
    monkeypatch.setattr("feedsvc.web.links.monotonic", lambda: 1e12)
    assert get(site, "/old/other.html").status_code == 503
    assert leads(site, "/old/post.html") == TARGET


# Memory


def test_what_is_at_hand_is_never_older_than_a_second(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract S11, H55: by the raw address as well."""
    now = 1_000.0
    monkeypatch.setattr("feedsvc.web.links.monotonic", lambda: now)
    assert leads(site, f"/s/{CODE}?x=1") == TARGET
    moved = sample_article("NW202611200001", canonical_url=f"{PUBLIC}/elsewhere.html", path="/elsewhere.html")
    site.put(moved)
    now += links.LIFETIME
    assert get(site, f"/s/{CODE}?x=1").headers["Location"] == moved.canonical_url
    site.withdraw(moved)
    now += links.LIFETIME
    assert get(site, f"/s/{CODE}?x=1").status_code == 410
    assert site.app._links.at_hand(f"/s/{CODE}?x=1") is None


def test_what_anybody_can_make_up_does_not_fill_the_memory(tmp_path: Path) -> None:
    with open_site(tmp_path, share={"pass_campaign": True}) as site:
        filled(site)
        known = site.app._links
        long = "&".join(f"utm_{letter}={letter * 200}" for letter in "abcdef")
        for query in (long, "x" * 600):
            assert leads(site, f"/s/{CODE}?{query}").startswith(TARGET)
            assert known.at_hand(f"/s/{CODE}?{query}") is None
        assert not any(passed for _, passed in known._hot)


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "PUT"])
def test_s10_also_at_hand(site: Site, method: str) -> None:
    """Contract S10."""
    get(site, f"/s/{CODE}")
    answer = site.client.open(f"/s/{CODE}", method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert counted(site) == {(CODE, Visitor.PERSON): 1}


def test_oversized_requests_are_refused_also_at_hand(site: Site) -> None:
    """Contract M07."""
    get(site, f"/s/{CODE}")
    assert get(site, f"/s/{CODE}", X_Large="x" * 20_000).status_code == 431


# Counting


def test_s14_counting_over_http(site: Site) -> None:
    """Contract S14: HEAD, robots, prefetches and repeats are kept apart from people."""
    site.client.head(f"/s/{CODE}", headers=PEOPLE)
    get(site, f"/s/{CODE}", User_Agent="Twitterbot/1.0")
    get(site, f"/s/{CODE}", User_Agent="python-requests/2.32")
    get(site, f"/s/{CODE}", Sec_Purpose="prefetch")
    get(site, f"/s/{CODE}", Purpose="prefetch")
    get(site, f"/s/{CODE}", X_Moz="prefetch")
    assert counted(site).get((CODE, Visitor.PERSON), 0) == 0
    get(site, f"/s/{CODE}")
    get(site, f"/s/{CODE}")
    assert counted(site) == {
        (CODE, Visitor.PERSON): 1,
        (CODE, Visitor.REPEAT): 1,
        (CODE, Visitor.ROBOT): 2,
        (CODE, Visitor.PREVIEW): 1,
        (CODE, Visitor.PREFETCH): 3,
    }


def test_s14_what_leads_nowhere_is_no_click(site: Site) -> None:
    """Contract S14, S11."""
    site.withdraw(ARTICLE)
    for path in (f"/s/{CODE}", "/s/nope", "/feeds/harbour.rss", "/"):
        get(site, path)
    assert counted(site, CODE, "nope") == {}


def test_s14_no_counting_no_trace(tmp_path: Path) -> None:
    """Contract S14: share.count off."""
    with open_site(tmp_path, share={"count": False}) as site:
        filled(site)
        assert leads(site, f"/s/{CODE}") == TARGET
        get(site, "/s/nope")
        assert counted(site) == {} and not list(tmp_path.glob("*.recent"))
        assert site.app._clicks._thread is None


def test_s14_counting_never_breaks_a_redirect(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract S14: whatever is wrong with the store, or with counting itself."""

    def broken(*_: object) -> None:
        raise RuntimeError("inner detail")

    monkeypatch.setattr(site.store, "add_clicks", broken)
    assert leads(site, f"/s/{CODE}") == TARGET
    site.app._clicks.flush()
    monkeypatch.setattr(site.app._clicks, "_kind", broken)
    assert leads(site, f"/s/{CODE}") == TARGET


@pytest.mark.parametrize("path", [f"/s/{CODE}", f"{LEGACY}?infoCode=NW202611200001", "/old/post.html"])
def test_s13_s14_cards_are_clicks_of_previews(tmp_path: Path, path: str) -> None:
    """Contract S13, S14: each of them, be it in memory or not; people and other robots are redirected."""
    with open_site(tmp_path, share={"cards": True}) as site:
        filled(site)
        claim(site, "/old/post.html")
        for _ in range(3):
            assert get(site, path, User_Agent="Twitterbot/1.0").status_code == 200
        assert leads(site, path) == TARGET
        assert get(site, path, User_Agent="Twitterbot/1.0").status_code == 200
        assert get(site, path, User_Agent="curl/8").status_code == 302
        totals = counted(site, CODE, "/old/post.html")
        assert sum(n for (_, kind), n in totals.items() if kind is Visitor.PREVIEW) == 4


def test_clicks_of_the_future(site: Site) -> None:
    """An article that is not public yet has no clicks, by any name (contract F08)."""
    site.put(sample_article("NW3", published=NOON + timedelta(days=1)))
    claim(site, "soon", "/soon.html", article_id="tag:example.com,2026:NW3")
    for path in ("/s/soon", "/s/NW3", "/soon.html", "/s/tag:example.com,2026:NW3"):
        assert get(site, path).status_code == 404
    assert counted(site, "soon", "/soon.html", share_code("tag:example.com,2026:NW3")) == {}


# Articles that are not public yet


def test_a_future_article_takes_no_name_before_it_is_public(tmp_path: Path) -> None:
    """Contract S01, S16: until then, whatever was shared leads where it did, and nothing tells of what is to come."""
    coming = sample_article("NW202611210001", published=NOON + timedelta(days=1))
    with open_site(tmp_path) as site:
        filled(site)
        site.put(coming)
        claim(site, "ferry", "/old.html")
        claim(site, "ferry", kind=LinkKind.CUSTOM, article_id=coming.id)
        claim(site, "/old.html", kind=LinkKind.CUSTOM, article_id=coming.id)
        claim(site, "soon", "/soon.html", article_id=coming.id)
        assert leads(site, "/s/ferry") == leads(site, "/old.html") == TARGET
        unknown, claimed = get(site, "/never.html"), get(site, "/soon.html")
        assert claimed.text.replace("/soon.html", "/never.html") == unknown.text
        assert claimed.headers["Cache-Control"] == unknown.headers["Cache-Control"]
        site.clock.advance(2 * 86_400)
        site.publish("harbour", "another edition")
        until(lambda: leads(site, "/s/ferry") == coming.canonical_url)
        assert leads(site, "/soon.html") == coming.canonical_url


# Names that mean something else


def test_a_code_may_be_called_like_the_picture_of_one(site: Site) -> None:
    claim(site, "qr.svg")
    assert leads(site, "/s/qr.svg") == TARGET
    assert get(site, "/s/qr.svg/qr.svg").content_type.startswith("image/svg+xml")


@pytest.mark.parametrize("elsewhere", [False, True])
def test_no_old_path_takes_the_place_of_an_articles_page(tmp_path: Path, elsewhere: bool) -> None:
    """Neither under its own path nor under its identity; what leads nowhere may be claimed."""
    with open_site(tmp_path, **ELSEWHERE if elsewhere else {}) as site:
        filled(site)
        own = "/articles/en/hello"
        claim(site, own, "/articles/en%2Fhello", "/articles/nobody")
        answers = [get(site, path) for path in (own, "/articles/en%2Fhello", own)]
        assert [answer.headers.get("Location", "") == TARGET for answer in answers] == [False] * 3
        assert leads(site, "/articles/nobody") == TARGET

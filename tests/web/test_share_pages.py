"""What a person sees at a share link that does not redirect, its QR code, and the cards for preview robots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc.sharing.codes import share_code
from feedsvc.sharing.link import LinkKind, ShareLink
from tests.contract.store_samples import wait_for
from tests.web import qr_reader
from tests.web.served_site import NOON, PUBLIC, Site, open_site, sample_article
from tests.web.test_pages import Heads

ARTICLE = sample_article("NW202611200001")
CODE = share_code(ARTICLE.id)
ELSEWHERE: dict[str, Any] = {"site": {"title": "Nordhaven Wire", "url": "https://site.example.com"}}
ROBOTS = ["facebookexternalhit/1.1", "Twitterbot/1.0", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"]
PEOPLE = ["Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 MicroMessenger/8.0.44", "curl/8.5.0"]


def custom(site: Site, code: str, article_id: str) -> None:
    with site.store.writing() as transaction:
        transaction.put_links([ShareLink(code, article_id, LinkKind.CUSTOM)])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as site:
        site.publish("harbour", "text")
        site.put(ARTICLE, sample_article("en/hello", title="A quiet quay"))
        yield site


def suggested(site: Site, name: str) -> list[tuple[str, str]]:
    """(title, share link) of what the page for an unknown name offers."""
    answer = site.client.get("/", environ_overrides={"RAW_URI": f"/s/{name}", "PATH_INFO": "/s/x"})
    assert answer.status_code == 404
    tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
    links = tree.findall(".//ol[@class='headlines']/li/a")
    return [("".join(link.itertext()), link.attrib["href"]) for link in links]


# Unknown links


@pytest.mark.parametrize(
    "name",
    [CODE.upper(), CODE[:-1], CODE + "x", CODE + "%EF%BC%8C%E5%BF%AB%E7%9C%8B", CODE + "%20%E5%BF%AB", f"%22{CODE}%22",
     f"{CODE}/", CODE[:7], CODE[:3] + CODE[4] + CODE[3] + CODE[5:], "nw202611200001", "NW20261120OOO1",
     CODE + "%EF%BC%89%E3%80%82"],
)  # fmt: skip
def test_s07_the_nearest_article_is_offered(site: Site, name: str) -> None:
    """Contract S07: unknown is 404, never a redirect; but what was most probably meant is one click away."""
    assert suggested(site, name)[:1] == [(ARTICLE.title, f"{PUBLIC}/s/{CODE}")]


@pytest.mark.parametrize(
    "value", ["NW2026112O0001", "NW202611200001%20%E5%BF%AB%E7%9C%8B", "nw202611200001&from=timeline"]
)
def test_s12_the_old_form_offers_the_nearest_article_too(site: Site, value: str) -> None:
    """Contract S12, S07."""
    answer = site.client.get(f"/html_News/NewsShare.html?infoCode={value}")
    assert answer.status_code == 404 and f"{PUBLIC}/s/{CODE}" in answer.text


def test_suggestions_lead_where_they_say(site: Site) -> None:
    custom(site, "night-ferry", ARTICLE.id)
    [(_, url)] = suggested(site, "nihgt-ferry")
    assert url == f"{PUBLIC}/s/night-ferry"
    assert site.client.get(url.removeprefix(PUBLIC)).headers["Location"] == ARTICLE.canonical_url


@pytest.mark.parametrize("name", ["zz", "x" * 65, "x" * 3000, "", "%00", "%ff", "no-such-thing", "%F0%9F%98%80"])
def test_nothing_is_offered_for_what_is_like_nothing(site: Site, name: str) -> None:
    assert suggested(site, name) == []


def test_only_what_is_public_is_offered(site: Site) -> None:
    """Neither withdrawn, nor due later, nor left out of the feeds."""
    hidden = [
        sample_article("report-a"),
        sample_article("report-b", published=NOON + timedelta(days=1)),
        sample_article("report-c", in_feeds=False),
    ]
    site.put(*hidden, sample_article("report-d", title="The open one"))
    site.withdraw(hidden[0])
    assert [title for title, _ in suggested(site, "report-x")] == ["The open one"]
    for article in hidden:
        assert suggested(site, share_code(article.id) + "x") == []


def test_at_most_five_are_offered(site: Site) -> None:
    site.put(*(sample_article(f"tid{letter}") for letter in "abcdefghij"))
    assert len(suggested(site, "tidz")) == 5


@pytest.mark.parametrize("canonical", [True, False])
def test_rights_hold_for_suggestions(tmp_path: Path, canonical: bool) -> None:
    rights: dict[str, Any] = {"categories": {"rights": {"harbour": {"text": "none"}}}}
    with open_site(tmp_path, **rights, **({} if canonical else ELSEWHERE)) as site:
        site.put(ARTICLE)
        assert bool(suggested(site, CODE + ".")) is canonical


def test_s07_the_page_for_an_unknown_link(site: Site) -> None:
    """Contract S07, S04: it says what was asked for, searches, and leads to the directory."""
    answer = site.client.get("/s/no-such%20%3Cb%3Ething?lang=en")
    html5lib.HTMLParser(strict=True).parse(answer.text)
    page = Heads(answer.text)
    assert "no-such &lt;b&gt;thing" in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex" and page.all("meta", name="robots", content="noindex")
    assert answer.headers["Cache-Control"] == "no-store"
    assert page.all("form", role="search", action="/search") and page.all("input", name="q", type="search")
    assert page.all("input", type="hidden", name="lang", value="en")
    assert page.all("a", href="/?lang=en")
    assert "链接无效" in site.client.get("/s/no-such?lang=zh").text


def test_without_a_search_there_is_no_search_box(tmp_path: Path) -> None:
    with open_site(tmp_path, search={"enabled": False}) as site:
        assert not Heads(site.client.get("/s/no-such").text).all("input", name="q")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("%22onload=%22x", "&#34;onload=&#34;x"),
        ("abc%E2%80%AEgnp.exe", "abc gnp.exe"),  # an override of the direction
        ("a%00b%1Bc", "a b c"),
        ("y" * 200, "y" * 79 + "…"),
        ("%ff%fe", "\ufffd\ufffd"),
    ],
)
def test_what_was_asked_for_is_shown_harmlessly(site: Site, name: str, shown: str) -> None:
    text = site.client.get("/", environ_overrides={"RAW_URI": f"/s/{name}", "PATH_INFO": "/s/x"}).text
    assert f"<bdi>{shown}</bdi>" in text


def test_s09_suggestions_do_not_believe_the_host(site: Site) -> None:
    """Contract S08, S09, L05."""
    answer = site.client.get(f"/s/{CODE}x?url=https://evil.example/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert f"{PUBLIC}/s/{CODE}" in answer.text and "//evil.example" not in answer.text


def test_unknown_names_are_remembered_for_the_operator(site: Site) -> None:
    """People apart from robots."""
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    site.client.get("/s/no-such", headers=browser)
    site.client.get("/html_News/NewsShare.html?infoCode=NW0", headers={"User-Agent": "Twitterbot/1.0"})
    site.client.get(f"/s/{CODE}", headers=browser)

    def missed() -> set[tuple[str, int, int]]:
        with site.store.reading() as reader:
            return {(miss.name, miss.people, miss.robots) for miss in reader.misses(9)}

    wait_for(lambda: missed() == {("no-such", 1, 0), ("NW0", 0, 1)})


# Withdrawn articles


def test_s11_a_withdrawn_article_names_its_categories_and_nothing_else(tmp_path: Path) -> None:
    """Contract S11, ID06: no text, no title; the categories as far as they are still there; back again is 302."""
    said = {"renamed": {"quay": "harbour"}, "removed": ["pier"]}
    with open_site(tmp_path, categories=said) as site:
        site.publish("harbour", "text")
        article = sample_article("NW1", categories=("quay", "pier", "empty", "harbour"))
        site.put(article, sample_article("NW2"))
        site.withdraw(article)
        with site.store.writing() as transaction:
            transaction.set_category("harbour", title="海港 & <Harbour>")
        for path in (f"/s/{share_code(article.id)}", "/s/NW1", "/html_News/NewsShare.html?infoCode=NW1"):
            answer = site.client.get(path, headers={"Accept-Language": "en"})
            html5lib.HTMLParser(strict=True).parse(answer.text)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-store")
            assert answer.headers["X-Robots-Tag"] == "noindex"
            for secret in (article.title, "Aurelia", article.canonical_url, "og:"):
                assert secret not in answer.text
            page = Heads(answer.text)
            places = [link["href"] for link in page.all("a") if "/categories/" in link["href"]]
            assert places == ["/categories/harbour/"] and "海港 &amp; &lt;Harbour&gt;" in answer.text
            assert page.all("form", role="search")
        site.put(article)
        wait_for(lambda: site.client.get("/s/NW1").status_code == 302)


# QR codes


@pytest.mark.parametrize("name", [CODE, ARTICLE.identity, "en/hello", "night-ferry"])
def test_a_qr_code_can_be_read(site: Site, name: str) -> None:
    """Contract L05: both pictures say the share link that the article shows, whichever name was used."""
    custom(site, "night-ferry", sample_article("en/hello").id)
    link = f"{PUBLIC}/s/{CODE}" if name in (CODE, ARTICLE.identity) else f"{PUBLIC}/s/night-ferry"
    svg = site.client.get(f"/s/{name}/qr.svg", headers={"Host": "evil.example"})
    png = site.client.get(f"/s/{name}/qr.png")
    drawn = qr_reader.of_svg(svg.text)
    assert qr_reader.read(drawn) == link
    assert qr_reader.of_png(png.data) == drawn


def test_a_qr_code_of_a_chinese_name(site: Site) -> None:
    custom(site, "夜航", ARTICLE.id)
    drawn = qr_reader.of_svg(site.client.get(f"/s/{CODE}/qr.svg").text)
    assert qr_reader.read(drawn) == f"{PUBLIC}/s/%E5%A4%9C%E8%88%AA"


@pytest.mark.parametrize(("ending", "media_type"), [("qr.svg", "image/svg+xml"), ("qr.png", "image/png")])
def test_a_qr_code_is_kept_by_caches(site: Site, ending: str, media_type: str) -> None:
    """Contract S03, S04, S06 for the pictures below a link."""
    path = f"/s/{CODE}/{ending}"
    full = site.client.get(path)
    assert full.status_code == 200
    assert full.headers["Content-Type"].partition(";")[0] == media_type
    assert full.headers["Cache-Control"] == "public, max-age=86400"
    assert full.headers["X-Robots-Tag"] == "noindex"
    assert full.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Set-Cookie" not in full.headers
    head = site.client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", full.headers["ETag"])
    again = site.client.get(path, headers={"If-None-Match": full.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert site.client.get(path, headers={"If-None-Match": '"another"'}).data == full.data


def test_no_qr_code_of_what_leads_nowhere(site: Site) -> None:
    """Contract S07, S10, S11."""
    gone = sample_article("NW2")
    site.put(gone)
    site.withdraw(gone)
    for path, status in (("/s/no-such/qr.svg", 404), ("/s//qr.png", 404), ("/s/NW2/qr.svg", 410)):
        answer = site.client.get(path)
        assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (status, "noindex"), path
        assert answer.headers["Cache-Control"] == "no-store"
    refused = site.client.post(f"/s/{CODE}/qr.svg")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")


# Cards


def card_of(site: Site, path: str, agent: str = ROBOTS[0]) -> dict[str, str]:
    answer = site.client.get(path, headers={"User-Agent": agent})
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(answer.text)
    page = Heads(answer.text)
    found = {
        meta.get("property") or meta.get("name", ""): meta["content"] for meta in page.all("meta") if "content" in meta
    }
    return {**found, "canonical": page.all("link", rel="canonical")[0]["href"]}


@pytest.mark.parametrize(
    "path", [f"/s/{CODE}", "/s/NW202611200001", "/html_News/NewsShare.html?infoCode=NW202611200001"]
)
@pytest.mark.parametrize("agent", ROBOTS)
def test_s13_preview_robots_get_a_card_where_that_is_set(tmp_path: Path, path: str, agent: str) -> None:
    """Contract S13, S04, S06: a page with the article's card, everything in it escaped; people are redirected."""
    picture = "https://site.example.com/a.png?x=1&y=2"
    title = 'Fish & <Chips> "today"'
    with open_site(tmp_path, share={"cards": True}, **ELSEWHERE) as site:
        site.put(
            sample_article(
                "NW202611200001", title=title, summary='A\n"quote" & <b>', image=picture, language="zh-Hant-TW"
            )
        )
        card = card_of(site, path, agent)
        assert card["og:title"] == card["twitter:title"] == title
        assert card["og:description"] == 'A "quote" & <b>'
        assert card["og:url"] == card["canonical"] == ARTICLE.canonical_url
        assert card["og:image"] == picture and card["twitter:card"] == "summary_large_image"
        assert card["og:site_name"] == "Nordhaven Wire" and card["og:locale"] == "zh_TW"
        assert card["article:published_time"] == "2026-11-20T18:00:00+08:00"
        assert card["og:type"] == "article" and card["robots"] == "noindex"
        answer = site.client.get(path, headers={"User-Agent": agent})
        assert escape(title) in answer.text.replace("&#34;", "&quot;") and "Aurelia" not in answer.text
        assert (answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"]) == ("noindex", "no-store")
        assert "Set-Cookie" not in answer.headers and "Location" not in answer.headers
        for person in PEOPLE:
            assert site.client.get(path, headers={"User-Agent": person}).status_code == 302


def test_s13_without_the_setting_everybody_is_redirected(site: Site) -> None:
    """Contract S13."""
    for agent in ROBOTS + PEOPLE:
        assert site.client.get(f"/s/{CODE}", headers={"User-Agent": agent}).status_code == 302


def test_s13_rights_hold_for_cards(tmp_path: Path) -> None:
    """No summary and no picture where rights forbid them; where they forbid all, a redirect as for everybody."""
    rights = {"board": {"text": "headline"}, "court": {"text": "none"}}
    with open_site(tmp_path, share={"cards": True}, categories={"rights": rights}, **ELSEWHERE) as site:
        site.put(
            sample_article("NW1", categories=("board",), image="https://site.example.com/a.png"),
            sample_article("NW2", categories=("court",)),
        )
        card = card_of(site, "/s/NW1")
        assert card["og:title"] == ARTICLE.title
        assert not {"og:description", "og:image", "description"} & card.keys() and card["twitter:card"] == "summary"
        assert site.client.get("/s/NW2", headers={"User-Agent": ROBOTS[0]}).status_code == 302


def test_s13_no_card_of_what_leads_nowhere(tmp_path: Path) -> None:
    """Contract S07, S11 for robots too."""
    with open_site(tmp_path, share={"cards": True}) as site:
        site.put(ARTICLE)
        site.withdraw(ARTICLE)
        assert site.client.get(f"/s/{CODE}", headers={"User-Agent": ROBOTS[0]}).status_code == 410
        assert site.client.get("/s/no-such", headers={"User-Agent": ROBOTS[0]}).status_code == 404


_PARTS = [*"abAB019%/.~-_?+,;=", "%2F", "%00", "%E5", "%ff", "%0d%0a", "%25", *CODE]
_RAW = st.lists(st.sampled_from(_PARTS), max_size=40).map("".join)


@given(raw=_RAW, cards=st.booleans())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_s07_no_name_breaks_anything(site: Site, raw: str, cards: bool) -> None:
    """Contract S07: 404 or, if it is somebody's name, a redirect to an article of ours; never 5xx."""
    path, _, query = raw.partition("?")
    environ = {"RAW_URI": f"/s/{raw}", "PATH_INFO": "/s/x", "QUERY_STRING": query, "feedsvc.preview": cards}
    answer = site.client.get("/", environ_overrides=environ)
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith(PUBLIC)
    else:
        assert answer.status_code in (404, 200), path
        assert answer.status_code == 404 or cards or path.endswith(("/qr.svg", "/qr.png"))
    assert answer.headers["X-Robots-Tag"] == "noindex"

"""The directory of categories: found by hanzi, pinyin, initials and Latin, by letter, in several orders, by page."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import html5lib
import pytest
from werkzeug.test import TestResponse

from feedsvc.articles.article import Article
from feedsvc.errors import StoreUnavailable
from feedsvc.web import catalogue as catalogue_module
from feedsvc.web import directory as directory_module
from feedsvc.web.catalogue import LONGEST, SHORTEST, Catalogue, Keeper, sparkline
from feedsvc.web.directory import FEW, MANY, PER_PAGE
from tests.web.served_site import NOON, PUBLIC, Site, open_site, sample_article

NAMES = {
    "cqrb": "重庆日报",
    "cjwb": "长江晚报",
    "banker": "银行家",
    "xmrb": "厦门日报",
    "kuaiji": "会计之家",
    "women": "女性周刊",
    "harbour": "",
    "Evening": "Évening Herald",
    "24h": "24小时",
    "odd, /+*!": "",
}


def fill(site: Site, names: dict[str, str], **changes: Any) -> None:
    """A category for each name; the later it stands, the older and the fewer its articles."""
    articles: list[Article] = []
    for place, slug in enumerate(names):
        for number in range(1 + (place == 0)):
            moment = NOON - timedelta(hours=place + 1, minutes=number)
            values: dict[str, Any] = {"published": moment, "categories": (slug,), "title": f"News of {slug} {number}"}
            articles.append(sample_article(f"N{place}-{number}", **values | changes))
    site.publish("harbour", "text")
    site.put(*articles)
    with site.store.writing() as transaction:
        for slug, title in names.items():
            transaction.set_category(slug, title=title)


@pytest.fixture(scope="module")
def stand_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("stand")) as site:
        fill(site, NAMES)
        yield site


@pytest.fixture
def stand(stand_of_all: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """With letters, which otherwise come with more categories."""
    monkeypatch.setattr(directory_module, "MANY", len(NAMES))
    return stand_of_all


class Shown(HTMLParser):
    """The categories of a page in their order, its headings, links and boxes."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.names: list[str] = []
        self.headings: list[str] = []
        self.links: list[dict[str, str]] = []
        self.ticks: dict[str, bool] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._into: list[str] | None = None
        self._tag = ""
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: text or "" for name, text in attrs}
        self.tags.append((tag, attributes))
        if tag == "a":
            self.links.append(attributes)
            self._into = self.names if self._tag == "h3" else None
        elif tag == "h2":
            self._into = self.headings
        elif tag == "input" and attributes.get("name") == "category":
            self.ticks[attributes["value"]] = "checked" in attributes
        self._tag = tag

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data.strip())
            self._into = None

    def to(self, **parameters: str) -> bool:
        """Whether there is a link to this view."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return any(link["href"] == f"/{query}" for link in self.links)


def show(site: Site, **parameters: Any) -> Shown:
    return Shown(get(site, **parameters))


def get(site: Site, **parameters: Any) -> TestResponse:
    return site.client.get("/?" + urlencode(parameters, doseq=True), headers={"Accept-Language": "en"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("重庆", ["重庆日报"]),
        ("日报", ["重庆日报", "厦门日报"]),
        ("chongqing", ["重庆日报"]),
        ("Chóng qìng", ["重庆日报"]),
        ("zhongqing", ["重庆日报"]),
        ("changjiangwanbao", ["长江晚报"]),
        ("zhangjiang", ["长江晚报"]),
        ("cjwb", ["长江晚报"]),
        ("yh", ["银行家"]),
        ("yinxing", ["银行家"]),
        ("xiamen", ["厦门日报"]),
        ("shamen", ["厦门日报"]),
        ("kuaiji", ["会计之家"]),
        ("huiji", ["会计之家"]),
        ("nvxing", ["女性周刊"]),
        ("nüxing", ["女性周刊"]),
        ("evening", ["Évening Herald"]),
        ("HERALD", ["Évening Herald"]),
        ("harb", ["harbour"]),
        ("ri bao xia", ["厦门日报"]),
        ("/+", ["odd, /+*!"]),
        ("nowhere", []),
        ("<script>", []),
    ],
)
def test_categories_are_found(stand: Site, query: str, names: list[str]) -> None:
    """Contract L01: by what they are called, in whatever way somebody types it."""
    shown = show(stand, q=query)
    assert shown.names == names
    field = next(attributes for tag, attributes in shown.tags if attributes.get("id") == "q")
    assert field["value"] == query
    assert ("meta", {"name": "robots", "content": "noindex, follow"}) in shown.tags
    assert ("link", {"rel": "canonical", "href": PUBLIC + "/"}) in shown.tags


def test_every_view_is_sound_html(stand: Site) -> None:
    for parameters in ({}, {"q": '"><b>'}, {"q": "ribao"}, {"letter": "C"}, {"letter": "Q"}, {"sort": "pace"}):
        answer = get(stand, **parameters)
        html5lib.HTMLParser(strict=True).parse(answer.text)
        assert "<b>" not in answer.text


def test_by_name_they_stand_under_their_letters(stand: Site) -> None:
    shown = show(stand)
    assert shown.names == [
        *(
            "长江晚报",
            "重庆日报",
            "Évening Herald",
            "harbour",
            "会计之家",
            "女性周刊",
            "odd, /+*!",
            "厦门日报",
            "银行家",
        ),
        "24小时",
    ]
    assert shown.headings[:9] == [*"CEHKNOXY", "#"]
    assert ("link", {"rel": "canonical", "href": PUBLIC + "/"}) in shown.tags
    assert not any(attributes.get("name") == "robots" for _, attributes in shown.tags)


def test_letters_lead_to_their_categories_and_empty_ones_nowhere(stand: Site) -> None:
    everything = show(stand)
    for letter in "CEHKNOXY#":
        assert everything.to(letter=letter), letter
    assert not everything.to(letter="Q") and not everything.to(letter="Z")
    assert show(stand, letter="C").names == ["长江晚报", "重庆日报"]
    assert show(stand, letter="#").names == ["24小时"]
    assert show(stand, letter="C", sort="articles").names == ["重庆日报", "长江晚报"]
    assert "There is no category under this letter." in get(stand, letter="Q").text
    for unknown in ("CC", "1", "é", "重"):
        assert get(stand, letter=unknown).status_code == 404, unknown


def test_sorts(stand: Site) -> None:
    by_name = show(stand).names
    assert show(stand, sort="newest").names == [title or slug for slug, title in NAMES.items()]
    for sort in ("pace", "articles"):
        assert show(stand, sort=sort).names == ["重庆日报", *(name for name in by_name if name != "重庆日报")]
    assert get(stand, sort="random").status_code == 404
    shown = show(stand, sort="newest")
    assert shown.to() and shown.to(sort="pace") and shown.to(sort="articles")
    current = [link["href"] for link in shown.links if link.get("aria-current") == "true"]
    assert current == ["/?sort=newest"]


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("q=", "/"),
        ("q=++&letter=", "/"),
        ("q=+ri++bao+", "/?q=ri+bao"),
        ("letter=c", "/?letter=C"),
        ("sort=name", "/"),
        ("page=1", "/"),
        ("page=1&sort=pace&lang=en", "/?sort=pace&lang=en"),
        ("q=ribao&letter=C&sort=pace", "/?q=ribao"),
        ("category=nowhere", "/"),
        ("category=xmrb&category=xmrb&category=cqrb", "/?category=cqrb&category=xmrb"),
        ("q=" + "a" * 150, "/?q=" + "a" * 100),
    ],
)
def test_every_view_has_one_address(stand: Site, given: str, canonical: str) -> None:
    answer = stand.client.get("/?" + given)
    assert (answer.status_code, answer.headers["Location"]) == (301, canonical)
    assert stand.client.get(canonical).status_code == 200


def test_what_means_nothing_changes_nothing(stand: Site) -> None:
    """Contract H40."""
    assert stand.client.get("/?utm_source=x&letters=C").status_code == 200


def test_ticks_stay_from_view_to_view(stand: Site) -> None:
    """A plain form: whatever is ticked goes to the OPML, to the builder, or along to the next search."""
    shown = show(stand, q="ribao", category=["harbour", "xmrb"])
    assert shown.ticks == {"harbour": True, "xmrb": True, "cqrb": False}
    assert any(link["href"] == "/?sort=pace&category=harbour&category=xmrb" for link in shown.links)
    assert any(link["href"] == "/?letter=C&category=harbour&category=xmrb" for link in shown.links)
    form = next(attributes for tag, attributes in shown.tags if tag == "form" and "data-narrow" in attributes)
    assert form["action"] == "/" and "method" not in form
    goals = [attributes["formaction"] for tag, attributes in shown.tags if "formaction" in attributes]
    assert goals == ["/subscribe", "/feeds.opml"]
    assert show(stand, category="odd, /+*!").ticks["odd, /+*!"]


def test_views_that_people_type_are_not_for_caches(stand: Site) -> None:
    assert get(stand).headers["Cache-Control"].startswith("public")
    assert get(stand, letter="C").headers["Cache-Control"].startswith("public")
    for parameters in ({"q": "ribao"}, {"category": "xmrb"}):
        answer = get(stand, **parameters)
        assert answer.headers["Cache-Control"].startswith("private")
        again = stand.client.get(
            "/?" + urlencode(parameters), headers={"Accept-Language": "en", "If-None-Match": answer.headers["ETag"]}
        )
        assert again.status_code == 304


def test_both_languages(stand: Site) -> None:
    chinese = stand.client.get("/?q=nowhere&lang=zh")
    assert chinese.headers["Content-Language"] == "zh-CN"
    assert "没有符合的栏目" in chinese.text and "No category matches" not in chinese.text
    assert ("input", {"type": "hidden", "name": "lang", "value": "zh"}) in Shown(chinese).tags
    left_out = re.findall(r"%\(\w+\)s", stand.client.get("/?lang=zh").text + stand.client.get("/?lang=en").text)
    assert left_out == []


def test_a_category_at_a_look(stand: Site) -> None:
    """Contract L01: its page, its feed, the latest headline, when it came, and how much comes."""
    text = get(stand, q="cqrb").text
    assert '<a href="/categories/cqrb/">重庆日报</a> <small>cqrb</small>' in text
    assert 'href="http://feeds.example.com/harbour/N0-0.html" dir="auto">News of cqrb 0</a>' in text
    assert '<time datetime="2026-11-20T11:00:00+00:00">20 Nov 2026</time> · 2 articles · <a' in text
    assert f'href="{PUBLIC}/feeds/cqrb.rss"' in text
    assert "2 in 14 days" in text and 'aria-hidden="true"' in text
    assert "1 article ·" in get(stand, q="harbour").text
    assert "1 篇文章 ·" in stand.client.get("/?lang=zh&q=harbour").text
    shown = show(stand, q="/+")
    assert any(link["href"] == "/categories/odd%2C%20%2F%2B%2A%21/" for link in shown.links)
    assert any(link["href"] == PUBLIC + "/feeds/odd%2C%20%2F%2B%2A%21.rss" for link in shown.links)


def test_few_categories_need_no_search(tmp_path: Path, minute: Minute) -> None:
    few = dict(list(NAMES.items())[: FEW - 1])
    with open_site(tmp_path) as site:
        fill(site, few)
        shown = show(site)
        assert len(shown.names) == FEW - 1
        assert not any(attributes.get("data-part") == "letters" for _, attributes in shown.tags)
        assert not any(attributes.get("id") == "q" for _, attributes in shown.tags)
        site.put(sample_article("X", categories=("one-more",)))
        minute.now += LONGEST
        assert any(attributes.get("id") == "q" for _, attributes in show(site, sort="pace").tags)


@pytest.mark.parametrize("number", [FEW, MANY - 1, MANY])
def test_letters_come_with_many_categories(tmp_path: Path, number: int) -> None:
    with open_site(tmp_path) as site:
        fill(site, {f"{'cd'[n % 2]}{n}": "" for n in range(number)})
        shown = show(site)
        assert len(shown.names) == number
        assert any(attributes.get("data-part") == "letters" for _, attributes in shown.tags) is (number >= MANY)
        assert ("C" in shown.headings) is (number >= MANY)
        assert show(site, letter="C").names and show(site, q="c0").names == ["c0"]


def test_former_categories_and_those_without_articles_are_left_out(tmp_path: Path) -> None:
    said = {"renamed": {"cqrb": "chongqing"}, "removed": ["xmrb"], "closed": ["cjwb"], "descriptions": {"cjwb": "昨日"}}
    with open_site(tmp_path, categories=said) as site:
        fill(site, NAMES)
        with site.store.writing() as transaction:
            transaction.set_category("empty", title="空")
        shown = show(site)
        assert len(shown.names) == len(NAMES) - 2
        assert not {"重庆日报", "厦门日报", "空"} & set(shown.names)
        text = get(site, q="cjwb").text
        assert "昨日" in text and "Closed: nothing new will appear." in text


def test_headlines_are_shown_as_far_as_rights_go(tmp_path: Path) -> None:
    """Where the articles live elsewhere, a category whose right is none has a place, but no headline."""
    elsewhere = {"title": "Wire", "url": "https://site.example.com"}
    rights = {"cqrb": {"text": "none"}, "cjwb": {"text": "headline"}}
    with open_site(tmp_path, categories={"rights": rights}, site=elsewhere) as site:
        fill(site, NAMES)
        text = get(site).text
        assert "重庆日报" in text and "News of cqrb" not in text
        assert "News of cjwb" in text and "News of xmrb" in text


def test_two_thousand_categories_are_paged_and_light(tmp_path: Path) -> None:
    """Every page under 150 kB compressed; each category on one of them, once."""
    signs = "东南西北长江重庆厦门会计银行海港云潮星露雾兰茶"
    names = {f"paper{n:04}": f"{signs[n % 23]}{signs[n // 23 % 23]}{signs[n // 529]}日报" for n in range(2000)}
    with open_site(tmp_path) as site:
        fill(site, names, summary="A summary that the directory does not show. " * 5)
        seen: list[str] = []
        for number in range(1, 2000 // PER_PAGE + 1):
            answer = get(site, **({"page": number} if number > 1 else {}))
            assert len(gzip.compress(answer.data, 1)) < 25_000
            shown = Shown(answer)
            assert ["defer" in attributes for tag, attributes in shown.tags if tag == "script"] == [True]
            seen += shown.names
            canonical = PUBLIC + ("/" if number == 1 else f"/?page={number}")
            assert ("link", {"rel": "canonical", "href": canonical}) in shown.tags
        assert sorted(seen) == sorted(names.values())
        assert get(site, page=2000 // PER_PAGE + 1).status_code == 404
        assert get(site, page="0").status_code == 404
        assert show(site, q="paper1234").names == [names["paper1234"]]
        assert "Found for “ribao”: 2,000" in get(site, q="ribao").text
        assert show(site, q="ribao", page=20).names
        assert get(site, q="ribao", page=21).status_code == 404


# The snapshot


class Minute:
    """A timer that is turned by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def minute(monkeypatch: pytest.MonkeyPatch) -> Minute:
    """The timer of every catalogue that is begun from now on."""
    timer = Minute()
    monkeypatch.setattr(catalogue_module, "Keeper", lambda app: Keeper(app, timer))
    return timer


def found(site: Site, query: str) -> list[str]:
    """Searches are kept nowhere: this is what the catalogue holds."""
    return show(site, q=query).names


def test_a_snapshot_lasts_for_its_edition(tmp_path: Path, minute: Minute) -> None:
    with open_site(tmp_path) as site:
        fill(site, NAMES)
        assert found(site, "late") == []
        site.put(sample_article("L1", categories=("late",)))
        minute.now += LONGEST - 1
        assert found(site, "late") == []
        minute.now += 1
        assert found(site, "late") == ["late"]


def test_a_new_sites_first_news_are_shown_at_once(tmp_path: Path, minute: Minute) -> None:
    """The timer stands: a catalogue of nothing, made before there was anything, is not kept for its time."""
    with open_site(tmp_path) as site:
        site.app.foresee()
        for thread in threading.enumerate():
            if thread.name == "feedsvc-foresee":
                thread.join(10)
        fill(site, NAMES)
        deadline = monotonic() + 5
        while site.client.get("/feeds/harbour.rss").status_code != 200:
            assert monotonic() < deadline
        assert found(site, "cqrb") == ["重庆日报"]


def test_a_new_edition_is_seen_after_a_moment(tmp_path: Path, minute: Minute) -> None:
    with open_site(tmp_path) as site:
        fill(site, NAMES)
        assert found(site, "late") == []
        site.put(sample_article("L1", categories=("late",)))
        site.publish("late", "first")
        deadline = monotonic() + 5
        while site.client.get("/feeds/late.rss").status_code != 200:
            assert monotonic() < deadline
        assert found(site, "late") == []
        minute.now += SHORTEST
        assert found(site, "late") == ["late"]


def test_what_takes_long_is_made_less_often(tmp_path: Path, minute: Minute, monkeypatch: pytest.MonkeyPatch) -> None:
    """A twentieth of the time at the most goes into it."""
    with open_site(tmp_path) as site:
        fill(site, NAMES)
        made = catalogue_module._catalogue

        def slowly(*given: Any) -> Catalogue:
            minute.now += 0.5
            return made(*given)

        monkeypatch.setattr(catalogue_module, "_catalogue", slowly)
        assert found(site, "late") == []
        site.put(sample_article("L1", categories=("late",)))
        site.publish("late", "first")
        deadline = monotonic() + 5
        while site.client.get("/feeds/late.rss").status_code != 200:
            assert monotonic() < deadline
        minute.now += 20 * 0.5 - 0.6
        assert found(site, "late") == []
        minute.now += 0.2
        assert found(site, "late") == ["late"]


def test_a_new_name_is_found_by_its_sound(tmp_path: Path, minute: Minute) -> None:
    with open_site(tmp_path) as site:
        fill(site, NAMES)
        assert found(site, "cqrb") == ["重庆日报"]
        with site.store.writing() as transaction:
            transaction.set_category("cqrb", title="星空日报")
        minute.now += LONGEST
        assert found(site, "xingkong") == ["星空日报"]
        assert found(site, "chongqing") == []


def test_while_the_database_is_away_the_former_one_serves(
    tmp_path: Path, minute: Minute, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> Catalogue:
        raise StoreUnavailable("The database does not answer.")

    with open_site(tmp_path) as site:
        fill(site, NAMES)
        made = catalogue_module._catalogue
        monkeypatch.setattr(catalogue_module, "_catalogue", away)
        assert get(site, q="cqrb").status_code == 503
        monkeypatch.setattr(catalogue_module, "_catalogue", made)
        assert found(site, "cqrb") == ["重庆日报"]
        monkeypatch.setattr(catalogue_module, "_catalogue", away)
        minute.now += LONGEST
        assert found(site, "cqrb") == ["重庆日报"]


def test_one_thread_makes_it_and_nobody_waits(tmp_path: Path, minute: Minute, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_site(tmp_path) as site:
        fill(site, NAMES)
        assert found(site, "cqrb") == ["重庆日报"]
        site.put(sample_article("L1", categories=("late",)))
        begun, go_on, calls = threading.Event(), threading.Event(), []
        made = catalogue_module._catalogue

        def slowly(*given: Any) -> Catalogue:
            calls.append(given)
            begun.set()
            assert go_on.wait(10)
            return made(*given)

        monkeypatch.setattr(catalogue_module, "_catalogue", slowly)
        minute.now += LONGEST
        answers: list[list[str]] = []
        first = threading.Thread(target=lambda: answers.append(found(site, "late")))
        first.start()
        assert begun.wait(10)
        assert found(site, "late") == []
        go_on.set()
        first.join(10)
        assert answers == [["late"]] and found(site, "late") == ["late"] and len(calls) == 1


def test_the_first_is_made_once_for_all_who_wait(
    tmp_path: Path, minute: Minute, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_site(tmp_path) as site:
        fill(site, NAMES)
        calls, made = [], catalogue_module._catalogue

        def counted(*given: Any) -> Catalogue:
            calls.append(given)
            return made(*given)

        monkeypatch.setattr(catalogue_module, "_catalogue", counted)
        answers: list[list[str]] = []
        threads = [threading.Thread(target=lambda: answers.append(found(site, "cqrb"))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert answers == [["重庆日报"]] * 6 and len(calls) == 1


def test_it_is_made_before_the_first_visitor_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a visitor who comes too early loses nothing."""
    with open_site(tmp_path) as site:
        fill(site, NAMES)
        made, ended = catalogue_module._catalogue, threading.Event()

        def here(*given: Any) -> Catalogue:
            assert threading.current_thread().name == "feedsvc-foresee"
            try:
                return made(*given)
            finally:
                ended.set()

        monkeypatch.setattr(catalogue_module, "_catalogue", here)
        site.app.foresee()
        assert ended.wait(10)
        assert found(site, "cqrb") == ["重庆日报"]


def test_what_cannot_be_made_ahead_is_made_when_somebody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_site(tmp_path) as site:
        fill(site, NAMES)
        made, tried = catalogue_module._catalogue, threading.Event()

        def away(*_: object) -> Catalogue:
            tried.set()
            raise StoreUnavailable("The database does not answer.")

        monkeypatch.setattr(catalogue_module, "_catalogue", away)
        site.app.foresee()
        assert tried.wait(10)
        monkeypatch.setattr(catalogue_module, "_catalogue", made)
        assert found(site, "cqrb") == ["重庆日报"]


def test_sparklines() -> None:
    assert sparkline((0, 3, 1)) == "M2 15v-1M7 15v-15M12 15v-5"
    assert sparkline((0, 40, 20)) == "M2 15v-1M7 15v-15M12 15v-8"

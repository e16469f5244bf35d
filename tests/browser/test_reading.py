"""What a reader does, with JavaScript and without: find a category, subscribe, put a feed together, follow a link."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

import feedparser
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.everybody import sticks_out, walk
from tests.browser.invented import BUSIEST, CATEGORIES, CODE, LINKED, WITHDRAWN
from tests.browser.person import Person, Visit
from tests.browser.test_every_page import PAGES
from tests.e2e.newsroom import Newsroom

pytestmark = pytest.mark.slow

# Typed -> the first of one or two categories found: pinyin without tones, initials, other readings, a Latin name.
TYPED = {
    "重山": "重山晚报",
    "晚报重": None,
    "chongshan": "重山晚报",
    "cswb": "重山晚报",
    "zswb": "重山晚报",
    "yinhang": "银行街评论",
    "kuaiji": "会计手札",
    "yinyue": "音乐港",
    "lacy": "六安茶业",
    "harbour": "Harbour Notes",
}


def found(page: Page) -> Locator:
    """Names in the directory's list."""
    return page.locator(".catalogue h3 a")


def field(page: Page) -> Locator:
    return page.locator("main").get_by_role("searchbox")


@pytest.mark.parametrize("typed", TYPED)
def test_a_category_is_found_while_one_types(person: Person, typed: str) -> None:
    """By hanzi, pinyin, initials and Latin letters; without a new page."""
    person.go("/")
    page = person.page
    expect(found(page)).to_have_count(len(CATEGORIES))
    before = len([request for request in person.requests if "site.css" in request])
    field(page).press_sequentially(typed, delay=5)
    name = TYPED[typed]
    expect(page.locator("main").get_by_role("status").first).to_contain_text(f"“{typed}”")
    if name:
        expect(found(page).first).to_have_text(name)
        assert found(page).count() <= 2
    else:
        expect(found(page)).to_have_count(0)
    assert field(page).evaluate("e => e === document.activeElement && e.value") == typed
    assert len([request for request in person.requests if "site.css" in request]) == before
    assert page.evaluate("() => new URLSearchParams(location.search).get('q')") == typed
    names = found(page).all_text_contents()
    page.reload()
    expect(found(page)).to_have_text(names)  # the address is that of what one sees
    field(page).fill("")
    expect(found(page)).to_have_count(len(CATEGORIES))


@pytest.mark.parametrize("typed", ["重山", "chongshan", "cswb"])
def test_a_category_is_found_without_javascript(plain: Person, typed: str) -> None:
    plain.go("/")
    field(plain.page).fill(typed)
    plain.page.locator("main").get_by_role("button", name="Find", exact=True).click()
    expect(found(plain.page)).to_have_text(["重山晚报"])
    found(plain.page).click()
    expect(plain.page.get_by_role("heading", level=1)).to_have_text("重山晚报")
    assert urlsplit(plain.page.url).path == "/categories/chongshanwanbao/"


def test_categories_by_letter_and_order(plain: Person) -> None:
    plain.go("/")
    page = plain.page
    page.get_by_role("navigation", name="By letter").get_by_role("link", name="C", exact=True).click()
    names = found(page).all_text_contents()
    assert "长河日报" in names and "银行街评论" not in names
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Most articles first").click()
    assert found(page).first.text_content() == CATEGORIES[BUSIEST]


def test_the_address_is_copied_with_one_click(visit: Visit) -> None:
    person = visit(permissions=["clipboard-read", "clipboard-write"])
    person.go(f"/categories/{BUSIEST}/")
    page = person.page
    box = page.get_by_role("region", name="Subscribe")
    address = box.get_by_label("Feed address").input_value()
    box.get_by_role("button", name="Copy").click()
    expect(box.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.locator("[aria-live=polite]").filter(has_text="Copied")).to_have_count(1)
    assert page.evaluate("() => navigator.clipboard.readText()") == address
    assert feedparser.parse(address).feed.title.startswith("港口晚报")


def test_the_subscribe_box_without_javascript(plain: Person, wire: Newsroom) -> None:
    """No button that does nothing; the address is there to be selected, and so are the readers."""
    plain.go(f"/categories/{BUSIEST}/")
    box = plain.page.get_by_role("region", name="Subscribe")
    expect(box.get_by_role("button")).to_have_count(0)
    address = f"{wire.base}/feeds/{BUSIEST}.rss"
    expect(box.get_by_label("Feed address")).to_have_value(address)
    box.get_by_label("Feed address").focus()
    for one in box.locator("summary").all():
        one.click()
    links = {link.text_content(): link.get_attribute("href") for link in box.get_by_role("link").all()}
    assert links["Open in your reader"] == f"feed:{address}"
    assert quote(address, safe="") in str(links["Inoreader"])
    assert {"RSS", "Atom", "JSON", "OPML"} <= links.keys()


def built(page: Page) -> str:
    """Tick two, make the feed; its address."""
    page.get_by_role("group", name="1.").get_by_role("checkbox", name="长河日报").check()
    page.get_by_role("group", name="1.").get_by_role("checkbox", name="蚌埠船务").check()
    page.get_by_label("Articles with one of these words in the title").fill("雾")
    page.get_by_role("radio", name="Summaries only").check()
    page.get_by_role("button", name="Make the feed").click()
    return page.get_by_role("region", name="Subscribe").get_by_label("Feed address").input_value()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_feed_is_put_together(visit: Visit, wire: Newsroom, script: bool) -> None:
    """Ticked, narrowed, chosen: one address that a reader reads, and that has what the page says."""
    person = visit(java_script_enabled=script)
    person.go("/subscribe")
    page = person.page
    address = built(page)
    assert address == f"{wire.base}/feeds/+/bengbuchuanwu,changheribao,!*{quote('雾')}/brief.rss"
    read = feedparser.parse(address)
    assert not read.bozo and len(read.entries) > 5
    titles = [entry.title for entry in read.entries]
    assert not any("雾" in title for title in titles)
    assert page.locator("main .headlines a").all_text_contents() == titles[:10]
    expect(page.get_by_role("group", name="1.").get_by_role("checkbox", name="长河日报")).to_be_checked()
    opml = page.get_by_role("link", name="Each as a feed of its own").get_attribute("href")
    assert opml and feedparser.parse(wire.get(opml.removeprefix(wire.base)).body.decode()) is not None
    page.goto(address)
    expect(page.locator("#address")).to_have_value(address)


def test_ticks_of_the_directory_become_a_feed(person: Person) -> None:
    """Also when they were ticked in two searches."""
    person.go("/")
    page = person.page
    for typed, name in (("chongshan", "重山晚报"), ("yinhang", "银行街评论")):
        field(page).fill(typed)
        expect(found(page)).to_have_text([name])
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Combine into one feed").click()
    page.wait_for_url("**/subscribe?*")
    address = page.get_by_role("region", name="Subscribe").get_by_label("Feed address").input_value()
    assert address.endswith("/feeds/+/chongshanwanbao,yinhangjie.rss")


def test_articles_are_found_by_their_text(person: Person) -> None:
    person.go("/")
    page = person.page
    page.get_by_role("search").get_by_role("searchbox", name="Search the articles").fill("雾中的渡轮")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    result = page.locator("main .headlines li").filter(has_text="雾中的渡轮").first
    expect(result.locator("mark").first).to_be_visible()
    result.get_by_role("link", name="雾中的渡轮").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("雾中的渡轮")


def test_s01_s12_a_share_link_leads_to_its_article(person: Person, wire: Newsroom) -> None:
    """Contract S01, S12: also an identity, and the old form; the article's page shows the link again."""
    for link in (f"/s/{CODE}", f"/s/{LINKED}", f"/html_News/NewsShare.html?infoCode={LINKED}&from=timeline"):
        assert person.go(link) == 200
        expect(person.page.get_by_role("heading", level=1)).to_have_text("雾中的渡轮")
        assert urlsplit(person.page.url).path.endswith(f"{LINKED}.html")
        expect(person.page.get_by_label("Share link")).to_have_value(f"{wire.base}/s/{CODE}")
    person.page.get_by_text("As a QR code").click()
    picture = person.page.get_by_role("img", name="QR code of the share link")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("e => e.decode().then(() => e.naturalWidth)") > 20


def test_s07_an_unknown_link_suggests_what_was_meant(person: Person) -> None:
    """Contract S07."""
    assert person.go(f"/s/{CODE[:-1]}") == 404
    page = person.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Unknown link")
    page.get_by_role("link", name="雾中的渡轮").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("雾中的渡轮")


def test_s11_a_withdrawn_article_says_so(person: Person) -> None:
    """Contract S11: nothing of it is shown any more, but a way on."""
    assert person.go(f"/s/{WITHDRAWN}") == 410
    page = person.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Withdrawn")
    assert "这篇文章稍后会被撤回" not in page.content()
    page.get_by_role("link", name=CATEGORIES[BUSIEST]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CATEGORIES[BUSIEST])
    assert "这篇文章稍后会被撤回" not in page.content()


def test_the_language_is_switched_and_stays(person: Person) -> None:
    person.go(f"/categories/{BUSIEST}/?page=2")
    page = person.page
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert "page=2" in page.url
    page.get_by_role("banner").get_by_role("link", name="江湾联合新闻").click()
    page.wait_for_url(lambda address: urlsplit(address).path == "/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_browsers_language_is_spoken(chinese: Person) -> None:
    chinese.go("/")
    expect(chinese.page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(chinese.page.get_by_role("heading", level=1)).to_contain_text(re.compile("[一-龥]"))


@pytest.mark.parametrize(
    "path", ["/", f"/categories/{BUSIEST}/", f"/s/{CODE}", "/subscribe", "/about-feeds", "/search?q=渡轮"]
)
def test_the_keyboard_reaches_everything(person: Person, path: str) -> None:
    """In sight, in the order of the page, beginning with the way past the head."""
    person.go(path)
    page = person.page
    every = page.evaluate(
        "() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary')]"
        ".filter(e => e.checkVisibility({visibilityProperty: true}) && e.type !== 'radio').length"
    )
    names = walk(page, most=every + 10)
    assert names[0] == "Skip to the content"
    assert every <= len(names) <= every + 1  # radio buttons are one stop
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("() => location.hash") == "#main"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


def test_without_javascript_no_button_is_dead(plain: Person) -> None:
    """What only a script could do is not shown; pages lead to each other by links and forms."""
    for path in PAGES.values():
        plain.go(path)
        expect(plain.page.locator("button[type=button]:visible")).to_have_count(0)
        expect(plain.page.locator("form:not([action]), form[method=post], a[href='#'], a:not([href])")).to_have_count(0)


TYPED_BY_A_JOKER = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.mark.parametrize("path", ["/?q=", "/search?q=", "/subscribe?word=", "/subscribe?category=", "/s/", "/nowhere/"])
def test_what_somebody_types_is_never_markup(person: Person, path: str) -> None:
    """Shown as it was typed, or not at all; nothing runs, and nothing has to be kept from running (see `visit`)."""
    person.go(path + quote(TYPED_BY_A_JOKER, safe=""))
    expect(person.page.locator("img[src=x]")).to_have_count(0)
    assert not any(request.endswith("/x") for request in person.requests)
    assert sticks_out(person.page) == []

"""HTML inside items: contract section 6, F04 and the limits that keep one article from stopping the rest."""

from __future__ import annotations

import re
import time

import html5lib
import pytest

from feedsvc.articles.body import clean_body, is_tangled
from feedsvc.articles.summary import plain_text

PAGE = "https://site.example/kite-weekly/2026/11/20/x.html"

REMOVED = ["script", "style", "applet", "noscript", "template", "noframes", "title", "textarea", "select"]


def clean(html: str, ext: str = ".html") -> str:
    return clean_body(html, ext, PAGE)


def assert_strict(html: str) -> None:
    html5lib.HTMLParser(strict=True).parseFragment(html)  # raises ParseError


@pytest.mark.parametrize(
    "html",
    [
        "<p><b>x</p>",
        "x</div>",
        "<p id=a id=b>",
        "<table><p>x<tr><td>1</table>",
        "<h1><table><h2>x</h2></table></h1>",
        "<p><marquee><p>x</p></marquee></p>",
        "<ruby>漢<sub><rt>kan</rt></sub></ruby>",
        "<li><summary><li>x",
        "<p><svg><foreignObject><div>x</div></foreignObject></svg></p>",
        "<a href=/1>a<iframe src=/2></iframe>b</a>",
        "<math><mi><p>x</math>",
        "a & b < c &nbsp &#1; &#xFFFE; &#x1F; &#13;",
    ],
)
def test_hc01_a_strict_parser_finds_no_error(html: str) -> None:
    """Contract HC01."""
    assert_strict(clean(html))
    assert_strict(clean(html, ".md"))


def test_hc01_the_checking_parser_is_strict() -> None:
    with pytest.raises(html5lib.html5parser.ParseError):
        assert_strict("x</div>")


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<a href="/x">t</a>', "https://site.example/x"),
        ('<a href="y.html?a=1&b=2">t</a>', "https://site.example/kite-weekly/2026/11/20/y.html?a=1&amp;b=2"),
        ('<a href="../../z">t</a>', "https://site.example/kite-weekly/2026/z"),
        ('<a href="#n">t</a>', PAGE + "#n"),
        ('<a href="//x.example/">t</a>', "https://x.example/"),
        ('<img src="a.png">', "https://site.example/kite-weekly/2026/11/20/a.png"),
        ('<video poster="//c.example/p.jpg"></video>', "https://c.example/p.jpg"),
        ('<blockquote cite="/q">t</blockquote>', "https://site.example/q"),
        ('<object data="/film.swf"></object>', "https://site.example/film.swf"),
    ],
)
def test_hc02_addresses_are_absolute(html: str, address: str) -> None:
    """Contract HC02."""
    assert f'="{address}"' in clean(html)


def test_hc02_srcset() -> None:
    assert clean('<img srcset="a.png 1x, //c.example/b.png 2x, javascript:x 3x" alt="">') == (
        '<img srcset="https://site.example/kite-weekly/2026/11/20/a.png 1x, https://c.example/b.png 2x" alt="">'
    )


def test_f04_addresses_are_percent_encoded_with_the_host_in_punycode() -> None:
    """Contract F04."""
    html = clean('<a href="/新聞 a">t</a><a href="http://风筝.example/路?问=答 1#段">u</a><a href="/a%20b%zz">v</a>')
    assert 'href="https://site.example/%E6%96%B0%E8%81%9E%20a"' in html
    assert 'href="http://xn--xxzx61d.example/%E8%B7%AF?%E9%97%AE=%E7%AD%94%201#%E6%AE%B5"' in html
    assert 'href="https://site.example/a%20b%25zz"' in html


@pytest.mark.parametrize("name", REMOVED)
def test_hc03_active_elements_go_with_their_content(name: str) -> None:
    """Contract HC03."""
    assert clean(f"a<{name} src=x>INSIDE</{name}>b") == "ab"


@pytest.mark.parametrize("name", ["link", "meta", "base", "slot", "frame"])
def test_hc03_void_elements_go(name: str) -> None:
    assert f"<{name}" not in clean(f'a<{name} href="https://x.example/" src="/y">b')


@pytest.mark.parametrize(
    "html",
    [
        '<iframe src="https://player.example/v?a=1&b=2">old browsers</iframe>',
        '<IFRAME data-src="//player.example/v?a=1&amp;b=2">',
        '<object data="https://player.example/v?a=1&b=2"><param name=a><p>fallback</p></object>',
        '<embed src="https://player.example/v?a=1&b=2">',
    ],
)
def test_hc03_frames_leave_a_link(html: str) -> None:
    cleaned = clean(html)
    assert 'href="https://player.example/v?a=1&amp;b=2">' in cleaned
    assert plain_text(cleaned) == "https://player.example/v?a=1&b=2"


def test_hc03_a_frame_without_an_address_leaves_nothing() -> None:
    assert clean('a<iframe src="javascript:alert(1)"></iframe><iframe srcdoc="<p>x"></iframe>b') == "ab"


@pytest.mark.parametrize(
    "html",
    [
        '<p onclick="x()" ONLOAD=y style="position:fixed">t</p>',
        '<a href="javascript:alert(1)">t</a>',
        '<a href=" java\nscript:alert(1)">t</a>',
        '<a href="&#106;avascript&colon;alert(1)">t</a>',
        '<a href="vbscript:x">t</a>',
        '<a href="data:text/html,<script>x</script>">t</a>',
        '<img src="data:text/html;base64,PHA+" alt="t">',
        '<a href="\x01javascript:x">t</a>',
        '<svg><a xlink:href="javascript:x">t</a></svg>',
        '<form action="javascript:x">t</form>',
    ],
)
def test_hc04_nothing_that_runs(html: str) -> None:
    """Contract HC04."""
    cleaned = clean(html)
    assert plain_text(cleaned) == "t"
    assert re.search(r"script|style|onclick|onload|data:", cleaned, re.IGNORECASE) is None


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<svg aria-label="Sales rose"><text>7</text></svg>', "Sales rose"),
        ("<svg><title>Rain &amp; wind</title><path d='M0 0'/></svg>", "Rain & wind"),
        ('<math alttext="a^2"><msup><mi>a</mi><mn>2</mn></msup></math>', "a^2"),
        ("<math><mi>a</mi><mo>&lt;</mo><mi>b</mi></math>", "a<b"),
        ("<my-el>one</my-el> <search>two</search>", "one two"),
    ],
)
def test_hc05_drawings_formulas_and_unknown_elements_become_text(html: str, text: str) -> None:
    """Contract HC05."""
    cleaned = clean(f"<p>{html}</p>")
    assert plain_text(cleaned) == text
    assert set(re.findall(r"<(\w+)", cleaned)) == {"p"}


@pytest.mark.parametrize(
    "html",
    [
        "<table><caption>c</caption><thead><tr><th>h</th></tr></thead><tbody><tr><td>d</td></tr></tbody></table>",
        "<ul><li>a</li></ul><ol><li>b</li></ol><dl><dt>t</dt><dd>d</dd></dl>",
        '<figure><img src="https://c.example/a.png" alt="kite"><figcaption>A kite</figcaption></figure>',
        '<picture><source srcset="https://c.example/a.webp"><img src="https://c.example/a.png"></picture>',
        '<video src="https://c.example/a.mp4"></video><audio src="https://c.example/a.mp3"></audio>',
        "<details><summary>s</summary><p>more</p></details>",
        '<pre><code class="language-python">x = 1\n</code></pre>',
        "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> <bdi>x</bdi>",
    ],
)
def test_hc06_rich_text_is_kept(html: str) -> None:
    """Contract HC06."""
    assert clean(html) == html


def test_hc06_comments_go() -> None:
    assert clean("<!-- Img_Start --><p>a<!-- x --></p>") == "<p>a</p>"


@pytest.mark.parametrize(
    "html",
    [
        '<p style="display:none">no</p>',
        '<p style="color:red; DISPLAY : none !important">no</p>',
        "<p hidden>no</p>",
        '<div hidden=""><div>no</div><p>no</p></div>',
        '<span style="visibility:hidden">no</span>',
        '<p style="display:none">no',
    ],
)
def test_hidden_elements_go_with_their_content(html: str) -> None:
    assert plain_text(clean(f"<p>yes</p>{html}<p>yes</p>")).replace(" ", "") == "yesyes"


def test_a_hidden_paragraph_hides_no_more_than_itself() -> None:
    assert clean('<p style="display:none">no<p>yes <i style="display:none">no</i>and yes') == "<p>yes and yes</p>"


def test_words_about_hidden_things_stay() -> None:
    assert clean("<p>hidden, display: none</p>") == "<p>hidden, display: none</p>"


def test_a_picture_that_a_script_would_load_gets_its_address() -> None:
    assert (
        clean('<img src="data:image/gif;base64,R0" data-src="/real.png">')
        == '<img src="https://site.example/real.png">'
    )


def test_a_picture_without_address_leaves_its_words() -> None:
    assert clean('<p><img src="data:x" alt="Map of &quot;B&quot;">.<img></p>') == "<p>Map of &quot;B&quot;.</p>"


LARGE = 150_000


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * LARGE,
        "<b>" * LARGE,
        "".join(f"<p><b id={i}>" for i in range(LARGE // 10)),
        "".join(f"<font size={i}>x" for i in range(LARGE // 10)),
        "<table>" * (LARGE // 10),
        "<svg>" * (LARGE // 10),
        "<p hidden>" * (LARGE // 10),
        "<a " + " ".join(f"a{i}" for i in range(LARGE)) + ">",
        "<!--" * LARGE,
        "[" * LARGE,
        "![" * LARGE,
        "> " * (LARGE // 10),
        "*a _b " * (LARGE // 10),
        "[a](" + "b " * LARGE,
        "x\n\n[返回](y)" + " " * LARGE + "z",
    ],
    ids=lambda body: body[:12],
)
def test_no_body_takes_long(body: str) -> None:
    """Each takes a fraction of a second; what grows with the square of the length would take minutes."""
    began = time.process_time()
    clean_body(body, ".md", PAGE, (r"(?:\[返回[^\]]*\]\([^)]*\)\s*[｜|]?\s*)+",))
    assert time.process_time() - began < 5


def test_what_is_nested_too_deep_keeps_its_words() -> None:
    body = "<div>" * 1000 + "<p>kept</p>" + "</div>" * 1000
    assert is_tangled(body)
    assert clean(body) == "<p>kept</p>"
    assert not is_tangled("<div>a</div>" * 1000 + "<p>b" * 1000)

"""What holds of every body, address and identity, whatever the author wrote."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import html5lib
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc.articles.address import absolute, absolute_srcset, percent_encode
from feedsvc.articles.body import clean_body
from feedsvc.articles.identity import Claim, public_id, settle
from feedsvc.articles.make import ArticleRules, make_article
from feedsvc.articles.markdown import markdown_to_html
from feedsvc.articles.permalink import slugify
from feedsvc.articles.sanitize import sanitize
from feedsvc.articles.summary import plain_text, shorten, summarize
from feedsvc.content.draft import Draft, FileName, Tier

PAGE = "https://kites.example/a/x.html"
URL_CHARS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")

_ELEMENTS = (
    "a b p div span table tr td caption ul li ol dl dt dd h1 h2 pre code svg math mi iframe object embed form button"
    " select option center my-el ruby rt rp details summary figure figcaption marquee nobr template style script title"
    " blockquote video img br textarea foreignObject annotation-xml main"
)
_ATTRIBUTES = ["", "", "", ' href="/x"', " src=a.png", ' style="display:none"', " hidden", " id=a id=b", ' title="a>b"']
_WORDS = [
    *(
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "x",
        "中文。",
        "&amp;",
        "<",
        "&lt;b&gt;",
        "<!-- c -->",
        "<!--",
        "-->",
        "&#0;",
        "&#31;",
    ),
    *("*e*", "**粗：**", "[a](b c)", "`", "```\n", "|", "\n|-|\n", "- ", "> ", "    ", "<>", "{: .x}", "[^1]", "😀"),
    *("\n[^1]: n\n", "\n[r]: /r\n", "[r]", "\x00", "\x0b", "\ufffe"),
]
elements = st.sampled_from(_ELEMENTS.split())
opened = st.builds(lambda name, attributes: f"<{name}{attributes}>", elements, st.sampled_from(_ATTRIBUTES))
closed = elements.map(lambda name: f"</{name}>")
tangles = st.lists(st.one_of(opened, opened, closed, st.sampled_from(_WORDS), st.text(max_size=3)), max_size=14).map(
    "".join
)
# Posts as they are: lines of HTML with a little Markdown after or between them.
html_lines = st.sampled_from(
    [
        "<p>a</p>",
        " <p>一 *b*</p>",
        "<div>",
        "</div>",
        "<p>a</p><p>b",
        "<ul><li>x</li></ul>",
        "   <h2>t</h2>",
        "<p>a|b</p>",
        '<p class="x">a <b>b</b><br/>c > d</p>',
        "<p>a</p> <p align=\"left\">b <a href='/c'>c</a></p> ",
        '<p title="a" markdown="1">*b*</p>',
        '<p id="markdown=1">*b*</p>',
        "<p/>*a*</p>",
        "<p>a <!-- </p>",
        "<p>a <p>b</p></p>",
        "    <p>a</p>",
        "\t<p>a</p>",
        "<p>&amp; &nbsp;\xa0😀</p>",
        "<p>display: none \x01\ufffe</p>",
    ]
)
markdown_lines = st.sampled_from(
    ["", "", "words *e*", "|-|", "- item", "    code", "> q", "[返回](/a b)", "---", "<hr>"]
)
posts = st.lists(st.one_of(html_lines, html_lines, markdown_lines), max_size=12).map("\n".join)
mere_text = st.text(st.sampled_from("aB中　 \t\n\r;>&\xa0\x7f\ufeff\ufffd😀\U0001fffe\U00040000"), max_size=4)
p_tags = st.sampled_from(["<p>", "<p>", '<p class="a b-c">', '<p class="hidden">', '<p class="中&amp;">', "<p hidden>"])
paragraphs = st.lists(st.builds("{}{}</p>".format, p_tags, mere_text), max_size=3).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(tangles, posts))
@example("<p>a</p>\n|-|\n")
@example("<p>a</p> <!-- \n</p> -->\n*b*")
def test_the_shortcut_for_html_gives_what_the_parser_gives(text: str) -> None:
    assert markdown_to_html(text) == markdown_to_html(text, shortcut=False)


@settings(max_examples=400, deadline=None)
@given(paragraphs, st.one_of(tangles, posts, st.just("\ufeff")))
@example("<p>a</p>", "\ufeff")
@example("<p>a</p>", "<p hidden></p>&#xfeff;")
@example("<p>a</p>\n", "</p><ruby>a<sub><rt>b<p hidden>c<table><tr><p>d")
def test_the_shortcut_for_paragraphs_gives_what_the_cleaner_gives(plain: str, rest: str) -> None:
    assert sanitize(plain + rest, PAGE) == sanitize(plain + rest, PAGE, shortcut=False)


@settings(max_examples=400, deadline=None)
@given(tangles, st.sampled_from([".md", ".html"]))
@example("<ruby>a<sub><rt>b", ".html")
@example("<li><summary><li>", ".html")
@example("<h1><table><h2>x", ".html")
def test_a_strict_parser_accepts_every_clean_body(text: str, ext: str) -> None:
    """Contract HC01, F03."""
    html = clean_body(text, ext, PAGE)
    html5lib.HTMLParser(strict=True).parseFragment(html)
    assert ILLEGAL.search(html) is None
    assert sanitize(html, PAGE).strip() == html


@given(st.one_of(st.text(), st.from_regex(r"(//|/|#|\?|https?:|HTTP://)?[a-z风%: .\\@\[\]]{0,12}", fullmatch=True)))
def test_addresses_are_absolute_ascii_or_nothing(value: str) -> None:
    """Contract F04."""
    url = absolute(value, PAGE)
    if url:
        assert urlsplit(url).scheme in ("http", "https")
        assert urlsplit(url).netloc
        assert URL_CHARS.fullmatch(url)
        assert absolute(url, PAGE) == url


@given(st.text())
def test_srcset_stays_a_srcset(value: str) -> None:
    made = absolute_srcset(value, PAGE)
    assert absolute_srcset(made, PAGE) == made


@given(st.text())
def test_encoding_twice_changes_nothing(text: str) -> None:
    assert percent_encode(percent_encode(text)) == percent_encode(text)
    assert URL_CHARS.fullmatch(percent_encode(text))


@given(st.text())
def test_public_ids_are_uris(identity: str) -> None:
    uri = public_id(identity, "kites.example,2026")
    assert uri == identity or URL_CHARS.fullmatch(uri)
    assert re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", uri)


@given(st.text())
def test_slugs_have_no_characters_that_need_care(text: str) -> None:
    slug = slugify(text)
    assert not re.search(r"[\s/?#%:]|--", slug)


def unindented(html: str) -> str:
    """The text without the layout of its paragraphs."""
    return re.sub(" [ \u3000]+", " ", plain_text(html)).lstrip(" \u3000")


@given(st.one_of(tangles, posts), st.text(st.sampled_from(" \u3000\n一。<b>"), max_size=200), st.integers(20, 60))
def test_a_summary_is_that_of_the_whole_text(text: str, more: str, chars: int) -> None:
    html = clean_body(text + more, ".html", PAGE)
    assert summarize(html, chars) == shorten(unindented(html), chars)


@given(st.one_of(tangles, st.text()), st.integers(min_value=20, max_value=60))
def test_summaries_are_short_and_begin_as_the_text_does(text: str, chars: int) -> None:
    html = clean_body(text, ".md", PAGE)
    summary, whole = summarize(html, chars), unindented(html)
    assert len(summary) <= chars
    assert whole.startswith(summary.removesuffix("…"))
    assert bool(summary) == bool(whole)


claims = st.builds(
    Claim,
    key=st.integers(0, 10**6).map(str),
    base=st.sampled_from(["a", "b"]),
    file_date=st.sampled_from([None, date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)]),
    tier=st.sampled_from(Tier),
    published=st.sampled_from([datetime(2026, 1, d, tzinfo=UTC) for d in (1, 2)]),
    held=st.sampled_from(["", "", "a", "b", "a@2026-01-02"]),
    explicit=st.booleans(),
)


@given(st.lists(claims, max_size=8, unique_by=lambda claim: claim.key), st.randoms())
def test_no_identity_has_two_files(wanted: list[Claim], shuffle: object) -> None:
    """Contract ID04, and the decision depends on nothing but the claims."""
    verdicts = settle(wanted)
    assert verdicts == settle(sorted(wanted, key=lambda claim: claim.key))
    assert set(verdicts) == {claim.key for claim in wanted}
    owners = defaultdict(list)
    for key, verdict in verdicts.items():
        if verdict.identity:
            assert verdict.loses_to == ""
            owners[verdict.identity].append(key)
        else:
            assert verdicts[verdict.loses_to].identity
    assert all(len(keys) == 1 for keys in owners.values())


@given(st.lists(claims, max_size=8, unique_by=lambda claim: claim.key))
def test_a_second_look_changes_no_identity(wanted: list[Claim]) -> None:
    """Contract ID01: whoever has an identity keeps it when the same files are looked at again."""
    first = settle(wanted)
    again = settle(
        [
            Claim(c.key, c.base, c.file_date, c.tier, c.published, first[c.key].identity, c.explicit)
            for c in wanted
        ]
    )  # fmt: skip
    assert again == first


RULES = ArticleRules(authority="kites.example,2026", site_base="https://kites.example", strip_tail=("<>",))


@settings(max_examples=200, deadline=None)
@given(
    body=tangles,
    title=st.none() | st.text(),
    slug=st.text(),
    permalink=st.sampled_from(["", ":x", "/:title/"]) | st.text(),
    categories=st.lists(st.text(), max_size=3),
    canonical=st.text(),
    image=st.text(),
)
def test_every_draft_makes_an_article(
    body: str, title: str | None, slug: str, permalink: str, categories: list[str], canonical: str, image: str
) -> None:
    draft = Draft(
        key="k",
        name=FileName(f"_posts/{slug}.md", (), None, slug, ".md"),
        tier=Tier.LIVE,
        body=body,
        title=title,
        date=datetime(2026, 1, 1, tzinfo=UTC),
        permalink=permalink,
        categories=tuple(categories),
        canonical_url=canonical,
        image=image,
    )
    article = make_article(draft, "NW1", RULES).article
    assert article.title
    assert article.path.startswith("/")
    assert URL_CHARS.fullmatch(article.path)
    assert "?" not in article.path
    assert urlsplit(article.canonical_url).netloc == "kites.example"
    assert make_article(draft, "NW1", RULES).article == article

"""Whatever the rights: no document of any kind, in any format, holds more of an article than they allow."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.articles.article import Article
from feedsvc.articles.category import SITE, Category
from feedsvc.content.draft import Enclosure
from feedsvc.feeds.build import FeedRules, build_feed
from feedsvc.feeds.feed import Feed
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.kinds import archive_feed, combined_feed, delta_of, labelled_feed, page_feed, variant_feed
from feedsvc.feeds.render import fitted, whole
from feedsvc.feeds.rights import AMOUNTS, Amount
from feedsvc.feeds.selection import selection
from feedsvc.settings import Rights, Settings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SLUGS = ("agency", "free", "wire", "新")
MOVED = "former"  # renamed to "agency": what was said of it goes on

amounts: st.SearchStrategy[Amount] = st.sampled_from(AMOUNTS)
one_right = st.builds(
    Rights,
    text=amounts,
    attribution=st.sampled_from(["", "ATTRIBUTION <1> & 2"]),
    until=st.sampled_from([None, NOON - timedelta(days=1), NOON, NOON + timedelta(days=1)]),
)
rights_of = st.dictionaries(st.sampled_from([*SLUGS, SITE, MOVED]), one_right, max_size=5)
lengths = st.sampled_from([0, 10, 3000])  # characters; the last makes texts give way to summaries


@st.composite
def articles(draw: st.DrawFn) -> list[Article]:
    """A few, each with words of its own in every place; with and without summary, text, picture and file."""
    number = draw(st.integers(1, 3))
    return [_article(draw, letter, age) for age, letter in enumerate(string.ascii_uppercase[:number])]


def _article(draw: st.DrawFn, mark: str, age: int) -> Article:
    published = NOON - timedelta(hours=age)
    length = draw(lengths)
    return Article(
        id=f"tag:example.com,2026:{mark}",
        identity=mark,
        slug=mark,
        title=draw(st.sampled_from([f"TITLE{mark}", ""])),
        published=published,
        updated=published,
        content_html=f'<p>TEXT{mark}</p><img src="https://site.example.com/INLINE{mark}.png">{"字" * length}'
        * (length > 0),
        summary=f"SUMMARY{mark}" if draw(st.booleans()) else "",
        canonical_url=f"https://site.example.com/{mark}.html",
        path=f"/{mark}.html",
        order_key=mark,
        source_key=mark,
        digest=mark,
        categories=tuple(draw(st.lists(st.sampled_from(SLUGS), max_size=3, unique=True))),
        image=f"https://site.example.com/IMAGE{mark}.png" if draw(st.booleans()) else "",
        image_type="image/png",
        image_length=5,
        source="Daily",
        enclosures=(Enclosure(f"https://site.example.com/FILE{mark}.mp3", "audio/mpeg", 9),) * draw(st.integers(0, 1)),
        excerpt_only=draw(st.booleans()),
    )


def documents(posts: list[Article], rules: FeedRules) -> Iterator[tuple[Feed, bytes]]:
    """Of every kind, in every format, as they are served, large and cut to size."""
    for slug in (*SLUGS, SITE):
        category = Category(slug=slug, count=9)
        first = build_feed(category, posts, rules)
        for limit in (100_000, 9_000):
            shown, rendered = fitted(first, limit)
            yield from ((shown, one.body) for one in rendered)
        others = [
            page_feed(category, posts, rules, number=2, last=2),
            archive_feed(category, posts, rules, month="2026-11", part=1, earlier=None, later=None),
            variant_feed(category, posts, rules, "full"),
            variant_feed(category, posts, rules, "brief"),
            combined_feed(selection([slug, "x"]), {}, posts, rules),
            combined_feed(selection([slug, "x"]), {}, posts, rules, content="full"),
            combined_feed(selection([slug, "x"]), {}, posts, rules, content="brief"),
            labelled_feed("tag", "x", posts, rules),
            delta_of(first, {}),
        ]
        for feed in others:
            for form in FORMATS:
                shown, one = whole(feed, 9_000, form)
                yield shown, one.body


def amount_of(article: Article, rights: dict[str, Rights]) -> Amount:
    """The strictest, found in another way than the code does."""
    said: set[Amount] = {"full"}
    for slug, right in rights.items():
        if slug == SITE or slug in article.categories or (slug == MOVED and "agency" in article.categories):
            said.add("none" if right.until and right.until <= NOON else right.text)
    return next(amount for amount in ("none", "headline", "summary", "full") if amount in said)


FORBIDDEN = {
    "full": (),
    "summary": ("TEXT", "INLINE", "IMAGE", "FILE"),
    "headline": ("TEXT", "INLINE", "IMAGE", "FILE", "SUMMARY"),
    "none": ("TEXT", "INLINE", "IMAGE", "FILE", "SUMMARY", "TITLE"),
}


def test_the_search_finds_what_is_there() -> None:
    """Without rights, every word that is looked for stands in a document of every kind."""
    post = Article(
        id="tag:example.com,2026:A",
        identity="A",
        slug="A",
        title="TITLEA",
        published=NOON,
        updated=NOON,
        content_html='<p>TEXTA</p><img src="https://site.example.com/INLINEA.png">',
        summary="SUMMARYA",
        canonical_url="https://site.example.com/A.html",
        path="/A.html",
        order_key="A",
        source_key="A",
        digest="A",
        categories=("free",),
        image="https://site.example.com/IMAGEA.png",
        enclosures=(Enclosure("https://site.example.com/FILEA.mp3", "audio/mpeg", 9),),
    )
    rules = FeedRules(public_base="https://feeds.example.com", authority="example.com,2026", title="Press")
    found: dict[str, set[str]] = {}
    for feed, body in documents([post], rules):
        words = found.setdefault(feed.address(""), set())
        words |= {word for word in FORBIDDEN["none"] if f"{word}A" in body.decode()}
    assert len(found) > 20
    for address, words in found.items():
        expected = set(FORBIDDEN["none"]) - ({"TEXT", "INLINE"} if address.endswith("/brief") else set())
        assert words == expected, address


@given(articles(), rights_of, st.sampled_from(["full", "summary"]))
@settings(max_examples=60, deadline=None)
def test_no_document_holds_more_than_the_rights_allow(
    posts: list[Article], rights: dict[str, Rights], content: str
) -> None:
    configured = Settings.model_validate(
        {"feeds": {"content": content}, "categories": {"renamed": {MOVED: "agency"}, "rights": {}}}
    )
    categories = configured.categories.model_copy(update={"rights": rights})
    rules = FeedRules.from_settings(configured.model_copy(update={"categories": categories}), "example.com,2026", NOON)
    allowed = {post.id: amount_of(post, rights) for post in posts}
    for feed, body in documents(posts, rules):
        text = body.decode()
        for post in posts:
            for word in FORBIDDEN[allowed[post.id]]:
                assert word + post.slug not in text, (feed.path, allowed[post.id])
            if allowed[post.id] == "none":
                assert post.canonical_url not in text and f'{post.id}"' not in text and f"{post.id}<" not in text


@given(articles(), rights_of)
@settings(max_examples=60, deadline=None)
def test_the_line_follows_every_text_that_is_shown(posts: list[Article], rights: dict[str, Rights]) -> None:
    rules = FeedRules.from_settings(
        Settings().model_copy(update={"categories": Settings().categories.model_copy(update={"rights": rights})}),
        "example.com,2026",
        NOON,
    )
    for feed, _ in documents(posts, rules):
        for entry in feed.entries:
            post = next(post for post in posts if post.id == entry.id)
            lines = {right.attribution for slug, right in rights.items() if slug in (SITE, *post.categories)} - {""}
            for line in lines:
                if "TEXT" in entry.content_html:
                    assert entry.content_html.count("<p>ATTRIBUTION &lt;1&gt; &amp; 2</p>") == 1
                if "SUMMARY" in entry.summary:
                    assert entry.summary.count(line) == 1

"""`feedsvc snippet`: lines a publisher pastes into the head of his own pages."""

from __future__ import annotations

import html5lib

from tests.e2e.newsroom import Newsroom, post

XHTML = "{http://www.w3.org/1999/xhtml}"


def links(text: str) -> list[dict[str, str]]:
    """What a browser finds in a page whose head the text was pasted into; ParseError when that is no HTML."""
    page = f"<!doctype html><html lang=en><head><title>t</title>\n{text}</head><body><p>x</p></body></html>"
    tree = html5lib.HTMLParser(strict=True).parse(page)
    return [dict(link.attrib) for link in tree.find(f"{XHTML}head").iter(f"{XHTML}link")]


def test_l02_snippet(newsroom: Newsroom) -> None:
    """Contract L02: valid HTML, one line a format, the preferred feed first, absolute addresses, any title."""
    newsroom.settings["FEEDSVC_PUBLIC_URL"] = "https://feeds.example.com"
    newsroom.settings["FEEDSVC_SITE__TITLE"] = 'Fish & "Chips" <3'
    newsroom.settings["FEEDSVC_CATEGORIES__TITLES"] = '{"markets": "Märkte & mehr"}'
    newsroom.settings["FEEDSVC_CATEGORIES__RENAMED"] = '{"bourse": "markets"}'
    newsroom.write("_posts/2026-11-01-a.md", post("A"))
    newsroom.write("_posts/2026-11-01-b.md", post("B", category="山西晚报"))
    newsroom.run("build")

    printed = newsroom.run("snippet")
    assert printed.stderr == ""
    assert printed.stdout.count("\n") == 3
    assert links(printed.stdout) == [
        {
            "rel": "alternate",
            "type": media_type,
            "title": f'Fish & "Chips" <3 ({name})',
            "href": f"https://feeds.example.com/feed{suffix}",
        }
        for name, suffix, media_type in (
            ("RSS", ".rss", "application/rss+xml"),
            ("Atom", ".atom", "application/atom+xml"),
            ("JSON", ".json", "application/feed+json"),
        )
    ]
    (only,) = links(newsroom.run("snippet", "markets", "--format", "atom").stdout)
    assert only["title"] == 'Fish & "Chips" <3 – Märkte & mehr (Atom)'
    assert only["href"] == "https://feeds.example.com/feeds/markets.atom"
    assert newsroom.run("snippet", "bourse").stdout == newsroom.run("snippet", "markets").stdout
    chinese = links(newsroom.run("snippet", "山西晚报").stdout)
    assert chinese[0]["href"] == "https://feeds.example.com/feeds/%E5%B1%B1%E8%A5%BF%E6%99%9A%E6%8A%A5.rss"


def test_snippet_complains_in_a_sentence(newsroom: Newsroom) -> None:
    newsroom.write("_posts/2026-11-01-a.md", post("A", category="TechDaily"))
    newsroom.run("build")
    near = newsroom.run("snippet", "techdaly", check=False)
    assert (near.returncode, near.stdout) == (2, "")
    assert near.stderr == "feedsvc: There is no category named 'techdaly'. Did you mean TechDaily?\n"
    assert "The server's first page lists them all." in newsroom.run("snippet", "天气", check=False).stderr
    assert "public_url is not set" in newsroom.run("snippet").stderr

"""The naive peer: what a good programmer writes in an afternoon with the same libraries.

One process, nothing stored, nothing compressed: every post is read with python-frontmatter; the newest 50 of each
category go through markdown-it-py and nh3 (once each) and through feedgen to RSS and Atom files.

    python -m benchmarks.naive SITE OUTPUT
"""

from __future__ import annotations

import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import frontmatter
import nh3
from feedgen.feed import FeedGenerator
from markdown_it import MarkdownIt

ITEMS = 50


def build(site: Path, output: Path) -> int:
    """Writes <category>.rss and .atom for each category; how many files."""
    categories: dict[str, list[tuple[datetime, str, frontmatter.Post]]] = defaultdict(list)
    for path in sorted((site / "_posts").iterdir()):
        post = frontmatter.load(str(path))
        date = post["date"]
        when = date if isinstance(date, datetime) else datetime.strptime(str(date), "%Y-%m-%d %H:%M:%S %z")
        for category in str(post["categories"]).split():
            categories[category].append((when, path.stem, post))

    output.mkdir(parents=True, exist_ok=True)
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    rendered: dict[str, str] = {}
    for category, posts in categories.items():
        posts.sort(key=lambda item: (item[0], item[1]), reverse=True)
        feed = FeedGenerator()
        feed.id(f"https://news.example.com/feeds/{category}")
        feed.title(str(posts[0][2]["tags"]))
        feed.description(str(posts[0][2]["tags"]))
        feed.link(href=f"https://news.example.com/category/{category}.html", rel="alternate")
        feed.language("zh-CN")
        feed.updated(posts[0][0])
        for when, stem, post in posts[:ITEMS]:
            if stem not in rendered:
                rendered[stem] = nh3.clean(markdown.render(post.content))
            entry = feed.add_entry(order="append")
            address = f"https://news.example.com/{category}/{when:%Y/%m/%d}/{stem[11:]}.html"
            entry.id(address)
            entry.link(href=address)
            entry.title(str(post["title"]))
            entry.published(when)
            entry.updated(when)
            entry.content(rendered[stem], type="html")
        feed.rss_file(str(output / f"{category}.rss"))
        feed.atom_file(str(output / f"{category}.atom"))
    return 2 * len(categories)


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2])), "feeds")

"""Cold build, unchanged restart, size and memory, against the naive script, and Hugo or Jekyll when installed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.content import categories_for, write_site
from benchmarks.measure import FEEDSVC, Finished, Row, environment, folder_octets, run

# Full texts of the newest 50 of each category, RSS only, no pages: less than we do.
HUGO = """baseURL = "https://news.example.com/"
contentDir = "_posts"
disableKinds = ["section", "sitemap", "robotsTXT", "404", "home"]
timeZone = "Asia/Shanghai"
[[cascade]]
[cascade._build]
render = "link"
list = "always"
[cascade._target]
kind = "page"
[taxonomies]
category = "categories"
[outputs]
term = ["rss"]
taxonomy = []
[services.rss]
limit = 50
[markup.goldmark.renderer]
unsafe = true
"""
HUGO_TEMPLATE = """<rss version="2.0"><channel><title>{{ .Title }}</title><link>{{ .Permalink }}</link>
{{ range first 50 .Pages }}<item><title>{{ .Title }}</title><link>{{ .Permalink }}</link><guid>{{ .Permalink }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate>
<description>{{ .Content | html }}</description></item>{{ end }}</channel></rss>
"""


def ours(site: Path, data: Path) -> Finished:
    """Without the search index, which none of the others has; bench_search.py weighs that."""
    return run([*FEEDSVC, "build"], environment(site, data, FEEDSVC_SEARCH__ENABLED="false"))


def naive(site: Path, output: Path) -> Finished:
    return run([sys.executable, "-m", "benchmarks.naive", str(site), str(output)], environment())


def hugo(site: Path, output: Path) -> Finished:
    (site / "hugo.toml").write_text(HUGO, "utf-8")
    layouts = site / "layouts" / "_default"
    layouts.mkdir(parents=True, exist_ok=True)
    (layouts / "rss.xml").write_text(HUGO_TEMPLATE, "utf-8")
    done = run(["hugo", "--quiet", "--source", str(site), "--config", "hugo.toml", "--destination", str(output)])
    if folder_octets(output) < 0.1 * folder_octets(site / "_posts"):
        raise RuntimeError("Hugo wrote no feeds: nothing to compare with")
    return done


def jekyll(site: Path, output: Path) -> Finished:
    """jekyll-feed with every category; Jekyll takes minutes at 10,000 posts, so 1,000 at the most."""
    names = sorted({line.split()[1] for path in (site / "_posts").iterdir() for line in _head(path)})
    config = (site / "_config.yml").read_text(
        "utf-8"
    ) + "plugins: [jekyll-feed]\nfeed:\n  posts_limit: 50\n  categories:\n"
    extra = site / "_bench.yml"
    extra.write_text(config + "".join(f"    - {name}\n" for name in names), "utf-8")
    return run(["jekyll", "build", "-q", "-s", str(site), "-d", str(output), "--config", str(extra)])


def _head(path: Path) -> Iterator[str]:
    yield from (line for line in path.read_text("utf-8").splitlines()[:8] if line.startswith("categories: "))


def bench(work: Path, posts: int, rounds: int) -> list[Row]:
    """Alternating rounds, medians. `work` is a scratch folder."""
    site = work / "site"
    made = write_site(site, posts, categories_for(posts))
    cold, warm, peer, other = [], [], [], []
    for number in range(rounds):
        data = work / f"data{number}"
        cold.append(ours(site, data))
        peer.append(naive(site, work / f"naive{number}"))
        warm.append(ours(site, data))
        if shutil.which("hugo"):
            other.append(hugo(site, work / f"hugo{number}"))
    build = median(done.wall for done in cold)
    name = f"{posts:,} posts"
    restart = "<= 0.03" if posts >= 100_000 else ""  # of fewer posts, the start of Python is most of it
    rows = [
        Row("build", f"cold build, {name}", build, "s", median(done.wall for done in peer), "naive script"),
        Row("build", "  of it, processor time", median(d.cpu for d in cold), "s", median(d.cpu for d in peer), "naive"),
        Row("build", "restart, nothing changed", median(d.wall for d in warm), "s", build, "cold build", restart),
        Row("build", "database", folder_octets(data) / 1e6, "MB", made.octets / 1e6, "content folder", "<= 1.5"),
        Row("build", "largest process", max(d.memory for d in cold), "MB", None, "", "<= 300 MB"),
    ]
    if other:
        wall = median(done.wall for done in other)
        rows.insert(1, Row("build", f"cold build, {name}", build, "s", wall, "Hugo, RSS only", "<= 1.0"))
    if shutil.which("jekyll"):
        few, number = work / "few", max(50, min(1_000, posts // 10))
        write_site(few, number, categories_for(number))
        rows.append(
            Row(
                "build",
                f"cold build, {number:,} posts",
                ours(few, work / "few-data").wall,
                "s",
                jekyll(few, work / "jekyll").wall,
                "Jekyll + jekyll-feed",
            )
        )
    return rows

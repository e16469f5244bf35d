"""The benchmark's posts: the same on every machine, shaped and compressible like real ones."""

from __future__ import annotations

import sys
import zlib
from collections import Counter
from pathlib import Path

import frontmatter
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks/ is beside the package, not in it

from benchmarks import naive
from benchmarks.content import Author, categories_for, write_site


def test_same_seed_same_bytes_other_seed_other_text(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        write_site(tmp_path / name, posts=20, categories=5, seed=seed)
    read = {
        name: {path.name: path.read_bytes() for path in (tmp_path / name / "_posts").iterdir()}
        for name in ("one", "two", "other")
    }
    assert read["one"] == read["two"]
    assert len(read["one"]) == 20
    assert not set(read["one"].values()) & set(read["other"].values())


def test_the_text_compresses_like_real_text() -> None:
    """50 posts, as in a feed; shuffled sentences would give less than 0.1."""
    author = Author(50)
    text = "".join(author.post(number)[1] for number in range(50)).encode()
    assert 0.33 <= len(zlib.compress(text, 6)) / len(text) <= 0.38
    assert 5_500 <= len(text) / 50 <= 8_000


def test_posts_have_the_real_shape_and_a_long_tail_of_categories() -> None:
    author = Author(100)
    counts: Counter[str] = Counter()
    for number in range(1000):
        name, text = author.post(number)
        post = frontmatter.loads(text)
        counts[str(post["categories"])] += 1
        assert name.startswith(str(post["date"])[:10])
        assert name[11:-3] in text.splitlines()[-3]
        assert post.content.startswith("<p>　　")
    (_, first), (_, second) = counts.most_common(2)
    assert 0.12 <= first / 1000 <= 0.28
    assert second < first
    assert len(counts) > 80


@pytest.mark.parametrize(("posts", "categories"), [(50, 5), (10_000, 500), (100_000, 2_000)])
def test_as_many_categories_as_the_size_asks_for(posts: int, categories: int) -> None:
    assert categories_for(posts) == categories


def test_the_naive_peer_builds_feeds_of_it(tmp_path: Path) -> None:
    write_site(tmp_path / "site", posts=120, categories=2)
    assert naive.build(tmp_path / "site", tmp_path / "out") == 4
    for path in (tmp_path / "out").glob("*.rss"):
        assert 1 <= path.read_text("utf-8").count("<item>") <= naive.ITEMS

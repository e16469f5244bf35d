"""What the index says of each change: which months, which labels, and who left which category."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.articles.category import SITE
from feedsvc.pipeline.marks import day_of
from feedsvc.store import Reader
from tests.unit.pipeline_rig import START, Rig, post


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


@pytest.fixture
def labelling(tmp_path: Path) -> Rig:
    return Rig(tmp_path, {"feeds": {"tags": True, "authors": True}})


def marks(rig: Rig, *names: tuple[str, str]) -> list[datetime | None]:
    """When something last changed in each (category, month or day), or (label, "")."""
    with rig.store.reading() as reader:
        found = [reader.newest_mark(scope, name, f"{name}-99" if name else "") for scope, name in names]
    return [None if second is None else datetime.fromtimestamp(second, UTC) for second in found]


def removals(rig: Rig, *categories: str) -> list[list[tuple[str, datetime]]]:
    with rig.store.reading() as reader:
        return [[(key[-1], at) for key, at in reader.removals(slug, START)] for slug in categories]


def labelled(reader: Reader, label: str) -> list[str]:
    return [article.title for article in reader.labelled(label, 10, START)]


def by_label(rig: Rig, *labels: str) -> Mapping[str, list[str]]:
    with rig.store.reading() as reader:
        return {label: labelled(reader, label) for label in labels}


def test_days_are_written_so_that_they_stand_in_order() -> None:
    assert day_of(datetime(907, 3, 1, tzinfo=UTC)) == "0907-03-01"


def test_only_the_day_of_an_article_is_marked(rig: Rig) -> None:
    """Contract P06: what stands on other days of the month is no other archive than before."""
    for day in (1, 2):
        rig.write(f"_posts/2026-11-0{day}-a{day}.md", post("A", day=day))
    rig.rescan()
    rig.later(hours=1)
    rig.write("_posts/2026-11-02-a2.md", post("A", day=2, body="Edited."))
    rig.rescan()
    assert marks(rig, ("markets", "2026-11-01"), ("markets", "2026-11-02")) == [START, rig.now]


def test_a_new_article_marks_its_month_in_utc_wherever_it_stands(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"site": {"timezone": "Asia/Shanghai"}})
    text = post("A", "[markets, ports]").replace("2026-11-01 08:00:00 +0000", "2026-11-01 07:00:00 +0800")
    rig.write("_posts/2026-11-01-a.md", text)
    rig.rescan()
    assert marks(rig, ("markets", "2026-10"), ("ports", "2026-10"), (SITE, "2026-10")) == [START] * 3
    assert marks(rig, ("markets", "2026-11"), (SITE, "2026-11")) == [None] * 2


def test_what_changes_nothing_marks_nothing(rig: Rig) -> None:
    """Contract P06: an archive keeps its date while its month stays as it is."""
    path = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    rig.later(hours=1)
    path.write_bytes(path.read_bytes())
    rig.age(path)
    rig.rescan()
    rig.options["content"] = {"max_file_bytes": 100_000}
    rig.open()
    rig.rescan()
    assert marks(rig, ("markets", "2026-11"), (SITE, "2026-11")) == [START] * 2


def test_an_edit_marks_even_when_only_its_markup_is_new(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.write("_posts/2026-10-01-b.md", post("B").replace("2026-11-01", "2026-10-01"))
    rig.rescan()
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", body="*Text.*"))
    rig.rescan()
    assert marks(rig, ("markets", "2026-11"), (SITE, "2026-11"), ("markets", "2026-10")) == [rig.now, rig.now, START]


def test_a_moved_date_marks_both_months(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", "ports").replace("date: 2026-11-01", "date: 2026-09-01"))
    rig.rescan()
    assert (
        marks(rig, ("markets", "2026-11"), (SITE, "2026-11"), ("ports", "2026-09"), (SITE, "2026-09")) == [rig.now] * 4
    )
    assert marks(rig, ("ports", "2026-11"), ("markets", "2026-09")) == [None] * 2


def test_leaving_a_category_is_remembered_there_and_nowhere_else(rig: Rig) -> None:
    """Contract D06."""
    rig.write("_posts/2026-11-01-a.md", post("A", "[markets, ports]"))
    rig.rescan()
    rig.later(hours=1)
    left = rig.now
    rig.write("_posts/2026-11-01-a.md", post("A", "[ports, rails]"))
    rig.rescan()
    assert removals(rig, "markets", "ports", SITE) == [[("a", left)], [], []]
    assert marks(rig, ("markets", "2026-11"), ("ports", "2026-11"), ("rails", "2026-11")) == [left] * 3
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", "[markets]"))
    rig.rescan()
    assert removals(rig, "markets", "ports") == [[], [("a", rig.now)]]


def test_a_withdrawn_article_leaves_everything(rig: Rig) -> None:
    """Contract ID06, D06."""
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.write("_posts/2026-11-02-b.md", post("B", day=2))
    rig.rescan()
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", more="published: false\n"))
    (rig.folder / "site/_posts/2026-11-02-b.md").unlink()
    rig.rescan()
    hidden = rig.now
    assert removals(rig, "markets", SITE) == [[("a", hidden)]] * 2
    rig.later(seconds=61)
    rig.rescan()
    assert removals(rig, "markets", SITE) == [[("b", rig.now), ("a", hidden)]] * 2
    assert marks(rig, ("markets", "2026-11"), (SITE, "2026-11")) == [rig.now] * 2


def test_an_article_that_becomes_a_draft_leaves_every_feed(rig: Rig) -> None:
    """Contract AT07: a removal moves the feed's own date, D06."""
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", more="draft: true\n"))
    rig.rescan()
    assert removals(rig, "markets", SITE) == [[("a", rig.now)]] * 2
    assert "<updated>2026-11-22T09:00:00Z</updated>" in rig.body("/feeds/markets.atom")
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", "ports", more="draft: true\n"))
    rig.rescan()
    assert removals(rig, "markets", SITE) == [[("a", START.replace(hour=9))]] * 2


def test_a_draft_that_goes_leaves_no_feed(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A", more="draft: true\n"))
    rig.rescan()
    rig.later(hours=1)
    rig.write("_posts/2026-11-01-a.md", post("A", more="published: false\n"))
    assert rig.rescan()["withdrawn"] == 1
    assert removals(rig, "markets", SITE) == [[], []]
    assert "2026-11-22T09" not in rig.body("/feeds/markets.atom")


def test_an_article_that_comes_due_marks_its_month_again(labelling: Rig) -> None:
    """Contract F08."""
    labelling.write("_posts/2026-11-23-b.md", post("B", "ports", 23, more="tags: [sea]\nauthor: Lin\n"))
    labelling.rescan()
    labelling.due()
    names = (("ports", "2026-11"), (SITE, "2026-11"), ("tag:sea", ""), ("author:Lin", ""))
    assert marks(labelling, *names) == [START] * 4
    labelling.later(days=1)
    labelling.due()
    assert marks(labelling, *names) == [labelling.now] * 4


def test_tags_and_authors_are_found_when_their_feeds_are_switched_on(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A", more="tags: [风, sea]\nauthor: Lin <lin@kites.example>\n"))
    rig.write("_posts/2026-11-02-b.md", post("B", day=2, more="tags: 风\n", body="T.\n\n（文章来源：云汐日报）"))
    rig.rescan()
    nobody: list[str] = []
    assert by_label(rig, "tag:风", "author:Lin") == {"tag:风": nobody, "author:Lin": nobody}
    rig.options["feeds"] = {"tags": True, "authors": True}
    rig.later(hours=1)
    rig.open()
    counts = rig.rescan()
    assert "changed" not in counts and counts["read"] == 2
    found = {"tag:风": ["B", "A"], "tag:sea": ["A"], "author:Lin": ["A"], "author:云汐日报": ["B"]}
    assert by_label(rig, *found) == found


def test_a_changed_tag_marks_the_old_feed_and_the_new(labelling: Rig) -> None:
    rig = labelling
    rig.write("_posts/2026-11-01-a.md", post("A", more="tags: [old, stays]\nauthor: Lin\n"))
    rig.write("_posts/2026-11-02-b.md", post("B", day=2, more="tags: [other]\nauthor: Lin\n"))
    rig.rescan()
    rig.later(hours=1)
    edited = rig.now
    rig.write("_posts/2026-11-01-a.md", post("A", more="tags: [new, stays]\nauthor: Bo\n"))
    rig.rescan()
    names = [(f"tag:{tag}", "") for tag in ("old", "new", "stays")] + [("author:Lin", ""), ("author:Bo", "")]
    assert marks(rig, *names) == [edited] * 5
    assert marks(rig, ("tag:other", "")) == [START]
    assert by_label(rig, "tag:old", "tag:new", "author:Lin") == {"tag:old": [], "tag:new": ["A"], "author:Lin": ["B"]}
    rig.later(hours=1)
    (rig.folder / "site/_posts/2026-11-02-b.md").write_text(post("B", more="published: false\n"))
    rig.age(rig.folder / "site/_posts/2026-11-02-b.md")
    rig.rescan()
    assert marks(rig, ("tag:other", ""), ("tag:new", "")) == [rig.now, edited]
    assert by_label(rig, "tag:other") == {"tag:other": []}


def test_without_such_feeds_there_are_no_labels(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A", more="tags: [sea]\n"))
    rig.rescan()
    assert marks(rig, ("tag:sea", "")) == [None]

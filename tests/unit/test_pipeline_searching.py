"""Published articles become findable, in slices, after they were published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from feedsvc.articles.article import Article
from feedsvc.articles.words import wanted
from feedsvc.errors import LeaseLost, RecordRefused
from feedsvc.pipeline import publisher, searching
from feedsvc.sqlstore.transaction import SqlTransaction
from tests.unit.pipeline_rig import Rig, post


def found(rig: Rig, query: str) -> list[str]:
    asked = wanted(query)
    assert asked is not None
    with rig.store.reading() as reader:
        return [headline.title for headline in reader.search(asked, 100, rig.now)]


def index_all(rig: Rig) -> int:
    total = 0
    while number := rig.search()["searchable"]:
        total += number
    return total


def test_what_is_published_is_found_by_title_summary_and_text(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.write(
        "_posts/2026-11-01-a.md",
        post("渡轮时刻表", body="<p>冬季<b>航</b>班。</p><p>灯塔</p>", more="description: 每日两班\n"),
    )
    rig.write("_posts/2026-11-02-b.md", post("Harbour", day=2))
    rig.rescan()
    assert found(rig, "渡轮") == [], "published first"
    assert rig.alarms["search"] == rig.now
    assert rig.search() == {"searchable": 2}
    for query in ("渡轮", "时刻表", "每日", "冬季航班", "灯塔"):
        assert found(rig, query) == ["渡轮时刻表"], query
    assert found(rig, "班灯") == [], "of two paragraphs"
    assert found(rig, "text") == ["Harbour"]


def test_an_edit_is_found_and_what_it_took_out_is_not(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    path = rig.write("_posts/2026-11-01-a.md", post("渡轮"))
    rig.rescan()
    index_all(rig)
    del rig.alarms["search"]
    path.write_text(post("灯塔"))
    rig.age(path)
    rig.look(path)
    assert "search" in rig.alarms
    index_all(rig)
    assert (found(rig, "渡轮"), found(rig, "灯塔")) == ([], ["灯塔"])
    path.unlink()
    rig.look(path)
    rig.later(seconds=61)
    rig.rescan()
    assert found(rig, "灯塔") == []


def test_a_look_that_changes_nothing_asks_for_no_indexing(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    path = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    index_all(rig)
    rig.alarms.clear()
    rig.age(path)
    rig.look(path)
    assert "search" not in rig.alarms


def test_a_backlog_is_indexed_in_slices_the_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "SLICE", 2)
    monkeypatch.setattr(searching, "AHEAD", 4)
    monkeypatch.setattr(publisher, "SLICE", 2)
    rig = Rig(tmp_path)
    for day in range(1, 7):
        rig.write(f"_posts/2026-11-0{day}-a{day}.md", post(f"渡轮 {day}", day=day))
    rig.rescan()
    rig.alarms.clear()
    assert rig.search() == {"searchable": 2}
    assert found(rig, "渡轮") == ["渡轮 6", "渡轮 5"]
    assert rig.alarms.pop("search") == rig.now
    path = rig.write("_posts/2026-11-07-a7.md", post("渡轮 7", day=7))
    rig.look(path)
    rig.search()
    assert found(rig, "渡轮") == ["渡轮 7", "渡轮 6", "渡轮 5", "渡轮 4"], "a new post does not wait for the backlog"
    rig.search()
    rig.alarms.clear()
    assert rig.search() == {"searchable": 1}
    assert "search" not in rig.alarms, "nothing waits, nothing is asked for"
    assert found(rig, "渡轮") == [f"渡轮 {day}" for day in range(7, 0, -1)]


def test_a_slice_ends_when_something_happens_in_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new post does not wait until a hundred old ones are indexed; but a folder that is never quiet stops nothing."""
    monkeypatch.setattr(searching, "LEAST", 2)
    rig = Rig(tmp_path)
    for day in range(1, 8):
        rig.write(f"_posts/2026-11-0{day}-a{day}.md", post(f"渡轮 {day}", day=day))
    rig.rescan()
    path = rig.write("_posts/2026-11-09-new.md", post("渡轮 9", day=9))
    cut, hinted_at = searching.searchable_words, "渡轮 5"

    def notice(article: Article) -> frozenset[str]:
        if article.title == hinted_at:
            rig.publisher.hint([path])
        return cut(article)

    monkeypatch.setattr(searching, "searchable_words", notice)
    rig.alarms.clear()
    assert rig.search() == {"searchable": 3}
    assert rig.alarms.pop("search") == rig.now, "it goes on"
    assert rig.search() == {"searchable": 2}, "nobody has looked yet"
    rig.look(path)
    assert rig.search() == {"searchable": 3}
    assert found(rig, "渡轮") == [f"渡轮 {day}" for day in (9, 7, 6, 5, 4, 3, 2, 1)]


def test_a_backlog_does_not_have_every_page_made_anew_at_every_slice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Web workers hear of the first slice, of every fiftieth, and of the last."""
    monkeypatch.setattr(searching, "SLICE", 1)
    monkeypatch.setattr(searching, "TELL_EVERY", 3)
    rig = Rig(tmp_path)
    for day in range(1, 8):
        rig.write(f"_posts/2026-11-0{day}-a{day}.md", post(f"渡轮 {day}", day=day))
    rig.rescan()
    editions = [rig.store.edition()]
    while rig.search()["searchable"]:
        editions.append(rig.store.edition())
    told = [after > before for before, after in pairwise(editions)]
    assert told == [True, False, False, False, True, False, False]


def test_nothing_is_indexed_when_search_is_off(tmp_path: Path) -> None:
    rig = Rig(tmp_path, {"search": {"enabled": False}})
    rig.write("_posts/2026-11-01-a.md", post("渡轮"))
    rig.rescan()
    assert rig.search() == {}
    assert "search" not in rig.alarms
    rig.options["search"] = {"enabled": True}
    rig.open()
    rig.rescan()
    index_all(rig)
    assert found(rig, "渡轮") == ["渡轮"], "switched on later, all that is there"


def test_an_article_that_the_database_refuses_keeps_no_other_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(tmp_path)
    for name in "abc":
        rig.write(f"_posts/2026-11-01-{name}.md", post(f"渡轮 {name}", body="odd" if name == "b" else "fine"))
    rig.rescan()
    real = SqlTransaction.put_words

    def refuse(self: SqlTransaction, words: Mapping[str, Collection[str]], tell: bool = True) -> None:
        if any("odd" in its for its in words.values()):
            raise RecordRefused("too long")
        real(self, words, tell)

    monkeypatch.setattr(SqlTransaction, "put_words", refuse)
    assert rig.search() == {"searchable": 3}
    assert sorted(found(rig, "渡轮")) == ["渡轮 a", "渡轮 c"]
    assert rig.search() == {"searchable": 0}


def test_a_failure_forgets_nothing_and_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(tmp_path)
    rig.write("_posts/2026-11-01-a.md", post("渡轮"))
    rig.rescan()
    rig.alarms.clear()

    def fail(*_: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as broken:
        broken.setattr(SqlTransaction, "put_words", fail)
        with pytest.raises(OSError, match="disk"):
            rig.search()
    assert rig.alarms["search"] > rig.now
    assert rig.search() == {"searchable": 1}
    assert found(rig, "渡轮") == ["渡轮"]


def test_a_late_leader_indexes_nothing(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.write("_posts/2026-11-01-a.md", post("渡轮"))
    rig.rescan()
    rig.store.release_lease(rig.lease)
    rig.store.acquire_lease("publisher", "another", rig.lease.expires - rig.now, rig.now)
    with pytest.raises(LeaseLost):
        rig.search()
    assert found(rig, "渡轮") == []

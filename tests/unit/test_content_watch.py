"""The watcher wakes for real changes of real files, whatever happens to the roots."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedsvc.content.watch import watch

DEADLINE = 10.0


class Watched:
    """A watch in a thread; remembers what it was told."""

    def __init__(self, *roots: Path) -> None:
        self.stop = threading.Event()
        self.told: list[frozenset[Path]] = []
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=watch, args=(roots, self.stop, self.wake))
        self.thread.start()

    def wake(self, paths: frozenset[Path]) -> None:
        with self.changed:
            self.told.append(paths)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool], seconds: float = DEADLINE) -> bool:
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def wakes_after(self, act: Callable[[], object]) -> bool:
        seen = len(self.told)
        act()
        return self.wait(lambda: len(self.told) > seen)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(DEADLINE)
        assert not self.thread.is_alive()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    (tmp_path / "root").mkdir()
    found = Watched(tmp_path / "root", tmp_path / "later")
    try:
        # the first wake-up, for what happened before the watch was in place, says that it is
        assert found.wait(lambda: bool(found.told))
        yield found
    finally:
        found.end()


def test_it_names_a_file_that_is_made_changed_or_removed(tmp_path: Path, watched: Watched) -> None:
    path = tmp_path / "root/a.md"
    acts: list[Callable[[], object]] = [lambda: path.write_text("one"), lambda: path.write_text("two"), path.unlink]
    for act in acts:
        watched.told.clear()
        act()
        assert watched.wait(lambda: any(path in paths for paths in watched.told))


def test_a_file_renamed_into_place(tmp_path: Path, watched: Watched) -> None:
    (tmp_path / "new").write_text("whole")
    (tmp_path / "new").rename(tmp_path / "root/b.md")
    assert watched.wait(lambda: any(tmp_path / "root/b.md" in paths for paths in watched.told))


def test_new_folders_ask_for_a_scan_because_their_files_may_be_missed(tmp_path: Path, watched: Watched) -> None:
    seen = len(watched.told)
    deep = tmp_path / "root/x/y/z"
    deep.mkdir(parents=True)
    (deep / "c.md").write_text("text")
    assert watched.wait(lambda: watched.told[seen:].count(frozenset()) >= 2)


def test_a_root_that_appears_vanishes_and_comes_back(tmp_path: Path, watched: Watched) -> None:
    later = tmp_path / "later"
    for _ in range(2):
        assert watched.wakes_after(later.mkdir)
        # until the watch is on it again, changes are caught by the wake-up that says so
        end = time.monotonic() + DEADLINE
        for number in itertools.count():
            assert time.monotonic() < end
            assert watched.wakes_after(lambda number=number: (later / f"{number}.md").write_text("text"))  # type: ignore[misc]
            if any(path.parent == later for paths in watched.told for path in paths):
                break
        assert watched.wakes_after(lambda: shutil.rmtree(later))
        watched.told.clear()


def test_a_root_made_anew_at_once_does_not_blind_the_watch(tmp_path: Path, watched: Watched) -> None:
    """File systems give the new folder the old one's inode, so that nothing but the event tells them apart."""
    root = tmp_path / "root"
    inode = root.stat().st_ino
    for _ in range(100):
        shutil.rmtree(root)
        root.mkdir()
        if root.stat().st_ino == inode:
            break
    else:
        pytest.skip("this file system does not give a new folder the old one's inode")
    names = itertools.count()

    def named() -> bool:
        (root / f"{next(names)}.md").write_text("text")
        return watched.wait(lambda: any(path.parent == root for paths in watched.told for path in paths), 0.2)

    end = time.monotonic() + DEADLINE
    while not named():
        assert time.monotonic() < end


def test_no_root_at_all_and_a_quick_end(tmp_path: Path) -> None:
    found = Watched(tmp_path / "nowhere")
    start = time.monotonic()
    found.end()
    assert time.monotonic() - start < 5
    assert found.told == []

"""Nobody reads what is half written (content.md 0.4)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from feedsvc.content.settled import being_written, ignore_lease_breaks


def look(path: Path) -> bool | None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return being_written(descriptor)
    finally:
        os.close(descriptor)


def test_a_file_open_for_writing_is_seen(tmp_path: Path) -> None:
    ignore_lease_breaks()
    path = tmp_path / "post.md"
    path.write_text("whole")
    if look(path) is None:
        pytest.skip("this system or file system cannot tell")
    assert look(path) is False
    with path.open("w") as writer:
        writer.write("ha")
        writer.flush()
        assert look(path) is True
    assert look(path) is False


def test_readers_do_not_count_as_writers(tmp_path: Path) -> None:
    ignore_lease_breaks()
    path = tmp_path / "post.md"
    path.write_text("whole")
    with path.open():
        assert look(path) in (False, None)

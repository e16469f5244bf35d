"""Cells that all workers of a machine share: a mark of something, and a moment, in a small file that each maps.

So counting takes a few octets, no service beside this one, and no list of who reads what: of what is marked there is a
hash, no more. Where the cells of a hash are full, what has the earliest moment is forgotten.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import Struct

log = logging.getLogger("feedsvc.web")

_PLACES = 8  # cells in which one mark may be: a group, first all marks, then all moments
_MARK, _MOMENT = Struct("=Q"), Struct("=d")
_MARKS, _MOMENTS = Struct(f"={_PLACES}Q"), Struct(f"={_PLACES}d")
_GROUP = _MARKS.size + _MOMENTS.size
_GROUPS = 8_192  # a megabyte


class Cells:
    """Safe to use from several threads and processes. The file is opened when it is first needed, after any fork."""

    def __init__(self, path: Path, consequence: str) -> None:
        """consequence: what the log says when the file cannot be had and this process has the cells for itself."""
        self._path = path
        self._consequence = consequence
        self._cells: mmap.mmap | None = None
        self._file = -1
        self._lock = threading.Lock()

    def find(self, mark: int) -> tuple[int, float | None]:
        """Where the mark is, or would be put, and its moment; None when it has none. mark: 64 bits, not 0."""
        cells = self._cells or self._open()
        start = mark % _GROUPS * _GROUP
        marks = _MARKS.unpack_from(cells, start)
        if mark in marks:
            place = start + marks.index(mark) * _MARK.size
            return place, _MOMENT.unpack_from(cells, place + _MARKS.size)[0]
        moments = _MOMENTS.unpack_from(cells, start + _MARKS.size)
        return start + moments.index(min(moments)) * _MARK.size, None

    def put(self, place: int, mark: int, moment: float) -> None:
        """place: from `find`."""
        cells = self._cells or self._open()
        _MARK.pack_into(cells, place, mark)
        _MOMENT.pack_into(cells, place + _MARKS.size, moment)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Among the threads and processes that say so too; it is let go however this one ends."""
        with self._lock:
            if self._cells is None:
                self._open_file()
            if self._file < 0:
                yield
                return
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _open(self) -> mmap.mmap:
        with self._lock:
            return self._cells or self._open_file()

    def _open_file(self) -> mmap.mmap:
        size = _GROUPS * _GROUP
        file = -1
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.posix_fallocate(file, 0, size)  # in a file with holes, a full disk would end the process (SIGBUS)
            self._file, self._cells = file, mmap.mmap(file, size)
        except OSError as error:
            if file >= 0:
                os.close(file)
            self._file = -1
            log.warning("%s: %s", self._consequence, error)
            self._cells = mmap.mmap(-1, size)
        return self._cells

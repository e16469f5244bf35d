"""A single path instead of a scan: what a hint of the watcher is about."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

from feedsvc.content.draft import FileName
from feedsvc.content.file_name import POSTS, ignored, name_in, parse_name
from feedsvc.content.source import FoundFile, Root, fingerprint, in_skipped_folder, is_site


class Hint(Enum):
    IRRELEVANT = "irrelevant"  # no post, whatever happened to it
    FOLDER = "folder"  # a folder came or went: only a scan can tell what that means


class Places:
    """One root and how its paths are read; made anew with each rescan, because a folder can become a Jekyll site."""

    def __init__(self, root: Root, show_drafts: bool) -> None:
        self.root = root
        self._show_drafts = show_drafts
        self._real = os.path.realpath(root.path)
        self._inside = POSTS in (Path(self._real).name, root.path.name)
        try:
            self._site = not self._inside and is_site(self._real)
        except OSError:  # not there now; nothing is asked about it until it is back and scanned
            self._site = False

    def key(self, path: Path) -> str | Hint | None:
        """The key a post at this path has; None when the path is not in this root."""
        relative = self._relative(path)
        if relative is None:
            return None
        if path.is_symlink() or (not self._site and POSTS in relative.split("/")):
            return Hint.FOLDER  # the scan checks where links lead, and whether this has become a Jekyll site
        if self._name(relative) is not None:
            return f"{self.root.name}/{relative}"
        last = relative.rpartition("/")[2]
        return Hint.IRRELEVANT if "." in last or ignored(last or ".") else Hint.FOLDER

    def find(self, path: Path) -> FoundFile | None:
        """The post at this path, if it is there."""
        relative = self._relative(path)
        name = self._name(relative) if relative is not None else None
        if name is None:
            return None
        try:
            state = path.lstat()
        except OSError:
            return None
        if not stat.S_ISREG(state.st_mode):
            return None
        return FoundFile(f"{self.root.name}/{name.path}", name, self.root.tier, path, fingerprint(state))

    def path_of(self, key: str) -> Path | None:
        """Where the post with this key lies; None when the key is another root's."""
        name, _, relative = key.partition("/")
        return self.root.path / relative if name == self.root.name else None

    def _relative(self, path: Path) -> str | None:
        for base in (str(self.root.path), self._real):
            start = base.rstrip("/") + "/"
            if str(path).startswith(start):
                return str(path)[len(start) :]
        return None

    def _name(self, relative: str) -> FileName | None:
        if in_skipped_folder(f"/{relative}"):
            return None
        parts = relative.split("/")
        if self._inside:
            name = None if any(ignored(part) for part in parts) else name_in(relative, (), parts[-1], POSTS)
        else:
            name = parse_name(relative, self._site)
        return None if name is not None and name.draft_folder and not self._show_drafts else name


class Folders:
    """All roots together, for looking at single files."""

    def __init__(self, roots: Sequence[Root], show_drafts: bool) -> None:
        self._roots = tuple(roots)
        self._show_drafts = show_drafts
        self.renew()

    def renew(self) -> None:
        """To be called with each scan: a folder may have become a Jekyll site since."""
        self._places = [Places(root, self._show_drafts) for root in self._roots]

    def at(self, paths: Iterable[Path]) -> tuple[dict[str, FoundFile | None], bool]:
        """The posts these paths stand for (None: not there), and whether only a scan can tell what happened.

        Paths in a root that is not there say nothing: its files are not gone, they are out of reach.
        """
        found: dict[str, FoundFile | None] = {}
        unclear = False
        for path in sorted(set(paths)):
            for places in self._places:
                key = places.key(path) if places.root.path.is_dir() else None
                if isinstance(key, str):
                    found[key] = places.find(path)
                elif key is Hint.FOLDER:
                    unclear = True
        return found, unclear

    def find(self, keys: Iterable[str]) -> list[FoundFile]:
        """The files with these keys that are there."""
        paths = [(places, path) for key in keys for places in self._places if (path := places.path_of(key))]
        return [file for places, path in paths if (file := places.find(path)) is not None]

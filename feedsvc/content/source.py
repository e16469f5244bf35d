"""The content folders: which files are posts, what one stat tells of them, and their bytes.

A scan follows links only inside its root, each target once, so that no loop of links can hang it and nothing outside
the root is ever published. It is all or nothing: a folder that cannot be listed ends it (contract M05), because its
files must not look as if they had been deleted.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from feedsvc.content.draft import ContentFile, FileName, Fingerprint, Problem, Tier
from feedsvc.content.file_name import CONFIG_NAMES, DRAFTS, POSTS, ignored, name_in
from feedsvc.errors import ContentUnavailable, FeedsvcError

_SKIPPED = frozenset(("node_modules", "lost+found"))  # never content; the last is not even ours to list
# Jekyll's default `exclude`: installed themes hold a `_posts` folder of their own
_INSTALLED = tuple(f"/vendor/{name}" for name in ("bundle", "cache", "gems", "ruby"))
_DEEPEST = 64  # folders below a root


class Unsettled(FeedsvcError):
    """The file changed while it was read: look again later."""

    code = "file.unsettled"


class TooLarge(FeedsvcError):
    """The file is larger than allowed and was not read."""

    code = "file.too-large"

    def __init__(self, key: str, size: int, limit: int) -> None:
        super().__init__(f"The file has {size} bytes, more than the {limit} that are allowed (content.max_file_bytes).")
        self.key, self.size, self.limit = key, size, limit

    def problem(self) -> Problem:
        """What to show people; the file is quarantined."""
        params = {"size": str(self.size), "limit": str(self.limit)}
        return Problem(self.key, self.code, self.message, params=params)


@dataclass(frozen=True, slots=True)
class Root:
    """A folder of posts. name: unique among all roots, the first part of the keys of its files."""

    name: str
    path: Path
    tier: Tier


class FoundFile(NamedTuple):
    """A post as the scan saw it, unread. location: its path, as text or Path.

    A named tuple with a path made on demand, because a scan makes a hundred thousand of them.
    """

    key: str
    name: FileName
    tier: Tier
    location: str | Path
    fingerprint: Fingerprint

    @property
    def path(self) -> Path:
        return Path(self.location)


def named_roots(roots: Sequence[tuple[Path, Tier]]) -> tuple[Root, ...]:
    """Name each root after its folder; a second one of that name gets -2, a third -3."""
    plain = [path.name if path.name not in ("", "..") else (path.resolve().name or "root") for path, _ in roots]
    taken: set[str] = set()
    named = []
    for base, (path, tier) in zip(plain, roots, strict=True):
        name, number = base, 1
        while name in taken or (number > 1 and name in plain):
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        named.append(Root(name, path, tier))
    return tuple(named)


def scan(root: Root, show_drafts: bool = False) -> Iterator[FoundFile]:
    """Every post of the root, folder by folder in code-point order.

    Files that vanish while we look are left out. ContentUnavailable when the root or a folder in it cannot be listed.
    """
    try:
        real = os.path.realpath(root.path, strict=True)
        if not stat.S_ISDIR(os.stat(real).st_mode):  # noqa: PTH116
            raise NotADirectoryError(f"{root.path} is not a folder")
        walk = _Walk(root, real, show_drafts)
        if Path(real).name == POSTS or root.path.name == POSTS:
            yield from walk.posts(real, "", (), POSTS, 0)
        elif is_site(real):
            yield from walk.site(real, "", (), 0)
        else:
            yield from walk.posts(real, "", (), "", 0)
    except OSError as error:
        raise ContentUnavailable(
            f"The content folder {root.path} cannot be read: {error.strerror or error}."
        ) from error


def read(found: FoundFile, max_bytes: int) -> ContentFile:
    """The file's bytes, whole. Raises

    - FileNotFoundError when it is gone, another OSError when it cannot be read,
    - TooLarge, unread, above `max_bytes`,
    - Unsettled when it is not what the scan saw, or changed during the read.
    """
    # O_NONBLOCK: a named pipe put in the file's place must not hang us
    handle = os.open(found.location, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        before = os.fstat(handle)
        if fingerprint(before) != found.fingerprint or not stat.S_ISREG(before.st_mode):
            raise Unsettled(f"{found.key} changed since it was found.")
        if before.st_size > max_bytes:
            raise TooLarge(found.key, before.st_size, max_bytes)
        data = os.read(handle, before.st_size + 1)
        while len(data) < before.st_size and (chunk := os.read(handle, before.st_size + 1 - len(data))):
            data += chunk
        after = os.fstat(handle)
    finally:
        os.close(handle)
    if len(data) != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise Unsettled(f"{found.key} changed while it was read.")
    return ContentFile(found.key, found.name, found.tier, data, before.st_mtime_ns)


class _Walk:
    """One scan: where it may go, and which links it has followed."""

    def __init__(self, root: Root, real: str, show_drafts: bool) -> None:
        self.root = root
        self.real = real
        self.show_drafts = show_drafts
        self.followed: set[str] = set()

    def site(self, folder: str, prefix: str, folders: tuple[str, ...], depth: int) -> Iterator[FoundFile]:
        """A Jekyll site: only what is under `_posts` (and `_drafts`) counts."""
        for entry in _sorted(folder, depth):
            if entry.name == POSTS or (entry.name == DRAFTS and self.show_drafts):
                if self._may_enter(entry):
                    yield from self.posts(entry.path, f"{prefix}{_shown(entry)}/", folders, entry.name, depth + 1)
            elif not ignored(entry.name) and self._may_enter(entry):
                name = _shown(entry)
                yield from self.site(entry.path, f"{prefix}{name}/", (*folders, name), depth + 1)

    def posts(self, folder: str, prefix: str, folders: tuple[str, ...], home: str, depth: int) -> Iterator[FoundFile]:
        """Everything below `_posts`, or below a root without one (home "")."""
        stem, tier = f"{self.root.name}/", self.root.tier
        for entry in _sorted(folder, depth):
            name = entry.name
            if ignored(name):
                continue
            if not name.isascii():
                name = _shown(entry)
            file_name = name_in(prefix + name, folders, name, home)
            if file_name is not None and (state := self._stat_file(entry)) is not None:
                yield FoundFile(stem + file_name.path, file_name, tier, entry.path, fingerprint(state))
            elif self._may_enter(entry):
                below = folders if home else (*folders, name)
                yield from self.posts(entry.path, f"{prefix}{name}/", below, home, depth + 1)

    def _stat_file(self, entry: os.DirEntry[str]) -> os.stat_result | None:
        """None for what is no regular file inside the root, or has just gone."""
        try:
            if entry.is_symlink() and not self._inside(entry):
                return None
            state = entry.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            if entry.is_symlink():  # a link in a circle, a target we may not see
                return None
            raise error
        return state if stat.S_ISREG(state.st_mode) else None

    def _may_enter(self, entry: os.DirEntry[str]) -> bool:
        if not _is_folder(entry) or _skipped(entry):
            return False
        if not entry.is_symlink():
            return True
        target = os.path.realpath(entry.path)
        if not self._inside(entry) or entry.path.startswith(target + os.sep) or target in self.followed:
            return False
        self.followed.add(target)
        return True

    def _inside(self, entry: os.DirEntry[str]) -> bool:
        target = os.path.realpath(entry.path)
        return target.startswith(self.real.rstrip(os.sep) + os.sep)


def is_site(folder: str) -> bool:
    """Whether a root follows Jekyll's rules: it has a configuration, or a `_posts` folder anywhere.

    With the configuration alone too: while a checkout replaces `_posts`, its README must not become a post.
    """
    return any((Path(folder) / name).is_file() for name in CONFIG_NAMES) or has_posts(folder)


def has_posts(folder: str, depth: int = 0) -> bool:
    """Whether a `_posts` folder is anywhere below, nearest first."""
    below = []
    for entry in _sorted(folder, depth):
        if _is_folder(entry):
            if entry.name == POSTS:
                return True
            if not ignored(entry.name) and not _skipped(entry) and not entry.is_symlink():
                below.append(entry.path)
    return any(has_posts(path, depth + 1) for path in below)


def _sorted(folder: str, depth: int) -> list[os.DirEntry[str]]:
    """The entries in code-point order; none when the folder has just gone or lies too deep."""
    if depth > _DEEPEST:
        return []
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=attrgetter("name"))
    except FileNotFoundError:
        if depth == 0:
            raise
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _skipped(entry: os.DirEntry[str]) -> bool:
    return entry.name in _SKIPPED or entry.path.endswith(_INSTALLED)


def in_skipped_folder(path: str) -> bool:
    """Whether a scan would not have come to this path, because a folder above it is never content."""
    folders = path.split("/")[:-1]
    return not _SKIPPED.isdisjoint(folders) or any(f"{place}/" in path for place in _INSTALLED)


def _shown(entry: os.DirEntry[str]) -> str:
    """The name as text: one that is not UTF-8 is read as GB18030, so that it can be stored and shown."""
    name = entry.name
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "backslashreplace")
    return name


def fingerprint(state: os.stat_result) -> Fingerprint:
    """What a scan compares to tell whether a file is the one already known."""
    return Fingerprint(state.st_size, state.st_mtime_ns, state.st_ino)

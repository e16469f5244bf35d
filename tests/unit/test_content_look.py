"""A single path is read as the scan would read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.content.draft import Tier
from feedsvc.content.look import Folders, Hint, Places
from feedsvc.content.source import FoundFile, Root, scan

NAMES = (
    "_posts/2026-11-01-a.md",
    "_posts/deep/2026-11-02-b.md",
    "_posts/readme.md",
    "_posts/.2026-11-01-hidden.md",
    "_drafts/c.md",
    "en/_posts/2026-11-03-d.md",
    "node_modules/x/_posts/2026-11-04-e.md",
    "vendor/bundle/theme/_posts/2026-11-05-f.md",
    "vendor/own/_posts/2026-11-06-g.md",
    "about.md",
    "assets/picture.png",
)


@pytest.mark.parametrize("site", [True, False], ids=["jekyll", "plain"])
def test_looking_at_each_path_finds_what_a_scan_finds(tmp_path: Path, site: bool) -> None:
    for name in NAMES:
        path = tmp_path / (name if site else name.replace("_posts", "posts").replace("_drafts", "drafts"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    root = Root("r", tmp_path, Tier.LIVE)
    places = Places(root, show_drafts=False)
    looked = [found for path in sorted(tmp_path.rglob("*")) if path.is_file() and (found := places.find(path))]
    assert sorted(map(_plain, looked)) == sorted(map(_plain, scan(root)))
    for found in looked:
        assert places.key(found.path) == found.key
        assert places.path_of(found.key) == found.path


def _plain(found: FoundFile) -> tuple[object, ...]:
    return (found.key, str(found.path), found.tier, found.fingerprint, found.name)


def test_what_only_a_scan_can_tell(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    folders = Folders([Root("r", tmp_path, Tier.LIVE)], show_drafts=False)
    assert folders.at([tmp_path / "_posts/2026-11-01-a.md"]) == ({"r/_posts/2026-11-01-a.md": None}, False)
    assert folders.at([tmp_path / "_posts/new-folder"]) == ({}, True)
    assert folders.at([tmp_path / "style.css"]) == ({}, False)
    assert folders.at([tmp_path.parent / "elsewhere/2026-11-01-a.md"]) == ({}, False)
    (tmp_path / "_posts/2026-11-02-b.md").symlink_to(tmp_path / "_posts/2026-11-01-a.md")
    assert folders.at([tmp_path / "_posts/2026-11-02-b.md"]) == ({}, True)


def test_a_root_that_is_away_says_nothing_of_its_files(tmp_path: Path) -> None:
    """Contract M05."""
    folders = Folders([Root("r", tmp_path / "away", Tier.LIVE)], show_drafts=False)
    assert folders.at([tmp_path / "away/2026-11-01-a.md"]) == ({}, False)


def test_posts_in_a_root_that_was_none_are_for_the_scan(tmp_path: Path) -> None:
    places = Places(Root("r", tmp_path, Tier.LIVE), show_drafts=False)
    assert places.key(tmp_path / "_posts/2026-11-01-a.md") is Hint.FOLDER

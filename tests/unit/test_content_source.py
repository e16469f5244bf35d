"""Which files are posts (jekyll-compat.md section 3), and how they are read."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from feedsvc.content.draft import FileName, Fingerprint, Tier
from feedsvc.content.file_name import parse_name
from feedsvc.content.source import FoundFile, Root, TooLarge, Unsettled, named_roots, read, scan
from feedsvc.errors import ContentUnavailable


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("text")


def paths(root: Path, show_drafts: bool = False) -> list[str]:
    return [found.name.path for found in scan(Root("r", root, Tier.LIVE), show_drafts)]


def only(root: Path) -> FoundFile:
    (found,) = scan(Root("r", root, Tier.LIVE))
    return found


@pytest.mark.parametrize(
    ("path", "folders", "file_date", "slug", "ext"),
    [
        ("_posts/2021-12-23-NW202112232223133876.md", (), date(2021, 12, 23), "NW202112232223133876", ".md"),
        ("_posts/2019-12-3-x.md", (), date(2019, 12, 3), "x", ".md"),
        ("_posts/21-1-5-x.md", (), date(2021, 1, 5), "x", ".md"),
        ("_posts/70-1-5-x.md", (), date(1970, 1, 5), "x", ".md"),
        ("_posts/021-1-5-x.md", (), date(21, 1, 5), "x", ".md"),
        ("_posts/2021-02-30-x.md", (), date(2021, 3, 2), "x", ".md"),
        ("_posts/2021-13-01-x.md", (), None, "x", ".md"),
        ("_posts/2022-05-26-.md", (), date(2022, 5, 26), "", ".md"),
        ("_posts/2022-05-26-x.en.MD", (), date(2022, 5, 26), "x.en", ".MD"),
        ("_posts/2022-05-26-x.textile", (), date(2022, 5, 26), "x", ".textile"),
        ("News/ko/_posts/sub/2022-05-26-Á-b.html", ("News", "ko"), date(2022, 5, 26), "Á-b", ".html"),
        ("_posts/-202205262391921712.md", (), None, "202205262391921712", ".md"),
        ("_posts/NW202205262391921712.md", (), None, "NW202205262391921712", ".md"),
    ],
)
def test_posts_of_a_jekyll_site(
    path: str, folders: tuple[str, ...], file_date: date | None, slug: str, ext: str
) -> None:
    assert parse_name(path, jekyll=True) == FileName(path, folders, file_date, slug, ext)


NAMES_WITHOUT_DATE = ["init.md", "hello.md", "12345678.md", "x2021-12-23-foo.md", "2021-12-23-v1.2./x.md", "-NW.md"]
NAMES_IGNORED = ["#2021-12-23-k.md", ".2021-12-23-i.md", "2026-11-04-j.md~", "_2021-12-23-h.md", "_sub/2021-12-23-l.md"]
NAMES_OF_NO_TEXT = ["2021-12-23-x", "2021-12-23-x.jpg", "2021-12-23-x.md.tmp"]
ELSEWHERE = ["2021-12-23-x.md", "about.md", "_site/_posts/2021-12-23-x.md", "_data/a.yml"]


@pytest.mark.parametrize(
    "path", [f"_posts/{name}" for name in (*NAMES_WITHOUT_DATE, *NAMES_IGNORED, *NAMES_OF_NO_TEXT)] + ELSEWHERE
)
def test_no_posts_of_a_jekyll_site(path: str) -> None:
    assert parse_name(path, jekyll=True) is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("hello.md", FileName("hello.md", (), None, "hello", ".md")),
        (
            "en/2021-12-23-hello.html",
            FileName("en/2021-12-23-hello.html", ("en",), date(2021, 12, 23), "hello", ".html"),
        ),
        ("a/b/notes.txt", FileName("a/b/notes.txt", ("a", "b"), None, "notes", ".txt")),
        ("picture.png", None),
        ("README", None),
        (".md", None),
        (".git/x.md", None),
        ("_hidden/x.md", None),
        ("x.md~", None),
    ],
)
def test_a_folder_without_posts_folder(path: str, name: FileName | None) -> None:
    assert parse_name(path, jekyll=False) == name


def test_a_jekyll_site_is_scanned_in_order_and_nothing_else_counts(tmp_path: Path) -> None:
    put(tmp_path, "about.md", "_posts/2021-01-02-b.md", "_posts/2021-01-02-a.md", "_posts/deep/2021-01-01-c.md")
    put(
        tmp_path,
        "en/_posts/2021-01-01-a.md",
        "_drafts/d.md",
        "_site/2021-01-01-x.md",
        "node_modules/_posts/2021-01-01-x.md",
    )
    posts = [
        "_posts/2021-01-02-a.md",
        "_posts/2021-01-02-b.md",
        "_posts/deep/2021-01-01-c.md",
        "en/_posts/2021-01-01-a.md",
    ]
    assert paths(tmp_path) == posts
    assert paths(tmp_path, show_drafts=True) == ["_drafts/d.md", *posts]


def test_keys_tiers_and_fingerprints(tmp_path: Path) -> None:
    put(tmp_path, "_posts/2021-01-02-b.md")
    (found,) = scan(Root("news-2", tmp_path, Tier.ARCHIVE))
    state = (tmp_path / "_posts/2021-01-02-b.md").stat()
    assert found.key == "news-2/_posts/2021-01-02-b.md"
    assert found.tier is Tier.ARCHIVE
    assert found.path == tmp_path / "_posts/2021-01-02-b.md"
    assert found.fingerprint == Fingerprint(4, state.st_mtime_ns, state.st_ino)


def test_a_posts_folder_can_be_the_root(tmp_path: Path) -> None:
    put(tmp_path / "_posts", "2021-01-02-b.md", "hello.md", "sub/2021-01-02-c.md")
    assert paths(tmp_path / "_posts") == ["2021-01-02-b.md", "sub/2021-01-02-c.md"]


def test_a_plain_folder_and_an_empty_one(tmp_path: Path) -> None:
    assert paths(tmp_path) == []
    put(tmp_path, "b.md", "a.html", "sub/c.markdown", "sub/.git/x.md", "x.css")
    assert paths(tmp_path) == ["a.html", "b.md", "sub/c.markdown"]


def test_links_inside_are_followed_once_and_never_outside_or_in_circles(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    put(root, "_posts/2021-01-01-a.md", "shelf/2021-01-01-b.md", "shelf/2021-01-01-c.md")
    put(outside, "2021-01-01-secret.md")
    (root / "_posts/2021-01-01-link.md").symlink_to("../shelf/2021-01-01-b.md")
    (root / "_posts/2021-01-01-secret.md").symlink_to(outside / "2021-01-01-secret.md")
    (root / "_posts/2021-01-01-circle.md").symlink_to("2021-01-01-circle.md")
    (root / "_posts/2021-01-01-nowhere.md").symlink_to("nowhere.md")
    (root / "_posts/loop").symlink_to("..")
    (root / "_posts/one").symlink_to("../shelf")
    (root / "_posts/two").symlink_to("../shelf")
    (root / "_posts/out").symlink_to(outside)
    assert paths(root) == [
        "_posts/2021-01-01-a.md",
        "_posts/2021-01-01-link.md",
        "_posts/one/2021-01-01-b.md",
        "_posts/one/2021-01-01-c.md",
    ]


def test_a_root_that_is_a_link_is_fine(tmp_path: Path) -> None:
    put(tmp_path / "release-1", "_posts/2021-01-01-a.md")
    (tmp_path / "current").symlink_to("release-1")
    assert paths(tmp_path / "current") == ["_posts/2021-01-01-a.md"]


def test_special_files_are_no_posts(tmp_path: Path) -> None:
    put(tmp_path, "_posts/2021-01-01-a.md")
    os.mkfifo(tmp_path / "_posts/2021-01-01-pipe.md")
    assert paths(tmp_path) == ["_posts/2021-01-01-a.md"]


def test_a_name_that_is_not_utf8_is_shown_in_gb18030(tmp_path: Path) -> None:
    folder = tmp_path / "_posts"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/2021-01-01-" + "晨光".encode("gb18030") + b".md")).write_text("text")
    found = only(tmp_path)
    assert found.name.slug == "晨光"
    assert read(found, 1000).data == b"text"


def test_m05_a_root_that_is_not_there(tmp_path: Path) -> None:
    """contract M05"""
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "gone", tmp_path / "file"):
        with pytest.raises(ContentUnavailable, match=path.name):
            paths(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_m05_a_folder_that_may_not_be_listed_ends_the_scan(tmp_path: Path) -> None:
    """contract M05: its posts must not look deleted"""
    put(tmp_path, "_posts/a/2021-01-01-a.md", "_posts/2021-01-01-b.md")
    (tmp_path / "_posts/a").chmod(0)
    try:
        with pytest.raises(ContentUnavailable):
            paths(tmp_path)
    finally:
        (tmp_path / "_posts/a").chmod(0o755)


def test_reading(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    found = only(tmp_path)
    file = read(found, max_bytes=4)
    assert (file.key, file.data, file.tier, file.name) == ("r/a.md", b"text", Tier.LIVE, found.name)
    assert file.mtime_ns == found.fingerprint.mtime_ns


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    with pytest.raises(TooLarge) as caught:
        read(only(tmp_path), max_bytes=3)
    problem = caught.value.problem()
    assert (problem.key, problem.code) == ("r/a.md", "file.too-large")
    assert "3" in problem.message


def test_a_file_that_changed_since_the_scan_waits(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    found = only(tmp_path)
    (tmp_path / "a.md").write_text("other text")
    with pytest.raises(Unsettled):
        read(found, 1000)
    (tmp_path / "a.md").unlink()
    with pytest.raises(FileNotFoundError):
        read(found, 1000)


def test_a_pipe_in_the_file_s_place_does_not_hang(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    found = only(tmp_path)
    (tmp_path / "a.md").unlink()
    os.mkfifo(tmp_path / "a.md")
    with pytest.raises(Unsettled):
        read(found, 1000)


@pytest.mark.parametrize("later", ["text and more", "te", "TEXT"], ids=["grows", "shrinks", "same size"])
def test_a_file_that_changes_during_the_read_is_never_torn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: str
) -> None:
    put(tmp_path, "a.md")
    os.utime(tmp_path / "a.md", ns=(0, 0))  # so that the change is seen however coarse the file system's clock
    found = only(tmp_path)
    real_read = os.read

    def read_then_change(handle: int, count: int) -> bytes:
        data = real_read(handle, count)
        (tmp_path / "a.md").write_text(later)
        return data

    monkeypatch.setattr(os, "read", read_then_change)
    with pytest.raises(Unsettled):
        read(found, 1000)


def test_names_of_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    given = ["a/posts", "b/posts", "posts-2", "c/posts", ".", "..", "/"]
    roots = named_roots([(Path(path), Tier.LIVE) for path in given])
    assert [root.name for root in roots] == ["posts", "posts-3", "posts-2", "posts-4", "here", tmp_path.name, "root"]
    assert [root.path for root in roots] == [Path(path) for path in given]

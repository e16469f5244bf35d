"""What is joined, and what is refused before anything starts."""

from __future__ import annotations

import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc import bootstrap
from feedsvc.errors import SettingsError, StoreUnavailable
from feedsvc.settings import Settings


def settings_of(folder: Path, **options: object) -> Settings:
    return Settings.model_validate({"data_dir": folder / "data", **options})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:s3cr3t@h:bad/d", "the port must be a number"),
        ("postgresql://u:p@s3:cr3t@h/d", "the port must be a number"),
        ("postgresql://u:p@s3cr3t@h/d", "has more than one @"),
        ("postgresql://u:p@s3cr3t/x@h/d", "has more than one @"),
        ("postgresql://u:s3cr3t@h/d?bogus=1", "PostgreSQL has no option 'bogus'"),
        ("postgresql://u:s3cr3t@h/d?sslmode=require&prepare_threshold=0", "no option 'prepare_threshold'"),
        ("sqlite:////srv/f.db?timeout=long", "an option has a wrong value"),
        ("sqlite:////srv/f.db?bogus=1", "SQLite has no option 'bogus'"),
    ],
)
def test_a_wrong_database_url_is_one_sentence(tmp_path: Path, url: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        bootstrap.open_store(settings_of(tmp_path, database={"url": url}))
    assert "database.url" in caught.value.message
    assert expected in caught.value.message
    assert "s3" not in caught.value.message


@pytest.mark.parametrize(
    "options", ["", "?sslmode=disable&connect_timeout=1&application_name=x&target_session_attrs=any"]
)
def test_real_options_are_accepted(tmp_path: Path, options: str) -> None:
    with pytest.raises(StoreUnavailable):  # nobody listens there
        bootstrap.open_store(settings_of(tmp_path, database={"url": f"postgresql://u:p%40@127.0.0.1:9/d{options}"}))


def site(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("---\ntitle: x\n---\ntext\n")
    return folder


def roots_of(folder: Path, *paths: Path, **content: object) -> None:
    bootstrap.roots(settings_of(folder, content={"roots": list(paths), **content}))


def test_a_root_whose_posts_another_one_finds_too_is_refused(tmp_path: Path) -> None:
    """Each of its posts would be published twice."""
    outer = site(tmp_path / "outer", "2026-11-01-a.md", "sub/inner/2026-11-02-b.md")
    inner = outer / "sub" / "inner"
    for pair in ((outer, inner), (inner, outer)):
        with pytest.raises(SettingsError) as caught:
            roots_of(tmp_path, *pair)
        assert str(outer) in caught.value.message
        assert str(inner) in caught.value.message


def test_a_plain_folder_beside_the_posts_of_a_jekyll_site_is_a_root_of_its_own(tmp_path: Path) -> None:
    jekyll = site(tmp_path / "site", "_posts/2026-11-01-a.md", "old_post/2026-01-01-b.md")
    roots_of(tmp_path, jekyll, jekyll / "old_post")
    configured = site(tmp_path / "configured", "_config.yml", "old_post/2026-01-01-b.md")
    roots_of(tmp_path, configured, configured / "old_post")


@pytest.mark.parametrize("inner", ["_posts", "_posts/2026", "en"])
def test_what_a_jekyll_site_finds_is_no_root_of_its_own(tmp_path: Path, inner: str) -> None:
    jekyll = site(tmp_path / "site", "_posts/2026/2026-11-01-a.md", "en/_posts/2026-11-02-b.md")
    with pytest.raises(SettingsError, match="twice"):
        roots_of(tmp_path, jekyll, jekyll / inner)


def test_what_no_scan_enters_may_be_a_root(tmp_path: Path) -> None:
    outer = site(tmp_path / "outer", "2026-11-01-a.md", ".hidden/2026-11-02-b.md", "_site/2026-11-02-b.md")
    roots_of(tmp_path, outer, outer / ".hidden", outer / "_site")


def test_drafts_count_when_they_are_shown(tmp_path: Path) -> None:
    jekyll = site(tmp_path / "site", "_posts/2026-11-01-a.md", "_drafts/b.md")
    roots_of(tmp_path, jekyll, jekyll / "_drafts")
    with pytest.raises(SettingsError, match="twice"):
        roots_of(tmp_path, jekyll, jekyll / "_drafts", show_drafts=True)


def test_the_same_folder_twice_is_refused(tmp_path: Path) -> None:
    folder = site(tmp_path / "news", "2026-11-01-a.md")
    (tmp_path / "link").symlink_to(folder)
    for again in (folder, tmp_path / "link", tmp_path / "x" / ".." / "news"):
        with pytest.raises(SettingsError, match="same folder"):
            roots_of(tmp_path, folder, again)


def test_folders_that_are_not_there_now_say_nothing(tmp_path: Path) -> None:
    """Contract M05: a disk that is away does not keep the server from starting."""
    roots_of(tmp_path, tmp_path / "away", tmp_path / "away" / "old_post")
    roots_of(tmp_path, site(tmp_path / "a", "x.md"), site(tmp_path / "ab", "x.md"))


def test_a_data_folder_that_cannot_be_written_is_said() -> None:
    with pytest.raises(SettingsError, match=r"/proc/operator\.token .*\(setting data_dir\)"):
        bootstrap.operator_token(Path("/proc"))
    with pytest.raises(SettingsError, match=r"/proc/none .*\(setting data_dir\)"):
        bootstrap.make_data_dir(Path("/proc/none"))


def test_the_token_is_made_once_and_its_owners(tmp_path: Path) -> None:
    token = bootstrap.operator_token(tmp_path / "data")
    assert len(token.read_text().strip()) >= 40
    assert token.stat().st_mode & 0o777 == 0o600
    written = token.read_text()
    assert bootstrap.operator_token(tmp_path / "data").read_text() == written


def test_a_token_that_could_not_be_written_is_not_left_empty(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # as on a disk without room
    try:
        with pytest.raises(SettingsError, match="setting data_dir"):
            bootstrap.operator_token(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    for create in (True, False):
        with pytest.raises(SettingsError, match=r"data is a file, not a folder \(setting data_dir\)"):
            bootstrap.open_store(settings_of(tmp_path), create=create)
    with pytest.raises(SettingsError, match="is a file, not a folder"):
        bootstrap.operator_token(tmp_path / "data")


@pytest.mark.parametrize("url", ["", "sqlite:///{}/deep/er/f.db", "sqlite:///{}/f.db"])
def test_looking_creates_nothing(tmp_path: Path, url: str) -> None:
    settings = settings_of(tmp_path, database={"url": url.format(tmp_path)})
    with pytest.raises(StoreUnavailable, match=r"^Nothing has been published in .* yet"):
        bootstrap.open_store(settings, create=False)
    assert list(tmp_path.iterdir()) == []


def test_looking_into_what_somebody_made_without_tables_creates_none(tmp_path: Path) -> None:
    (tmp_path / "f.db").write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="Nothing has been published"):
        bootstrap.open_store(settings_of(tmp_path, database={"url": f"sqlite:///{tmp_path / 'f.db'}"}), create=False)
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("f.db", 0)]


def test_what_is_there_opens_and_folders_of_a_url_are_never_made(tmp_path: Path) -> None:
    bootstrap.open_store(settings_of(tmp_path)).close()
    bootstrap.open_store(settings_of(tmp_path), create=False).close()
    mistyped = settings_of(tmp_path, database={"url": f"sqlite:///{tmp_path / 'typo' / 'f.db'}"})
    with pytest.raises(StoreUnavailable, match=r"folder .*typo of the database does not exist"):
        bootstrap.open_store(mistyped)
    assert not (tmp_path / "typo").exists()


def test_rules_of_feeds_are_the_same_until_somebodys_rights_end(tmp_path: Path) -> None:
    first, second = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    rights = {"ports": {"until": first}, "rail": {"until": second}, "roads": {"text": "summary"}}
    at = bootstrap.feed_rules(settings_of(tmp_path, categories={"rights": rights}), "example.com,2026")
    instant = timedelta(microseconds=1)

    def amounts(moment: datetime) -> dict[str, str]:
        return {slug: right.text for slug, right in at(moment).rights}

    assert amounts(first - instant) == {"roads": "summary"}
    assert amounts(first) == amounts(second - instant) == {"ports": "none", "roads": "summary"}
    assert amounts(second) == {"ports": "none", "rail": "none", "roads": "summary"}
    assert at(first) is at(second - instant)
    assert at(first) is not at(first - instant)
    plain = bootstrap.feed_rules(settings_of(tmp_path), "example.com,2026")
    assert plain(first) is plain(second)

"""Settings: every source, every complaint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc import configuration
from feedsvc.errors import SettingsError
from feedsvc.settings import Settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith("FEEDSVC_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield


def complaint() -> str:
    with pytest.raises(SettingsError) as caught:
        configuration.load()
    return caught.value.message


def test_defaults_need_nothing() -> None:
    loaded = configuration.load()
    assert loaded.settings == Settings()
    assert not loaded.origins
    assert loaded.settings.feeds.max_items == 50
    assert loaded.settings.database_url == f"sqlite:///{Path('var').absolute() / 'feedsvc.db'}"


def test_stronger_sources_win_and_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "feedsvc.toml").write_text('[site]\ntitle = "toml"\nlanguage = "en"\n[server]\nport = 1\n')
    monkeypatch.setenv("FEEDSVC_SITE__LANGUAGE", "fr")
    monkeypatch.setenv("FEEDSVC_SERVER__PORT", "2")
    loaded = configuration.load(
        command_line={"server": {"port": 3}},
        site_defaults=lambda root: {"site": {"title": "jekyll", "description": "jekyll"}},
    )
    site = loaded.settings.site
    assert (site.title, site.language, site.description) == ("toml", "fr", "jekyll")
    assert loaded.settings.server.port == 3
    assert loaded.origins["server.port"] == "command line"
    assert loaded.origins["site.language"] == "environment"
    assert loaded.origins["site.title"] == "feedsvc.toml"
    assert loaded.origins["site.description"].startswith("_config.yml in ")


def test_roots_are_paths_or_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDSVC_CONTENT__ROOTS", '["news", {"path": "old_post", "tier": "archive"}]')
    roots = configuration.load().settings.content.roots
    assert [(str(root.path), root.tier) for root in roots] == [("news", "live"), ("old_post", "archive")]


def test_folders_in_a_settings_file_are_meant_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "f.toml").write_text('data_dir = "data"\n[content]\nroots = ["posts", {path = "/abs"}]\n')
    monkeypatch.setenv("FEEDSVC_CONFIG", str(folder / "f.toml"))
    settings = configuration.load().settings
    assert settings.data_dir == folder / "data"
    assert [root.path for root in settings.content.roots] == [folder / "posts", Path("/abs")]


def test_a_secret_file_gives_the_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("postgresql://u:p@db/feeds\n")
    monkeypatch.setenv("FEEDSVC_DATABASE__URL_FILE", str(tmp_path / "secret"))
    assert configuration.load().settings.database_url == "postgresql://u:p@db/feeds"


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDSVC_DATABASE__URL_FILE", "/nowhere/secret")
    assert complaint().startswith("FEEDSVC_DATABASE__URL_FILE names /nowhere/secret, which cannot be read")


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("FEEDSVC_SERVER__PORT", "eighty", "environment variable FEEDSVC_SERVER__PORT"),
        ("FEEDSVC_SERVRE__PORT", "80", "Did you mean FEEDSVC_SERVER__PORT?"),
        ("FEEDSVC_CONTENT__ROOTS", "[oops", "FEEDSVC_CONTENT__ROOTS is not valid JSON"),
        ("FEEDSVC_CONTENT__ROOTS", "content", "FEEDSVC_CONTENT__ROOTS is not valid JSON"),
        ("FEEDSVC_SITE__TIMEZONE", "Mars/Base", "no time zone is named 'Mars/Base'"),
        ("FEEDSVC_SITE__URL", "news.example.com", "must be an address such as https://news.example.com"),
        ("FEEDSVC_PUBLIC_URL", "ftp://x", "must be an address"),
        ("FEEDSVC_SITE__AUTHORITY", "News", "must be `host,year`"),
        ("FEEDSVC_FEEDS__CONTENT", "half", "'full' or 'summary'"),
    ],
)
def test_what_is_wrong_and_where_is_said(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert expected in complaint()


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feedsvc.toml").write_text('[site]\ntitel = "x"\n')
    assert complaint() == "site.titel: there is no such setting (feedsvc.toml); did you mean site.title?"


def test_a_named_file_must_exist() -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        configuration.load(config_file=Path("nowhere.toml"))


def test_public_addresses_have_no_trailing_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDSVC_PUBLIC_URL", "https://feeds.example.com/")
    monkeypatch.setenv("FEEDSVC_SITE__BASEURL", "/blog/")
    settings = configuration.load().settings
    assert settings.public_base == "https://feeds.example.com"
    assert settings.site_base == "https://feeds.example.com/blog"


def test_every_setting_has_a_help_text() -> None:
    def check(model: type[object], at: str) -> None:
        for name, field in model.model_fields.items():  # type: ignore[attr-defined]
            if hasattr(field.annotation, "model_fields"):
                check(field.annotation, f"{at}{name}.")
            elif at or name not in ("content",):
                assert field.description, at + name

    check(Settings, "")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://localhost:8000"), ("::1", "http://[::1]:8000")],
)
def test_without_a_public_url_the_machines_own_address_counts(
    monkeypatch: pytest.MonkeyPatch, host: str, expected: str
) -> None:
    monkeypatch.setenv("FEEDSVC_SERVER__HOST", host)
    assert configuration.load().settings.public_base == expected


def test_every_list_or_table_is_known_to_be_json() -> None:
    """Else a wrong one could not be named."""
    for name in configuration.field_names(Settings):
        section, _, field = name.partition(".")
        value = getattr(getattr(Settings(), section), field) if field else getattr(Settings(), section)
        assert isinstance(value, tuple | dict) == (name in configuration._LISTS), name

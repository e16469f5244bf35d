"""Settings: every source, every complaint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc import configuration
from feedsvc.errors import SettingsError
from feedsvc.settings import A_MOMENT, Settings


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


@pytest.mark.parametrize(
    "text",
    [
        'database = "postgresql://u:s3cr3t@h/d"\n',
        '[database.url]\nx = "postgresql://u:s3cr3t@h/d"\n',
        'database = ["s3cr3t"]\n',
        'public_url = "postgresql://u:p@s3cr3t@h/d"\n',
        'public_url = "https://u:s3cr3t@h"\n',
        'feeds = "password=s3cr3t"\n',
    ],
)
def test_no_complaint_shows_a_password(tmp_path: Path, text: str) -> None:
    (tmp_path / "feedsvc.toml").write_text(text)
    told = complaint()
    assert "feedsvc.toml" in told
    assert "s3cr3t" not in told


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FEEDSVC_DATABASE", "postgresql://u:s3cr3t@h/d"),
        ("FEEDSVC_DATABASE", '"postgresql://u:s3cr3t@h/d"'),
        ("FEEDSVC_DATABASE", '{"url": ["s3cr3t"]}'),
        ("FEEDSVC_DATABASE__URL_FILE", "postgresql://u:s3cr3t@h/d"),
    ],
)
def test_nor_does_one_about_the_environment(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    told = complaint()
    assert variable in told
    assert "s3cr3t" not in told


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:s3cr3t@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:s3@cr3t@h/d?sslmode=require", "postgresql://u:***@h/d?sslmode=require"),
        ("postgresql://u:s3/c:r3@t@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://:s3cr3t@h/d", "postgresql://:***@h/d"),
        ("postgresql://u:s3://cr3t@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@h/d?password=s3cr3t&sslmode=require", "postgresql://u@h/d?password=***&sslmode=require"),
        ("postgresql://u@h/d?password=s3@cr3t", "postgresql://u@h/d?password=***"),
        ("postgresql://h/d", "postgresql://h/d"),
        ("u:s3cr3t@h/d", "u:***@h/d"),
        ("sqlite:////srv/a:b@c.db", "sqlite:////srv/a:b@c.db"),
        ("", ""),
    ],
)
def test_addresses_are_shown_without_password(url: str, shown: str) -> None:
    assert configuration.without_password(url) == shown


@pytest.mark.parametrize(
    ("given", "meant"),
    [("blog", "/blog"), ("/blog/", "/blog"), ("//a/b/", "/a/b"), ("/", ""), ("", ""), (" /x ", "/x")],
)
def test_the_path_prefix_begins_with_a_slash_and_does_not_end_with_one(given: str, meant: str) -> None:
    settings = Settings.model_validate({"site": {"url": "https://news.example", "baseurl": given}})
    assert settings.site_base == f"https://news.example{meant}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('public_url = "http://h:99999"', "public_url: must be an address such as https://news.example.com"),
        ('public_url = "http://h:bad"', "public_url: must be an address such as https://news.example.com"),
        ('public_url = "http://[::1"', "public_url: must be an address such as https://news.example.com"),
        ('public_url = "http://a b"', "public_url: must be an address without blanks"),
        ('site.baseurl = "https://h/blog"', "site.baseurl: must be a path such as /blog"),
        ('site.baseurl = "/blog?x"', "site.baseurl: must be a path such as /blog"),
        ('share.legacy_paths = {nopath = "id"}', "share.legacy_paths: the path 'nopath' must begin with a slash"),
        ('share.legacy_paths = {"/a" = ""}', "share.legacy_paths: the path '/a' needs the name of a query parameter"),
        ('site = "x"', "site: must be a table; it is 'x' (feedsvc.toml)"),
        ("site.title = 1", "site.title: must be text; it is 1 (feedsvc.toml)"),
        ("server.port = 99999", "server.port: must be 65535 or less; it is 99999 (feedsvc.toml)"),
        ("server.workers = 0", "server.workers: must be 1 or more; it is 0 (feedsvc.toml)"),
        ("server.workers = 1.5", "server.workers: must be a whole number; it is 1.5"),
        ('server.workers = "x"', "server.workers: must be a whole number; it is 'x'"),
        ("publisher.vanish_hold_share = 0", "publisher.vanish_hold_share: must be more than 0; it is 0"),
        ('publisher.vanish_hold_share = "x"', "publisher.vanish_hold_share: must be a number; it is 'x'"),
        ('content.future = "x"', "content.future: must be true or false; it is 'x'"),
        ("content.future = []", "content.future: must be true or false; it is []"),
        ('content.roots = "x"', "content.roots: must be a list; it is 'x'"),
        ("content.roots = [1]", "content.roots.0: must be a path or a table with `path`; it is 1"),
        ('content.roots = [{tier = "live"}]', "content.roots.0.path: is missing (feedsvc.toml)"),
        ('categories.titles = "x"', "categories.titles: must be a table; it is 'x'"),
        ("guards.min_entries = 3", "guards: there is no such setting (feedsvc.toml); did you mean guard?"),
        (
            "feeds.windows.a.item = 3",
            "feeds.windows.a.item: there is no such setting (feedsvc.toml); did you mean feeds.windows.a.items?",
        ),
        (
            "[categories.rights.'A.b c']\nuntill = 2027-01-01",
            "categories.rights.A.b c.untill: there is no such setting (feedsvc.toml); did you mean "
            "categories.rights.A.b c.until?",
        ),
        ("feeds.windows.a.items = -3", "feeds.windows.a.items: must be 0 or more; it is -3"),
        ('feeds.hub = "hub"', "feeds.hub: must be an address such as https://hub.example.com/; it is 'hub'"),
        (
            "feeds.skip_hours = [24]",
            "feeds.skip_hours: must be different whole hours from 0 to 23; midnight is 0, not 24 (f",
        ),
        ('feeds.skip_days = ["Montag"]', "feeds.skip_days: must be different names of Monday, Tuesday, "),
        ('feeds.sources."岚川日报" = "x"', "feeds.sources: the address of '岚川日报' must be such as https://paper."),
        ('categories.images."岚川" = "x.png"', "categories.images: the picture of '岚川' must have an address such as"),
        ('categories.rights.a.until = "soon"', f"categories.rights.a.until: {A_MOMENT}; it is 'soon'"),
        ("categories.rights.a.until = 2027", f"categories.rights.a.until: {A_MOMENT}; it is 2027"),
        ('categories.rights.a.until = "2027"', f"categories.rights.a.until: {A_MOMENT}; it is '2027'"),
        ("categories.rights.a.until = 08:00:00", f"categories.rights.a.until: {A_MOMENT}; it is"),
        (
            'categories.rights.a.text = "teaser"',
            "categories.rights.a.text: must be 'full', 'summary', 'headline' or 'none'",
        ),
        (
            'categories.renamed.a = "b"\ncategories.merged.a = "c"',
            "categories: 'a' is both renamed and merged; leave one of them out (feedsvc.toml).",
        ),
        (
            'categories.renamed.a = "b"\ncategories.removed = ["a"]',
            "categories: 'a' is both removed and moved; leave one of them out (feedsvc.toml).",
        ),
        ('categories.renamed = {a = "b", b = "a"}', "categories: the moves of 'a' lead in a circle (feedsvc.toml)."),
        ('categories.merged.a = ""', "categories: 'a' moves to a category without a name (feedsvc.toml)."),
        (
            'categories.also_at_old_address = ["a"]',
            "categories: also_at_old_address: 'a' is neither renamed nor merged (f",
        ),
        ("data_dir = 1", "data_dir: must be a path; it is 1"),
        ('feeds.content = "x"', "feeds.content: must be 'full' or 'summary'; it is 'x'"),
        ("site = [", "feedsvc.toml is not valid TOML: "),
    ],
)
def test_complaints_are_our_own_words(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "feedsvc.toml").write_text(text + "\n")
    told = complaint()
    assert told.startswith(expected)
    assert "Input" not in told


def test_settings_that_do_not_go_together_are_told_with_where_they_came_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "feedsvc.toml").write_text('[categories]\nmerged = {a = "c"}\n')
    monkeypatch.setenv("FEEDSVC_CATEGORIES__RENAMED", '{"a": "b"}')
    said = "categories: 'a' is both renamed and merged; leave one of them out"
    assert complaint() == f"{said} (feedsvc.toml)."
    (tmp_path / "feedsvc.toml").unlink()
    monkeypatch.setenv("FEEDSVC_CATEGORIES__MERGED", '{"a": "c"}')
    assert complaint() == f"{said} (environment variable FEEDSVC_CATEGORIES__RENAMED)."


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2027-07-01", "2027-07-01T00:00:00+00:00"),
        ('"2027-07-01"', "2027-07-01T00:00:00+00:00"),
        ("2027-07-01T08:00:00+08:00", "2027-07-01T00:00:00+00:00"),
        ("2027-07-01T08:00:00", "2027-07-01T08:00:00+00:00"),
    ],
)
def test_a_licence_ends_at_a_day_or_a_moment(tmp_path: Path, given: str, meant: str) -> None:
    (tmp_path / "feedsvc.toml").write_text(f"[categories.rights.a]\nuntil = {given}\n")
    until = configuration.load().settings.categories.rights["a"].until
    assert until and until.isoformat() == meant


def test_where_former_categories_are_now(tmp_path: Path) -> None:
    """Contract M01, M04: at the end of all moves, or nowhere."""
    moves = 'renamed = {a = "b", b = "c", x = "gone"}\nmerged = {m = "a"}\nremoved = ["gone"]\n'
    (tmp_path / "feedsvc.toml").write_text(f"[categories]\n{moves}")
    former = configuration.load().settings.categories.former
    assert former == {"a": "c", "b": "c", "m": "c", "x": "", "gone": ""}


def test_files_that_cannot_be_read_are_told_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "feedsvc.toml").write_bytes(b'public_url = "\xff"\n')
    assert complaint() == "feedsvc.toml is not in UTF-8."
    (tmp_path / "feedsvc.toml").unlink()
    monkeypatch.setenv("FEEDSVC_CONFIG", str(tmp_path))
    assert complaint() == f"The settings file {tmp_path} is no file."
    monkeypatch.delenv("FEEDSVC_CONFIG")
    monkeypatch.setenv("FEEDSVC_SITE__TITLE_FILE", "/nowhere/x")
    assert complaint() == "FEEDSVC_SITE__TITLE_FILE names /nowhere/x, which cannot be read: no such file or directory."


def test_a_section_in_one_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ('{"titel": "x"}', "[1]", '"x"', "1", "{"):
        monkeypatch.setenv("FEEDSVC_SITE", wrong)
        assert "FEEDSVC_SITE" in complaint(), wrong
        assert "FEEDSVC_SITE__" not in complaint(), wrong

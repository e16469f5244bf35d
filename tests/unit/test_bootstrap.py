"""What is joined, and what is refused before anything starts."""

from __future__ import annotations

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

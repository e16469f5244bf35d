"""Commands that lead for themselves, and what they say when they cannot."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from feedsvc import bootstrap
from feedsvc.cli.leading import leading
from feedsvc.errors import FeedsvcError, StoreUnavailable
from feedsvc.health import LEASE
from feedsvc.settings import Settings
from feedsvc.store import Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, "publisher": {"lease_seconds": 2}})


@pytest.fixture
def store(settings: Settings) -> Store:
    return bootstrap.open_store(settings)


def test_a_full_disk_is_not_taken_for_another_publisher(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise StoreUnavailable("The database does not answer: database or disk is full")

    monkeypatch.setattr(store, "acquire_lease", full)
    with pytest.raises(StoreUnavailable, match="disk is full"), leading(settings, store, "Another one leads."):
        pytest.fail("nobody leads here")


def test_another_publisher_is_named_as_the_reason(settings: Settings, store: Store) -> None:
    assert store.acquire_lease(LEASE, "other", timedelta(minutes=5), bootstrap.now())
    with pytest.raises(FeedsvcError, match="Another one leads"), leading(settings, store, "Another one leads."):
        pytest.fail("the other one leads")

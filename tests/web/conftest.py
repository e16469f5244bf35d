"""A published site for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.served_site import Site, open_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The category "harbour" in three formats; no article."""
    with open_site(tmp_path) as site:
        site.publish("harbour", "first")
        yield site

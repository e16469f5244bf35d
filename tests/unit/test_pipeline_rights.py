"""What may not be passed on is nowhere, on the whole way from files to published documents."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import normalize

import pytest

from tests.unit.pipeline_rig import Rig, post

SECRET = "Known to subscribers only."
WIRE = normalize("NFC", "Agé")


@pytest.mark.parametrize("typed", ["NFC", "NFD"])
@pytest.mark.parametrize("removed", [False, True])
def test_rights_of_a_removed_category_still_hold_elsewhere(tmp_path: Path, removed: bool, typed: str) -> None:
    """Contract M04: its feed ends; the licence does not. However the name was typed in the settings."""
    name = normalize(typed, WIRE)  # type: ignore[arg-type]
    categories: dict[str, object] = {"rights": {name: {"text": "headline"}}, "removed": [name] if removed else []}
    rig = Rig(tmp_path, {"categories": categories})
    rig.write("_posts/2026-11-01-a.md", post("Both", f"[{WIRE}, harbour]", body=SECRET))
    rig.write("_posts/2026-11-02-b.md", post("Free", "harbour", day=2, body="For everybody."))
    rig.rescan()
    for path in ("/feed.json", "/feeds/harbour.json"):
        free, both = json.loads(rig.body(path))["items"]
        assert "For everybody." in free["content_html"] and both["title"] == "Both"
        assert SECRET not in rig.body(path)
        assert (WIRE in both["tags"]) is not removed and "harbour" in both["tags"]
    assert any("Ag%C3%A9" in path for path in rig.paths()) is not removed

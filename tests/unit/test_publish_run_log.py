"""What is written down of runs, and what somebody who waits for one gets to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.cli import publish
from feedsvc.cli.publish import StoreRunLog
from feedsvc.errors import LeaseLost
from feedsvc.scheduling.run import Outcome, Run
from tests.unit.pipeline_rig import START, Rig


def test_a_requested_run_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "TELL_EVERY", -1.0)
    rig = Rig(tmp_path)
    log = StoreRunLog(rig.store, lambda: rig.lease)
    run = Run(id="r", job="regenerate", reason="request", asked_by="cli", created=START, outcome=Outcome.RUNNING)
    log.progress_of(run)(3, 7)
    with rig.store.reading() as reader:
        seen = reader.run("r")
    assert seen is not None
    assert (seen.outcome, seen.counts) == (Outcome.RUNNING, {"done": 3, "of": 7})


def test_a_run_nobody_waits_for_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "TELL_EVERY", -1.0)
    rig = Rig(tmp_path)
    log = StoreRunLog(rig.store, lambda: rig.lease)
    log.progress_of(Run(id="r", job="rescan", reason="schedule", asked_by="publisher", created=START))(3, 7)
    with rig.store.reading() as reader:
        assert reader.run("r") is None


def test_who_does_not_lead_writes_nothing(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    log = StoreRunLog(rig.store, lambda: None)
    with pytest.raises(LeaseLost):
        log.claim_slot("rescan", "now")

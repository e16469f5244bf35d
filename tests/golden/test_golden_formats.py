"""What subscribers get, byte for byte. A wanted change: `GOLDEN=renew pytest tests/golden`, then read the diff."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from feedsvc.feeds.feed import FeedFormat
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.render import fitted
from feedsvc.publishing.publish import documents_for
from tests.golden.golden_feeds import FEEDS

FOLDER = Path(__file__).parent / "feeds"


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("name", FEEDS)
def test_bytes_are_those_of_the_golden_file(name: str, form: FeedFormat) -> None:
    body = form.render(FEEDS[name]())
    golden = FOLDER / f"{name}{form.suffix}"
    if os.environ.get("GOLDEN") == "renew":
        golden.write_bytes(body)
    assert body.decode() == golden.read_bytes().decode()


def fingerprint() -> str:
    """One line for all documents of all golden feeds: tag, and digest of the compressed bytes."""
    feeds = [make() for make in FEEDS.values()]
    documents = [doc for feed in feeds for doc in documents_for(feed, fitted(feed, 1 << 20)[1], "x")]
    return " ".join(f"{doc.path} {doc.etag} {hashlib.sha256(doc.gzip).hexdigest()}" for doc in documents)


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C"},
        {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8"},
        {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "HOSTNAME": "elsewhere"},
    ],
    ids=["nepal", "newfoundland", "posix"],
)
def test_same_bytes_and_tags_in_any_process(surroundings: dict[str, str]) -> None:
    """Contract F06, H03: hash seed, time zone, locale and host leave no trace, nor does the time of the run."""
    other = subprocess.run(
        [sys.executable, "-c", "from tests.golden.test_golden_formats import fingerprint; print(fingerprint())"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **surroundings},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert other.stdout.strip() == fingerprint()

"""Where share links lead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.article import Headline, Status
from feedsvc.sharing.resolve import Gone, Redirect, Unknown, name_in, resolve

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def headline(**changes: object) -> Headline:
    values: dict[str, object] = {
        "id": "tag:example.com,2026:NW1",
        "identity": "NW1",
        "title": "T",
        "published": NOW,
        "canonical_url": "https://site.example.com/a/b%20c.html?id=1&x=%2F#top",
        "path": "/a",
        "status": Status.PUBLISHED,
    }
    return Headline(**{**values, **changes})  # type: ignore[arg-type]


def test_published_leads_to_the_whole_canonical_address() -> None:
    """Contract S01: path, query and fragment."""
    assert resolve(headline(), NOW) == Redirect("https://site.example.com/a/b%20c.html?id=1&x=%2F#top")


def test_withdrawn_is_gone_and_comes_back() -> None:
    """Contract S11."""
    assert resolve(headline(status=Status.WITHDRAWN), NOW) == Gone()
    assert resolve(headline(), NOW) != Gone()


@pytest.mark.parametrize("status", list(Status))
def test_the_future_is_unknown(status: Status) -> None:
    assert resolve(headline(published=NOW + timedelta(microseconds=1), status=status), NOW) == Unknown()


def test_nothing_is_unknown() -> None:
    assert resolve(None, NOW) == Unknown()


@pytest.mark.parametrize(
    "target", ["", "/relative", "javascript:alert(1)", "//x.example/", "https://x/\r\nA: b", "https://x/ü"]
)
def test_only_plain_addresses_reach_a_header(target: str) -> None:
    """Contract S08."""
    assert resolve(headline(canonical_url=target), NOW) == Unknown()


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("NW202611200001", "NW202611200001"),
        ("en/hello", "en/hello"),
        ("en%2Fhello", "en/hello"),
        ("%E6%96%B0", "新"),
        ("e%CC%81", "é"),
        ("", ""),
        ("%00", ""),
        ("%0d%0aLocation:%20x", ""),
        ("%ff", ""),
        ("a%20b", ""),
        ("a\\b", ""),
        ("x" * 3000, ""),
        ("x" * 401, ""),
    ],
)
def test_names(raw: str, name: str) -> None:
    """Contract S07: what cannot be a name never reaches the database."""
    assert name_in(raw) == name


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=50))
def test_no_request_breaks_it(raw: str) -> None:
    name = name_in(raw)
    assert not any(sign < "!" for sign in name)

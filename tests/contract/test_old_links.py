"""Old links go into the index: which, and why others do not; on both databases (contract S16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from feedsvc.articles.article import Status
from feedsvc.content.encoding import Undecodable
from feedsvc.pipeline import old_links
from feedsvc.pipeline.old_links import OldLinks
from feedsvc.scheduling.run import Outcome
from feedsvc.sharing.codes import share_code
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.sharing.old_forms import OldForms
from feedsvc.sharing.table import Imported, Rejected
from feedsvc.store import Store
from tests.contract.store_samples import NOW, an_article

FORMS = OldForms({"/html_News/NewsShare.html": "infoCode"}, (), ("/blog",))
A, B, GONE = an_article("NW1"), an_article("en/hello", published=NOW - timedelta(days=1)), an_article("NW9")


@pytest.fixture
def importer(store: Store) -> Callable[..., Imported]:
    with store.writing() as tx:
        tx.put_articles([A, B, GONE, an_article("de/hello"), an_article("x/only")])
        tx.put_links(ShareLink(share_code(it.id), it.id) for it in (A, B, GONE))
        tx.put_links([ShareLink("spring", B.id, LinkKind.CUSTOM), ShareLink("autumn", GONE.id, LinkKind.CUSTOM)])
        tx.put_links([ShareLink("once", B.id, LinkKind.FORMER)])
        tx.set_status([GONE.id], Status.WITHDRAWN)

    def take(*lines: str, dry_run: bool = False) -> Imported:
        return OldLinks(store, FORMS, lambda: NOW).take("\n".join(lines).encode(), "test", dry_run=dry_run)

    return take


def leads(store: Store, name: str) -> str:
    with store.reading() as reader:
        found = reader.link(name)
        return found[1].id if found else ""


@pytest.mark.parametrize(
    "target",
    [
        "NW1",
        A.id,
        share_code(A.id),
        "https://example.com/NW1.html",
        "/NW1.html",
        "https://another.example/NW1.html?from=timeline",
        "https://another.example/blog/NW1.html",
        "https://another.example/s/NW1",
        "https://another.example/html_News/NewsShare.html?infoCode=NW1",
    ],
)
def test_a_target_by_any_of_its_names(importer: Callable[..., Imported], store: Store, target: str) -> None:
    done = importer(f'"old","{target}"')
    assert (done.new, done.rejected) == (1, 0), done.examples
    assert leads(store, "old") == A.id


def test_a_canonical_page_elsewhere(importer: Callable[..., Imported], store: Store) -> None:
    elsewhere = an_article("NW7", canonical_url="https://www.example.net/a/page.php?id=7")
    with store.writing() as tx:
        tx.put_articles([elsewhere])
    assert importer("old,https://www.example.net/a/page.php?id=7").new == 1
    assert leads(store, "old") == elsewhere.id


def test_the_last_part_of_an_identity_only_when_it_is_clear(importer: Callable[..., Imported], store: Store) -> None:
    done = importer("one,only", "two,hello", "three,en/hello")
    assert [(line.line, line.reason) for line in done.examples] == [(2, "target")]
    assert (leads(store, "one"), leads(store, "three")) == ("tag:example.com,2026:x/only", B.id)


def test_doing_it_again_changes_nothing(importer: Callable[..., Imported], store: Store) -> None:
    lines = ("old,NW1", "/old.html,NW1", "old,NW1", "http://x.example/old.html,NW1")
    assert importer(*lines, dry_run=True).counts == {"lines": 4, "new": 2, "known": 2, "rejected": 0}
    with store.reading() as reader:
        assert reader.links([LinkKind.IMPORTED]) == [] and reader.runs() == []
    assert importer(*lines).counts == {"lines": 4, "new": 2, "known": 2, "rejected": 0}
    assert importer(*lines).counts == {"lines": 4, "new": 0, "known": 4, "rejected": 0}
    with store.reading() as reader:
        assert {link.code for link in reader.links([LinkKind.IMPORTED])} == {"old", "/old.html"}


@pytest.mark.parametrize(
    ("lines", "reason", "about"),
    [
        (["a b,NW1"], "malformed", ""),
        (["/,NW1"], "malformed", ""),
        (["https://x.example/html_News/NewsShare.html?from=timeline,NW1"], "malformed", ""),
        ([f"{'x' * 65},NW1"], "malformed", ""),
        (["old,nowhere"], "target", ""),
        (["old,https://x.example/nowhere"], "target", ""),
        ([",NW1"], "empty", ""),
        (["old"], "empty", ""),
        (["old,NW1", "old,en/hello"], "repeated", "1"),
        (["spring,NW1"], "taken", B.source_key),
        ([f"{share_code(B.id)},NW1"], "taken", B.source_key),
        (["en%2Fhello,NW1"], "malformed", ""),
        (["NW1,en/hello"], "taken", A.source_key),
        (["only,en/hello"], "taken", "content/_posts/2026-11-22-x/only.md"),
        (["/NW1.html,en/hello"], "taken", A.source_key),
        (["spring,NW9"], "taken", B.source_key),
        (["once,NW9"], "taken", B.source_key),
    ],
)
def test_rejected_lines_have_a_reason(
    importer: Callable[..., Imported], store: Store, lines: list[str], reason: str, about: str
) -> None:
    told: list[Rejected] = []
    data = "\n".join(lines).encode()
    done = OldLinks(store, FORMS, lambda: NOW).take(data, "test", on_rejected=told.append)
    assert [(line.line, line.reason, line.about) for line in told] == [(len(lines), reason, about)]
    assert done.examples == tuple(told) and about in told[0].message
    assert done.new == len(lines) - 1


def test_what_gives_way_to_an_import(importer: Callable[..., Imported], store: Store) -> None:
    """A name that front matter gave formerly, and those of withdrawn articles."""
    names = ("once", "autumn", "NW9", share_code(GONE.id))
    done = importer(*(f"{name},NW1" for name in names))
    assert done.counts == {"lines": 4, "new": 4, "known": 0, "rejected": 0}
    assert [leads(store, name) for name in names] == [A.id] * 4


def test_what_the_article_has_anyway_stays_what_it_is(importer: Callable[..., Imported], store: Store) -> None:
    done = importer(f"{share_code(B.id)},en/hello", "spring,en/hello", "/en/hello.html,en/hello", "once,en/hello")
    assert done.counts == {"lines": 4, "new": 1, "known": 3, "rejected": 0}
    with store.reading() as reader:
        kinds = {link.code: link.kind for link in reader.claims_of([B.id])[B.id]}
    assert kinds == {
        share_code(B.id): LinkKind.DERIVED,
        "spring": LinkKind.CUSTOM,
        "once": LinkKind.IMPORTED,
    }


def test_another_table_takes_nothing_away(importer: Callable[..., Imported], store: Store) -> None:
    importer("old,NW1")
    done = importer("old,en/hello")
    assert [(line.reason, line.about) for line in done.examples] == [("taken", A.source_key)]
    assert leads(store, "old") == A.id


def test_a_run_is_the_record(importer: Callable[..., Imported], store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    importer("old,NW1", "a b,NW1")
    with store.reading() as reader:
        (run,) = reader.runs()
    assert (run.job, run.asked_by, run.outcome, run.finished) == ("link-import", "test", Outcome.DONE, NOW)
    assert run.counts == {"lines": 2, "new": 1, "known": 0, "rejected": 1}
    with pytest.raises(Undecodable):
        OldLinks(store, FORMS, lambda: NOW).take(b"\0\0\0", "test")
    with store.reading() as reader:
        assert len(reader.runs()) == 1, "what was never begun is not recorded"

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(old_links, "_targets", full)
    with pytest.raises(OSError, match="disk full"):
        importer("new,NW1")
    with store.reading() as reader:
        assert {run.outcome for run in reader.runs()} == {Outcome.DONE, Outcome.FAILED}


def test_batches_know_of_each_other(
    importer: Callable[..., Imported], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_links, "BATCH", 2)
    seen: list[tuple[int, int]] = []
    lines = ["a,NW1", "b,NW1", "a,en/hello", "a,NW1", "c,NW1"]
    done = OldLinks(store, FORMS, lambda: NOW).take(
        "\n".join(lines).encode(), "test", progress=lambda part, whole: seen.append((part, whole))
    )
    assert [(line.line, line.reason, line.about) for line in done.examples] == [(3, "repeated", "1")]
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert done.counts == {"lines": 5, "new": 3, "known": 1, "rejected": 1}

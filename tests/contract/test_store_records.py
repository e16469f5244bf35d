"""Store contract: files, documents, problems, runs, notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from feedsvc.content.draft import Fingerprint, Problem, Severity, Tier
from feedsvc.scheduling.run import JobState, Outcome
from feedsvc.store import DocumentStamp, FileState, Store
from tests.contract.store_samples import HOUR, NOW, TTL, a_document, a_run


def a_file(key: str, base: str = "") -> FileState:
    return FileState(key, Fingerprint(1, 2, 3), b"d" * 32, base=base)


def test_file_states_come_back_as_they_were(store: Store) -> None:
    states = [
        FileState("a/_posts/新.md", Fingerprint(0, 0, 0), bytes(range(32))),
        FileState(
            "b/x.md",
            Fingerprint(2**40, -(2**62), 2**64 - 1),
            b"\0" * 32,
            article_id="tag:x",
            base="en/x",
            file_date=date(21, 1, 2),
            tier=Tier.ARCHIVE,
            vanished=NOW,
        ),
    ]
    with store.writing() as tx:
        tx.put_file_states(states)
    with store.reading() as reader:
        assert list(reader.file_states()) == states
        assert list(reader.file_states(["b/x.md", "unknown"])) == states[1:]
        assert list(reader.file_states([])) == []
    with store.writing() as tx:
        tx.put_file_states([replace(states[1], vanished=None)])
        tx.forget_files([states[0].key, "unknown"])
        assert list(tx.file_states()) == [replace(states[1], vanished=None)]


def test_many_files(store: Store) -> None:
    """More than one page; and the caller may write while he reads."""
    keys = [f"content/{number:05d}.md" for number in range(12_001)]
    with store.writing() as tx:
        tx.put_file_states(a_file(key) for key in keys)
    with store.writing() as tx:
        seen = []
        for state in tx.file_states():
            seen.append(state.key)
            if len(seen) % 1000 == 0:
                tx.put_file_states([a_file(state.key, base="seen")])
        assert seen == keys
        tx.forget_files(keys[::2])
    with store.reading() as reader:
        assert [state.key for state in reader.file_states()] == keys[1::2]
        assert [state.key for state in reader.file_states(keys[:4000])] == keys[1:4000:2]


def test_files_with_base(store: Store) -> None:
    with store.writing() as tx:
        tx.put_file_states([a_file("b", "x"), a_file("a", "x"), a_file("c", "y"), a_file("d", "X"), a_file("e")])
    with store.reading() as reader:
        assert [state.key for state in reader.files_with_base(["x", "y", "none"])] == ["a", "b", "c"]
        assert [state.key for state in reader.files_with_base([f"n{i}" for i in range(2000)] + ["X"])] == ["d"]
        assert reader.files_with_base([]) == []


def test_documents(store: Store) -> None:
    """Contract H51, H55: a document is replaced as a whole, under one edition with its companions."""
    assert store.edition() == 0
    body = bytes(range(256)) * 400
    with store.writing() as tx:
        first = tx.put_documents([a_document("/a", gzip=body), a_document("/b", edition=77)])
    assert first == store.edition() == 1
    with store.writing() as tx:
        second = tx.put_documents([a_document("/b", etag="new", modified=2**33, category="王"), a_document("/C")])
    assert second > first and store.edition() == second
    with store.reading() as reader:
        assert reader.document("/a") == a_document("/a", gzip=body, edition=first)
        assert reader.document("/b") == a_document("/b", etag="new", modified=2**33, category="王", edition=second)
        assert reader.document("/c") is None
        assert reader.document_paths() == ["/C", "/a", "/b"]
        assert reader.document_stamps(["/b", "/none"]) == {"/b": DocumentStamp("/b", "new", 2**33, second, 300)}
        assert [stamp.path for stamp in reader.documents_since(0)] == ["/a", "/C", "/b"]
        assert [stamp.path for stamp in reader.documents_since(first)] == ["/C", "/b"]
        assert reader.documents_since(second) == []


def test_documents_keep_their_links(store: Store) -> None:
    """Contract L03, P01: what the Link header names, in its order."""
    links = (("hub", "https://hub.example/"), ("next", "https://feeds.example.com/feeds/%E7%8E%8B.rss?page=2"))
    with store.writing() as tx:
        tx.put_documents([a_document("/a", links=links), a_document("/b")])
    with store.reading() as reader:
        found = [reader.document(path) for path in ("/a", "/b")]
    assert [document.links for document in found if document] == [links, ()]


def test_deleted_documents_are_told_of(store: Store) -> None:
    with store.writing() as tx:
        tx.put_documents([a_document("/a"), a_document("/b")])
        gone = tx.delete_documents(["/a", "/never"])
        back = tx.put_documents([a_document("/c")])
    with store.reading() as reader:
        assert reader.document("/a") is None and reader.document_paths() == ["/b", "/c"]
        assert reader.documents_since(gone - 1)[0] == DocumentStamp("/a", "", 0, gone)
        assert [stamp.path for stamp in reader.documents_since(gone)] == ["/c"]
    with store.writing() as tx:
        again = tx.put_documents([a_document("/a")])
        assert tx.delete_documents(["/never"]) == tx.put_documents([]) == again > back
    with store.reading() as reader:
        assert [(stamp.path, stamp.etag) for stamp in reader.documents_since(back)] == [("/a", "etag-/a")]


def test_an_edition_rolled_back_is_not_seen(store: Store) -> None:
    try:
        with store.writing() as tx:
            assert tx.put_documents([a_document()]) == 1
            raise RuntimeError
    except RuntimeError:
        pass
    assert store.edition() == 0
    with store.reading() as reader:
        assert reader.document_paths() == []


def test_problems(store: Store) -> None:
    def problem(key: str, severity: Severity, line: int, code: str = "x.y") -> Problem:
        return Problem(key, code, "一句话。", severity, line, "title", 'title: "x"', {"n": "1", "名": "值"})

    a = [problem("a", Severity.NOTE, 1), problem("a", Severity.ERROR, 9)]
    b = [problem("b", Severity.ERROR, 2), problem("b", Severity.ERROR, 1), problem("b", Severity.WARNING, 0)]
    with store.writing() as tx:
        tx.replace_problems({"a": [problem("a", Severity.ERROR, 5, "old")], "b": b, "c": [Problem("c", "z", "m")]})
        tx.replace_problems({"a": a, "c": [], "never": []})
    with store.reading() as reader:
        assert reader.problems() == [a[1], b[1], b[0], b[2], a[0]]
        assert reader.problems("a") == [a[1], a[0]] and reader.problems("c") == []
        assert reader.problems(limit=2) == [a[1], b[1]]
        assert reader.problem_counts() == {Severity.ERROR: 3, Severity.WARNING: 1, Severity.NOTE: 1}


def test_runs(store: Store) -> None:
    whole = a_run(
        "whole",
        slot="2026-11-22T08:00:00+00:00",
        categories=("王报", "b"),
        created=NOW - HOUR,
        started=NOW,
        finished=NOW + HOUR,
        outcome=Outcome.FAILED,
        counts={"read": 3, "changed": 0},
        message="坏了",
    )
    with store.writing() as tx:
        tx.put_run(a_run("late", created=NOW + HOUR))
        tx.put_run(whole)
        tx.put_run(a_run("early"))
        tx.put_run(a_run("working", created=NOW - 2 * HOUR))
        tx.put_run(a_run("working", created=NOW - 2 * HOUR, outcome=Outcome.RUNNING))
    with store.reading() as reader:
        assert reader.run("whole") == whole and reader.run("none") is None
        assert [run.id for run in reader.runs()] == ["late", "early", "whole", "working"]
        assert [run.id for run in reader.runs(limit=1)] == ["late"]
        assert [run.id for run in reader.waiting_runs()] == ["early", "late"]


def test_job_states(store: Store) -> None:
    states = [JobState("due"), JobState("rescan", NOW, "done", NOW + HOUR, "ok")]
    with store.writing() as tx:
        tx.put_job_state(JobState("rescan", message="old"))
        for state in reversed(states):
            tx.put_job_state(state)
    with store.reading() as reader:
        assert reader.job_states() == states


def test_meta(store: Store) -> None:
    with store.writing() as tx:
        tx.put_meta("authority", "example.com,2025")
        tx.put_meta("authority", "例子.com,2026")
    with store.reading() as reader:
        assert reader.meta("authority") == "例子.com,2026" and reader.meta("none") is None


def test_prune_forgets_what_is_over(store: Store) -> None:
    lease = store.acquire_lease("publisher", "me", TTL, NOW)
    with store.writing(lease) as tx:
        tx.put_run(a_run("done", outcome=Outcome.DONE, finished=NOW - HOUR))
        tx.put_run(a_run("just-done", outcome=Outcome.DONE, created=NOW - 2 * HOUR, finished=NOW))
        tx.put_run(a_run("abandoned", outcome=Outcome.ABANDONED, created=NOW - HOUR))
        tx.put_run(a_run("waiting", created=NOW - 9 * HOUR))
        tx.put_run(a_run("working", created=NOW - 9 * HOUR, outcome=Outcome.RUNNING))
        assert tx.claim_slot("rescan", (NOW - HOUR).isoformat()) and tx.claim_slot("rescan", NOW.isoformat())
        assert tx.claim_slot("odd", "not an instant")
        tx.put_documents([a_document("/a")])
        gone = tx.delete_documents(["/a"])
    with store.writing() as tx:
        assert tx.prune(NOW) == 3  # done, abandoned, the old slot; the deletion is of now
        assert {run.id for run in tx.runs()} == {"just-done", "waiting", "working"}
        assert not tx.claim_slot("rescan", NOW.isoformat()) and not tx.claim_slot("odd", "not an instant")
        assert [stamp.path for stamp in tx.documents_since(0)] == ["/a"]
        assert tx.prune(NOW + HOUR) == 4  # just-done, two slots, the mark
        assert tx.documents_since(0) == []
    assert store.edition() == gone


def test_dates_at_the_edges(store: Store) -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    with store.writing() as tx:
        tx.put_job_state(JobState("edge", first, "", last))
    with store.reading() as reader:
        assert reader.job_states() == [JobState("edge", first, "", last)]

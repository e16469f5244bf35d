"""Store contract: snapshots, order of commits, other processes, sudden death, migrations."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from feedsvc.errors import SettingsError, StoreUnavailable
from feedsvc.sqlstore import migrate as migrate_module
from feedsvc.sqlstore.engine import make_engine
from feedsvc.sqlstore.schema import REVISION, metadata
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from tests.contract.store_samples import NOW, a_document, an_article, child, line, wait_for


def test_a_reader_sees_one_snapshot(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles([an_article("NW1")])
        tx.put_documents([a_document("/a", etag="one")])
    with store.reading() as reader:
        assert reader.article_count(NOW) == 1  # the snapshot begins
        with store.writing() as tx:
            tx.put_articles([an_article("NW2")])
            tx.put_documents([a_document("/a", etag="two"), a_document("/b")])
        assert reader.article_count(NOW) == 1 and len(reader.headlines("", 9, NOW)) == 1
        document = reader.document("/a")
        assert document is not None and document.etag == "one" and reader.document_paths() == ["/a"]
    with store.reading() as reader:
        assert reader.article_count(NOW) == 2 and reader.document_paths() == ["/a", "/b"]


def test_a_transaction_sees_its_own_writes_and_nobody_else_does_before_commit(store: Store) -> None:
    with store.writing() as tx:
        tx.put_articles([an_article()])
        assert tx.articles([an_article().id]) == {an_article().id: an_article()}
        with store.reading() as reader:
            assert not reader.articles([an_article().id])


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyError), store.writing() as tx:
        tx.put_articles([an_article()])
        tx.raise_dirty(["x"])
        tx.put_meta("m", "1")
        raise KeyError("no")
    with store.reading() as reader:
        assert reader.article_count(NOW) == 0 and reader.dirty() == {} and reader.meta("m") is None
        assert reader.categories(NOW) == []


def test_writers_come_one_after_the_other(store: Store) -> None:
    inside = threading.Event()
    order: list[str] = []

    def second() -> None:
        inside.wait(10)
        with store.writing() as tx:
            order.append("second begins")
            order.append(f"sees {tx.meta('m')}")

    thread = threading.Thread(target=second)
    thread.start()
    with store.writing() as tx:
        inside.set()
        thread.join(0.1)  # it would have finished by now, were it let in
        tx.put_meta("m", "first")
        order.append("first ends")
    thread.join(10)
    assert order == ["first ends", "second begins", "sees first"]


def test_no_update_is_lost_between_processes(url: str, store: Store) -> None:
    children = [child("count", url) for _ in range(2)]
    for process in children:
        assert line(process) == "ready"
    for process in children:
        process.communicate("go\n", timeout=60)
        assert process.returncode == 0
    with store.reading() as reader:
        assert reader.meta("count") == "200"


def test_a_new_edition_is_seen_by_another_process_within_100_ms(url: str, store: Store) -> None:
    watcher = child("watch_edition", url)
    try:
        assert line(watcher) == "0"
        late = []
        for number in range(1, 8):
            with store.writing() as tx:
                tx.put_documents([a_document("/a", etag=str(number))])
            committed = time.time()
            edition, seen = line(watcher).split()
            assert int(edition) == number == store.edition()
            late.append(float(seen) - committed)
        assert sorted(late)[len(late) // 2] < 0.1, late
    finally:
        watcher.kill()
        watcher.wait()


def test_threads_may_share_a_store(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                with store.writing() as tx:
                    tx.put_articles([an_article(f"T{number}-{turn}")])
                with store.reading() as reader:
                    assert reader.articles([an_article(f"T{number}-{turn}").id])
                store.edition()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    with store.reading() as reader:
        assert reader.article_count(NOW) == 60


def test_kill_9_of_a_writer_tears_nothing(url: str, store: Store) -> None:
    """Contract of store/: all of it survives kill -9 at any moment."""
    for attempt in range(3):
        writer = child("publish_for_ever", url)
        told = int(line(writer))
        time.sleep(0.013 * attempt)  # another moment each time
        writer.send_signal(signal.SIGKILL)
        assert writer.stdout is not None
        told = max([told, *map(int, writer.stdout.read().split("\n")[:-1])])
        writer.wait()
        with store.reading() as reader:
            number = reader.meta("round")
            articles = reader.newest_articles("evening", 100, NOW)
            etags = {reader.document(f"/{name}").etag for name in "abc"}  # type: ignore[union-attr]
            editions = {stamp.edition for stamp in reader.documents_since(0)}
            marks = reader.dirty()
        assert number is not None and int(number) in (told, told + 1)  # what was told is there
        assert {article.title for article in articles} == {number} == etags
        assert len(articles) == 40 and editions == {store.edition()} and f"category-{number}" in marks
        with store.writing() as tx:  # no lock is left behind
            tx.put_meta("alive", str(attempt))


def test_migrate_at_the_same_time(empty_url: str) -> None:
    children = [child("migrate", empty_url) for _ in range(4)]
    for process in children:
        assert line(process) == "ready"
    for process in children:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in children:
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, out.strip()) == (0, "0")
    store = open_store(empty_url)
    store.migrate()
    with store.writing() as tx:
        assert tx.put_documents([a_document()]) == 1
    store.close()


def _in_the_schema(name: str | None, kind: str, _parents: object) -> bool:
    """The words of the search index are a table of another kind in each database; with FTS5 there are several."""
    return kind != "table" or not str(name).startswith("words")


def test_the_migrations_lead_to_the_schema(store: Store, url: str) -> None:
    engine = make_engine(url)
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"include_name": _in_the_schema})
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    folder = Path(migrate_module.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == REVISION


def test_a_failed_migration_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = migrate_module._upgrade

    def fail_after(conn: object) -> None:
        upgrade(conn)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    store = open_store(empty_url)
    monkeypatch.setattr(migrate_module, "_upgrade", fail_after)
    with pytest.raises(RuntimeError):
        store.migrate()
    with pytest.raises(StoreUnavailable):
        store.edition()
    monkeypatch.undo()
    store.migrate()
    assert store.edition() == 0
    store.close()


def test_a_database_of_a_later_version_is_refused(store: Store, url: str) -> None:
    engine = make_engine(url)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SettingsError, match="another version"):
        store.migrate()


def test_a_database_without_tables_does_not_answer(empty_url: str) -> None:
    store = open_store(empty_url)
    with pytest.raises(StoreUnavailable), store.reading() as reader:
        reader.dirty()
    with pytest.raises(StoreUnavailable):
        store.edition()
    with pytest.raises(StoreUnavailable), store.writing() as tx:
        tx.put_meta("a", "b")
    store.migrate()
    assert store.edition() == 0
    store.close()


@pytest.mark.parametrize(
    "away", ["sqlite:////proc/none/feedsvc.db", "postgresql://u:secret@127.0.0.1:9/x"], ids=["sqlite", "postgresql"]
)
def test_a_database_that_is_away(away: str) -> None:
    store = open_store(away)
    for ask in (store.edition, store.reading().__enter__, store.writing().__enter__, store.migrate):
        with pytest.raises(StoreUnavailable) as caught:
            ask()
        assert "secret" not in caught.value.message
    store.close()


def test_a_store_answers_again_after_its_connections_broke(store: Store, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has no connections to break")
    store.edition()
    engine = make_engine(url)
    with engine.connect() as conn:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        conn.execute(text(f"{others} AND pid <> pg_backend_pid()"))
    engine.dispose()

    def answers() -> bool:
        try:
            return store.edition() == 0
        except StoreUnavailable:
            return False

    wait_for(answers)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "f.db").write_bytes(b"\x89PNG" * 5000)
    store = open_store(f"sqlite:///{tmp_path / 'f.db'}")
    for ask in (store.edition, store.migrate, store.writing().__enter__):
        with pytest.raises(StoreUnavailable, match="not a database"):
            ask()
    with pytest.raises(StoreUnavailable), store.reading() as reader:
        reader.meta("x")
    store.close()
    assert (tmp_path / "f.db").read_bytes() == b"\x89PNG" * 5000


@pytest.mark.parametrize("wrong", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/db"])
def test_urls_we_cannot_serve(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"database\.url") as caught:
        open_store(wrong)
    assert "secret" not in caught.value.message


def test_a_closed_store_lets_go_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "new folder").mkdir()
    store = open_store(f"sqlite:///{tmp_path / 'new folder' / 'f.db'}")
    store.migrate()
    store.edition()
    with store.reading() as reader:
        reader.dirty()
    store.close()
    assert [path.name for path in (tmp_path / "new folder").iterdir()] == ["f.db"]  # no WAL is left behind

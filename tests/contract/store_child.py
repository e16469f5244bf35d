"""Other processes for the store's tests: `store_child.py <what> <database URL> …`."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from feedsvc.errors import LeaseLost
from feedsvc.sqlstore.store import open_store
from feedsvc.store import Store
from tests.contract.store_samples import NOW, a_document, an_article


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def publish_for_ever(store: Store) -> None:
    """Round n: 40 articles with title n, and the same number in three documents, all in one transaction."""
    number = 0
    while True:
        number += 1
        with store.writing() as tx:
            for group in range(4):
                tx.put_articles([an_article(f"A{group}-{i}", title=str(number)) for i in range(10)])
                tx.raise_dirty([f"category-{number}"])
            tx.put_documents([a_document(f"/{name}", etag=str(number)) for name in "abc"])
            tx.put_meta("round", str(number))
        say(number)


def migrate(store: Store) -> None:
    say("ready")
    sys.stdin.readline()
    store.migrate()
    say(store.edition())


def watch_edition(store: Store) -> None:
    """Says each new edition with the wall-clock time at which it was seen."""
    seen = store.edition()
    say(seen)
    while True:
        if (edition := store.edition()) != seen:
            seen = edition
            say(f"{edition} {time.time()}")
        time.sleep(0.02)


def fight(store: Store) -> None:
    """Sixty turns at a lease of 20 ms: whoever has it writes its token down in a fenced transaction."""
    holder, ttl = sys.argv[3], timedelta(milliseconds=20)
    say("ready")
    sys.stdin.readline()
    done = 0
    while done < 30:
        lease = store.acquire_lease("publisher", holder, ttl, datetime.now(UTC))
        if lease is None:
            time.sleep(0.001)
            continue
        try:
            with store.writing(lease) as tx:
                tokens = tx.meta("tokens") or ""
                tx.put_meta("tokens", f"{tokens}{lease.token}{holder} ")
            done += 1
            time.sleep(0.03 if done % 3 else 0)  # now and then overslept, so that the other takes it
        except LeaseLost:
            continue
    say("done")


def count(store: Store) -> None:
    """A hundred times: read a number, write it back one higher."""
    say("ready")
    sys.stdin.readline()
    for _ in range(100):
        with store.writing() as tx:
            tx.put_meta("count", str(int(tx.meta("count") or 0) + 1))
    say("done")


def hold(store: Store) -> None:
    """Takes the lease and stays inside a fenced transaction until killed."""
    lease = store.acquire_lease("publisher", "hung", timedelta(seconds=6), NOW)
    with store.writing(lease) as tx:
        tx.put_meta("late", "yes")
        say("holding")
        sys.stdin.readline()


WHAT = {work.__name__: work for work in (publish_for_ever, migrate, watch_edition, fight, count, hold)}

if __name__ == "__main__":
    WHAT[sys.argv[1]](open_store(sys.argv[2]))

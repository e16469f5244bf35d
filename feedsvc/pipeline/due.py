"""Articles dated in the future appear by themselves: when one is due, its categories are marked (contract F08)."""

from __future__ import annotations

from datetime import datetime, timedelta

from feedsvc.articles.category import SITE
from feedsvc.pipeline.marks import day_marks, label_marks
from feedsvc.scheduling.lease import Lease
from feedsvc.store import Store

LOOKED_META = "due.looked"
# An article indexed in the very second in which it is due must not fall between two looks.
OVERLAP = timedelta(seconds=2)
FIRST = timedelta(days=1)  # how far back the very first look goes


def mark_due(store: Store, lease: Lease, now: datetime) -> int:
    """Mark the categories of every article that came due since the last look; how many articles those were."""
    with store.reading() as reader:
        looked = reader.meta(LOOKED_META)
        after = datetime.fromisoformat(looked) - OVERLAP if looked else now - FIRST
        due = reader.due_between(after, now)
    with store.writing(lease) as tx:
        if due:
            tx.raise_dirty({SITE, *(slug for stamp in due for slug in stamp.categories)})
            marks = {mark for stamp in due for mark in day_marks(stamp.categories, stamp.published)}
            articles = tx.articles([stamp.id for stamp in due]).values()
            tx.put_marks(marks | label_marks(articles, tags=True, authors=True), now)
        tx.put_meta(LOOKED_META, now.isoformat())
    return len(due)

"""How things stand, at a glance: one reading of the store, judged. Command, API and pages say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from feedsvc.content.draft import Severity
from feedsvc.scheduling.run import JobState, Outcome
from feedsvc.store import Store

LEASE = "publisher"  # the lease of whoever publishes
HOLD_META = "ingest.hold"  # why removals are held back, a sentence; "" when nothing is
HELD_FOR = {  # the change guard's reasons (publishing/guard.py), in words
    "vanished": "entries vanish",
    "updated": "everything is updated at once",
    "renamed": "entries get other ids",
}


class Level(IntEnum):
    """Also the exit codes of `feedsvc status`."""

    WELL = 0
    ATTENTION = 1
    DOWN = 2


@dataclass(frozen=True, slots=True)
class Health:
    """reasons: one sentence for each thing that is not well, the worst first.

    problems: number of Problems by severity. dirty: categories waiting to be rebuilt. held: categories whose newest
    edition the change guard keeps back.
    """

    level: Level
    reasons: tuple[str, ...]
    edition: int
    articles: int
    documents: int
    dirty: int
    waiting: int
    leader: str
    problems: dict[Severity, int]
    jobs: tuple[JobState, ...]
    held: tuple[str, ...] = ()


def assess(store: Store, now: datetime) -> Health:
    """Read and judge; StoreUnavailable when the database does not answer, which is DOWN as well."""
    edition = store.edition()
    with store.reading() as reader:
        lease = reader.lease(LEASE)
        problems = reader.problem_counts()
        removals = reader.meta(HOLD_META) or ""
        held = {hold.category: hold.reason for hold in reader.holds()}
        jobs = tuple(reader.job_states())
        articles = reader.article_count(now)
        documents = len(reader.document_paths())
        dirty = len(reader.dirty())
        waiting = len(reader.waiting_runs())
    leading = lease is not None and lease.expires > now
    down, attention = [], []
    if not leading:
        down.append("No publisher is running: what is published is served, but nothing new appears.")
    if not documents:
        down.append("Nothing is published yet.")
    if removals:
        attention.append(removals)
    if held:
        attention.append(_held_back(held))
    attention += [
        f"The job {job.job} failed: {job.message or 'no reason given'}" for job in jobs if _still_failing(job, jobs)
    ]
    if errors := problems.get(Severity.ERROR, 0):
        attention.append(f"{errors} error{'s' * (errors > 1)} in the content; `feedsvc problems` lists the files.")
    level = Level.DOWN if down else Level.ATTENTION if attention else Level.WELL
    return Health(
        level,
        (*down, *attention),
        edition,
        articles,
        documents,
        dirty,
        waiting,
        lease.holder if leading and lease else "",
        problems,
        jobs,
        tuple(held),
    )


def _held_back(held: Mapping[str, str]) -> str:
    """category -> reason, as one sentence."""
    names = [slug or "the whole site" for slug in held]
    which = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    why = " and ".join(HELD_FOR.get(reason, reason) for reason in sorted(set(held.values())))
    return (
        f"{len(held)} feed{'s are' if len(held) > 1 else ' is'} held back because {why} ({which}). The last good "
        "version is served; `feedsvc guard list` tells more, `feedsvc guard release` publishes what is held."
    )


def _still_failing(job: JobState, jobs: Iterable[JobState]) -> bool:
    """A failure counts until the job, or a later look at everything, has gone well."""
    if job.last_outcome != Outcome.FAILED.value or job.last_run is None:
        return False
    good = (other.last_run for other in jobs if other.job == "rescan" and other.last_outcome == Outcome.DONE.value)
    return all(moment is None or moment < job.last_run for moment in good)

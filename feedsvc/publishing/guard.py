"""The change guard: an edition that looks like an accident is held, and the last good one is served. Pure.

What makes every reader show everything as new, or lose half of it, nearly always is a mistake: another address of
the site in the ids, a folder of files renamed, a build that stamps every post, a disk half mounted. So an edition is
compared with the one it would replace, by what readers go by: ids, titles, dates. And with the one of a few minutes
ago: whatever rewrites a folder does so file by file, and the publisher does not wait for it.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from feedsvc.feeds.dates import micros
from feedsvc.feeds.feed import Feed
from feedsvc.feeds.rights import InForce, Right, right_of
from feedsvc.publishing.hold import Hold
from feedsvc.settings import Settings

VANISHED, UPDATED, RENAMED = "vanished", "updated", "renamed"
EXAMPLES = 10  # titles an operator is shown
AT_ONCE = timedelta(minutes=10)  # what happens in small steps within this time happens at once
IN_ONE_GO = 60_000_000  # microseconds: what writes new dates everywhere, file by file, is through with a feed by then
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class GuardRules:
    """Shares are of 1; see the settings guard.*. exempt: categories that are never held."""

    enabled: bool = True
    min_entries: int = 10
    vanished_share: float = 0.5
    updated_share: float = 0.9
    renamed_share: float = 0.3
    exempt: tuple[str, ...] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        return cls(**settings.guard.model_dump())


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as an outline knows it. published, updated: microseconds since 1970."""

    id: str
    title: str
    published: int
    updated: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What readers see of a feed. more: the category has further, older entries.

    rights: those in force for its articles. joined: the categories that were renamed to it or merged into it.
    """

    entries: tuple[Shown, ...]
    more: bool = False
    rights: InForce = ()
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an edition is held: a reason and figures as in Hold."""

    reason: str
    counts: Mapping[str, int]
    examples: tuple[str, ...]

    def hold(self, category: str, since: datetime) -> Hold:
        return Hold(category, since, self.reason, self.counts, self.examples)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two outlines of a feed. renamed: old and new of what looks like the same entry.

    vanished: gone, and neither renamed nor pushed off the end by newer ones. updated: as it is now, with another
    `updated` than before. kept: how many ids are in both.
    """

    before: int = 0
    kept: int = 0
    vanished: tuple[Shown, ...] = ()
    fresh: tuple[Shown, ...] = ()
    updated: tuple[Shown, ...] = ()
    renamed: tuple[tuple[Shown, Shown], ...] = ()


def outline_of(feed: Feed, rights: InForce = (), joined: Iterable[str] = ()) -> str:
    """What is in the feed, as compact text to store; the rest as in Outline."""
    entries = [[it.id, it.title, micros(it.published), micros(it.updated)] for it in feed.entries]
    more = feed.total is not None and feed.total > len(entries)
    said = [[slug, right.text, right.attribution] for slug, right in rights]
    return _encode([int(more), said, list(joined), entries])


def read_outline(text: str) -> Outline | None:
    """What outline_of wrote, `remember` too; None for "": nothing was published."""
    text = text.partition("\n")[0]
    if not text:
        return None
    more, said, joined, entries = json.loads(text)
    rights = tuple((slug, Right(amount, tuple(lines))) for slug, amount, lines in said)
    return Outline(tuple(Shown(*entry) for entry in entries), bool(more), rights, tuple(joined))


def meant(was: Outline, categories: Mapping[str, Iterable[str]], rights: InForce, joined: Iterable[str]) -> bool:
    """Whether the settings themselves change what the feed shows: then the change is wanted, and must not wait.

    categories: those of the entries' articles, by id. rights, joined: as they are now.
    """
    if was.joined != tuple(joined):
        return True
    if was.rights == rights:
        return False
    return any(right_of(its, was.rights) != right_of(its, rights) for its in categories.values())


def is_empty(outline: str) -> bool:
    """Whether there was no edition, or one without entries."""
    outline = outline.partition("\n")[0]
    return not outline or outline.endswith(",[]]")


def remember(outline: str, before: str, now: datetime, anew: bool = False) -> str:
    """What to store of an edition published now: its outline, and under it where the current ten minutes began.

    before: what was stored of the last one. anew: somebody agreed to the change, so that it is no matter any more.
    """
    last, start = before.partition("\n")[0], _beginning(before)
    if outline == last and not anew:
        return before
    if anew or not last:
        return outline
    if start is None or not timedelta(0) <= now - start[0] <= AT_ONCE:
        start = now, last
    return "\n".join((outline, str(int(start[0].timestamp())), start[1]))


def beginning(stored: str, now: datetime) -> str:
    """The outline at the beginning of the ten minutes that are not over at `now`, "" without one."""
    start = _beginning(stored)
    return start[1] if start and timedelta(0) <= now - start[0] <= AT_ONCE else ""


def _beginning(stored: str) -> tuple[datetime, str] | None:
    _, newline, rest = stored.partition("\n")
    at, _, outline = rest.partition("\n")
    return (datetime.fromtimestamp(int(at), UTC), outline) if newline else None


def judge(old: str, new: str, rules: GuardRules, *, steps: bool = False) -> Verdict | None:
    """What is wrong with replacing the edition outlined by `old` ("" for none) by `new`; None when nothing is.

    Only one thing is said, the worst for readers: new ids, then entries lost, then everything updated.
    steps: there were editions in between. Then it only counts what was updated in one go: people who keep a dozen
    live reports up to date get round to each within ten minutes as well, but at their own pace.
    """
    if not rules.enabled or not old or old.partition("\n")[0] == new:
        return None
    was, now = read_outline(old), read_outline(new)
    if was is None or now is None or len(was.entries) < rules.min_entries:
        return None
    found = changes(was, now)
    if len(found.renamed) > rules.renamed_share * found.before:
        return _verdict(RENAMED, found, [entry for _, entry in found.renamed])
    if len(found.vanished) > rules.vanished_share * found.before:
        return _verdict(VANISHED, found, found.vanished)
    updated = _in_one_go(found.updated) if steps else found.updated
    if found.kept >= rules.min_entries and len(updated) > rules.updated_share * found.kept:
        return _verdict(UPDATED, found, updated)
    return None


def changes(was: Outline, now: Outline) -> Changes:
    """Tell apart what is new, gone, changed, and what only has another id."""
    then = {entry.id: entry for entry in was.entries}
    here = {entry.id: entry for entry in now.entries}
    fresh = [entry for entry in now.entries if entry.id not in then]
    oldest = min((entry.published for entry in now.entries), default=0)
    lost = [
        entry
        for entry in was.entries
        if entry.id not in here and not (now.more and entry.published <= oldest)  # pushed off the end by newer ones
    ]
    renamed = _renamed(was.entries, lost, fresh)
    again = {entry.id for entry, _ in renamed}
    return Changes(
        before=len(was.entries),
        kept=len(then.keys() & here.keys()),
        vanished=tuple(entry for entry in lost if entry.id not in again),
        fresh=tuple(fresh),
        updated=tuple(entry for key, entry in here.items() if key in then and then[key].updated != entry.updated),
        renamed=tuple(renamed),
    )


def _in_one_go(updated: Sequence[Shown]) -> Sequence[Shown]:
    """Those of the busiest minute (IN_ONE_GO)."""
    times = sorted(entry.updated for entry in updated)
    _, start = max(
        ((bisect_right(times, at + IN_ONE_GO) - number, at) for number, at in enumerate(times)), default=(0, 0)
    )
    return [entry for entry in updated if start <= entry.updated <= start + IN_ONE_GO]


def _renamed(old: Iterable[Shown], lost: Iterable[Shown], fresh: Iterable[Shown]) -> list[tuple[Shown, Shown]]:
    """New entries that were there before under another id.

    Title and date of publication are the same, whether the old entry is still there (then readers see both) or not;
    of an entry that is gone, the title is enough. A column that has the same title every day is no renaming.
    """
    dated: dict[tuple[str, int], list[Shown]] = {}
    titled: dict[str, list[Shown]] = {}
    for entry in old:
        dated.setdefault((entry.title, entry.published), []).append(entry)
    for entry in lost:
        titled.setdefault(entry.title, []).append(entry)
    pairs, taken = [], set()
    for entry in fresh:
        for before in (*dated.get((entry.title, entry.published), ()), *titled.get(entry.title, ())):
            if before.id not in taken:
                taken.add(before.id)
                pairs.append((before, entry))
                break
    return pairs


def _verdict(reason: str, found: Changes, entries: Iterable[Shown]) -> Verdict:
    affected = list(entries)
    titles = dict.fromkeys(entry.title for entry in affected)
    return Verdict(reason, {"before": found.before, "affected": len(affected)}, tuple(titles)[:EXAMPLES])

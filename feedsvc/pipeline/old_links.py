"""A table of old links goes into the index, batch by batch; what cannot is told line by line.

Needs no lease: links are added while a publisher leads. Doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from feedsvc.articles.article import Status
from feedsvc.scheduling.run import Outcome, Run, requested
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.sharing.old_forms import OldForms
from feedsvc.sharing.table import Imported, OldLink, Rejected, read_table
from feedsvc.store import ArticleStamp, Reader, Store

BATCH = 1_000  # lines in one transaction
EXAMPLES = 100  # rejected lines that an answer names
JOB = "link-import"

Progress = Callable[[int, int], None]


class OldLinks:
    """forms: which name an old address means."""

    def __init__(self, store: Store, forms: OldForms, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._forms = forms
        self._clock = clock

    def take(
        self,
        data: bytes,
        asked_by: str,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        on_rejected: Callable[[Rejected], None] = lambda line: None,
    ) -> Imported:
        """Import the table. A run is kept as the record of it, with who asked and how much came of it.

        dry_run: only say what would be done. Raises Undecodable, before anything is written, when it is no text.
        """
        lines = list(read_table(data))
        if dry_run:
            return self._take(lines, True, progress, on_rejected)
        began = self._clock()
        run = replace(requested(JOB, asked_by, began), started=began, outcome=Outcome.RUNNING)
        self._note(run)
        try:
            done = self._take(lines, False, progress, on_rejected)
        except BaseException as error:
            message = f"It was not finished ({type(error).__name__}); what was imported stays."
            self._note(replace(run, finished=self._clock(), outcome=Outcome.FAILED, message=message))
            raise
        self._note(replace(run, finished=self._clock(), outcome=Outcome.DONE, counts=done.counts))
        return done

    def _note(self, run: Run) -> None:
        with self._store.writing() as tx:
            tx.put_run(run)

    def _take(
        self,
        lines: Sequence[OldLink | Rejected],
        dry_run: bool,
        progress: Progress | None,
        on_rejected: Callable[[Rejected], None],
    ) -> Imported:
        seen: dict[str, tuple[int, str]] = {}
        new = known = rejected = 0
        examples: list[Rejected] = []
        source = iter(lines)
        while batch := list(islice(source, BATCH)):
            if dry_run:
                with self._store.reading() as reader:
                    judged = self._judge(reader, batch, seen)
            else:
                with self._store.writing() as tx:
                    judged = self._judge(tx, batch, seen)
                    tx.put_links(link for link in judged if isinstance(link, ShareLink))
            for verdict in judged:
                if isinstance(verdict, Rejected):
                    rejected += 1
                    on_rejected(verdict)
                    examples += [verdict] if len(examples) < EXAMPLES else []
                elif verdict is None:
                    known += 1
                else:
                    new += 1
            if progress:
                progress(new + known + rejected, len(lines))
        return Imported(len(lines), new, known, rejected, tuple(examples))

    def _judge(
        self, reader: Reader, batch: Sequence[OldLink | Rejected], seen: dict[str, tuple[int, str]]
    ) -> list[ShareLink | Rejected | None]:
        """What becomes of each line, in their order: a new link, a reason why not, or None for what is known."""
        links = [line for line in batch if isinstance(line, OldLink)]
        names = {line.line: self._forms.old_name(line.old) for line in links}
        there = _Index(reader, filter(None, names.values()))
        targets = _targets(reader, {line.target: self._forms.names(line.target) for line in links})
        there.learn(targets.values())
        verdicts: list[ShareLink | Rejected | None] = []
        for line in batch:
            if isinstance(line, Rejected):
                verdicts.append(line)
                continue
            name, target = names[line.line], targets.get(line.target)
            if not name:
                verdicts.append(_rejected(line, "malformed"))
            elif target is None:
                verdicts.append(_rejected(line, "target"))
            elif name in seen and seen[name][1] != target:
                verdicts.append(_rejected(line, "repeated", str(seen[name][0])))
            elif name in seen:
                verdicts.append(None)
            elif owner := there.other_owner(name, target):
                verdicts.append(_rejected(line, "taken", owner))
            else:
                seen[name] = line.line, target
                link = ShareLink(name, target, LinkKind.IMPORTED)
                verdicts.append(None if there.has(link) else link)
        return verdicts


class _Index:
    """What the index knows of some old names: who claims them, whom they lead to unclaimed, whose page is there."""

    def __init__(self, reader: Reader, names: Iterable[str]) -> None:
        wanted = sorted(set(names))
        self._reader = reader
        self._claims = reader.claims(wanted)
        self._called = reader.called([name for name in wanted if name not in self._claims])
        self._pages = reader.pages_at([name for name in wanted if name.startswith("/")])
        self._stamps: dict[str, ArticleStamp] = {}
        owners = {link.article_id for its in self._claims.values() for link in its}
        self.learn({*owners, *self._called.values(), *self._pages.values()})

    def learn(self, article_ids: Iterable[str]) -> None:
        self._stamps |= self._reader.article_stamps({*article_ids} - self._stamps.keys())

    def has(self, link: ShareLink) -> bool:
        """Whether the name leads to the article anyway, and will go on to."""
        if self._pages.get(link.code) == link.article_id:
            return True
        own = (it for it in self._claims.get(link.code, ()) if it.article_id == link.article_id)
        return any(it.kind <= link.kind for it in own)

    def other_owner(self, name: str, target: str) -> str:
        """The file of the article that has the name and keeps it; "" when the target may have it."""
        page = self._pages.get(name)
        if page is not None and page != target:
            return self._stamps[page].source_key
        if claims := self._claims.get(name):
            owner, kind = claims[0].article_id, claims[0].kind
        elif name in self._called:
            owner, kind = self._called[name], LinkKind.CUSTOM  # it is his identity
        else:
            return ""
        if owner == target:
            return ""
        gone, ours_gone = (self._stamps[it].status is Status.WITHDRAWN for it in (owner, target))
        if kind is LinkKind.FORMER and not (ours_gone and not gone):
            return ""
        return self._stamps[owner].source_key if ours_gone or not gone else ""


def _targets(reader: Reader, wanted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Target as written -> article id, for those that are known; `wanted` has the names each may mean, best first."""
    names = {name for its in wanted.values() for name in its}
    found = reader.called(names) | reader.pages_at([name for name in names if name.startswith("/")])
    targets = {text: next((found[name] for name in its if name in found), "") for text, its in wanted.items()}
    # Only then by the whole address: that is a look at all articles.
    lost = [name for text, its in wanted.items() if not targets[text] for name in its[:1] if "://" in name]
    if lost:
        addresses = reader.pages_at(lost)
        for text, its in wanted.items():
            targets[text] = targets[text] or addresses.get(next(iter(its), ""), "")
    return {text: article_id for text, article_id in targets.items() if article_id}


def _rejected(line: OldLink, reason: str, about: str = "") -> Rejected:
    return Rejected(line.line, line.old, line.target, reason, about)

"""Which file owns which identity: collect the claims, let articles/identity.py settle them, note who lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

from feedsvc.articles.identity import Claim, Verdict, identity_for, public_id, settle
from feedsvc.content.draft import Problem
from feedsvc.content.source import FoundFile
from feedsvc.pipeline.load import NEVER, Loaded, Task, published_of
from feedsvc.store import FileState, Transaction

# Files of one pass that share folders and slug, hence perhaps an identity.
Namesakes = Mapping[tuple[tuple[str, ...], str], Sequence[FoundFile]]


class Ownership:
    """authority: of the public ids. find: the files with these keys that are there."""

    def __init__(self, authority: str, find: Callable[[Iterable[str]], list[FoundFile]]) -> None:
        self._authority = authority
        self._find = find

    def settle(
        self,
        tx: Transaction,
        chunk: Sequence[Loaded],
        states: Mapping[str, FileState],
        present: Mapping[str, FoundFile],
        namesakes: Namesakes,
    ) -> tuple[dict[str, Verdict], list[tuple[FileState, Problem]]]:
        """Which identity each loaded file gets, by key; and the indexed files that lose theirs, with the reason."""
        fresh = {item.found.key: item for item in chunk if item.article is not None}
        bases = {item.base for item in fresh.values()}
        others = {
            state.key: state
            for state in (tx.files_with_base(bases) if bases else [])
            if state.key not in fresh and state.vanished is None and self._still_there(state.key, present)
        }
        stamps = tx.article_stamps({state.article_id for state in others.values() if state.article_id})
        claims = [self._claim(item, states.get(key)) for key, item in fresh.items()]
        claims += [
            Claim(
                state.key,
                state.base,
                state.file_date,
                state.tier,
                stamps[state.article_id].published if state.article_id in stamps else NEVER,
                self._held(state),
                state.explicit,
            )
            for state in others.values()
        ]
        claimed = {claim.key for claim in claims}
        for item in fresh.values():
            # Files of this pass that will claim the same name later: so that the order of loading decides nothing.
            named = () if item.explicit else namesakes.get((item.found.name.folders, item.found.name.slug), ())
            for rival in named:
                if rival.key not in claimed and rival.key not in states:
                    claimed.add(rival.key)
                    claims.append(Claim(rival.key, item.base, rival.name.file_date, rival.tier, NEVER, ""))
        verdicts = settle(claims)
        deposed = [
            (dataclasses.replace(state, article_id=""), duplicate(key, state.base, verdicts[key].loses_to))
            for key, state in others.items()
            if state.article_id and not verdicts[key].identity
        ]
        return verdicts, deposed

    def _claim(self, item: Loaded, state: FileState | None) -> Claim:
        held = self._held(state) if state and state.base == item.base else ""
        found = item.found
        return Claim(found.key, item.base, found.name.file_date, found.tier, published_of(item), held, item.explicit)

    def _held(self, state: FileState) -> str:
        """The identity a file holds already."""
        for identity in (state.base, identity_for(state.base, state.file_date)):
            if state.article_id and state.article_id == public_id(identity, self._authority):
                return identity
        return ""

    def _still_there(self, key: str, present: Mapping[str, FoundFile]) -> bool:
        """A file that claims an identity must exist, or a move would look like a duplicate."""
        return key in present or bool(self._find([key]))


def namesakes(tasks: Sequence[Task]) -> Namesakes:
    """The namesakes among the files of a pass."""
    by_name: dict[tuple[tuple[str, ...], str], list[FoundFile]] = {}
    for task in tasks:
        by_name.setdefault((task.found.name.folders, task.found.name.slug), []).append(task.found)
    return {name: files for name, files in by_name.items() if len(files) > 1}


def duplicate(key: str, base: str, rival: str) -> Problem:
    """Two files, one identity (contract ID04)."""
    return Problem(
        key,
        "identity.duplicate",
        f"{key} and {rival} have the same identity {base!r}; {rival} is published. "
        "Give one of them an `id:` of its own, or remove it.",
        params={"other": rival, "identity": base},
    )

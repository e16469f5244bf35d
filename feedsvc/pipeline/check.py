"""Lint a content folder without a database: what would be repaired, quarantined, or published twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from feedsvc.articles.article import Article
from feedsvc.articles.attachments import parts_on_site
from feedsvc.articles.category import collisions
from feedsvc.articles.identity import Claim, public_id, settle
from feedsvc.content.draft import Problem, Severity
from feedsvc.content.source import FoundFile, Root, scan
from feedsvc.pipeline.load import Loaded, Rules, Task, load, octets, published_of
from feedsvc.pipeline.naming import TAKEN, Named, Said, shared_names
from feedsvc.pipeline.ownership import duplicate

WRONG = frozenset({"canonical.foreign", "id.not_canonical", TAKEN})


@dataclass(frozen=True, slots=True)
class Checked:
    """files: how many were looked at. published: how many would be. problems: by file, then line."""

    files: int
    published: int
    problems: tuple[Problem, ...]


def check(roots: Sequence[Root], rules: Rules, progress: Callable[[int, int], None] | None = None) -> Checked:
    """ContentUnavailable when a root cannot be read."""
    rules = rules.looking_in(roots)
    found = [file for root in roots for file in scan(root)]
    claims: list[Claim] = []
    names: dict[str, Said] = {}
    paths: dict[str, str] = {}
    slugs: set[str] = set()
    problems: list[Problem] = []
    for number, file in enumerate(found, 1):
        loaded = load(Task(file, as_it_is=True), rules)
        problems += [_judged(problem) for problem in loaded.problems]
        if loaded.article is not None:
            claims.append(_claim(file, loaded))
            if loaded.names:
                names[file.key] = loaded.names
            paths[file.key] = loaded.article.path
            slugs.update(loaded.article.categories)
            problems += _missing(loaded.article, rules)
        if progress:
            progress(number, len(found))
    verdicts = settle(claims)
    losers = [claim for claim in claims if not verdicts[claim.key].identity]
    problems += [duplicate(claim.key, claim.base, verdicts[claim.key].loses_to) for claim in losers]
    named = [
        Named(
            it.key,
            public_id(identity, rules.articles.authority),
            identity,
            paths[it.key],
            it.published,
            names.get(it.key, {}),
        )
        for it in claims
        if (identity := verdicts[it.key].identity)
    ]
    problems += map(_judged, shared_names(named))
    problems += [_alike(group) for group in collisions(slugs)]
    problems.sort(key=lambda problem: (problem.key, problem.line, problem.code))
    return Checked(len(found), len(claims) - len(losers), tuple(problems))


def _alike(slugs: Sequence[str]) -> Problem:
    """Categories that only letter case tells apart: two feeds, perhaps meant as one (content.md 0.8)."""
    names = ", ".join(slugs)
    message = f"The categories {names} differ only in letter case; each has feeds of its own."
    return Problem(slugs[0], "category.alike", message, Severity.NOTE, field="categories", params={"names": names})


def _missing(article: Article, rules: Rules) -> Iterator[Problem]:
    """Pictures and files that should lie in the content and do not: perhaps misspelt, perhaps only elsewhere."""
    named = [("image", article.image), *(("enclosures", enclosure.url) for enclosure in article.enclosures)]
    for name, url in dict.fromkeys(named):
        if parts_on_site(url, rules.articles.site_base) is not None and octets(url, rules) is None:
            message = f"{url[:200]} is an address of the site, but there is no such file in the content folders."
            yield Problem(
                article.source_key, "address.missing", message, Severity.NOTE, field=name, params={"url": url[:200]}
            )


def _judged(problem: Problem) -> Problem:
    """A server goes on without what is wrong here; an author is told that it must not be (contract S08)."""
    return dataclasses.replace(problem, severity=Severity.ERROR) if problem.code in WRONG else problem


def _claim(file: FoundFile, loaded: Loaded) -> Claim:
    return Claim(file.key, loaded.base, file.name.file_date, file.tier, published_of(loaded), "", loaded.explicit)

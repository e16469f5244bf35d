"""Names of articles go into the index with them: what leads to an article once, leads to it for ever.

Claims are only ever added or weakened (sharing/claims.py), never taken away. Where an article does not get a name that
its front matter asks for, its file gets a Problem that names the other one (contract S16).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from feedsvc.articles.article import Article, Status
from feedsvc.content.draft import Problem, Severity
from feedsvc.sharing.claims import SAID, Claim, changes, losers
from feedsvc.sharing.codes import derived, share_code
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.store import Transaction

TAKEN = "share.taken"

Said = Mapping[str, LinkKind]  # name -> kind, of one article's front matter


class Named(NamedTuple):
    """As much of an article as it takes to compare names. key: of its file. names: what its front matter asks for."""

    key: str
    article_id: str
    identity: str
    path: str
    published: datetime
    names: Said


def put_names(tx: Transaction, said: Mapping[str, Said], changed: Collection[str]) -> set[str]:
    """Store what these articles are called now; the names whose owner may be another one than before.

    said: article id -> what its front matter asks for, for every article whose file was looked at. They are stored.
    changed: those of them that were put anew; they may have come back, or have another date.
    """
    had = {key: {link.code: link.kind for link in links} for key, links in tx.claims_of(list(said)).items()}
    codes = {article_id: share_code(article_id) for article_id in said}
    new = {key: code for key, code in codes.items() if had.get(key, {}).get(code) is not LinkKind.DERIVED}
    links, touched = _derived_links(tx, new)
    for article_id, names in said.items():
        fresh, given_up = changes(names, had.get(article_id, {}))
        links += [ShareLink(name, article_id, kind) for name, kind in (fresh | given_up).items()]
        touched |= names.keys() | given_up.keys()
    for article_id in changed:
        touched |= had.get(article_id, {}).keys()
    # A derived code that is chosen as well stays derived: it comes last.
    links.sort(key=lambda link: -link.kind)
    tx.put_links(links)
    return touched


def _derived_links(tx: Transaction, new: Mapping[str, str]) -> tuple[list[ShareLink], set[str]]:
    """The codes of articles that have none yet, with the longer ones of those that must share theirs now; and which of
    these names somebody claimed already.

    new: article id -> its first code.
    """
    claims = tx.claims(set(new.values())) if new else {}
    sharing = {
        link.article_id
        for its in claims.values()
        for link in its
        if link.kind is LinkKind.DERIVED and share_code(link.article_id) == link.code
    }
    if not sharing and len(set(new.values())) == len(new):  # as nearly always
        return [ShareLink(code, article_id) for article_id, code in new.items()], set(claims)
    longer = derived({*new, *sharing})
    return [ShareLink(code, article_id) for article_id, its in longer.items() for code in its], {
        code for its in longer.values() for code in its
    }


def freed_names(tx: Transaction, article_ids: Collection[str]) -> set[str]:
    """Names that may have another owner since these articles are withdrawn."""
    names = {link.code for its in tx.claims_of(article_ids).values() for link in its}
    return names | shown_names(tx.articles(article_ids).values())


def shown_names(articles: Iterable[Article]) -> set[str]:
    """Names that articles have without claiming them: their identity and the address of their page."""
    return {name for article in articles for name in (article.identity, article.path)}


def taken(tx: Transaction, names: Collection[str], known: Mapping[str, Sequence[Problem]]) -> dict[str, list[Problem]]:
    """The problems of files with a claim of these names, by file, where they are other ones than before.

    known: the problems of files that are just being written; those of others are in the index.
    """
    claims = tx.claims(names)
    if not claims:
        return {}
    pages = tx.pages_at([name for name in claims if name.startswith("/")])
    stamps = tx.article_stamps({link.article_id for its in claims.values() for link in its} | set(pages.values()))
    wrong: defaultdict[str, list[Problem]] = defaultdict(list)
    for name, its in claims.items():
        owner = pages.get(name, its[0].article_id)
        for link in its:
            if link.kind in SAID and stamps[link.article_id].status is Status.PUBLISHED:
                key = stamps[link.article_id].source_key
                lost = link.article_id != owner
                wrong[key] += [taken_problem(key, stamps[owner].source_key, name, link.kind)] if lost else []
    told = {}
    for key, problems in wrong.items():
        before = list(known[key] if key in known else tx.problems(key))
        others = [problem for problem in before if problem.code != TAKEN or problem.params.get("name") not in names]
        after = others + sorted(problems, key=lambda problem: problem.params["name"])
        if after != before:
            told[key] = after
    return told


def shared_names(articles: Sequence[Named]) -> list[Problem]:
    """The same without a database: the problems of all names that another article has, or gets."""
    said = {name for it in articles for name in it.names}
    if not said:
        return []
    claims, asking = [], {}
    for it in articles:
        claims += [Claim(name, kind, it.article_id, it.published) for name, kind in it.names.items()]
        asking.update({(name, it.article_id): kind for name, kind in it.names.items()})
        own = said & {share_code(it.article_id), it.identity, it.path}
        claims += [Claim(name, LinkKind.DERIVED, it.article_id, it.published) for name in own]
    key_of = {it.article_id: it.key for it in articles}
    return [
        taken_problem(key_of[article_id], key_of[owner], name, asking[name, article_id])
        for (name, article_id), owner in losers(claims).items()
        if (name, article_id) in asking
    ]


def taken_problem(key: str, other: str, name: str, kind: LinkKind) -> Problem:
    """Two articles ask for one name (contract S16)."""
    field = "redirect_from" if name.startswith("/") else "share_code" if kind is LinkKind.CUSTOM else "share_aliases"
    return Problem(
        key,
        TAKEN,
        f"{key} and {other} both ask for the share link {name!r}; it leads to {other}. Take it out of one of them.",
        Severity.WARNING,
        field=field,
        params={"other": other, "name": name},
    )

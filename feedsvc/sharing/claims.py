"""Claims of names: which names an article asks for, and who gets one that several ask for. Pure.

The winner is a function of the claims alone, so a rebuilt database gives the same answer whatever the order of the
files (contract S16). sqlstore/links.py says the same in SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from feedsvc.content.draft import Draft
from feedsvc.sharing.link import LinkKind

SAID = frozenset((LinkKind.CUSTOM, LinkKind.ALIAS))  # what front matter says
_INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Claim:
    """An article asks for a name. published: the article's date. withdrawn: the article is not shown any more."""

    name: str
    kind: LinkKind
    article_id: str
    published: datetime
    withdrawn: bool = False

    @property
    def rank(self) -> tuple[bool, LinkKind, datetime, str]:
        return self.withdrawn and self.kind is not LinkKind.DERIVED, self.kind, self.published, self.article_id


def names_of(draft: Draft) -> dict[str, LinkKind]:
    """The names that the front matter asks for; a code that is said twice is the article's own."""
    names = {draft.share_code: LinkKind.CUSTOM} if draft.share_code else {}
    for code in draft.share_aliases:
        names.setdefault(code, LinkKind.ALIAS)
    for path in draft.redirect_from:
        for name in answers(path):
            names.setdefault(name, LinkKind.ALIAS)
    return names


def answers(path: str) -> tuple[str, ...]:
    """The names under which a `redirect_from` path is found, itself first.

    jekyll-redirect-from writes /old/ as /old/index.html and /old as /old.html, and web servers find either with the
    slash and without it, a page with its suffix and without it. path: as content/share_names.py path_name writes it.
    """
    if "?" in path:
        return (path,)
    if path.endswith("/" + _INDEX):
        others = [path.removesuffix(_INDEX), path.removesuffix("/" + _INDEX)]
    elif path.endswith("/"):
        others = [path[:-1], path + _INDEX]
    elif path.endswith(".html"):
        others = [path.removesuffix(".html")]
    elif "." in path.rpartition("/")[2]:
        others = []
    else:
        others = [path + "/", path + ".html"]
    return (path, *(name for name in others if name not in ("", "/")))


def best_first(claims: Iterable[Claim]) -> list[Claim]:
    """Claims of one name as feedsvc/store/reader.py, `link`, ranks them.

    Among articles that derive one code it counts who was published first, whatever became of them: or a link that was
    shared would lead to another article when the first is withdrawn. Only who claims a withdrawn article's code on
    purpose, since it goes on there, gets it.
    """
    ranked = sorted(claims, key=lambda claim: claim.rank)
    if ranked and ranked[0].kind is LinkKind.DERIVED and ranked[0].withdrawn:
        ranked.sort(key=lambda claim: claim.withdrawn or claim.kind is LinkKind.DERIVED)
    return ranked


def losers(claims: Iterable[Claim]) -> dict[tuple[str, str], str]:
    """(name, article id) of each claim that does not get its name -> the article that does."""
    by_name: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_name[claim.name].append(claim)
    lost = {}
    for name, its in by_name.items():
        winner = best_first(its)[0].article_id
        lost.update({(name, claim.article_id): winner for claim in its if claim.article_id != winner})
    return lost


def changes(
    said: Mapping[str, LinkKind], had: Mapping[str, LinkKind]
) -> tuple[dict[str, LinkKind], dict[str, LinkKind]]:
    """What to store of an article's names: (new or of another kind, given up).

    said: by the front matter now. had: everything the article claims already. A name that is not said any more goes on
    leading to it, as FORMER; a derived one stays what it is, whatever is said.
    """
    new = {name: kind for name, kind in said.items() if had.get(name, LinkKind.FORMER) not in (LinkKind.DERIVED, kind)}
    given_up = {name: LinkKind.FORMER for name, kind in had.items() if kind in SAID and name not in said}
    return new, given_up

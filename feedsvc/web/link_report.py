"""What there is to know of share links: where one leads, its other names, who followed it; and names to forget.

For operators, in the API and on the command line; knows no Flask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from feedsvc.articles.article import Article, Headline
from feedsvc.scheduling.run import Outcome, requested
from feedsvc.sharing.click import ClickDay, Visitor
from feedsvc.sharing.link import ShareLink
from feedsvc.sharing.old_forms import OldForms
from feedsvc.store import Reader, Store
from feedsvc.web.links import find

HOSTS = 20  # referring hosts that are named
DAYS = 30  # days whose clicks are told one by one, unless another number is asked for

WORDS = {
    Visitor.PERSON: "people",
    Visitor.ROBOT: "robots",
    Visitor.PREVIEW: "previews",
    Visitor.PREFETCH: "prefetches",
    Visitor.REPEAT: "repeats",
}


@dataclass(frozen=True, slots=True)
class LinkReport:
    """name: as it was found. code: the one that is shown to people. names: all that lead there, by kind.

    days: every day of the span, oldest first, with the clicks of each kind of visitor. total: since counting began.
    """

    name: str
    code: str
    article: Headline | Article
    names: Sequence[ShareLink]
    days: Mapping[date, Mapping[Visitor, int]]
    total: Mapping[Visitor, int]
    referrers: Sequence[tuple[str, int]]

    @property
    def document(self) -> dict[str, object]:
        """For JSON. The days are those on which anybody came."""
        article = self.article
        return {
            "name": self.name,
            "code": self.code,
            "target": article.canonical_url,
            "article": {
                "id": article.id,
                "identity": article.identity,
                "title": article.title,
                "published": article.published,
                "status": str(article.status),
            },
            "names": [{"name": link.code, "kind": link.kind.name.lower()} for link in self.names],
            "clicks": _words(self.total),
            "days": {day.isoformat(): _words(counts) for day, counts in self.days.items() if any(counts.values())},
            "referrers": dict(self.referrers),
        }


@dataclass(frozen=True, slots=True)
class Followed:
    """An article of the ranking. article: None when it is not there any more. people: how many followed its links."""

    article_id: str
    code: str
    article: Article | None
    people: int

    @property
    def document(self) -> dict[str, object]:
        article = self.article
        return {
            "id": self.article_id,
            "code": self.code,
            "title": article.title if article else "",
            "target": article.canonical_url if article else "",
            "people": self.people,
        }


def report(reader: Reader, forms: OldForms, asked: str, today: date, days: int = DAYS) -> LinkReport | None:
    """Of a code, an identity, a full id, an old path or a whole old address; None when it leads nowhere.

    today: in the site's zone.
    """
    for name in forms.names(asked):
        if found := find(reader, name):
            break
    else:
        return None
    code, article = found
    names = reader.links_of([article.id]).get(article.id, [])
    counted = {code, name, *(link.code for link in names)}
    clicks = reader.clicks(counted, date.min, today)
    since = today - timedelta(days=days - 1)
    span = [since + timedelta(days=number) for number in range(days)]
    return LinkReport(
        name,
        reader.code_of([article.id]).get(article.id, code),
        article,
        names,
        {day: _sums(click for click in clicks if click.day == day) for day in span},
        _sums(clicks),
        reader.referrers(counted, date.min, today, HOSTS),
    )


def ranking(reader: Reader, today: date, days: int, limit: int) -> list[Followed]:
    """The articles whose links people followed most in so many days up to today."""
    ranked = reader.top_links(today - timedelta(days=days - 1), today, limit)
    ids = [article_id for article_id, _ in ranked]
    articles, codes = reader.articles(ids), reader.code_of(ids)
    return [Followed(it, codes.get(it, ""), articles.get(it), people) for it, people in ranked]


def forget(store: Store, names: Collection[str], asked_by: str, now: datetime) -> None:
    """Take names that led nowhere off the list; a run is kept as the record of it."""
    run = replace(
        requested("link-forget", asked_by, now),
        started=now,
        finished=now,
        outcome=Outcome.DONE,
        counts={"names": len(set(names))},
    )
    with store.writing() as tx:
        tx.forget_misses(names)
        tx.put_run(run)


def _sums(clicks: Iterable[ClickDay]) -> dict[Visitor, int]:
    sums = dict.fromkeys(Visitor, 0)
    for click in clicks:
        sums[click.visitor] += click.count
    return sums


def _words(counts: Mapping[Visitor, int]) -> dict[str, int]:
    return {WORDS[visitor]: number for visitor, number in counts.items()}

"""An article whose file was renamed is another article (decision 4), but links must go on leading to its text.

Where one is withdrawn and exactly one published article has the same text and the same date, that one continues it: it
gets all its names, as former ones, and the address of its page. It does not matter which of the two is noticed first,
and when the first comes back, its names are its own again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from feedsvc.articles.article import Article, Status
from feedsvc.content.share_names import path_name
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.store import ArticleStamp, Transaction


def pass_names_on(tx: Transaction, withdrawn: Collection[str], arrived: Iterable[Article]) -> set[str]:
    """Give the names of articles that are gone to those that continue them; which names that were.

    withdrawn: just now. arrived: new or changed, and published: what was withdrawn before may go on in them.
    """
    gone = {it.id: it for it in tx.article_stamps(withdrawn).values()} if withdrawn else {}
    texts = [(it.text_digest, it.published) for it in arrived if it.status is Status.PUBLISHED]
    gone |= {it.id: it for it in tx.twins(texts, Status.WITHDRAWN)}
    if not gone:
        return set()
    heirs = _heirs(gone, tx.twins([(it.text_digest, it.published) for it in gone.values()], Status.PUBLISHED))
    claims = tx.claims_of({*heirs, *heirs.values()})
    passed = []
    for article in tx.articles(heirs).values():
        heir = heirs[article.id]
        own = {link.code for link in claims.get(heir, ())}
        names = {article.identity, path_name(article.path), *(link.code for link in claims.get(article.id, ()))}
        passed += [ShareLink(name, heir, LinkKind.FORMER) for name in sorted(names - own - {""})]
    tx.put_links(passed)
    return {link.code for link in passed}


def _heirs(gone: Mapping[str, ArticleStamp], published: Iterable[ArticleStamp]) -> dict[str, str]:
    """Withdrawn article -> the only published one with its text and its date."""
    same: defaultdict[tuple[str, datetime], set[str]] = defaultdict(set)
    for stamp in published:
        same[stamp.text_digest, stamp.published].add(stamp.id)
    twins = {key: same[stamp.text_digest, stamp.published] for key, stamp in gone.items() if stamp.text_digest}
    return {key: next(iter(its)) for key, its in twins.items() if len(its) == 1}

"""Who an article is: a name that is a pure function of the store, and what readers see of it.

The identity is the front matter's `id`/`guid`, else the folders above `_posts` and the file's slug ("NW1", "en/hello").
It never depends on host, date or title (contract ID01). Posts that repeat a slug on another day (weekly notes) are
different articles; the later ones are told apart by their date ("notes@2026-11-20").
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from feedsvc.content.draft import Draft, Tier

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_ESCAPED_ESCAPE = re.compile("%25(:?)(?=[0-9A-Fa-f]{2})")
_TAG_SAFE = "/?:@!$&'()*+,;=-._~"  # RFC 4151: specific = *( pchar / "/" / "?" )


def base_identity(draft: Draft) -> str:
    """The identity before posts with one slug are told apart; never empty."""
    if draft.explicit_id:
        return draft.explicit_id if is_uri(draft.explicit_id) else unicodedata.normalize("NFC", draft.explicit_id)
    name = draft.name
    slug = name.slug or (name.file_date.isoformat() if name.file_date else name.path.rpartition("/")[2])
    identity = unicodedata.normalize("NFC", "/".join((*name.folders, slug)))
    # A file named `re:x.md` must not pass for an address that somebody gave on purpose.
    return identity.replace(":", "%3A", 1) if is_uri(identity) else identity


def identity_for(base: str, file_date: date | None) -> str:
    """The qualified identity of a post that shares its slug with a post of another day."""
    return f"{base}@{file_date.isoformat() if file_date else 'undated'}"


def public_id(identity: str, authority: str) -> str:
    """The id in feeds: "tag:<authority>:<identity>" (RFC 4151; authority is "host,year").

    An identity that is an absolute URI is used letter for letter (contract ID03). An escape that is part of a name
    ("a%20b") gets a colon after its sign, a colon that is there already is escaped: see feeds/address.py, feed_id.
    """
    if is_uri(identity):
        return identity
    if identity.isascii() and identity.isalnum():  # most are, and then there is nothing to quote
        return f"tag:{authority}:{identity}"
    quoted = quote(identity, safe=_TAG_SAFE, errors="replace")
    return f"tag:{authority}:" + _ESCAPED_ESCAPE.sub(lambda sign: "%25%3A" if sign[1] else "%25:", quoted)


def is_uri(identity: str) -> bool:
    """Whether somebody gave it on purpose as an absolute URI (or IRI); only such an id is used as it is."""
    return _URI.fullmatch(identity) is not None


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that wants an identity.

    base: base_identity() of its draft. held: the identity the file, or the file it was moved from, has already; or "".
    explicit: the base comes from the front matter and is never qualified.
    """

    key: str
    base: str
    file_date: date | None
    tier: Tier
    published: datetime
    held: str = ""
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """identity: what the file may call itself, "" when it is a duplicate. loses_to: the key of the file that won."""

    identity: str
    loses_to: str = ""


def settle(claims: Sequence[Claim]) -> dict[str, Verdict]:
    """Decide for each key, whatever the order of the claims.

    One base and one date: duplicates; live beats archive, then the one published first (contract ID04), then the key.
    One base and several dates: different articles. What a file holds it keeps; the bare base goes to the earliest date
    (no date counts as the earliest) unless somebody holds it.
    """
    by_base: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_base[claim.base].append(claim)
    verdicts: dict[str, Verdict] = {}
    for base, rivals in by_base.items():
        verdicts.update(_settle_base(base, rivals))
    return verdicts


def _settle_base(base: str, rivals: Sequence[Claim]) -> dict[str, Verdict]:
    groups: defaultdict[tuple[bool, date], list[Claim]] = defaultdict(list)
    for claim in rivals:
        day = None if claim.explicit else claim.file_date
        groups[(not claim.explicit, day or date.min)].append(claim)
    days = sorted(groups)  # explicit ids first, then no date, then by date
    bare = next((d for d in days if any(c.held == base for c in groups[d])), None)
    if bare is None and all(c.held != identity_for(base, _day(days[0])) for c in groups[days[0]]):
        # Nobody later may have it: if somebody goes by a qualified name, the bare one was given away once (ID06).
        bare = days[0]
    verdicts: dict[str, Verdict] = {}
    bare_winner = min(groups[bare], key=_rank).key if bare else ""
    for group in days:
        winner = min(groups[group], key=_rank).key
        identity = base if group == bare else identity_for(base, _day(group))
        if not group[0] and group != bare:  # an explicit id that another article has held for longer
            winner, identity = bare_winner, ""
        for claim in groups[group]:
            won = claim.key == winner
            verdicts[claim.key] = Verdict(identity) if won else Verdict("", winner)
    return verdicts


def _day(group: tuple[bool, date]) -> date | None:
    return None if group[1] == date.min else group[1]


def _rank(claim: Claim) -> tuple[bool, datetime, str]:
    return (claim.tier is not Tier.LIVE, claim.published, claim.key)

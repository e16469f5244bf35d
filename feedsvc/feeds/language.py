"""Language tags as feeds may carry them (contract RS05; BCP 47, ISO 639)."""

from __future__ import annotations

import re
from functools import lru_cache

# ISO 639-1: every code of two letters. "cn", "jp" and the like are countries.
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee"
    " el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is"
    " it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr"
    " ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si"
    " sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh"
    " yi yo za zh zu"
)
_TWO_LETTERS = frozenset(_CODES.split())
_TAG = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8})*")


@lru_cache(maxsize=256)
def language_tag(text: str) -> str:
    """With hyphens, "" when it is no language: zh_TW -> zh-TW. A code of three letters is believed."""
    tag = text.strip().replace("_", "-")
    found = _TAG.fullmatch(tag)
    return tag if found and (len(found[1]) == 3 or found[1].lower() in _TWO_LETTERS) else ""

"""Titles as plain text. A title that holds HTML tags is HTML; one without is what the author wrote, to the letter.

So `R&amp;D` stays as it is (contract RS04, F05), and quotes and dashes are not made "smart" as jekyll-feed does.
"""

from __future__ import annotations

import re
from html import unescape

from feedsvc.articles.permalink import titleize
from feedsvc.articles.summary import shorten

# Names of HTML elements, so that "List<String>" and "a <b" stay whole.
_NAMES = (
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br button"
    " canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed"
    " fieldset figcaption figure font footer form frame frameset h[1-6] head header hgroup hr html i iframe img input"
    " ins isindex kbd label legend li link main map mark marquee math menu meta meter nav nobr noframes noscript object"
    " ol optgroup option output p param picture plaintext pre progress q rp rt ruby s samp script section select slot"
    " small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time"
    " title tr track tt u ul var video wbr xmp command comment datagrid eventsource listing m"
)
_MARKUP = re.compile(rf"</?(?:{'|'.join(_NAMES.split())})(?:\s[^<>]*|/)?>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"<(script|style)(?:\s[^<>]*)?>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r\f\v\x85\u2028\u2029]+")  # U+3000 is meant as written
_TITLE_CHARS = 60


def strip_markup(text: str) -> str:
    """Plain text on one line: HTML elements removed (and then character references read), white space folded."""
    if "<" in text:
        bare = _MARKUP.sub("", _CODE.sub("", text))
        text = bare if bare == text else unescape(bare)
    return _SPACE.sub(" ", text).strip(" ")


def make_title(title: str | None, slug: str, text: str) -> str:
    """The title of an article, never empty.

    None (absent): from the slug, as Jekyll does. Empty: the first words of the article's text (contract RS16),
    and when there is no text either, from the slug.
    """
    if title is None:
        return titleize(slug).strip() or slug or "-"
    shown = strip_markup(title)
    if shown.strip("\u3000\xa0"):
        return shown
    return shorten(text, _TITLE_CHARS) or titleize(slug).strip() or slug or "-"

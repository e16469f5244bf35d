"""Addresses as feeds may carry them: absolute, percent-encoded ASCII, host in punycode (contract F04, HC02)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import SplitResult, quote, urljoin, urlsplit

WEB = frozenset({"http", "https"})
LINKS = WEB | {"mailto", "tel"}

_PATH_SAFE = "/:@!$&'()*+,;=-._~"  # RFC 3986 pchar and "/"
_QUERY_SAFE = _PATH_SAFE + "?"
_CHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})"
_CLEAN = re.compile(rf"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{{1,5}})?(?:[/?]{_CHAR}*)?(?:#{_CHAR}*)?")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_IGNORED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:.]+\]")
_CANDIDATE = re.compile(r"[\s,]*([^\s,]\S*)")
_DESCRIPTOR = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?[wx])?")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def percent_encode(text: str, safe: str = _PATH_SAFE) -> str:
    """Encode all but `safe`, as UTF-8; escapes that are there already stay as they are."""
    return quote(_ESCAPE.sub("%25", text), safe=safe + "%", errors="replace")


def ascii_host(host: str) -> str:
    """A host name in lower case and punycode, "" when it cannot be one (UTS 46 without its transitional mappings)."""
    if ":" in host:
        host = f"[{host}]"
    if not host.isascii():
        folded = unicodedata.normalize("NFKC", host.lower()).replace("。", ".")
        labels = folded.split(".")
        host = ".".join(x if x.isascii() else "xn--" + x.encode("punycode").decode("ascii") for x in labels)
    host = host.lower()
    return host if len(host) <= 253 and _HOST.fullmatch(host) else ""


def absolute(value: str, base: str, schemes: frozenset[str] = WEB) -> str:
    """`value` as seen from the page `base`, or "" when that is no usable address of one of `schemes`.

    `//host/x` becomes https (contract HC02), `#n` the page with that fragment.
    """
    if _CLEAN.fullmatch(value):
        return value
    value = _IGNORED.sub("", value).strip()
    if value.startswith("//"):
        value = "https:" + value
    scheme = _SCHEME.match(value)
    if scheme and scheme[1].lower() not in schemes:
        return ""
    if scheme and scheme[1].lower() not in WEB:
        return scheme[1].lower() + ":" + percent_encode(value[scheme.end() :], _QUERY_SAFE)
    try:
        return _written(urlsplit(urljoin(base, value)))
    except ValueError:  # what urllib says of broken hosts and ports
        return ""


def _written(parts: SplitResult) -> str:
    if parts.scheme not in WEB or not parts.hostname:
        return ""
    host = ascii_host(parts.hostname)
    if not host:
        return ""
    url = f"{parts.scheme}://{host}"
    if parts.port is not None:
        url += f":{parts.port}"
    url += percent_encode(parts.path)
    if parts.query:
        url += "?" + percent_encode(parts.query, _QUERY_SAFE)
    if parts.fragment:
        url += "#" + percent_encode(parts.fragment, _QUERY_SAFE)
    return url


def absolute_srcset(value: str, base: str) -> str:
    """A `srcset` with every candidate absolute; candidates that are no web address are left out (contract HC02)."""
    kept = []
    position = 0
    while candidate := _CANDIDATE.match(value, position):  # as HTML's own parser does it
        address, position = candidate[1], candidate.end()
        descriptor = ""
        if not address.endswith(","):
            comma = value.find(",", position)
            comma = len(value) if comma < 0 else comma
            descriptor, position = value[position:comma].strip(), comma
        url = absolute(address.rstrip(","), base)
        if url and _DESCRIPTOR.fullmatch(descriptor):
            kept.append(f"{url.replace(',', '%2C')} {descriptor}".rstrip())
    return ", ".join(kept)


def host_of(url: str) -> str:
    """The host of an absolute http(s) address in lower case and punycode, without port; "" for anything else."""
    try:
        parts = urlsplit(url.strip())
        return ascii_host(parts.hostname or "") if parts.scheme.lower() in WEB else ""
    except ValueError:
        return ""

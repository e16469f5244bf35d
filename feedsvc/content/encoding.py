"""From bytes to clean text: UTF-8 with or without BOM, UTF-16 with BOM, GB18030 recognised by what it spells.

Newlines come out as LF. Characters that XML 1.0 cannot carry (section 2.2; contract F03) and those HTML calls parse
errors are removed: C0 controls but tab and LF, DEL, C1 controls, U+FFFD and the noncharacters. Vertical tab and form
feed separate words for Jekyll, so they become a blank instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feedsvc.errors import FeedsvcError

_PLANE_ENDS = "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
# A class with these 32 in it is three times as slow to match: they are tried on astral characters only.
ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff]"
    f"|(?=[\U00010000-\U0010ffff])[{_PLANE_ENDS}]"
)
# Matching the legal is ten times as fast as looking for the illegal; planes above 3 are left to the slow look.
_LEGAL_RUN = re.compile(
    "[\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd]*"
)
_SPACING = re.compile("[\x0b\x0c]")
_SAMPLE = 4000  # characters looked at when guessing


class Undecodable(FeedsvcError):
    """The bytes are no text we know; `line` is where the first bad byte stands, 0 when it says nothing."""

    code = "encoding.unknown"

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Decoded:
    """text: with LF newlines, not yet cleaned. encoding: "utf-8", "utf-16" or "gb18030"."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Read the bytes as text; Undecodable when they are none."""
    encoding = "utf-8"
    try:
        text = data[3:].decode() if data.startswith(b"\xef\xbb\xbf") else data.decode()
    except UnicodeDecodeError as error:
        encoding, text = _decode_other(data, data.count(b"\n", 0, error.start) + 1)
    else:
        if b"\0" in data and text.count("\0") * 10 > len(text):
            raise Undecodable("The file holds binary data or zero bytes, not text.")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(text, encoding)


def first_illegal(text: str) -> int:
    """Where the first character stands that no feed can carry, -1 without one. A CR counts as one: decode folds it."""
    run = _LEGAL_RUN.match(text)
    end = run.end() if run else 0
    if end == len(text):
        return -1
    found = ILLEGAL.search(text, end)
    return found.start() if found else -1


def clean(text: str) -> str:
    """The text without characters that no feed can carry; the very same string when there are none."""
    if first_illegal(text) < 0:
        return text
    return ILLEGAL.sub("", _SPACING.sub(" ", text))


def _decode_other(data: bytes, line: int) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return "utf-16", data.decode("utf-16")
        except UnicodeDecodeError:
            raise Undecodable("The file starts like UTF-16 but is not.") from None
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if not _spells_chinese(text):
        message = f"Line {line} is not valid UTF-8, and the file is not GB18030 either: save it as UTF-8."
        raise Undecodable(message, line)
    return "gb18030", text


def _spells_chinese(text: str) -> bool:
    """Nearly any bytes decode as GB18030; real text uses the everyday part of it (GB 2312 symbols and level 1).

    Latin-1 and damaged UTF-8 land on rare characters instead: far below the half that is asked for here.
    """
    foreign = [char for char in text[: _SAMPLE * 4] if char > "\x7f"][:_SAMPLE]
    everyday = 0
    for char in foreign:
        code = char.encode("gb18030")
        everyday += len(code) == 2 and code[1] >= 0xA1 and (0xA1 <= code[0] <= 0xA3 or 0xB0 <= code[0] <= 0xD7)
    return bool(foreign) and everyday * 10 >= len(foreign) * 7

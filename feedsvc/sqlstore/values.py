"""How our values look in a column, and back. Plain str, int, bytes and None, so that bulk writes need no conversion."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from isal import isal_zlib

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def micros(instant: datetime) -> int:
    """An aware datetime as whole microseconds since 1970 UTC; exact for every year from 1 to 9999."""
    return (instant - _EPOCH) // _MICROSECOND


def micros_or_none(instant: datetime | None) -> int | None:
    return None if instant is None else micros(instant)


def instant(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def instant_or_none(value: int | None) -> datetime | None:
    return None if value is None else instant(value)


def pack_list(items: Sequence[str] | Sequence[Sequence[object]]) -> str:
    return _encode(items) if items else ""


@lru_cache(maxsize=4096)  # articles of one category have the same tags and authors
def pack_texts(items: tuple[str, ...]) -> str:
    return pack_list(items)


@lru_cache(maxsize=4096)
def unpack_texts(value: str) -> tuple[str, ...]:
    return tuple(json.loads(value)) if value else ()


def pack_map(items: Mapping[str, str] | Mapping[str, int]) -> str:
    return _encode(dict(items)) if items else ""


def compress(content: str) -> bytes:
    """igzip: nearly zlib's size in a fraction of its time. Its bytes may differ by processor, not their meaning."""
    return isal_zlib.compress(content.encode(), 2)


def decompress(content: bytes) -> str:
    return isal_zlib.decompress(content).decode()


def signed(value: int) -> int:
    """An unsigned 64-bit number (an inode may use all bits) as a signed one."""
    return value - (1 << 64) if value >= 1 << 63 else value


def unsigned(value: int) -> int:
    return value + (1 << 64) if value < 0 else value

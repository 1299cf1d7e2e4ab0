"""What does the beginning of a key say: provider, kind, environment? Reads `key_prefixes.toml` (CHECKS S1-19)."""

from __future__ import annotations

import tomllib
import zlib
from functools import lru_cache
from typing import Literal

from authwizard.knowledge.table_text import table_text
from authwizard.model.frozen import dataclass

KeyKind = Literal["secret", "publishable", "refresh", "access", "key_id", "temporary_key_id"]
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKED_LENGTH = 40
"""GitHub's tokens with a checksum: a beginning of 4, 30 random characters, 6 that check them."""


@dataclass(frozen=True)
class KeyPrefix:
    """A documented beginning of a credential. `environment` "" where it does not say."""

    start: str
    provider: str
    kind: KeyKind
    environment: Literal["", "test", "live"]
    checksum: bool
    source: str


@lru_cache(maxsize=1)
def _prefixes() -> dict[str, KeyPrefix]:
    text = table_text("key_prefixes")
    rows = tomllib.loads(text)["prefix"]
    made = (KeyPrefix(r["start"], r["provider"], r["kind"], r.get("environment", ""), r.get("checksum", False), r["source"]) for r in rows)
    return {prefix.start: prefix for prefix in made}


def prefix_of(value: str) -> KeyPrefix | None:
    """Return what a credential's beginning says, the longest that fits; None where it is not known."""
    fitting = [p for start, p in _prefixes().items() if value.startswith(start) and len(value) > len(start)]
    return max(fitting, key=lambda p: len(p.start), default=None)


def named(start: str) -> KeyPrefix | None:
    """Return the row of a beginning as `prefix_of` gave it."""
    return _prefixes().get(start)


def checksum_fits(value: str) -> bool | None:
    """Tell whether the built-in checksum is right: base62 of the CRC-32 of the random part; None where the value has none."""
    prefix = prefix_of(value)
    if prefix is None or not prefix.checksum or len(value) != _CHECKED_LENGTH or not value.isascii():
        return None
    return _base62(zlib.crc32(value[len(prefix.start) : -6].encode())).rjust(6, "0") == value[-6:]


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits

"""What do base64url and JSON say when they are not quite right? Decoders that never raise, and tell what was wrong."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from dataclasses import field
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

MAX_DEPTH = 64
"""Levels of nested JSON that are read; no token needs more."""

_NOT_BASE64 = late_pattern(r"[^A-Za-z0-9_+/=-]")
_PADDING_INSIDE = late_pattern(r"=(?=[^=])")
_TO_URL_SAFE = str.maketrans("+/", "-_")


@dataclass(frozen=True)
class Base64Seen:
    """What one base64url text decodes to, and where it breaks RFC 4648 5 and RFC 7515 2."""

    data: bytes
    bad_at: int | None = None
    """0-based index of the first character of no base64 alphabet, or of padding inside."""
    standard: bool = False
    """Characters of the standard alphabet, `+` or `/`, stand in it."""
    padded: bool = False
    odd_length: bool = False
    """The number of characters leaves one over four: at least one is missing."""
    stray_bits: bool = False
    """The last character carries bits no encoder writes."""

    @property
    def clean(self) -> bool:
        """Whether a strict decoder takes it."""
        return self.bad_at is None and not (self.standard or self.padded or self.odd_length or self.stray_bits)


def read_base64url(text: str) -> Base64Seen:
    """Decode base64url leniently: other characters are passed over, both alphabets read, padding not needed."""
    bad = _NOT_BASE64.search(text) or _PADDING_INSIDE.search(text)
    plain = _NOT_BASE64.sub("", text).translate(_TO_URL_SAFE)
    core = plain.replace("=", "")
    odd = len(core) % 4 == 1
    usable = core[:-1] if odd else core
    data = base64.urlsafe_b64decode(usable + "=" * (-len(usable) % 4))
    stray = base64.urlsafe_b64encode(data).decode().rstrip("=") != usable
    return Base64Seen(data, bad.start() if bad else None, "+" in text or "/" in text, "=" in plain, odd, stray)


@dataclass(frozen=True)
class JsonSeen:
    """What a JSON text holds. `problem` is a phrase ("is not UTF-8 text"), "" where it is well-formed."""

    value: Any = None
    duplicates: tuple[str, ...] = ()
    problem: str = ""
    odd_numbers: tuple[str, ...] = ()
    """NaN and the infinities, which JSON does not have and Python reads."""
    empty: bool = False


@dataclasses.dataclass
class _Notes:
    duplicates: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)


def read_json(data: bytes) -> JsonSeen:
    """Decode JSON leniently: bad bytes are replaced, duplicate members noted (the last wins), NaN kept, a cut end mended."""
    if not data:
        return JsonSeen(problem="is empty", empty=True)
    text, problem = _decode(data)
    if _depth(text) > MAX_DEPTH:
        return JsonSeen(problem=f"is nested more than {MAX_DEPTH} levels deep")
    notes = _Notes()
    try:
        value = _loads(text, notes)
    except ValueError as error:
        where = f"is not JSON (at byte {error.pos})" if isinstance(error, json.JSONDecodeError) else "is not JSON"
        return JsonSeen(_mended(text), tuple(notes.duplicates), problem or where, tuple(notes.constants))
    return JsonSeen(value, tuple(dict.fromkeys(notes.duplicates)), problem, tuple(notes.constants))


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", "replace"), "begins with a byte order mark"
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        return data.decode("utf-8", "replace"), f"is not UTF-8 text (at byte {error.start})"


def _depth(text: str) -> int:
    """The deepest nesting, counted outside strings, so that the decoder is never driven into deep recursion."""
    depth = deepest = 0
    for sign in re.findall(r'[][{}]|"(?:[^"\\]|\\.)*"', text, re.DOTALL):
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _loads(text: str, notes: _Notes) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for name, value in pairs:
            if name in seen:
                notes.duplicates.append(name)
            seen[name] = value
        return seen

    def constant(name: str) -> float:
        notes.constants.append(name)
        return float(name.replace("Infinity", "inf"))

    return json.loads(text, object_pairs_hook=members, parse_constant=constant, parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= 400 else float(digits)


def _mended(text: str) -> Any:
    """Read the members that stand whole before a cut: the claims of a token whose end is missing."""
    for comma in [m.start() for m in re.finditer(",", text[:20_000])][:-40:-1] if text.lstrip().startswith("{") else ():
        try:
            return _loads(text[:comma] + "}", _Notes())
        except ValueError:
            continue
    return None

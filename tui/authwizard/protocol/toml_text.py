"""How are plain values written as TOML (toml.io, 1.0)? For new text; one that a person has written is edited where it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from authwizard.model.late_pattern import late_pattern

_BARE = late_pattern(r"[A-Za-z0-9_-]+")
_ESCAPED = late_pattern(r'[\x00-\x1f"\\\x7f]')
_SHORT = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def toml_key(*path: object) -> str:
    """Write a key, or a dotted one; what is no bare key is quoted."""
    return ".".join(part if _BARE.fullmatch(part) else _quoted(part) for part in map(str, path))


def toml_value(value: Any) -> str:
    """Write a text, number, date, list or (inline) table on one line; raises TypeError for anything else."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{toml_key(key)} = {toml_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise TypeError(f"TOML has no {type(value).__name__}")


def toml_document(table: Mapping[str, Any]) -> str:
    """Write a whole document, tables and lists of tables under headers of their own; raises TypeError as `toml_value`."""
    return _table(table, ()).removeprefix("\n")


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> str:
    text = "".join(f"{toml_key(key)} = {toml_value(value)}\n" for key, value in table.items() if not _under_header(value))
    for key, value in table.items():
        below = (*path, key)
        if isinstance(value, Mapping):
            inside = _table(value, below)
            only_tables = value and all(map(_under_header, value.values()))
            text += inside if only_tables else f"\n[{toml_key(*below)}]\n{inside}"
        elif _under_header(value):
            text += "".join(f"\n[[{toml_key(*below)}]]\n{_table(row, below)}" for row in value)
    return text


def _under_header(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list | tuple) and bool(value) and all(isinstance(row, Mapping) for row in value)
    )


def _quoted(text: str) -> str:
    return '"' + _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text) + '"'

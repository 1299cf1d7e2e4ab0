"""How is text from outside made safe to show? Characters that act instead of showing are written out, once, at the boundary.

Markup is not touched here: it is harmless as data, and each renderer escapes its own (Textual, Markdown, HTML).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_ACTING: tuple[tuple[int, int], ...] = (
    (0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F),       # C0 but tab and line feed, DEL, C1
    (0xAD, 0xAD), (0x034F, 0x034F), (0x061C, 0x061C),  # soft hyphen, grapheme joiner, Arabic letter mark
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),  # fillers and selectors that draw nothing
    (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),  # zero width, line separators, bidi controls
    (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB),
    (0xD800, 0xDFFF), (0xE0000, 0xE007F),           # lone surrogates, tag characters
)  # fmt: skip
"""Code points that move the cursor, reorder, hide or break the text around them."""

MAX_DEPTH = 32
"""Levels of nested JSON that are shown; deeper ones become one sign."""


def visible(code: int) -> str:
    r"""Write a code point out: `\x1b`, `\u202e`, `\U000e0041`; the usual short forms for tab, line feed, return."""
    short = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}.get(code)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


class _Table(dict[int, str]):
    """What `str.translate` puts for a code point, found when it first occurs: all acting ones would be thousands of texts."""

    def __missing__(self, code: int) -> str:
        shown = visible(code) if any(first <= code <= last for first, last in _ACTING) else chr(code)
        self[code] = shown
        return shown


_TABLE = _Table()
_LINE_TABLE = _Table({0x09: visible(0x09), 0x0A: visible(0x0A)})


def safe(text: str, limit: int | None = None) -> str:
    r"""Write out every character that acts instead of showing; tab, line feed and CR LF (as line feed) stay.

    Args:
        text: Any text from outside.
        limit: Characters to keep; the rest is counted, not shown.
    """
    return _cut(text.replace("\r\n", "\n"), limit).translate(_TABLE)


def safe_line(text: str, limit: int | None = None) -> str:
    r"""As `safe`, for one-line places: line feeds and tabs are written out as `\n` and `\t` too."""
    return _cut(text, limit).translate(_LINE_TABLE)


def safe_json(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Neutralise decoded JSON: member names and texts at every level; levels below `depth` become "…"."""
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, Mapping):
        return {safe(str(name)): safe_json(item, depth - 1) for name, item in value.items()} if depth > 0 else "…"
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [safe_json(item, depth - 1) for item in value] if depth > 0 else "…"
    return value


def _cut(text: str, limit: int | None) -> str:
    if limit is None or len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters)"

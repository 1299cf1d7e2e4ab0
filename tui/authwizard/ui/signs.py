"""Which marks can this terminal write, and which short names and numbers does the screen use?

Glyphs are chosen once by the locale: where it cannot write UTF-8, every mark on the screen is ASCII. This file knows no noun of
a run, so that the first frame can use it.
"""

from __future__ import annotations

import locale
from collections.abc import Mapping

from authwizard.model.frozen import dataclass

STEP_NAMES: Mapping[int, str] = {
    0: "Intake",
    1: "Token format",
    2: "Expiration",
    3: "Credentials",
    4: "Refresh",
    5: "Scopes",
    6: "System time",
    7: "Fresh token",
    8: "Debug",
    9: "Verify",
}
"""The short names of the rail, at most twelve cells (eleven where `NOT TRIED` may stand beside it)."""


@dataclass(frozen=True)
class Glyphs:
    """The marks of one character set, each one cell wide."""

    passed: str
    warned: str
    failed: str
    skipped: str
    blocked: str
    crashed: str
    waiting: str
    bar: str
    """The edge of a panel and the mark of the chosen row."""
    rule: str
    enter: str
    separator: str
    full: str
    """A finished part of a progress line."""
    arrow: str
    point: str
    """A point on a scale."""
    left: str
    """Where the error of a point begins, and `right` where it ends."""
    right: str
    track: str
    """The line of a scale where nothing stands on it."""


UNICODE = Glyphs("✓", "!", "✗", "–", "?", "☠", "·", "▌", "─", "⏎", "·", "━", "→", "●", "├", "┤", "·")
ASCII = Glyphs("+", "!", "x", "-", "?", "#", ".", "|", "-", "Enter", "-", "=", ">", "o", "[", "]", ".")


def glyphs(encoding: str | None = None) -> Glyphs:
    """Return the marks this locale can write; `encoding` is the locale's own unless given."""
    name = (encoding or locale.getpreferredencoding(False)).lower().replace("-", "").replace("_", "")
    return UNICODE if name in ("utf8", "utf8sig", "cp65001") else ASCII


def ago(seconds: float) -> str:
    """Say how long ago something was, in one unit: `just now`, `5 min ago`, `3 h ago`, `12 d ago`."""
    if seconds < 60:
        return "just now"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def elapsed(seconds: float) -> str:
    """Say how long something took or takes: `8.2 s`, `2 min 5 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def count(number: int, noun: str) -> str:
    """Write a number with its noun, in the plural where it is one: `1 request`, `3 requests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

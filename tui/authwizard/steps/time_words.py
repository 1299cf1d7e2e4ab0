"""How are a moment and a span of time written for a person?"""

from __future__ import annotations

import datetime as dt
import math

UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float) -> str:
    """Return a span in its two largest units, e.g. "2 h 13 min"; the sign is dropped, less than a second is "0 s".

    A token can claim any number, one without end included.
    """
    if not math.isfinite(seconds):
        return "no length of time"
    left = round(abs(seconds))
    if left >= 2 * 365 * 86400:
        return f"{left // (365 * 86400):,} years"
    parts: list[str] = []
    for size, unit in UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(p for p in parts if p) or "0 s"


def utc(seconds: float) -> str:
    """Return a moment as "2026-01-31 09:14:05 UTC"; one that no calendar holds as its number of seconds."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{seconds:.0f} s after 1970"


def compared_with(seconds: float, other: str) -> str:
    """Return how a clock stands to another, as a phrase: "11 min ahead of the API's", "3 s behind the API's", "level with the API's"."""
    if round(abs(seconds)) == 0:
        return f"level with {other}"
    return f"{duration(seconds)} {'ahead of' if seconds > 0 else 'behind'} {other}"


def ahead_or_behind(seconds: float) -> str:
    """Return how a clock stands to another: "11 min ahead", "3 s behind" or "no difference"."""
    if round(abs(seconds)) == 0:
        return "no difference"
    return f"{duration(seconds)} {'ahead' if seconds > 0 else 'behind'}"

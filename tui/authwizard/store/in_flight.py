"""Was a refresh under way when authwizard stopped? A mark in the state directory, without a secret, says so.

It is written right before the refresh token is sent and removed once its outcome is known and kept. One that is still there, while no
process holds the lock of the place, tells of a token that may be spent without a successor.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.store.state_file import StateFile

_FILE = StateFile("rotation.json", "whether a refresh was under way when authwizard stopped")


@dataclass(frozen=True)
class Mark:
    """One refresh whose outcome was not seen: the mark of the token that was sent, and when (Unix seconds)."""

    token: str
    at: float
    unanswered: bool = False
    """It was sent, and no answer came; else authwizard ended before it could tell."""

    def __str__(self) -> str:
        """One sentence of what may have happened."""
        moment = time.strftime("%H:%M" if time.time() - self.at < 12 * 3600 else "%Y-%m-%d %H:%M", time.localtime(self.at))
        how = f"A refresh got no answer at {moment}" if self.unanswered else f"A refresh was in flight when authwizard stopped at {moment}"
        return f"{how}; the old refresh token may be spent. If the next refresh is refused, sign in again."


def begin(place: str, token: str) -> None:
    """Mark that a token is about to be sent. Raises StoreError."""
    _set(place, {"token": token, "at": time.time()})


def unanswered(place: str, token: str) -> None:
    """Mark that no answer came. Raises StoreError."""
    _set(place, {"token": token, "at": time.time(), "unanswered": True})


def end(place: str) -> None:
    """Remove the mark; nothing is written where there is none. Raises StoreError."""
    if place in _FILE.table("places"):
        _FILE.change(lambda data: data["places"].pop(place, None))


def rename(place: str, new: str) -> None:
    """Have a mark follow its token to another place. Raises StoreError."""
    if place in _FILE.table("places"):
        _FILE.change(lambda data: data["places"].setdefault(new, data["places"].pop(place)))


def mark_at(place: str) -> Mark | None:
    """Return a place's mark, or None. Raises StoreError."""
    row = _FILE.table("places").get(place)
    if not isinstance(row, dict) or not isinstance(row.get("at"), int | float):
        return None
    return Mark(str(row.get("token", "")), float(row["at"]), bool(row.get("unanswered")))


def _set(place: str, row: Mapping[str, Any]) -> None:
    _FILE.change(lambda data: data.setdefault("places", {}).__setitem__(place, dict(row)))

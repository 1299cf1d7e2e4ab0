"""What do the parts of the wizard tell each other?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from authwizard.model.events import Event
    from authwizard.ui.services import ProfileCard
    from authwizard.ui.state import Place


@dataclass
class RunEvent(Message):
    """The engine told something about a run; `run_id` lets late news of an older run be dropped."""

    run_id: int
    event: Event


@dataclass
class RunStopped(Message):
    """A run ended without its RunEnded: `problem` says why."""

    run_id: int
    problem: str


@dataclass
class PlaceChosen(Message):
    """The user pointed at a place of the walk."""

    place: Place


@dataclass
class ProfilesRead(Message):
    """The saved profiles were read; `problem` is set where they could not be."""

    cards: tuple[ProfileCard, ...]
    problem: str = ""


@dataclass
class DoorText(Message):
    """The user handed in a text at the one door. Never logged: it may hold a secret."""

    text: str

    def __repr__(self) -> str:
        """Keep the text out of logs and crash screens."""
        return "DoorText(<text>)"

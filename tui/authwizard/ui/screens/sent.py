"""A box for what the user's own program sent, to be compared with what the profile sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from textual.app import ComposeResult

from authwizard.ui.messages import DoorText
from authwizard.ui.screens.dialog import Dialog
from authwizard.ui.services import Taken
from authwizard.ui.signs import ASCII, Glyphs
from authwizard.ui.widgets.choice_list import Choice
from authwizard.ui.widgets.door import DoorBox
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

USUAL = "Enter compares. Nothing is stored, and secrets show as dots."


class SentScreen(Dialog[Taken]):
    """Takes a text until one shows a request; ends with what was taken, or None."""

    AUTO_FOCUS = "#sent"

    def __init__(self, take: Callable[[str], Taken], signs: Glyphs) -> None:
        text = [
            Para("A curl command, curl -v text, a browser's HAR file, a raw request, or the log of requests, httpx, OkHttp or .NET. "
                 "The run begins again and says what your program sends otherwise."),
        ]  # fmt: skip
        choices = [Choice("take", "Compare, and run again"), Choice("cancel", "Cancel")]
        super().__init__("Paste what your program sent", text, choices)
        self._take = take
        self._dot = "*" if signs is ASCII else "•"

    def compose_more(self) -> ComposeResult:
        """Lay out the box and the line below it."""
        yield DoorBox("what your program sent, with its headers", dot=self._dot, id="sent")
        yield Paragraphs([Para(USUAL, "dim")], id="sent-note")

    def on_door_text(self, message: DoorText) -> None:
        """Take what was handed in, or say why it is nothing."""
        message.stop()
        taken = self._take(message.text)
        if taken.problem:
            self.query_one("#sent-note", Paragraphs).set([Para(taken.problem, "$warning", most=3)])
            return
        self._leave_with(taken)

    def may_choose(self, choice: str) -> bool:
        """Hand the box in first."""
        if choice == "take":
            cast("DoorBox", self.query_one("#sent")).hand_in()
            return False
        return True

    def result_of(self, choice: str) -> Taken | None:
        """Return nothing: what is taken leaves by the box."""
        return None

"""The first frame where a run begins at once: the frame of a run, before anything of it is known."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen

from authwizard.ui import text
from authwizard.ui.signs import STEP_NAMES
from authwizard.ui.widgets.header import HeaderLine
from authwizard.ui.widgets.rows import Rows


class Outline(Rows):
    """The names of the places, none of them seen yet."""

    def draw(self, width: int) -> list[Content]:
        """Draw the names where the rail will have them."""
        rows: list[Content] = []
        for number, name in STEP_NAMES.items():
            rows += [Content()] if number in (1, 9) else []
            rows.append(text.row((f" {self.signs.waiting} {number} {name}", "dim")))
        return rows


class OpeningScreen(Screen[None]):
    """Stands for the moment in which the rest of the wizard is loaded."""

    AUTO_FOCUS = ""

    def compose(self) -> ComposeResult:
        """Lay out header and outline."""
        yield HeaderLine("opening")
        yield Outline()

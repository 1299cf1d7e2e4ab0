"""One of the eight steps, or intake or verification, as a screen; the words come from the step itself."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from authwizard.ui.meaning import Next
from authwizard.ui.screens.place import PlaceScreen
from authwizard.ui.state import RunState
from authwizard.ui.widgets.aside import RequestsPane, RuledOutPane
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.step_panes import Meaning, NextPane, Panels, Question, Why
from authwizard.ui.widgets.verdict_block import VerdictBlock


class StepScreen(PlaceScreen):
    """The verdict first, then the step's question, its panels, what they mean, and the next action."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f", "turn", "Every check whole", id="whole", show=False)]

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._number = number

    def compose_body(self) -> ComposeResult:
        """Lay out the parts; only the panels scroll."""
        yield VerdictBlock()
        yield Question(self._number)
        yield Why()
        with Pane(id="body"):
            yield Panels(self._number)
        yield Meaning(self._number, self.wizard.services.cause_title)
        with Horizontal(id="aside"):
            yield RuledOutPane(self.wizard.services.cause_title)
            yield RequestsPane()
        yield NextPane()

    def action_turn(self) -> None:
        """Show every check whole, or again in brief."""
        self.query_one(Panels).turn()
        self.query_one("#body").scroll_home(animate=False)

    def show_body(self, state: RunState, action: Next) -> None:
        """Draw each part."""
        self.query_one(VerdictBlock).show(state)
        self.query_one(Question).show(state.step_words(self._number))
        self.query_one(Why).show(state.step_words(self._number))
        self.query_one(Panels).show(state)
        self.query_one(Meaning).show(state)
        self.query_one(RuledOutPane).show(state)
        self.query_one(RequestsPane).show(state)
        self.query_one(NextPane).show(action)

"""The verdict as a screen: the answer on top, what to do, then the reasons."""

from __future__ import annotations

from textual.app import ComposeResult

from authwizard.ui.meaning import Next
from authwizard.ui.screens.place import PlaceScreen
from authwizard.ui.state import RunState
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.step_panes import NextPane
from authwizard.ui.widgets.verdict_pane import VerdictAnswer, VerdictReasons


class VerdictScreen(PlaceScreen):
    """Whose turn it is, the cause, what to do, because, against, ruled out, what fails next."""

    def __init__(self) -> None:
        super().__init__("verdict")

    def compose_body(self) -> ComposeResult:
        """Lay out the parts; only the reasons scroll."""
        title = self.wizard.services.cause_title
        yield VerdictAnswer(title)
        with Pane(id="body"):
            yield VerdictReasons(title)
        yield NextPane(2, advice=False)

    def show_body(self, state: RunState, action: Next) -> None:
        """Draw each part."""
        self.query_one(VerdictAnswer).show(state)
        self.query_one(VerdictReasons).show(state)
        self.query_one(NextPane).show(action)

"""The answer on top of every step: whose turn it is, how sure, and one sentence. Its height never changes."""

from __future__ import annotations

from textual.content import Content

from authwizard.model.run import Verdict
from authwizard.ui import text
from authwizard.ui.state import RunState
from authwizard.ui.widgets.rows import Rows
from authwizard.ui.words import CONFIDENCE_WORDS, KIND_WORDS, OWNER_WORDS

SUMMARY_ROWS = 3


class VerdictBlock(Rows):
    """Four rows: the heading and up to three rows of the summary."""

    def __init__(self) -> None:
        super().__init__()
        self._state = RunState()

    def show(self, state: RunState) -> None:
        """Show a run's verdict as it stands."""
        self._state = state
        self.redraw(layout=False)

    def draw(self, width: int) -> list[Content]:
        """Draw the rows, blank ones where the summary is short."""
        heading, note, style, summary = self._words()
        rows = [text.rule(heading, width, self.signs.rule, style, note, style.replace("bold ", ""))]
        rows += text.block(summary, width, most=SUMMARY_ROWS)
        return rows + [Content()] * (1 + SUMMARY_ROWS - len(rows))

    def _words(self) -> tuple[str, str, str, str]:
        state = self._state
        if state.phase == "running":
            return self._so_far()
        if state.phase == "idle":
            return "NOT RUN YET", "", "bold", "r runs it."
        if state.verdict is None or state.phase != "done":
            words = "CANCELLED" if state.phase == "cancelled" else "NO VERDICT"
            return words, "", "bold $warning", state.problem or "What was found so far stays readable."
        return (*verdict_heading(state.verdict), state.verdict.summary)

    def _so_far(self) -> tuple[str, str, str, str]:
        leading = self._state.verdict
        if leading is None or leading.kind == "cannot_tell":
            return "LOOKING", "", "bold $primary", "Nothing is decided yet."
        heading, note, _ = verdict_heading(leading)
        return "SO FAR", f"{heading.lower()}, {note}", "bold $primary", leading.summary


def verdict_heading(verdict: Verdict) -> tuple[str, str, str]:
    """Return the first line of a verdict: whose turn it is, how sure, and the style of both."""
    if verdict.kind == "healthy":
        return "NOTHING TO DO", KIND_WORDS["healthy"], "bold $success"
    owner = OWNER_WORDS[verdict.owner]
    if verdict.kind != "cause":
        return owner, KIND_WORDS[verdict.kind], "bold $accent"
    return owner, CONFIDENCE_WORDS[verdict.confidence] if verdict.confidence else KIND_WORDS["cause"], "bold $error"

"""The parts of a step screen below the verdict: its question, its panels, what they mean, and the next action."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from authwizard.ui import drawing, text
from authwizard.ui.meaning import Next, meaning
from authwizard.ui.services import StepWords
from authwizard.ui.signs import STEP_NAMES
from authwizard.ui.state import RunState
from authwizard.ui.widgets.rows import Rows


class Question(Rows):
    """What the step asks, in one sentence."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._words: StepWords | None = None

    def show(self, words: StepWords | None) -> None:
        """Show the words of the step."""
        if words != self._words:
            self._words = words
            self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw the question."""
        step = self._words.step if self._words else None
        name = step.title if step else STEP_NAMES[self._number]
        around = self._number in (0, 9)  # intake and verification have a name and no number
        head = name.upper() if around else f"STEP {self._number}"
        title = text.rule(head, width, self.signs.rule, "bold $primary", "" if around else name)
        if step is None:
            return [title]
        return [title, *text.block(step.question, width, style="bold", most=3)]


class Why(Rows):
    """Why the step matters, where the window has room for it."""

    def __init__(self) -> None:
        super().__init__()
        self._why = ""

    def show(self, words: StepWords | None) -> None:
        """Show the words of the step."""
        why = words.step.why if words else ""
        if why != self._why:
            self._why = why
            self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw the sentence."""
        return text.block(self._why, width, style="dim", most=3) if self._why else []


class Panels(Rows):
    """One panel per check of the step, the ones that matter first."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._state = RunState()
        self._whole = False

    def turn(self) -> None:
        """Show every check whole, or again the telling ones first and the others in brief."""
        self._whole = not self._whole
        self.redraw()

    def show(self, state: RunState) -> None:
        """Show the step's findings; nothing happens where they are the same as before."""
        old, self._state = self._state, state
        before, after = old.step_findings(self._number), state.step_findings(self._number)
        if before != after or old.words != state.words or old.run_id != state.run_id or _telling(old) != _telling(state):
            self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw the panels."""
        words = self._state.step_words(self._number)
        found = self._state.step_findings(self._number)
        rows = drawing.panels(
            words.checks if words else (), found, width, self.signs, telling=_telling(self._state), whole=self._whole
        )  # fmt: skip
        return rows or [text.row(("Nothing to show yet.", "dim"))]


def _telling(state: RunState) -> tuple[str, ...]:
    """The checks that the verdict rests on."""
    return tuple(sentence.check for sentence in state.verdict.because) if state.verdict else ()


class Meaning(Rows):
    """What the result means for the verdict, in two rows at most."""

    def __init__(self, number: int, cause_title: Callable[[str], str]) -> None:
        super().__init__()
        self._number = number
        self._cause_title = cause_title
        self._state = RunState()

    def show(self, state: RunState) -> None:
        """Show what the step's findings mean now."""
        self._state = state
        self.redraw(layout=False)

    def draw(self, width: int) -> list[Content]:
        """Draw the sentence after its arrow."""
        words = meaning(self._state, self._number, self._cause_title)
        rows = text.wrap(words, width - 2, 2)
        return [text.row((self.signs.arrow if n == 0 else " ", "$primary"), " ", line) for n, line in enumerate(rows)]


class NextPane(Rows):
    """The one next action, always at the same place and of the same height: a heading, advice, what Enter and other keys do."""

    def __init__(self, rows: int = 3, *, advice: bool = True) -> None:
        """Use `rows` rows below the heading; without `advice` for keys alone."""
        super().__init__()
        self._rows_below = rows
        self._with_advice = advice
        self._next = Next("", "", "")

    def show(self, action: Next) -> None:
        """Show the next action."""
        if action != self._next:
            self._next = action
            self.redraw(layout=False)

    async def on_click(self) -> None:
        """Do what Enter does."""
        if self._next.action:
            await self.run_action(self._next.action)

    def draw(self, width: int) -> list[Content]:
        """Draw heading, advice and keys."""
        keys = self._keys(width)
        room = self._rows_below - len(keys)
        advice = text.block(self._next.advice, width, most=room) if self._with_advice and self._next.advice and room > 0 else []
        blank = [Content()] * (room - len(advice))
        return [text.rule("NEXT", width, self.signs.rule, "bold $primary"), *advice, *keys, *blank]

    def _keys(self, width: int) -> list[Content]:
        rows = [text.row((self.signs.enter, "bold $primary"), " ", (self._next.label, "bold"))]
        for key, words in self._next.others:
            more = text.row((key, "bold $primary"), " ", words)
            if rows[-1].cell_length + 3 + more.cell_length <= width:
                rows[-1] += Content("   ") + more
            else:
                rows.append(more)
        return rows[: self._rows_below]

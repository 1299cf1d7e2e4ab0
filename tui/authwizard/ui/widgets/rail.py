"""The eight steps with their live status: where the run stands and the way to each screen, in one."""

from __future__ import annotations

import time
from collections.abc import Mapping

from rich.cells import cell_len
from textual import events
from textual.content import Content

from authwizard.model.finding import Skip, Status
from authwizard.model.run import VerdictKind
from authwizard.ui import text
from authwizard.ui.messages import PlaceChosen
from authwizard.ui.signs import STEP_NAMES, elapsed
from authwizard.ui.state import Place, RunState
from authwizard.ui.widgets.rows import Rows
from authwizard.ui.words import Mark, mark

WIDE = 34
"""From this many cells on, each row has its one-line finding below it."""


VERDICT_WORDS: Mapping[VerdictKind, str] = {
    "cause": "CAUSE",
    "healthy": "HEALTHY",
    "cannot_tell": "CANNOT TELL",
    "not_reproduced": "NO 401 HERE",
    "could_not_look": "NO ANSWER",
}
"""The word of the verdict's row, at most eleven cells."""


class Rail(Rows):
    """Intake, eight steps, verification, verdict: glyph and word each; a click goes there."""

    def __init__(self, place: Place, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._place = place
        self._state = RunState()
        self._places: dict[int, dict[int, Place]] = {}
        """For each width that was drawn, row to place, for clicks."""

    def show(self, state: RunState) -> None:
        """Show a run."""
        self._state = state
        self.redraw(layout=False)

    def draw(self, width: int) -> list[Content]:
        """Draw all rows."""
        roomy = width >= WIDE
        rows: list[Content] = []
        places = self._places[width] = {}
        for number in range(10):
            if number in (1, 9):
                rows.append(Content())
            places[len(rows)] = number
            rows.append(self._step(number, width))
            if roomy:
                places[len(rows)] = number
                rows.append(self._finding(number, width))
        rows.append(Content())
        places[len(rows)] = "verdict"
        rows.append(self._verdict(width))
        return [*rows, Content(), self._progress(width)]

    def _step(self, number: int, width: int) -> Content:
        shown = self.mark(number)
        return self._row(number, shown, f"{number} {STEP_NAMES[number]}", self._word(number, shown), width)

    def mark(self, number: int) -> Mark:
        """The mark of a step's row."""
        status, skip = self._state.step_mark(number)
        return mark(status, skip, self.signs)

    def _word(self, number: int, shown: Mark) -> str:
        if shown.word != "WAITING":
            return shown.word
        match self._state.phase:
            case "running":
                return elapsed(self._state.seconds(time.monotonic()))
            case "idle":
                return ""
            case _:
                return "NO DATA"

    def _row(self, place: Place, shown: Mark, name: str, word: str, width: int) -> Content:
        chosen = place == self._place
        edge = self.signs.bar if chosen else " "
        tail = "" if cell_len(word) > 8 and width < WIDE else " "
        name_room = width - 3 - 1 - cell_len(word) - len(tail)
        style = "bold" if chosen else ""
        parts = text.row(
            (edge, "$primary"), (shown.glyph, shown.style), " ", (text.fit(name, name_room), style), " ",
            (word, shown.style), tail,
        )  # fmt: skip
        return parts.stylize("on $panel") if chosen else parts

    def _finding(self, number: int, width: int) -> Content:
        worst = self._worst(number)
        line = text.row("     ", (text.fit(worst, width - 6), "dim"), " ")
        return line.stylize("on $panel") if number == self._place else line

    def _worst(self, number: int) -> str:
        status, skip = self._state.step_mark(number)
        found = [f for f in self._state.step_findings(number) if f.status is status and (status is not Status.SKIP or f.skip is skip)]
        if status is Status.PASS:
            judged = [f for f in self._state.step_findings(number) if f.skip is not Skip.NOT_APPLICABLE]
            if len(judged) == 1:
                return found[0].summary
            return f"all {len(found)} checks pass" if len(found) == len(judged) else f"{len(found)} of {len(judged)} checks pass"
        return found[0].summary if found else ""

    def _verdict(self, width: int) -> Content:
        state = self._state
        verdict = state.verdict if state.phase == "done" else None
        status = Status.PASS if verdict and verdict.kind == "healthy" else Status.FAIL if verdict and verdict.kind == "cause" else None
        shown = mark(status, signs=self.signs)
        if verdict and status is None:
            shown = Mark(self.signs.blocked, "", "$accent")
        return self._row("verdict", shown, "v Verdict", VERDICT_WORDS[verdict.kind] if verdict else "", width)

    def _progress(self, width: int) -> Content:
        state = self._state
        if state.phase == "idle":
            return Content()
        room = max(0, width - 7)
        done = room * state.judged_steps // 8
        return text.row(
            " ", (self.signs.full * done, "$primary"), (self.signs.rule * (room - done), "dim"), (f" {state.judged_steps}/8 ", "dim")
        )

    def on_click(self, event: events.Click) -> None:
        """Go where the row points."""
        place = self._places.get(self.content_size.width, {}).get(event.y)
        if place is not None:
            self.post_message(PlaceChosen(place))


class Strip(Rail):
    """The rail in one row, for small windows: glyph and digit each, the chosen one with its name and word."""

    def draw(self, width: int) -> list[Content]:
        """Draw the row."""
        parts: list[text.Part] = [" "]
        for number in range(10):
            shown = self.mark(number)
            chosen = number == self._place
            name = f"{number}{shown.glyph}"
            parts += [(name, f"{shown.style} reverse" if chosen else shown.style), " "]
        place = self._place
        word = "" if place == "verdict" else self._word(place, self.mark(place))
        here = "Verdict" if place == "verdict" else f"{STEP_NAMES[place]} {word}"
        room = width - 1 - 3 * 10 - 1
        parts.append((text.fit(here, max(0, room)), "bold"))
        return [text.row(*parts)]

    def on_click(self, event: events.Click) -> None:
        """Go where the digit points."""
        if 1 <= event.x <= 30:
            self.post_message(PlaceChosen((event.x - 1) // 3))

"""The whole verdict: the answer, what to do, and why, in the order a reader needs it."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from authwizard.model.run import Sentence, Verdict
from authwizard.ui import text
from authwizard.ui.meaning import ruled_out_lines
from authwizard.ui.signs import STEP_NAMES
from authwizard.ui.state import RunState
from authwizard.ui.widgets.rows import Rows
from authwizard.ui.widgets.verdict_block import verdict_heading

MOST = 12
"""Rows one sentence may take; the report has it whole."""


class VerdictAnswer(Rows):
    """Whose turn it is, how sure, the cause and one sentence: the part that never scrolls."""

    def __init__(self, cause_title: Callable[[str], str]) -> None:
        super().__init__()
        self._cause_title = cause_title
        self._state = RunState()

    def show(self, state: RunState) -> None:
        """Show a run's verdict."""
        self._state = state
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw the answer."""
        verdict = final(self._state)
        if verdict is None:
            words = "The run is still looking." if self._state.phase == "running" else self._state.problem or "There is no verdict yet."
            return [text.rule("VERDICT", width, self.signs.rule, "bold $primary"), *text.block(words, width, most=4)]
        heading, note, style = verdict_heading(verdict)
        rows = [text.rule(heading, width, self.signs.rule, style, note, style.replace("bold ", ""))]
        summary = verdict.summary
        if verdict.cause:
            title = self._cause_title(verdict.cause)
            rows += _cause(verdict, title, width)
            # The summary begins with the same words, for where it stands alone.
            summary = summary.removeprefix(f"{title}.").strip()
        return [*rows, *text.block(summary, width, most=4), Content()]


def _cause(verdict: Verdict, title: str, width: int) -> list[Content]:
    """The cause and its step, on one row where they fit."""
    step = f"step {verdict.step} {STEP_NAMES[verdict.step]}" if verdict.step is not None else ""
    if len(title) + 2 + len(step) <= width:
        return [text.row((title, "bold"), "  ", (step, "dim"))]
    return [*(text.row((line, "bold")) for line in text.wrap(title, width, 2)), text.row((step, "dim"))]


def final(state: RunState) -> Verdict | None:
    """The verdict of a run that is done."""
    return state.verdict if state.phase == "done" else None


class VerdictReasons(Rows):
    """What to do, because, against, what else is wrong, what fails next, and the request for the server's owner."""

    def __init__(self, cause_title: Callable[[str], str]) -> None:
        super().__init__()
        self._cause_title = cause_title
        self._state = RunState()

    def show(self, state: RunState) -> None:
        """Show a run's verdict."""
        if final(state) is not final(self._state) or state.run_id != self._state.run_id:
            self._state = state
            self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw the sections that have something to say."""
        verdict = final(self._state)
        if verdict is None:
            return []
        rows = self._remedy(verdict, width)
        rows += self._sentences("BECAUSE", verdict.because, width)
        rows += self._sentences("AGAINST", verdict.against, width)
        rows += self._section("THESE OBSERVATIONS DISAGREE", list(verdict.contradictions), width)
        rows += self._section("THROUGH", [self._cause_title(c) for c in verdict.mechanisms], width)
        rows += self._section("WILL FAIL NEXT", [self._cause_title(c) for c in verdict.will_fail_next], width)
        rows += self._sentences("WARNINGS", [Sentence(w.check, w.text) for w in verdict.warnings], width)
        rows += self._section("RULED OUT", ruled_out_lines(verdict, self._cause_title), width)
        deciding = verdict.next_test
        rows += self._section("THE TEST THAT DECIDES", [deciding] if deciding not in ("", verdict.remedy.text) else [], width)
        return rows + self._section("ASK THE SERVER'S OWNER", [verdict.server_log_request] if verdict.server_log_request else [], width)

    def _heading(self, title: str) -> list[Content]:
        return [Content(), text.row((title, "bold $secondary"))]

    def _remedy(self, verdict: Verdict, width: int) -> list[Content]:
        if not verdict.remedy.text and not verdict.remedy.commands:
            return []
        # Where all is well there is no fix that a key could copy.
        head = ("WHAT NOW", "") if verdict.kind == "healthy" else ("DO THIS", "   y copies it")
        rows = [text.row((head[0], "bold $secondary"), (head[1], "dim")), *text.block(verdict.remedy.text, width, most=MOST)]
        for command in verdict.remedy.commands:
            rows += [text.row("  ", (line, "$primary")) for line in text.wrap(command, width - 2, MOST)]
        return rows

    def _sentences(self, title: str, items: list[Sentence] | tuple[Sentence, ...], width: int) -> list[Content]:
        if not items:
            return []
        rows = self._heading(title)
        column = max(len(i.check) for i in items) + 2
        for item in items:
            for number, line in enumerate(text.wrap(item.text, width - column, MOST)):
                rows.append(text.row((text.fit(item.check if number == 0 else "", column), "dim"), line))
        return rows

    def _section(self, title: str, items: list[str], width: int) -> list[Content]:
        if not items:
            return []
        rows = self._heading(title)
        for item in items:
            for number, line in enumerate(text.wrap(item, width - 2, MOST)):
                rows.append(
                    text.row(
                        (f"{self.signs.separator} " if number == 0 and len(items) > 1 else "" if len(items) == 1 else "  ", "dim"), line
                    )
                )
        return rows

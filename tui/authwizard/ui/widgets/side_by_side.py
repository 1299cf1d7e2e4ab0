"""Two profiles or two runs side by side: what differs and can explain a 401 first, then the rest."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from authwizard.model.finding import Line
from authwizard.report.comparison import Comparison, Difference
from authwizard.ui import drawing, text
from authwizard.ui.widgets.rows import Rows


class SideBySide(Rows):
    """Draws a comparison; the part in which two values differ is underlined."""

    def __init__(self, cause_title: Callable[[str], str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cause_title = cause_title
        self._seen: Comparison | None = None
        self._problem = ""

    def show(self, seen: Comparison | None, problem: str = "") -> None:
        """Show a comparison, or why there is none."""
        self._seen, self._problem = seen, problem
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw the differences, then what is alike and what could not be compared."""
        seen = self._seen
        if seen is None:
            return text.block(self._problem, width, style="$warning")
        rows: list[Content] = []
        if seen.both:
            rows += [*text.block(f"Both end with: {seen.both}.", width), Content()]
        for title, differences in (("DIFFERS, AND CAN EXPLAIN A 401", seen.telling), ("DIFFERS", seen.rest)):
            if differences:
                rows += [
                    text.row((title, "bold $secondary")),
                    *(r for d in differences for r in self._difference(d, seen, width)),
                    Content(),
                ]
        if not seen.differences:
            rows += [text.row("Nothing that was compared differs."), Content()]
        for sentence in seen.beside:
            rows += [*text.block(sentence, width, style="dim"), Content()]
        if seen.alike:
            rows += [text.row(("ALIKE", "bold $secondary")), *text.block(seen.alike_words, width, style="dim")]
        for note in seen.notes:
            rows += text.block(f"Not compared, {note}", width, style="$warning")
        return rows

    def _difference(self, row: Difference, seen: Comparison, width: int) -> list[Content]:
        what = f"{row.what} ({row.note})" if row.note else row.what
        sides = [Line(seen.one, row.one, against=row.other), Line(seen.other, row.other, against=row.one)]
        rows = [*text.block(what, width, style="bold", most=2), *drawing.lines(sides, width, self.signs)]
        titles = "; ".join(map(self._cause_title, row.causes))
        return rows + (text.block(f"may mean: {titles}", width, indent=2, style="dim", most=3) if titles else [])

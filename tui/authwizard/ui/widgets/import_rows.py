"""What an import would make: what becomes a secret, a reference, a setting, what is left out, and what should be known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from authwizard.ui import text
from authwizard.ui.importing import Preview, Row
from authwizard.ui.widgets.rows import Rows

LABEL = 26
"""Cells of the widest label column."""


class ImportRows(Rows):
    """Draws a preview in sections; `place` is where secrets would be kept, once that is known."""

    def __init__(self, preview: Preview, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._preview = preview
        self._place = ""

    def set_place(self, place: str) -> None:
        """Say where secrets would be kept."""
        self._place = place
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw the sections that have something in them."""
        seen = self._preview
        rows: list[Content] = []
        if seen.foreign:
            rows += text.block(
                "It comes from somebody else: nothing below is read or sent before you have agreed to where it goes.",
                width,
                style="$warning",
            )
        rows += self._section("BECOMES A SECRET", self._place, seen.secret_rows, width)
        rows += self._section("BECOMES A REFERENCE", "read when it is needed", seen.reference_rows, width)
        if seen.notes:
            rows += [self._rule("TO KNOW", "", width), *self._sentences(seen.notes, width)]
        rows += self._section("BECOMES A SETTING", "profiles.toml", seen.setting_rows, width)
        if seen.left_out:
            rows.append(self._rule("LEFT OUT", "no name of a setting or a secret of an API", width))
            rows += text.block(", ".join(seen.left_out), width, style="dim")
        return rows

    def _with_origin(self, row: Content, origin: str, column: int, width: int) -> list[Content]:
        """Add where a value comes from, on a row of its own where there is no room."""
        said = f"from {text.shortened(origin, width - column - 5)}"
        if row.cell_length + 2 + len(said) <= width:
            return [text.row(row, "  ", (said, "dim"))]
        return [row, text.row(" " * column, (said, "dim"))]

    def _rule(self, title: str, note: str, width: int) -> Content:
        return text.rule(title, width, self.signs.rule, "bold $secondary", note, "dim")

    def _sentences(self, notes: Sequence[str], width: int) -> Iterator[Content]:
        for note in notes:
            for number, line in enumerate(text.wrap(note, width - 2)):
                yield text.row((f"{self.signs.warned} " if number == 0 else "  ", "$warning"), line)

    def _section(self, title: str, note: str, lines: Sequence[Row], width: int) -> list[Content]:
        if not lines:
            return []
        column = min(LABEL, max(len(line.label) for line in lines) + 2)
        rows = [self._rule(title, note, width)]
        for line in lines:
            for number, part in enumerate(text.wrap(line.value, width - column, 3)):
                rows.append(text.row((text.fit(line.label if number == 0 else "", column), "bold"), part))
            if line.origin:
                rows[-1:] = self._with_origin(rows[-1], line.origin, column, width)
        return rows

"""Text in rows: headings, sentences, indented lines; what dialogs and help are made of."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from authwizard.model.frozen import dataclass
from authwizard.ui import text
from authwizard.ui.widgets.rows import Rows


@dataclass(frozen=True)
class Para:
    """One paragraph. `label` makes it a `label  text` row whose text is indented behind the label."""

    text: str
    style: str = ""
    indent: int = 0
    label: str = ""
    most: int = 0
    """Rows to show at most, 0 for all."""


BLANK = Para("")


class Paragraphs(Rows):
    """Draws paragraphs, wrapped to the width."""

    def __init__(self, paragraphs: Sequence[Para] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._paragraphs = tuple(paragraphs)

    def set(self, paragraphs: Sequence[Para]) -> None:
        """Show other paragraphs."""
        if tuple(paragraphs) != self._paragraphs:
            self._paragraphs = tuple(paragraphs)
            self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw all paragraphs."""
        rows: list[Content] = []
        for para in self._paragraphs:
            rows += self._labelled(para, width) if para.label else self._plain(para, width)
        return rows

    def _plain(self, para: Para, width: int) -> list[Content]:
        return text.block(para.text, width, indent=para.indent, style=para.style, most=para.most)

    def _labelled(self, para: Para, width: int) -> list[Content]:
        rows = []
        column = max(para.indent, len(para.label) + 2)
        for number, line in enumerate(text.wrap(para.text, width - column, para.most)):
            head = text.fit(para.label if number == 0 else "", column)
            rows.append(text.row((head, "bold $primary"), (line, para.style)))
        return rows

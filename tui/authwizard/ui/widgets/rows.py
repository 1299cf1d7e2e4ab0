"""The base of all drawn parts: a widget whose rows are computed for its width."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from authwizard.ui import text
from authwizard.ui.signs import ASCII, UNICODE, Glyphs

WIDTHS = 4
"""Rows are kept for at most so many widths: with and without a scroll bar, before and after the window was resized."""


def signs_of(widget: Widget) -> Glyphs:
    """Return the marks the terminal of a widget's app can write."""
    signs = getattr(widget.app, "signs", UNICODE)
    return signs if isinstance(signs, Glyphs) else UNICODE


class Rows(Widget):
    """Draws the rows that `draw` returns; a subclass calls `redraw` when what it shows has changed."""

    auto_links = False
    """Places to click look like their neighbours; the pointer is a convenience, never the only way."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        self._drawn: dict[int, list[Content]] = {}
        """The rows by width: a layout asks for them with and without a scroll bar beside them, more than once."""
        super().__init__(id=id, classes=classes)

    @property
    def signs(self) -> Glyphs:
        """The marks this terminal can write, as the app found out."""
        return signs_of(self)

    def draw(self, width: int) -> list[Content]:
        """Return the rows, each at most `width` cells."""
        raise NotImplementedError

    def redraw(self, *, layout: bool = True) -> None:
        """Forget the rows and draw anew; `layout` where their number may have changed."""
        self._drawn.clear()
        self.refresh(layout=layout)

    def rows(self, width: int) -> list[Content]:
        """Return the rows for a width, computed once."""
        if width not in self._drawn:
            if len(self._drawn) == WIDTHS:
                self._drawn.clear()
            self._drawn[width] = self.draw(width) if width > 0 else []
        return self._drawn[width]

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take all the width there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take as many rows as there are."""
        return len(self.rows(width))

    def notify_style_update(self) -> None:
        """Draw anew where the theme changed."""
        self._drawn.clear()
        super().notify_style_update()

    def render(self) -> Content:
        """Return all rows as one content."""
        content = text.joined(self.rows(self.content_size.width))
        return text.in_ascii(content) if self.signs is ASCII else content

"""A part of a screen that scrolls on its own, so that the screen as a whole never does."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.scrollbar import ScrollBarRender

from authwizard.ui.signs import ASCII
from authwizard.ui.widgets.rows import signs_of


class AsciiBars(ScrollBarRender):
    """A scroll bar drawn with colour and spaces alone."""

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8


class Pane(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Scrolls by the keys of its screen; never takes the focus, nor a key from a field in it."""

    def on_mount(self) -> None:
        """Draw the bar with what the terminal can write."""
        if signs_of(self) is ASCII:
            self.vertical_scrollbar.renderer = AsciiBars  # type: ignore[misc]  # Textual documents setting it on one bar

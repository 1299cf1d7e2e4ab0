"""The box that takes whatever is at hand. It shows what may be a secret as dots and copies nothing in clear."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.content import Content
from textual.widgets import TextArea

from authwizard.ui.masking import masked
from authwizard.ui.messages import DoorText

SHOWN = 20_000
"""Characters the box shows; a longer paste is handed in as it is."""


class DoorBox(TextArea):
    """A multi-line field: Enter hands the text in, except where the line goes on with a backslash."""

    def __init__(self, placeholder: str, *, dot: str = "•", id: str | None = None) -> None:
        super().__init__(placeholder=Content(placeholder), id=id, highlight_cursor_line=False, compact=True, tab_behavior="focus")
        self._dot = dot

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is drawn: masked, and without acting characters."""
        return Text(masked(self.document.get_line(line_index), self._dot), end="", no_wrap=True)

    @property
    def selected_text(self) -> str:
        """The selection as it is drawn, so that copying it copies dots."""
        return "\n".join(masked(line, self._dot) for line in super().selected_text.split("\n"))

    def action_cut(self) -> None:
        """Delete the selection without copying it."""
        self.delete(*self.selection)

    def on_key(self, event: events.Key) -> None:
        """Hand the text in with Enter, leave the box with Esc."""
        goes_on = self.document.get_line(self.cursor_location[0]).rstrip().endswith("\\")
        if event.key == "enter" and not goes_on:
            self.hand_in()
        elif event.key == "escape":
            self.screen.focus_next()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted."""
        event.stop()
        event.prevent_default()
        self.take(event.text)

    def take(self, text: str) -> None:
        """Put a text at the cursor; a very long one is handed in at once: it is nothing to look at or to edit."""
        text = single_breaks(text)
        if len(text) > SHOWN:
            self.post_message(DoorText(text))
        else:
            self.move_cursor(self.replace(text, *self.selection).end_location)

    def hand_in(self) -> None:
        """Give the text to the screen, if there is any."""
        if self.text.strip():
            self.post_message(DoorText(self.text))

    def empty(self) -> None:
        """Forget the text and its history."""
        self.load_text("")

    def __repr__(self) -> str:
        """Say what it is, never what is in it."""
        return f"DoorBox(id={self.id!r})"


def single_breaks(text: str) -> str:
    """Return a paste in which every line break came doubled with single ones.

    A terminal that writes each line feed as a carriage return makes two of every CRLF, and an answer would end after its first line.
    """
    doubled = text.replace("\r\r", "")
    return text.replace("\r\r", "\n") if "\r\r" in text and "\r" not in doubled and "\n" not in doubled else text

"""A field with a few fixed values: left and right go through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from authwizard.ui import text
from authwizard.ui.widgets.rows import Rows


class Cycle(Rows, can_focus=True):
    """One row: `< bearer >`, with the place in the list where it is focused."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Value before", show=False),
        Binding("right,space", "turn(1)", "Next value", show=False),
        Binding("up", "screen.field(-1)", "Field before", show=False),
        Binding("down,enter", "screen.field(1)", "Next field", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another value was chosen."""

        cycle: Cycle
        value: str

        @property
        def control(self) -> Cycle:
            """The field it was chosen in."""
            return self.cycle

    def __init__(self, values: tuple[str, ...], value: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._values = values
        self.value = value if value in values else values[0]

    def draw(self, width: int) -> list[Content]:
        """Draw the value."""
        if not self.has_focus:
            return [text.row(self.value)]
        place = f"  {self._values.index(self.value) + 1} of {len(self._values)}"
        how = ", left and right change it"
        place += how if len(self.value) + 4 + len(place) + len(how) <= width else ""
        return [text.row(("< ", "bold $primary"), (self.value, "bold"), (" >", "bold $primary"), (place, "dim"))]

    def action_turn(self, by: int) -> None:
        """Choose the value before or after."""
        self.value = self._values[(self._values.index(self.value) + by) % len(self._values)]
        self.redraw(layout=False)
        self.post_message(self.Changed(self, self.value))

    def on_focus(self) -> None:
        """Show how to change it."""
        self.redraw(layout=False)

    def on_blur(self) -> None:
        """Show the value alone."""
        self.redraw(layout=False)

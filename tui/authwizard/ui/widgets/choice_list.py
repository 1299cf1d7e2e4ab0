"""A list to choose one row from, with arrows and Enter or a click; used by every dialog and by Home."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message

from authwizard.model.frozen import dataclass
from authwizard.ui import text
from authwizard.ui.widgets.rows import Rows


@dataclass(frozen=True)
class Choice:
    """One row. `id` None makes it a heading that cannot be chosen."""

    id: str | None
    label: str | Content
    note: str = ""
    """A further row below the label, dim."""


class ChoiceList(Rows, can_focus=True):
    """Rows of which one is marked; the mark is a bar as well as a colour."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "move(-10)", "Page up", show=False),
        Binding("pagedown", "move(10)", "Page down", show=False),
        Binding("home", "move(-100000)", "First", show=False),
        Binding("end", "move(100000)", "Last", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    @dataclasses.dataclass
    class Marked(Message):
        """The mark moved to a row."""

        id: str

    @dataclasses.dataclass
    class Chosen(Message):
        """A row was chosen."""

        id: str
        list: ChoiceList

        @property
        def control(self) -> ChoiceList:
            """The list it was chosen in."""
            return self.list

    def __init__(self, choices: Sequence[Choice] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choices: tuple[Choice, ...] = tuple(choices)
        self._marked = self._first()
        self._tops: dict[int, dict[int, int]] = {}
        """For each width that was drawn, index of a choice to its first row."""

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Show other rows; the mark stays on the same id where it is still there."""
        before = self.marked
        self._choices = tuple(choices)
        ids = [c.id for c in self._choices]
        self._marked = ids.index(before) if before is not None and before in ids else self._first()
        self.redraw()

    def mark(self, id: str) -> None:
        """Move the mark to the row of this id, where there is one."""
        numbers = [n for n, c in enumerate(self._choices) if c.id == id]
        if numbers:
            self._mark(numbers[0])

    @property
    def marked(self) -> str | None:
        """The id of the marked row, None where there is none."""
        return self._choices[self._marked].id if 0 <= self._marked < len(self._choices) else None

    def _first(self) -> int:
        return next((n for n, c in enumerate(self._choices) if c.id is not None), -1)

    def draw(self, width: int) -> list[Content]:
        """Draw all rows."""
        rows: list[Content] = []
        tops = self._tops[width] = {}
        for number, choice in enumerate(self._choices):
            tops[number] = len(rows)
            rows += self._drawn_choice(choice, number == self._marked, width)
        return rows

    def _drawn_choice(self, choice: Choice, marked: bool, width: int) -> list[Content]:
        label = choice.label if isinstance(choice.label, Content) else text.row(choice.label)
        label = label.truncate(width - 2, ellipsis=True)
        if choice.id is None:
            return [label.stylize("dim") if isinstance(choice.label, str) else label]
        edge = text.row((self.signs.bar if marked else " ", "$primary"), " ")
        head = (edge + label).pad_right(max(0, width - 2 - label.cell_length))
        rows = [head.stylize("bold on $panel" if self.has_focus else "bold") if marked else head]
        if choice.note:
            for line in text.wrap(choice.note, width - 4, 3):
                note = text.row((self.signs.bar if marked else " ", "$primary"), "   ", (text.fit(line, width - 4), "dim"))
                rows.append(note.stylize("on $panel") if marked and self.has_focus else note)
        return rows

    def action_move(self, by: int) -> None:
        """Move the mark over rows that can be chosen."""
        able = [n for n, c in enumerate(self._choices) if c.id is not None]
        if not able:
            return
        here = able.index(self._marked) if self._marked in able else 0
        self._mark(able[max(0, min(len(able) - 1, here + by))])

    def _mark(self, number: int) -> None:
        if number != self._marked:
            self._marked = number
            self.redraw(layout=False)
            marked = self.marked
            if marked is not None:
                self.post_message(self.Marked(marked))
        self.scroll_visible_row(self._top().get(number, 0))

    def _top(self) -> dict[int, int]:
        """Index of a choice to its first row, at the width it has now."""
        self.rows(self.content_size.width)
        return self._tops.get(self.content_size.width, {})

    def scroll_visible_row(self, y: int) -> None:
        """Bring a row into the visible part of the pane around this list."""
        parent = self.parent
        if parent is not None and hasattr(parent, "scroll_to_region"):
            parent.scroll_to_region(Region(0, max(0, y - 1), 1, 4), animate=False)

    def action_choose(self) -> None:
        """Choose the marked row."""
        if self.marked is not None:
            self.post_message(self.Chosen(self.marked, self))

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the pointer."""
        inside = [n for n, top in self._top().items() if top <= event.y]
        if inside and self._choices[inside[-1]].id is not None:
            self._mark(inside[-1])
            self.action_choose()

    def on_focus(self) -> None:
        """Show the mark with its colour."""
        self.redraw(layout=False)

    def on_blur(self) -> None:
        """Show the mark without its colour."""
        self.redraw(layout=False)

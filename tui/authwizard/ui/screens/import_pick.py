"""Which request of a document is it? A list to choose from, narrowed by typing a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from authwizard.ui.importing import Document, ImportRead
from authwizard.ui.screens.reading import ReadingScreen
from authwizard.ui.services import Services
from authwizard.ui.widgets.choice_list import Choice, ChoiceList
from authwizard.ui.widgets.inputs import EntryInput
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

if TYPE_CHECKING:
    from authwizard.importers.candidates import Candidate

MOST = 100
"""Rows that are shown at once: the list is drawn whole at each key."""


class PickScreen(ReadingScreen[tuple[str, ImportRead]]):
    """Ends with the request that was chosen and what it would become, or None to go back."""

    AUTO_FOCUS = "#filter"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False),
        Binding("pageup", "field(-10)", "Page up", show=False, priority=True),
        Binding("pagedown", "field(10)", "Page down", show=False, priority=True),
    ]

    def __init__(self, services: Services, document: Document, read: ImportRead, marked: str | None = None) -> None:
        """Offer the candidates of `read`, which was read of `document`; the mark begins on `marked`."""
        super().__init__(services, "Enter shows what it would become.")
        self._document = document
        self._read_before = read
        self._begin = marked

    def compose(self) -> ComposeResult:
        """Lay out the filter, the list and what is said."""
        with Vertical(classes="full"):
            yield Paragraphs([Para(f"{self._read_before.sentence}. Which one is it?", "bold $primary", most=2)])
            yield EntryInput(placeholder="type a part of it to narrow the list", id="filter")
            with Pane(id="candidates-pane"):
                yield ChoiceList(self._choices(""), id="candidates")
            yield Paragraphs([Para(self._usual, "dim")], id="import-note")
            yield KeyLine((("enter", "choose", "screen.enter_field"), ("up/down", "mark", ""), ("Esc", "back", "screen.leave")))

    def on_mount(self) -> None:
        """Mark the one that was chosen before."""
        if self._begin is not None:
            self.query_one("#candidates", ChoiceList).mark(self._begin)

    def _choices(self, part: str) -> list[Choice]:
        found = [c for c in self._read_before.candidates if part in f"{c.label} {c.note}".lower()]
        return [
            *map(_choice, _first(found, self._begin)),
            *([Choice(None, f"and {len(found) - MOST} more: type a part")] if len(found) > MOST else []),
        ]

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow the list."""
        message.stop()
        choices = self._choices(message.value.strip().lower())
        self.query_one("#candidates", ChoiceList).set_choices(choices or [Choice(None, "No request has that in it.")])

    def action_field(self, by: int) -> None:
        """Move the mark."""
        self.query_one("#candidates", ChoiceList).action_move(by)

    def action_enter_field(self) -> None:
        """Choose the marked one."""
        self.query_one("#candidates", ChoiceList).action_choose()

    def on_choice_list_chosen(self, message: ChoiceList.Chosen) -> None:
        """Read the document again, for this request."""
        message.stop()
        self.read(replace(self._document, pick=message.id))

    async def read_ended(self, document: Document, read: ImportRead) -> None:
        """Leave with what was read; where it cannot be used, another one can be chosen."""
        if read.problem and read.wants_environment:
            self.note(Para(f"{read.problem} Esc goes back to the field for an environment.", "$warning", most=4))
        elif read.preview is not None:
            self.dismiss((document.pick, replace(read, sentence=f"{self._read_before.sentence}: {self._label(document.pick)}")))

    def _label(self, pick: str) -> str:
        return next((c.label for c in self._read_before.candidates if c.pick == pick), pick)

    def action_leave(self) -> None:
        """Stop the reading, or go back."""
        if not self.stop_reading():
            self.dismiss(None)


def _first(found: Sequence[Candidate], kept: str | None) -> list[Candidate]:
    """Return as many as are shown; the one that was chosen before is among them."""
    shown = list(found[:MOST])
    return shown + [c for c in found[MOST:] if c.pick == kept]


def _choice(candidate: Candidate) -> Choice:
    return Choice(candidate.pick, candidate.label, candidate.note)

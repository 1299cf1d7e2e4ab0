"""The base of the dialogs: a box with paragraphs that can scroll and a list of choices that cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from authwizard.ui.widgets.choice_list import Choice, ChoiceList
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

T = TypeVar("T")


class Dialog(ModalScreen[T], Generic[T]):
    """A title, paragraphs, choices. A subclass says what each choice means in `result_of`."""

    AUTO_FOCUS = "#choices"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("pageup", "scroll_text(-8)", "Page up", show=False, priority=True),
        Binding("pagedown", "scroll_text(8)", "Page down", show=False, priority=True),
    ]

    def __init__(self, title: str, paragraphs: Sequence[Para], choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._paragraphs = paragraphs
        self._choices = choices
        self._left = False

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="dialog"):
            yield Paragraphs([Para(self._title, "bold $primary")])
            with Pane(classes="text"):
                yield Paragraphs(self._paragraphs)
            yield from self.compose_more()
            yield ChoiceList(self._choices, id="choices")

    def on_resize(self) -> None:
        """Leave the text what is left of the window: the choices are always seen whole."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        box, text = self.query_one(".dialog"), self.query_one(".text")
        others = sum(w.outer_size.height + w.styles.margin.height for w in box.children if w is not text and w.display)
        room = int(self.size.height * 0.94) - box.gutter.height - others - text.styles.margin.height
        text.styles.max_height = max(room, 3)

    def compose_more(self) -> ComposeResult:
        """Lay out what stands between text and choices; nothing unless a dialog needs it."""
        yield from ()

    def result_of(self, choice: str) -> T | None:
        """Return what a choice means to the caller."""
        raise NotImplementedError

    def may_choose(self, choice: str) -> bool:
        """Tell whether a choice can be made now; a subclass with a condition says at its field what is missing."""
        return True

    def on_choice_list_chosen(self, message: ChoiceList.Chosen) -> None:
        """Leave with the choice."""
        message.stop()
        if self.may_choose(message.id):
            self._leave_with(self.result_of(message.id))

    def action_leave(self) -> None:
        """Leave without a choice."""
        self._leave_with(None)

    def _leave_with(self, result: T | None) -> None:
        # A key pressed twice must not take away the screen below as well.
        if not self._left:
            self._left = True
            self.dismiss(result)

    def action_scroll_text(self, rows: int) -> None:
        """Scroll the paragraphs."""
        self.query_one(".text").scroll_relative(y=rows, animate=False)


class Notice(Dialog[bool]):
    """Says something and waits until it was read."""

    def __init__(self, title: str, sentences: Sequence[str]) -> None:
        super().__init__(title, [Para(s) for s in sentences], [Choice("ok", "Close")])

    def result_of(self, choice: str) -> bool:
        """Return that it was read."""
        return True

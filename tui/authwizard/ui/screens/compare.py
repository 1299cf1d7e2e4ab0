"""Two runs or two profiles side by side: what to compare with, and what differs, first what can explain a 401."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from authwizard.model.errors import AuthwizardError
from authwizard.report.comparison import Comparison
from authwizard.ui.services import Comparable
from authwizard.ui.widgets.choice_list import Choice, ChoiceList
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import Para, Paragraphs
from authwizard.ui.widgets.side_by_side import SideBySide


class CompareScreen(ModalScreen[None]):
    """Choose what to compare with; the differences that can explain a 401 come first. Nothing is sent."""

    AUTO_FOCUS = "#comparables"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,c", "leave", "Close", show=False),
        Binding("pageup", "scroll_result(-8)", "Page up", show=False, priority=True),
        Binding("pagedown,space", "scroll_result(8)", "Page down", show=False, priority=True),
    ]

    def __init__(
        self, items: Sequence[Comparable], compare: Callable[[str], Awaitable[Comparison]], cause_title: Callable[[str], str], what: str
    ) -> None:
        """Compare `what`, which the heading names, with one of `items` (at least one)."""
        super().__init__()
        self._items = items
        self._compare = compare
        self._cause_title = cause_title
        self._what = what

    def compose(self) -> ComposeResult:
        """Lay out the choices and the result."""
        with Vertical(classes="full"):
            yield Paragraphs(
                [
                    Para(f"Compare {self._what} with", "bold $primary"),
                    Para("Nothing is sent; secrets are compared by their fingerprints.", "dim"),
                ]
            )
            with Pane(id="comparables-pane"):
                yield ChoiceList([Choice(item.id, item.label, item.note) for item in self._items], id="comparables")
            with Pane(id="comparison"):
                yield SideBySide(self._cause_title, id="side-by-side")
            yield KeyLine((("up/down", "compare with", ""), ("PgUp/PgDn", "scroll", ""), ("Esc", "close", "screen.leave")))

    def on_mount(self) -> None:
        """Compare with the first."""
        self._show(self._items[0].id)

    def on_choice_list_marked(self, message: ChoiceList.Marked) -> None:
        """Compare with the marked one."""
        message.stop()
        self._show(message.id)

    def on_choice_list_chosen(self, message: ChoiceList.Chosen) -> None:
        """Compare again: what is compared with may have changed."""
        message.stop()
        self._show(message.id)

    @work(exclusive=True, group="compare", exit_on_error=False)
    async def _show(self, item: str) -> None:
        result = self.query_one("#side-by-side", SideBySide)
        try:
            result.show(await self._compare(item))
        except AuthwizardError as error:
            result.show(None, str(error))
        self.query_one("#comparison").scroll_home(animate=False)

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_scroll_result(self, rows: int) -> None:
        """Scroll the result."""
        self.query_one("#comparison").scroll_relative(y=rows, animate=False)

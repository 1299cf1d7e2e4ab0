"""The report: which format, where to, and what it will look like before it is written."""

from __future__ import annotations

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from authwizard.model.run import Run
from authwizard.ui.services import ReportFormat, Services
from authwizard.ui.widgets.choice_list import Choice, ChoiceList
from authwizard.ui.widgets.inputs import SettingInput
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

FORMATS: tuple[tuple[ReportFormat, str, str], ...] = (
    ("markdown", "Markdown, for an issue or a ticket", ".md"),
    ("text", "Plain text", ".txt"),
    ("html", "HTML, one page for a browser", ".html"),
    ("json", "JSON, for a program", ".json"),
    ("junit", "JUnit, for a pipeline", ".xml"),
)
PREVIEW = 20_000
"""Characters of the preview; the file has all."""


def default_path(profile: str, form: ReportFormat) -> str:
    """Return where the report of a profile goes unless the user names another place."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", profile).strip("-") or "run"
    return f"authwizard-{name}{next(e for f, _, e in FORMATS if f == form)}"


class ReportScreen(ModalScreen[str]):
    """Choose a format, see the preview, give a path, write. Ends with the path that was written, or None."""

    AUTO_FOCUS = "#formats"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False),
        Binding("pageup", "scroll_preview(-8)", "Page up", show=False, priority=True),
        Binding("pagedown", "scroll_preview(8)", "Page down", show=False, priority=True),
    ]

    def __init__(self, run: Run, services: Services) -> None:
        super().__init__()
        self._run = run
        self._services = services
        self._format: ReportFormat = "markdown"
        self._written = ""

    def compose(self) -> ComposeResult:
        """Lay out formats, path, outcome and preview."""
        with Vertical(classes="full"):
            yield Paragraphs([Para("Write the report. It is searched for secrets first; only you can read it.", "bold $primary")])
            yield ChoiceList([Choice(f, label) for f, label, _ in FORMATS], id="formats")
            yield SettingInput(self._default_path(), placeholder="where to write it", id="path")
            yield Paragraphs([Para("Enter on a format goes to the path; Enter there writes.", "dim")], id="outcome")
            with Pane(id="preview"):
                yield Paragraphs(id="preview-text")
            yield KeyLine(
                (
                    ("up/down", "format", ""),
                    ("enter", "write", ""),
                    ("PgUp/PgDn", "scroll the preview", ""),
                    ("Esc", "close", "screen.leave"),
                )
            )

    def on_mount(self) -> None:
        """Show the first preview."""
        self._show_preview()

    def _default_path(self) -> str:
        return default_path(self._run.profile, self._format)

    def _show_preview(self) -> None:
        preview = self._services.preview_report(self._run, self._format)
        cut = preview[:PREVIEW] + ("\n(the file has the rest)" if len(preview) > PREVIEW else "")
        self.query_one("#preview-text", Paragraphs).set([Para(cut)])
        self.query_one("#preview").scroll_home(animate=False)

    def on_choice_list_marked(self, message: ChoiceList.Marked) -> None:
        """Show the preview of the marked format, and its ending in the path where the path was not changed by hand."""
        field = self.query_one("#path", SettingInput)
        untouched = field.value == self._default_path()
        self._format = next(f for f, _, _ in FORMATS if f == message.id)
        if untouched:
            field.value = self._default_path()
        self._show_preview()

    def on_choice_list_chosen(self, message: ChoiceList.Chosen) -> None:
        """Go on to the path."""
        message.stop()
        self.query_one("#path").focus()

    def action_field(self, by: int) -> None:
        """Up leaves the path for the formats; Enter or down writes."""
        if by < 0:
            self.query_one("#formats").focus()
        else:
            self._write()

    def _write(self) -> None:
        path = self.query_one("#path", SettingInput).value.strip()
        if not path:
            self._tell("Give a path to write to.", "$warning")
            return
        outcome = self._services.write_report(self._run, self._format, path)
        if outcome.problem:
            self._tell(outcome.problem, "bold $error")
            return
        self._written = outcome.path
        self._tell(f"Written to {outcome.path}", "$success")

    def _tell(self, sentence: str, style: str) -> None:
        self.query_one("#outcome", Paragraphs).set([Para(sentence, style, most=3)])

    def action_leave(self) -> None:
        """Close, with the path that was written."""
        self.dismiss(self._written or None)

    def action_scroll_preview(self, rows: int) -> None:
        """Scroll the preview."""
        self.query_one("#preview").scroll_relative(y=rows, animate=False)

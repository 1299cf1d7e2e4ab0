"""Importing a profile: a file or a paste is read, a request of it chosen, the preview shown. Nothing is written before the preview."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from authwizard.ui.importing import Document, ImportEnded, ImportRead
from authwizard.ui.messages import DoorText
from authwizard.ui.screens.import_pick import PickScreen
from authwizard.ui.screens.import_preview import PreviewScreen
from authwizard.ui.screens.reading import ReadingScreen
from authwizard.ui.services import Services
from authwizard.ui.signs import ASCII, Glyphs
from authwizard.ui.widgets.door import DoorBox
from authwizard.ui.widgets.inputs import EntryInput
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

TAKES = "A curl command, a .env file, a HAR, a Postman collection, an OpenAPI document, or a profile that somebody exported."
USUAL = "Enter reads it and shows what it would become. Nothing is written yet."


class ImportScreen(ReadingScreen[ImportEnded]):
    """Takes documents until one is saved or goes to the form; ends with that, or None where it was given up."""

    AUTO_FOCUS = "#path"

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False, priority=True)]

    def __init__(self, services: Services, signs: Glyphs) -> None:
        super().__init__(services, USUAL)
        self._dot = "*" if signs is ASCII else "•"

    def compose(self) -> ComposeResult:
        """Lay out the fields for paths, the box, and what is said about them."""
        with Vertical(classes="full"):
            yield Paragraphs([Para("Import a profile", "bold $primary"), Para(TAKES)])
            with Horizontal(classes="entry"):
                yield Paragraphs([Para("file", "$foreground 60%")])
                yield EntryInput(placeholder="its path, e.g. ~/Downloads/api.har", id="path")
            with Horizontal(classes="entry", id="environment-row"):
                yield Paragraphs([Para("environment", "$foreground 60%")])
                yield EntryInput(placeholder="path of the Postman environment, where it has one", id="environment")
            yield DoorBox("or paste the text itself here", dot=self._dot, id="pasted")
            yield Paragraphs([Para(USUAL, "dim")], id="import-note")
            yield KeyLine((("enter", "read it", "screen.enter_field"), ("Tab", "path / box", ""), ("Esc", "leave", "screen.leave")))

    def on_mount(self) -> None:
        """Hide what only a Postman collection needs."""
        self.query_one("#environment-row").display = False

    def on_paste(self, event: events.Paste) -> None:
        """A paste outside the fields goes into the box."""
        event.stop()
        self.query_one("#pasted", DoorBox).take(event.text)

    def on_door_text(self, message: DoorText) -> None:
        """Read what was handed in."""
        message.stop()
        self.read(Document(text=message.text, environment=self._value("environment")))

    def action_enter_field(self) -> None:
        """Read the file, or the box where no file is named."""
        if self._value("path"):
            self.read(Document(path=self._value("path"), environment=self._value("environment")))
        else:
            self.query_one("#pasted", DoorBox).hand_in()

    def action_field(self, by: int) -> None:
        """Go to the field before or after."""
        if by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def _value(self, field: str) -> str:
        return self.query_one(f"#{field}", EntryInput).value.strip()

    async def read_ended(self, document: Document, read: ImportRead) -> None:
        """Let a request be chosen where there are several, and show what it would become, until that is agreed to or given up."""
        self.query_one("#environment-row").display = read.wants_environment
        if read.preview is not None:
            await self._show(read)
        marked: str | None = None
        while read.candidates:
            picked: tuple[str, ImportRead] | None = await self.app.push_screen_wait(PickScreen(self._services, document, read, marked))
            if picked is None:
                return
            marked, chosen = picked
            if await self._show(chosen):
                return

    async def _show(self, read: ImportRead) -> bool:
        """Show a preview; True where it ended the import."""
        assert read.preview is not None
        ended: ImportEnded | None = await self.app.push_screen_wait(PreviewScreen(self._services, read.sentence, read.preview))
        if ended is not None:
            self.dismiss(ended)
        return ended is not None

    def action_leave(self) -> None:
        """Stop the reading, or leave without an import; what was pasted is forgotten with the screen."""
        if not self.stop_reading():
            self.dismiss(None)

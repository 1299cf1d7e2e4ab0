"""Fields to type into: one for settings that drops acting characters, one for secrets that cannot be read or copied."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input, TextArea

from authwizard.model.late_pattern import late_pattern
from authwizard.model.secret import Secret
from authwizard.ui.masking import without_controls


class SettingInput(Input):
    """A one-row field; up and down leave it for the field before and after."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.field(-1)", "Field before", show=False),
        Binding("down,enter", "screen.field(1)", "Next field", show=False),
    ]

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(without_controls(value), placeholder=without_controls(placeholder), id=id, compact=True, select_on_focus=False)

    def validate_value(self, value: str) -> str:
        """Drop characters that act on the terminal: they are never meant in a setting."""
        return without_controls(value)

    def on_paste(self, event: events.Paste) -> None:
        """Take no curl command and no token: a setting is shown in clear, and they hold what is not."""
        if _SECRET.search(event.text):
            event.prevent_default()
            self.refuse(event)

    def refuse(self, event: events.Paste) -> None:
        """Say why nothing was put here."""
        event.stop()
        self.notify(_NOT_HERE, severity="warning", markup=False)


_SECRET = late_pattern(r"(?:^|\s)curl(?:\.exe)?\s+\S|\beyJ[\w-]{8,}\.|-----BEGIN [A-Z ]*PRIVATE KEY")
_NOT_HERE = (
    "That holds a secret, and this field shows what is in it: nothing was put here. Import makes a profile of a curl command; a token or a key "
    "goes into its masked field."
)


class EntryInput(SettingInput):
    """A setting that Enter hands in, where it leads elsewhere than to the next field."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.enter_field", "Hand in", show=False)]

    def refuse(self, event: events.Paste) -> None:
        """Leave it to a screen that has a box for it."""
        if not hasattr(self.screen, "on_paste"):
            super().refuse(event)


class SecretInput(Input):
    """A masked field: its value is not drawn, not selected, not copied, and only given out as a `Secret`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.field(-1)", "Field before", show=False),
        Binding("down,enter", "screen.field(1)", "Next field", show=False),
    ]

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(password=True, placeholder=placeholder, id=id, compact=True, select_on_focus=False)

    @property
    def secret(self) -> Secret:
        """What was typed, exactly."""
        return Secret(self.value)

    @property
    def selected_text(self) -> str:
        """Nothing: a secret is not handed to the clipboard."""
        return ""

    def action_copy(self) -> None:
        """Do nothing: a secret is not copied."""

    def action_cut(self) -> None:
        """Delete the selection without copying it."""
        self.delete_selection()

    def on_paste(self, event: events.Paste) -> None:
        """Take all lines, where the base class keeps the first: a private key has many. One final line feed comes from copying."""
        event.prevent_default()
        event.stop()
        pasted = event.text.replace("\r\n", "\n").removesuffix("\n")
        if pasted:
            self.replace(pasted, *self.selection)

    def __repr__(self) -> str:
        """Say what it is, never what is in it."""
        return f"SecretInput(id={self.id!r})"


class SettingArea(TextArea):
    """A field of several rows for settings; acting characters are not drawn and not kept."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "screen.section(-1)", "Section before", show=False),
        Binding("pagedown", "screen.section(1)", "Next section", show=False),
    ]

    def __init__(self, value: str = "", *, id: str | None = None) -> None:
        super().__init__(_clean_lines(value), id=id, compact=True, highlight_cursor_line=False, tab_behavior="focus")

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted without acting characters."""
        event.prevent_default()
        event.stop()
        self.replace(_clean_lines(event.text), *self.selection)


def _clean_lines(value: str) -> str:
    return "\n".join(without_controls(line) for line in value.splitlines())

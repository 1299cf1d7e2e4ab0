"""What else can be done with a saved profile: copy it, give it another name, export it, compare it, remove it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from authwizard.model.errors import AuthwizardError
from authwizard.ui.screens.dialog import Dialog
from authwizard.ui.screens.report import default_path
from authwizard.ui.services import ProfileCard, Services
from authwizard.ui.widgets.choice_list import Choice
from authwizard.ui.widgets.inputs import EntryInput
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

More = Literal["edit", "copy", "rename", "export", "compare", "remove"]


class MoreScreen(Dialog[More]):
    """The profile with all that is known of its secrets, and what can be done with it."""

    def __init__(self, card: ProfileCard, others: Sequence[str]) -> None:
        ages = [Para(age.text, "$warning" if age.due else "dim", label=age.field, indent=16) for age in card.ages]
        choices = [
            Choice("edit", "Edit it"),
            Choice("copy", "Copy it", "Under a second name; stored secrets are not copied."),
            Choice("rename", "Rename it", "Its stored secrets, verdict and agreements move with it."),
            Choice("export", "Export it", "For a colleague: never a secret, and what they must supply."),
            *([Choice("compare", "Compare it", "With another profile, side by side.")] if others else []),
            Choice("remove", "Remove it", "With the secrets stored under its name, after a question."),
        ]
        super().__init__(f"{card.name}  ({card.environment})", [Para(card.url, "dim"), *ages], choices)

    def result_of(self, choice: str) -> More:
        """Return the choice."""
        return choice  # type: ignore[return-value]  # the ids of the choices above


class NameScreen(Dialog[str]):
    """Asks for a name and does something with it; stays until that worked, or it was given up. Ends with the name."""

    AUTO_FOCUS = "#name"

    def __init__(self, title: str, sentence: str, name: str, do: Callable[[str], Awaitable[str]]) -> None:
        """Ask under `title`, beginning with `name`; `do` returns why it did not work, "" when done."""
        super().__init__(title, [Para(sentence)], [Choice("ok", "Go on"), Choice("cancel", "Cancel")])
        self._name_before = name
        self._do = do
        self._doing = False

    def compose_more(self) -> ComposeResult:
        """Lay out the field and what is said of it."""
        yield EntryInput(self._name_before, placeholder="letters, digits, dot, dash, underscore", id="name")
        yield Paragraphs(id="name-note")

    def action_enter_field(self) -> None:
        """Go on with what was typed."""
        self._try()

    def action_field(self, by: int) -> None:
        """Leave the field for the choices."""
        self.query_one("#choices").focus()

    def may_choose(self, choice: str) -> bool:
        """Try the name first."""
        if choice == "ok":
            self._try()
        return choice != "ok"

    def result_of(self, choice: str) -> None:
        """Return nothing: a name that worked leaves by itself."""

    def _try(self) -> None:
        name = self.query_one("#name", EntryInput).value.strip()
        if name and not self._doing:
            self._doing = True
            self._do_it(name)

    @work(group="save", exit_on_error=False)
    async def _do_it(self, name: str) -> None:
        try:
            problem = await self._do(name)
        finally:
            self._doing = False
        if problem:
            self.query_one("#name-note", Paragraphs).set([Para(problem, "$error", most=4)])
        else:
            self._leave_with(name)


class ExportScreen(ModalScreen[str]):
    """Shows the export as it will be, takes a path, and writes it. Ends with the path, or None."""

    AUTO_FOCUS = "#path"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False),
        Binding("pageup", "scroll_text(-8)", "Page up", show=False, priority=True),
        Binding("pagedown", "scroll_text(8)", "Page down", show=False, priority=True),
    ]

    def __init__(self, services: Services, name: str) -> None:
        super().__init__()
        self._services = services
        self._profile_name = name

    def compose(self) -> ComposeResult:
        """Lay out path, outcome and text."""
        with Vertical(classes="full"):
            yield Paragraphs([Para(f"Export {self._profile_name}: settings and references, no secret", "bold $primary")])
            yield EntryInput(
                default_path(self._profile_name, "text").removesuffix(".txt") + ".toml", placeholder="where to write it", id="path"
            )
            yield Paragraphs(
                [Para("Enter writes it. They take it in with: authwizard profile import FILE, or i in the wizard.", "dim")], id="outcome"
            )
            with Pane(id="preview"):
                yield Paragraphs(id="preview-text")
            yield KeyLine((("enter", "write", "screen.enter_field"), ("PgUp/PgDn", "scroll", ""), ("Esc", "close", "screen.leave")))

    def on_mount(self) -> None:
        """Show the text."""
        try:
            self.query_one("#preview-text", Paragraphs).set([Para(self._services.export_text(self._profile_name))])
        except AuthwizardError as error:
            self._tell(str(error), "bold $error")

    def action_field(self, by: int) -> None:
        """There is one field alone."""

    def action_enter_field(self) -> None:
        """Write the file."""
        path = self.query_one("#path", EntryInput).value.strip()
        written = self._services.write_export(self._profile_name, path) if path else None
        if written is None:
            self._tell("Give a path to write to.", "$warning")
        elif written.problem:
            self._tell(written.problem, "bold $error")
        else:
            self.dismiss(written.path)

    def _tell(self, sentence: str, style: str) -> None:
        self.query_one("#outcome", Paragraphs).set([Para(sentence, style, most=3)])

    def action_leave(self) -> None:
        """Close without writing."""
        self.dismiss(None)

    def action_scroll_text(self, rows: int) -> None:
        """Scroll the text."""
        self.query_one("#preview").scroll_relative(y=rows, animate=False)

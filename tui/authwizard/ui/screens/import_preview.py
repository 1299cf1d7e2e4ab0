"""The preview of an import: what becomes a secret and what a setting. Enter writes it, Escape leaves everything as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from authwizard.model.profile import Environment, Profile
from authwizard.ui.crash import sentence_of
from authwizard.ui.importing import ImportEnded, Preview
from authwizard.ui.profile_fields import FIELDS
from authwizard.ui.profile_problems import problems
from authwizard.ui.profile_values import values_of
from authwizard.ui.screens.keeping import ready_to_keep
from authwizard.ui.services import Services
from authwizard.ui.widgets.choice_list import Choice, ChoiceList
from authwizard.ui.widgets.cycle import Cycle
from authwizard.ui.widgets.import_rows import ImportRows
from authwizard.ui.widgets.inputs import SettingInput
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

USUAL = "Enter saves it. Esc goes back; nothing is written then."
NOT_SAVED = "Nothing was saved. Change it in the form, and write a reference (env:NAME, file:PATH) beside each secret; or: authwizard store use file"
SAVING = "Saving: waiting for your system keyring (Esc: continue without it)."
ENVIRONMENTS = ("other", "development", "staging", "production")


class PreviewScreen(ModalScreen[ImportEnded]):
    """Shows what would be written, asks for what is missing, and writes; ends with that, or None to go back."""

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False),
        Binding("pageup", "scroll_rows(-8)", "Page up", show=False, priority=True),
        Binding("pagedown", "scroll_rows(8)", "Page down", show=False, priority=True),
    ]

    def __init__(self, services: Services, sentence: str, preview: Preview) -> None:
        super().__init__()
        self._services = services
        self._sentence = sentence
        self._preview = preview
        self._saving = False

    def compose(self) -> ComposeResult:
        """Lay out what it is, the fields, the preview and the choices."""
        with Vertical(classes="full"):
            yield Paragraphs([Para(f"What becomes of it: {self._sentence[:1].lower()}{self._sentence[1:]}", "bold $primary", most=2)])
            with Vertical(id="import-fields"):
                yield from self._row("name", SettingInput(self._preview.name, id="f-name"))
                yield from self._row("environment", Cycle(ENVIRONMENTS, self._preview.profile.environment, id="f-environment"))
                for key in self._preview.missing:
                    yield from self._row(key.replace("_", " "), SettingInput(placeholder="needed; it does not tell", id=f"f-{key}"))
            with Pane(id="import-pane"):
                yield ImportRows(self._preview, id="import-rows")
            yield Paragraphs([Para(USUAL, "dim")], id="import-note")
            yield ChoiceList(self._choices(), id="choices")
            yield KeyLine(
                (("enter", "save", ""), ("Tab", "fields / choices", ""), ("PgUp/PgDn", "scroll", ""), ("Esc", "back", "screen.leave"))
            )

    def _row(self, label: str, field: Widget) -> ComposeResult:
        with Horizontal(classes="entry"):
            yield Paragraphs([Para(label, "$foreground 60%")])
            yield field

    def _choices(self) -> list[Choice]:
        form = [] if self._preview.foreign else [Choice("form", "Change it in the form first")]
        return [Choice("save", "Save it"), Choice("run", "Save it, and run it"), *form]

    def on_mount(self) -> None:
        """Begin where something has to be given, else at the choices; ask where secrets would be kept."""
        self.query_one(f"#f-{self._preview.missing[0]}" if self._preview.missing else "#choices").focus()
        if self._preview.secrets:
            self._ask_store()

    @work(exclusive=True, group="store", exit_on_error=False)
    async def _ask_store(self) -> None:
        status = await self._services.store_status()
        place = (
            f"to {status.name}"
            if status.usable or status.asks
            else "not stored, as you chose"
            if status.references
            else "cannot be stored now"
        )
        if self.is_mounted:
            self.query_one("#import-rows", ImportRows).set_place(place)

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def action_field(self, by: int) -> None:
        """Go to the field before or after, and to the choices past the last."""
        fields = [*self.query("#import-fields SettingInput, #import-fields Cycle").results(Widget), self.query_one("#choices")]
        here = fields.index(self.focused) if self.focused in fields else 0
        self.set_focus(fields[max(0, min(len(fields) - 1, here + by))])

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll the preview."""
        self.query_one("#import-pane").scroll_relative(y=rows, animate=False)

    def action_leave(self) -> None:
        """Go back with nothing written. While it is saved: go on without the keyring."""
        if self._saving:
            self._services.skip_keyring()
        else:
            self.dismiss(None)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Say at once what is wrong with what was typed."""
        message.stop()
        found = self._wrong(tried=False)
        for field in self.query("#import-fields SettingInput").results(SettingInput):
            field.set_class((field.id or "") in {f"f-{key}" for key in found}, "-wrong")
        self._note(Para(next(iter(found.values())), "$error", most=2) if found else Para(USUAL, "dim"))

    # ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _profile(self) -> Profile:
        typed = {key: self.query_one(f"#f-{key}", SettingInput).value.strip() for key in ("name", *self._preview.missing)}
        environment = cast("Environment", self.query_one("#f-environment", Cycle).value)
        return replace(self._preview.profile, environment=environment, **typed)  # type: ignore[arg-type]  # the texts of the three fields

    def _wrong(self, *, tried: bool) -> Mapping[str, str]:
        """Return what is wrong with the fields here; empty ones only once it was tried to save them."""
        profile = self._profile()
        typed = {"name": profile.name, "base_url": profile.base_url, "request": profile.request}
        found = problems({**values_of(profile), **typed})
        return {k: v for k, v in found.items() if k in ("name", *self._preview.missing) and (tried or typed[k])}

    def on_choice_list_chosen(self, message: ChoiceList.Chosen) -> None:
        """Do what was chosen, where nothing is missing for it."""
        message.stop()
        if self._saving:
            return
        if message.id == "form":
            self.dismiss(ImportEnded(self._profile(), self._preview.secrets))
        elif found := self._wrong(tried=True):
            key = next(f.key for f in FIELDS if f.key in found)
            self._note(Para(found[key], "$error", most=2))
            self.query_one(f"#f-{key}").focus()
        else:
            self._ask_and_save(run=message.id == "run")

    @work(group="asking", exit_on_error=False)
    async def _ask_and_save(self, *, run: bool) -> None:
        """Ask where secrets are kept, where that is not known yet, before anything is saved."""
        where = "store"
        if self._preview.secrets:
            self._saving = True
            self._note(Para("Asking the store of your secrets (Esc: do not wait for it).", "dim"))
            try:
                where = await ready_to_keep(self._services, self.app.push_screen_wait)
            finally:
                self._saving = False
        if where:
            self._save(self._profile(), run=run, in_memory=where == "memory")
        else:
            self._note(Para(NOT_SAVED, "$warning", most=3))

    @work(group="save", exit_on_error=False)
    async def _save(self, profile: Profile, *, run: bool, in_memory: bool) -> None:
        self._saving = True
        self._note(Para(SAVING if self._preview.secrets else "Saving.", "dim"))
        try:
            result = await self._services.save_import(self._preview, profile, in_memory)
        finally:
            self._saving = False
        if result.saved:
            self.dismiss(ImportEnded(profile, result=result, run=run))
        else:
            self._note(Para(result.problem, "bold $error", most=4))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say it where saving, or asking for the store, failed."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._note(Para(sentence_of(event.worker.error), "bold $error", most=4))

    def _note(self, para: Para) -> None:
        self.query_one("#import-note", Paragraphs).set([para])

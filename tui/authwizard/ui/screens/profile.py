"""The profile form: sections of fields, checked while typing; secrets masked, with the place they will be kept in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TextArea
from textual.worker import Worker, WorkerState

from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.ui import profile_fields as pf
from authwizard.ui import profile_values, text
from authwizard.ui.crash import sentence_of
from authwizard.ui.importing import ImportEnded
from authwizard.ui.profile_problems import problems
from authwizard.ui.profile_words import NOT_SAVED, hint_of, store_words
from authwizard.ui.screens.keeping import ready_to_keep
from authwizard.ui.services import SaveResult, Services
from authwizard.ui.widgets.cycle import Cycle
from authwizard.ui.widgets.inputs import SecretInput, SettingArea, SettingInput
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import Para, Paragraphs
from authwizard.ui.widgets.rows import Rows


class SectionLine(Rows):
    """The sections in one row; the open one stands out, one with a problem is marked."""

    section = "base"
    wrong: frozenset[str] = frozenset()

    def draw(self, width: int) -> list[Content]:
        """Draw the row."""
        parts: list[text.Part] = []
        for name in pf.SECTIONS:
            mark = f" {self.signs.failed}" if name in self.wrong else ""
            style = "bold reverse" if name == self.section else "$error" if mark else "dim"
            parts += [(f" {name}{mark} ", style), " "]
        return [text.row(*parts)]


class ProfileScreen(ModalScreen[SaveResult]):
    """New or edited profile. Ends with the result of saving it, or None."""

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "section(1)", "Next section", show=False),
        Binding("pageup", "section(-1)", "Section before", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]

    def __init__(
        self, services: Services, profile: Profile | None, secrets: Mapping[str, Secret] | None = None, *, new: bool = True
    ) -> None:
        """Show `profile` (None = an empty form); `secrets` are already known, e.g. from a pasted command."""
        super().__init__()
        self._services = services
        self._profile = profile
        self._new = new
        self._values = profile_values.values_of(profile)
        self._given = dict(secrets or {})
        self._typed: dict[str, Secret] = {}
        self._section = pf.SECTIONS[0]
        self._saving = False
        self._tried = False

    def compose(self) -> ComposeResult:
        """Lay out sections, fields, what is said about them, and the buttons."""
        title = "New profile" if self._new else "Profile"
        with Vertical(classes="full"):
            yield Static(Content(title), classes="title", markup=False)
            yield SectionLine()
            yield Pane(id="fields")
            yield Paragraphs(id="hint")
            yield Paragraphs([Para("Waiting for your system keyring; go on meanwhile.", "dim")], id="store")
            with Horizontal(id="buttons"):
                yield Button(Content("Save"), id="save", compact=True, variant="primary")
                yield Button(Content("Save and run"), id="save-run", compact=True)
                if self._new:
                    yield Button(Content("Import"), id="import", compact=True)
                yield Button(Content("Cancel"), id="cancel", compact=True)
                yield Static(Content("PgUp/PgDn section"), classes="keys", markup=False)

    async def on_mount(self) -> None:
        """Show the first section and ask for the store."""
        await self._open(self._section)
        self._ask_store()

    # ── fields ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _open(self, section: str, focus: str = "") -> None:
        self._keep_typed()
        self._section = section
        pane = self.query_one("#fields", Pane)
        await pane.remove_children()
        await pane.mount_all(self._rows(section))
        self._validate()
        fields = list(self._focusable())
        target = next((w for w in fields if w.id == f"f-{focus}"), fields[0] if fields else None)
        if target is not None:
            self.set_focus(target)

    def _rows(self, section: str) -> list[Widget]:
        if section == "endpoints":
            return [SettingArea(self._values.get("endpoints", ""), id="f-endpoints")]
        labels: list[Para] = []
        rows: list[Widget] = []
        for field in (f for f in pf.FIELDS if f.section == section and (self._new or f.key != "template")):
            labels.append(Para(field.label, "$foreground 60%"))
            rows.append(self._field(field))
            for name in pf.secrets_after(field.key, self._values["kind"]):
                labels.append(Para(name.replace("_", " "), "$foreground 60%"))
                rows.append(self._secret(name))
        return [Horizontal(Paragraphs(labels, id="labels"), Vertical(*rows, id="inputs"), id="columns")]

    def _field(self, field: pf.Field) -> Widget:
        value = self._values.get(field.key, "")
        if field.values:
            return Cycle(field.values, value, id=f"f-{field.key}")
        if field.key == "name" and not self._new:
            return Static(text.row(value), id=f"f-{field.key}", markup=False)
        return SettingInput(value, placeholder="needed" if field.required else "-", id=f"f-{field.key}")

    def _secret(self, name: str) -> Widget:
        known = name in self._given or name in self._typed
        placeholder = "as pasted" if name in self._given else "as typed" if known else "-" if self._new else "unchanged"
        reference = SettingInput(self._values.get(f"ref_{name}", ""), placeholder="or env:NAME, file:PATH", id=f"f-ref_{name}")
        return Horizontal(SecretInput(placeholder=placeholder, id=f"s-{name}"), reference, classes="field")

    def _focusable(self) -> list[Widget]:
        return list(self.query("#fields Cycle, #fields Input, #fields TextArea").results(Widget))

    def _keep_typed(self) -> None:
        # A field's news of its last letters may still be on the way: what stands in it counts.
        for setting in self.query("#fields SettingInput, #fields SettingArea").results(Widget):
            self._take(setting)
        for field in self.query("#fields SecretInput").results(SecretInput):
            if not field.value or not field.id:
                continue
            name = field.id.removeprefix("s-")
            scheme, value = profile_values.split_scheme(field.value) if name == "access_token" else ("", field.value)
            self._typed[name] = Secret(value)
            if scheme and not self._values.get("scheme"):
                self._values["scheme"] = scheme if scheme != "Bearer" else ""

    def action_field(self, by: int) -> None:
        """Go to the field before or after; past the last one to the buttons."""
        fields = self._focusable()
        here = fields.index(self.focused) if self.focused in fields else -1
        if here + by >= len(fields):
            self.set_focus(self.query_one("#save"))
        elif fields:
            self.set_focus(fields[max(0, here + by)])

    async def action_section(self, by: int) -> None:
        """Open the section before or after."""
        here = pf.SECTIONS.index(self._section)
        await self._open(pf.SECTIONS[(here + by) % len(pf.SECTIONS)])

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _changed(self, message: Input.Changed | TextArea.Changed) -> None:
        self._take(message.control)
        self._validate()

    def _take(self, field: Widget) -> None:
        if isinstance(field, SettingInput | SettingArea) and field.id:
            self._values[field.id.removeprefix("f-")] = field.value if isinstance(field, SettingInput) else field.text

    @on(Cycle.Changed)
    async def _cycled(self, message: Cycle.Changed) -> None:
        key = (message.cycle.id or "").removeprefix("f-")
        self._values[key] = message.value
        if key == "template":
            self._values |= pf.template_values(message.value)
            self._show_hint(problems(self._values))
        if key == "kind":
            await self._open(self._section, "kind")

    # ── what is said about the fields ───────────────────────────────────────────────────────────────────────────────

    def _validate(self) -> dict[str, str]:
        found = problems(self._values)
        line = self.query_one(SectionLine)
        line.section = self._section
        touched = {k for k in found if self._tried or self._values.get(k, "").strip()}
        line.wrong = frozenset(pf.section_of(key) for key in touched)
        line.redraw(layout=False)
        for widget in self._focusable():
            widget.set_class((widget.id or "").removeprefix("f-") in touched, "-wrong")
        self._show_hint(found)
        return found

    def on_descendant_focus(self) -> None:
        """Say what belongs in the field that has the focus now."""
        self._show_hint(problems(self._values))

    def _show_hint(self, found: Mapping[str, str]) -> None:
        key = (self.focused.id or "").removeprefix("f-") if self.focused is not None else ""
        wrong = found.get(key) if self._tried or self._values.get(key, "").strip() else None
        para = Para(f"{self._sign()} {wrong}", "$error", most=2) if wrong else Para(hint_of(key, self._values["template"]), "dim", most=2)
        self.query_one("#hint", Paragraphs).set([para])

    def _sign(self) -> str:
        return self.query_one(SectionLine).signs.failed

    @work(exclusive=True, group="store", exit_on_error=False)
    async def _ask_store(self) -> None:
        status = await self._services.store_status()
        if self.is_mounted:
            self.query_one("#store", Paragraphs).set(store_words(status))

    # ── saving ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        if not self._saving:
            self.dismiss(None)

    @on(Button.Pressed, "#save")
    async def _save_only(self) -> None:
        await self._save_or_point(run=False)

    @on(Button.Pressed, "#save-run")
    async def _save_and_run(self) -> None:
        await self._save_or_point(run=True)

    @on(Button.Pressed, "#import")
    def _import_pressed(self) -> None:
        if not self._saving:
            self._import()

    @work(group="asking", exit_on_error=False)
    async def _import(self) -> None:
        """Have a document imported: what was saved ends the form, what is to be changed first fills it."""
        from authwizard.ui.screens.import_source import ImportScreen

        ended: ImportEnded | None = await self.app.push_screen_wait(ImportScreen(self._services, self.query_one(SectionLine).signs))
        if ended is not None and ended.result is not None:
            self.saved_name, self.run_after = ended.profile.name, ended.run
            self.dismiss(ended.result)
        elif ended is not None:
            await self.query_one("#fields", Pane).remove_children()
            self._profile, self._values, self._given, self._typed = (
                ended.profile,
                profile_values.values_of(ended.profile),
                dict(ended.secrets),
                {},
            )
            await self._open("base")

    async def _save_or_point(self, *, run: bool) -> None:
        if self._saving:
            return
        self._keep_typed()
        found = problems(self._values)
        if found:
            self._tried = True
            key = next(iter(found))
            await self._open(pf.section_of(key), key)
            return
        if self._given or self._typed:
            self._ask_and_save(run=run)
        else:
            self._save(run=run)

    @work(group="asking", exit_on_error=False)
    async def _ask_and_save(self, *, run: bool) -> None:
        """Ask where secrets are kept, where that is not known yet or does not work now, before anything is saved."""
        self._saving = True
        self.query_one("#hint", Paragraphs).set([Para("Asking the store of your secrets (Esc: do not wait for it).", "dim")])
        try:
            where = await ready_to_keep(self._services, self.app.push_screen_wait)
        finally:
            self._saving = False
        if where:
            self._save(run=run, in_memory=where == "memory")
        else:
            self.query_one("#hint", Paragraphs).set([Para(NOT_SAVED, "$warning", most=2)])

    @work(group="save", exit_on_error=False)
    async def _save(self, *, run: bool, in_memory: bool = False) -> None:
        self._saving = True
        try:
            await self._save_now(run=run, in_memory=in_memory)
        finally:
            self._saving = False

    async def _save_now(self, *, run: bool, in_memory: bool) -> None:
        secrets = {**self._given, **self._typed}
        profile = profile_values.profile_of(self._values, self._profile)
        self.query_one("#hint", Paragraphs).set([Para("Saving: waiting for your system keyring (Esc: continue without it).", "dim")])
        result = await self._services.save(profile, secrets, in_memory)
        if not result.saved:
            self.query_one("#hint", Paragraphs).set([Para(result.problem, "bold $error", most=2)])
            return
        self.saved_name = profile.name
        self.run_after = run
        self.dismiss(result)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say it where saving, or asking for the store, failed."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.query_one("#hint", Paragraphs).set([Para(sentence_of(event.worker.error), "bold $error", most=2)])

    saved_name = ""
    """The name it was saved under, once it is."""
    run_after = False
    """Whether the user wants to run it at once."""

    def action_leave(self) -> None:
        """From a field go to the buttons; from there leave without saving. While it is saved: go on without the keyring."""
        if self._saving:
            self._services.skip_keyring()
            return
        if isinstance(self.focused, Input | TextArea | Cycle):
            self.set_focus(self.query_one("#save"))
        else:
            self.dismiss(None)

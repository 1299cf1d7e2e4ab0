"""The wizard as a Textual app: its life from the first frame to the last, the saved profiles, the dialogs, the palette."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import work
from textual.app import SystemCommand
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from authwizard.ui.running import RunningApp

if TYPE_CHECKING:
    from authwizard.ui.importing import ImportEnded
    from authwizard.ui.messages import ProfilesRead
    from authwizard.ui.screens.profile import ProfileScreen
    from authwizard.ui.services import ProfileCard, Recognised, SaveResult, Services


class AuthwizardApp(RunningApp):
    """The wizard. It draws nothing itself and knows the rest of the product only through `services`."""

    _warmed = False

    # ── life ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        """After the first frame, warm up and begin."""
        self.call_after_refresh(self._begin_at_start)

    def _begin_at_start(self) -> None:
        self.stylesheet.read(Path(__file__).with_name("later.tcss"))
        self._warm_up()
        if self._start is not None:
            self.show_place(1)
            self.begin(self._start)

    @work(thread=True, group="warm-up", exit_on_error=False)
    def _warm_up(self) -> None:
        if not self._warmed:
            self._warmed = True
            self.services.warm_up()

    def _fatal_error(self) -> None:
        # The base class prints local variables, which can hold a token: kinds and places are told instead.
        from authwizard.ui import crash

        self.bell()
        self._exit_renderables.append(Text(crash.report_of(self._exception)))
        self._close_messages_no_wait()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say it where a worker failed: no failure of ours is silent, and none shows a value."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            from authwizard.ui import crash

            self.notice("This did not work", crash.sentence_of(event.worker.error))

    async def action_quit(self) -> None:
        """Leave the wizard; a run that goes on is cancelled."""
        self.workers.cancel_group(self, "run")
        self.exit(0)

    # ── profiles ────────────────────────────────────────────────────────────────────────────────────────────────────

    @work(thread=True, exclusive=True, group="profiles", exit_on_error=False)
    def read_profiles(self) -> None:
        """Read the saved profiles, in a thread; the answer comes as a message."""
        from authwizard.model.errors import AuthwizardError
        from authwizard.ui.messages import ProfilesRead

        try:
            self.post_message(ProfilesRead(self.services.profiles()))
        except AuthwizardError as error:
            self.post_message(ProfilesRead((), str(error)))

    def on_profiles_read(self, message: ProfilesRead) -> None:
        """Hand the profiles to Home."""
        from authwizard.ui.screens.home import HomeScreen

        for screen in self.screen_stack:
            if isinstance(screen, HomeScreen):
                screen.show_profiles(message)

    @work(exclusive=True, group="flow", exit_on_error=False)
    async def edit_profile(self, name: str | None) -> None:
        """Show the form for a profile, or for a new one, and run it where the user wants that."""
        from authwizard.ui.screens.profile import ProfileScreen

        profile = self.services.load(name) if name is not None else None
        await self._show_form(ProfileScreen(self.services, profile, new=name is None))

    @work(exclusive=True, group="flow", exit_on_error=False)
    async def import_profile(self) -> None:
        """Take a document, show what it would become, and save it or go on with it in the form."""
        from authwizard.ui.screens.import_source import ImportScreen
        from authwizard.ui.screens.profile import ProfileScreen

        ended: ImportEnded | None = await self.push_screen_wait(ImportScreen(self.services, self.signs))
        if ended is None:
            return
        if ended.result is None:
            await self._show_form(ProfileScreen(self.services, ended.profile, ended.secrets))
        else:
            await self._saved(ended.result, ended.profile.name, run=ended.run)

    async def _show_form(self, form: ProfileScreen) -> None:
        result: SaveResult | None = await self.push_screen_wait(form)
        if result is not None:
            await self._saved(result, form.saved_name, run=form.run_after)

    async def _saved(self, result: SaveResult, name: str, *, run: bool) -> None:
        """Say what became of a profile that was saved, and run it where the user wants that."""
        self._read_and_mark(name)
        if result.problem:
            await self.tell("Saved, but not all of it as wanted", result.problem)
        else:
            self.notify(" ".join(("Saved.", *_kept(result))), markup=False)
        if run:
            from authwizard.model.options import RunOptions

            await self.ask_and_run(name, RunOptions())

    def _read_and_mark(self, name: str) -> None:
        from authwizard.ui.screens.home import HomeScreen

        for screen in self.screen_stack:
            if isinstance(screen, HomeScreen):
                screen.mark_next(name)
        self.read_profiles()

    @work(exclusive=True, group="flow", exit_on_error=False)
    async def more_of_profile(self, card: ProfileCard, others: Sequence[str]) -> None:
        """Show what can be done with a profile, and do it."""
        from authwizard.ui.screens import profile_more as more
        from authwizard.ui.screens.keeping import opened

        name, services, chosen = card.name, self.services, await self.push_screen_wait(more.MoreScreen(card, others))
        if chosen == "edit":
            self.edit_profile(name)
        elif chosen == "compare":
            self.compare_profile(name, others)
        elif chosen == "remove":
            self.remove_profile(name)
        elif chosen == "export":
            written = await self.push_screen_wait(more.ExportScreen(services, name))
            if written:
                self.notify(f"Written to {written}", markup=False)
        elif chosen == "copy":
            sentence = (
                "Its settings and references are saved under this name too. Stored secrets are not copied: give the copy its own (e)."
            )
            new = await self.push_screen_wait(more.NameScreen(f"Copy {name}", sentence, "", lambda new: services.copy_profile(name, new)))
            if new:
                self._read_and_mark(new)
        elif chosen == "rename" and await opened(services, self.push_screen_wait, await services.store_question(name)):
            sentence = "Its stored secrets, its last verdict and what was agreed to move with it."
            new = await self.push_screen_wait(
                more.NameScreen(f"Rename {name}", sentence, name, lambda new: services.rename_profile(name, new))
            )
            if new:
                self._read_and_mark(new)

    def compare_profile(self, name: str, others: Sequence[str]) -> None:
        """Show what differs between a profile and each of the others."""
        from authwizard.ui.screens.compare import CompareScreen
        from authwizard.ui.services import Comparable

        items = [Comparable(other, f"the profile {other}") for other in others]
        self.push_screen(CompareScreen(items, lambda other: self.services.compare(name, other), self.services.cause_title, name))

    @work(exclusive=True, group="flow", exit_on_error=False)
    async def remove_profile(self, name: str) -> None:
        """Remove a profile and its secrets, after a question."""
        from authwizard.ui.screens.asking import HazardScreen
        from authwizard.ui.screens.keeping import opened

        typed = name if not self.services.demo and self.services.load(name).environment == "production" else ""
        consequence = (f"The profile {name} and the secrets stored under it are deleted. References (env:, file:) are left as they are.",)
        if await self.push_screen_wait(HazardScreen(f"Remove {name}?", consequence, "Remove it", typed_name=typed)):
            await opened(self.services, self.push_screen_wait, await self.services.store_question(name))
            problem = await self.services.remove(name)
            self.read_profiles()
            if problem:
                await self.tell("Not removed", problem)

    def action_save_pasted(self) -> None:
        """Offer the pasted request for saving as a profile."""
        from authwizard.ui import meaning

        if meaning.offers_saving(self.state):
            self._save_pasted()

    @work(exclusive=True, group="flow", exit_on_error=False)
    async def _save_pasted(self) -> None:
        from authwizard.ui.screens.profile import ProfileScreen
        from authwizard.ui.services import Recognised

        subject = self.state.subject
        if isinstance(subject, Recognised) and subject.profile is not None:
            await self._show_form(ProfileScreen(self.services, replace(subject.profile, name=""), subject.secrets))

    # ── dialogs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def action_exchange(self) -> None:
        """Show the requests and answers."""
        from authwizard.ui.screens.exchange import ExchangeScreen

        self.push_screen(ExchangeScreen(self.state.run))

    def action_why(self) -> None:
        """Show why not the other causes."""
        from authwizard.ui.screens.why import WhyScreen

        self.push_screen(WhyScreen(self.state.verdict, self.services.cause_title))

    def action_report(self) -> None:
        """Show the report, where there is one."""
        from authwizard.ui.screens.report import ReportScreen

        if self.state.run is None:
            self.notify("There is nothing to report yet.", markup=False)
        else:
            self.push_screen(ReportScreen(self.state.run, self.services))

    def action_help(self) -> None:
        """Show keys and words."""
        from authwizard.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.signs))

    def action_copy_fix(self) -> None:
        """Copy the remedy, which holds no secret."""
        remedy = self.state.verdict.remedy if self.state.verdict else None
        if remedy is None or not (remedy.text or remedy.commands):
            self.notify("There is nothing to copy yet.", markup=False)
            return
        from authwizard.protocol.clean import safe

        self.copy_to_clipboard(safe("\n".join((remedy.text, *remedy.commands))))
        self.notify("The fix is copied.", markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Everything the keys do, as commands."""
        from authwizard.ui.commands import commands

        yield from super().get_system_commands(screen)
        yield from commands(self)


def run_app(services: Services, start: str | Recognised | None = None) -> int:
    """Run the wizard until the user leaves it; returns the exit status of the process."""
    app = AuthwizardApp(services, start)
    result = app.run()
    return app.return_code or result or 0


def _kept(result: SaveResult) -> Iterable[str]:
    """Say where the secrets are, each place once."""
    for place in dict.fromkeys(result.places.values()):
        fields = ", ".join(field.replace("_", " ") for field, where in result.places.items() if where == place)
        yield f"{fields}: {place}."

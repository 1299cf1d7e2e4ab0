"""The layer of the app that runs: it asks what must be asked, starts and stops the engine, and folds what the engine tells."""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work
from textual.timer import Timer

from authwizard.ui.places import PlacesApp

if TYPE_CHECKING:
    from authwizard.model.options import RunOptions
    from authwizard.ui.messages import RunEvent, RunStopped
    from authwizard.ui.services import Subject
    from authwizard.ui.state import RunState

TICK = 0.25
"""Seconds between two looks at the clock while a run goes on."""


class RunningApp(PlacesApp):
    """Runs one subject at a time; a new run ends the one before."""

    _clock: Timer | None = None
    _asked: Subject | None = None
    """What a run was last asked for, which a question may have held back."""

    # ── starting ────────────────────────────────────────────────────────────────────────────────────────────────────

    def look_at(self, text: str) -> None:
        """Recognise a text from the one door and begin with it, or say why not."""
        from authwizard.ui.screens.home import HomeScreen

        recognised = self.services.recognise(text)
        for screen in self.screen_stack:
            if isinstance(screen, HomeScreen):
                screen.answer(recognised)
        if not recognised.problem:
            self.begin(recognised)

    def begin(self, subject: Subject) -> None:
        """Ask what must be asked, then run."""
        from authwizard.model.options import RunOptions
        from authwizard.ui.services import Recognised

        self._asked = subject
        self._flow(subject, subject.options if isinstance(subject, Recognised) else RunOptions())

    @work(exclusive=True, group="flow", exit_on_error=False)
    async def _flow(self, subject: Subject, options: RunOptions, *, further: bool = False) -> None:
        await self.ask_and_run(subject, options, further=further)

    async def ask_and_run(self, subject: Subject, options: RunOptions, *, further: bool = False) -> None:
        """Ask what must be asked, then run; only within a worker."""
        from authwizard.ui.flow import options_for

        ready = await options_for(self.services, self.push_screen_wait, subject, options, further=further)
        if ready is not None:
            self._launch(self._head(subject), ready)

    def _head(self, subject: Subject) -> RunState:
        from authwizard.ui.state import RunState

        profile = self.services.load(subject) if isinstance(subject, str) else subject.profile
        if profile is None:
            return RunState(subject=subject, name="pasted")
        request = f"{profile.method} {profile.url}" if profile.request else ""
        return RunState(subject=subject, name=profile.name or "pasted", environment=profile.environment, request=request)

    def _launch(self, head: RunState, options: RunOptions) -> None:
        from authwizard.ui.state import RunState

        now = time.monotonic()
        self.state = RunState(
            self.state.run_id + 1, head.subject, head.name, head.environment, head.request, options, "running", now, now,
            words=self.services.steps(), sent_given=head.sent_given,
        )  # fmt: skip
        self._moved = False
        self.show_place(1)
        self._clock = self._clock or self.set_interval(TICK, self._tick)
        self._clock.resume()
        self._run_engine(self.state.run_id, head.subject, options)

    # ── the engine ──────────────────────────────────────────────────────────────────────────────────────────────────

    @work(exclusive=True, group="run", exit_on_error=False)
    async def _run_engine(self, run_id: int, subject: Subject, options: RunOptions) -> None:
        from authwizard.model.events import RunEnded
        from authwizard.ui import crash
        from authwizard.ui.messages import RunEvent, RunStopped

        ended = False
        try:
            async with aclosing(self.services.start_run(subject, options)) as events:
                async for event in events:
                    ended = ended or isinstance(event, RunEnded)
                    self.post_message(RunEvent(run_id, event))
        except Exception as error:  # noqa: BLE001 - a bug in the engine ends the run with its place, never the app with its values
            self.post_message(RunStopped(run_id, crash.sentence_of(error)))
            return
        if not ended:
            self.post_message(RunStopped(run_id, "The run ended without a verdict; please report it."))

    def on_run_event(self, message: RunEvent) -> None:
        """Fold an event into the state; late news of an older or cancelled run is dropped."""
        from authwizard.ui.state import folded

        if message.run_id != self.state.run_id or self.state.phase != "running":
            return
        self.state = folded(self.state, message.event, time.monotonic())
        if self.state.phase == "done":
            self._ended()

    def on_run_stopped(self, message: RunStopped) -> None:
        """Note that the run ended without a verdict."""
        if message.run_id == self.state.run_id and self.state.phase == "running":
            self.state = replace(self.state, phase="failed", ended=time.monotonic(), active={}, problem=message.problem)
            self._ended()

    def _ended(self) -> None:
        if self._clock is not None:
            self._clock.pause()
        verdict = self.state.verdict
        if self.state.phase == "done" and verdict is not None and not self._moved:
            self.show_place(verdict.step if verdict.kind == "cause" and verdict.step is not None else "verdict")

    def _tick(self) -> None:
        from authwizard.ui.screens.place import PlaceScreen

        for screen in self.screen_stack[-1:]:  # none is there any more when the wizard is being left
            if isinstance(screen, PlaceScreen):
                screen.tick()

    # ── what the user may want of a run ─────────────────────────────────────────────────────────────────────────────

    def action_cancel_run(self) -> None:
        """Cancel the run; what was found stays readable."""
        if self.state.phase == "running" and not self.services.skip_keyring():
            self.workers.cancel_group(self, "run")
            self.state = replace(self.state, phase="cancelled", ended=time.monotonic(), active={})
            self._ended()

    def action_rerun(self) -> None:
        """Run the same again, with what was consented to; what is spent or changed once is not done again. Before the first run, ask again."""
        if not self.state.run_id and self._asked is not None:
            self.begin(self._asked)
        elif self.state.run_id and self.state.phase != "running":
            self._launch(self.state, replace(self.state.options, allow_refresh=False, allow_write=False))

    def action_further(self) -> None:
        """Ask for invalid tokens and token requests, then run again."""
        from authwizard.model.options import Cost
        from authwizard.ui import meaning

        if meaning.offers_further(self.state):
            options = self.state.options
            self._flow(self.state.subject, replace(options, costs=options.costs | {Cost.C3, Cost.C4}), further=True)

    def action_refresh_token(self) -> None:
        """Ask to spend the refresh token once, then run again with it."""
        from authwizard.ui import meaning

        if meaning.offers_refresh(self.state):
            self._refresh_token()

    @work(exclusive=True, group="flow", exit_on_error=False)
    async def _refresh_token(self) -> None:
        from authwizard.ui.screens.asking import REFRESH_CONSEQUENCE, HazardScreen

        typed = self.state.name if self.state.environment == "production" and not self.services.demo else ""
        if await self.push_screen_wait(HazardScreen("Refresh token spent once", REFRESH_CONSEQUENCE, "Spend it, once", typed_name=typed)):
            self._launch(self.state, replace(self.state.options, allow_refresh=True))

    def action_reported(self) -> None:
        """Ask whether the user's own program got a 401 where this run succeeded."""
        from authwizard.ui import meaning

        if meaning.offers_reported(self.state):
            self._reported()

    @work(exclusive=True, group="flow", exit_on_error=False)
    async def _reported(self) -> None:
        from authwizard.ui.screens.asking import ReportedScreen

        known = self.state.options.reported_401 or self.state.sent_given
        answer = await self.push_screen_wait(ReportedScreen(known=known))
        if answer in ("always", "sometimes"):
            self._launch(self.state, replace(self.state.options, reported_401=True, sometimes=answer == "sometimes"))
        elif answer == "paste":
            await self._compare_sent()
        elif answer == "capture":
            name = self.state.subject if isinstance(self.state.subject, str) and not self.services.demo else ""
            await self.tell("Catch what your program sends", _CAPTURE.format(name=name or "PROFILE"))

    async def _compare_sent(self) -> None:
        from authwizard.ui.screens.sent import SentScreen

        subject = self.state.subject
        taken = await self.push_screen_wait(SentScreen(lambda text: self.services.take_sent(subject, text), self.signs))
        if taken is not None and taken.subject is not None:
            head = replace(self.state, subject=taken.subject, sent_given=True)
            self._launch(head, replace(self.state.options, reported_401=True))

    def action_compare(self) -> None:
        """Show this run beside an earlier one, or its profile beside another."""
        run, subject = self.state.run, self.state.subject
        items = self.services.comparables(subject, run) if run is not None else ()
        if run is None or not items:
            self.notify("There is nothing to compare with yet: run again after a change (r), or make a second profile.", markup=False)
            return
        from authwizard.ui.screens.compare import CompareScreen

        self.push_screen(
            CompareScreen(items, lambda item: self.services.compare_run(subject, run, item), self.services.cause_title, "this run")
        )


_CAPTURE = (
    "Leave the wizard (q) and type: authwizard capture {name}. It listens once on this machine, shows, masked, what your program sends beside "
    "what the profile sends, answers 401 and forwards nothing. Let your program call the address it names."
)

"""A run that succeeds although the user's program gets a 401: what that program sent is taken by a box, and the run begins again with it."""

from __future__ import annotations

from typing import Any

from driving import paste, press, shown, wizard
from fake_services import Script, healthy_run, run_of

from authwizard.model.finding import Owner
from authwizard.model.options import RunOptions
from authwizard.model.run import Verdict
from authwizard.ui.screens.asking import ReportedScreen
from authwizard.ui.screens.sent import SentScreen
from authwizard.ui.screens.verdict import VerdictScreen


def options_of_last_run(script: Script) -> RunOptions:
    last: Any = script.asked("start_run")[-1]
    options = last[1]
    assert isinstance(options, RunOptions)
    return options


async def test_what_the_program_sent_is_pasted_and_compared() -> None:
    script = Script(consented=True, run=healthy_run())
    async with wizard(script, "prod") as (app, pilot):
        await press(app, pilot, "a")
        assert isinstance(app.screen, ReportedScreen)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, SentScreen)
        await paste(app, pilot, "hello")
        await press(app, pilot, "enter")
        assert "This shows no request." in shown(app)
        await paste(app, pilot, "curl https://api.example.com -H 'Authorization: Bearer hunter2-hunter2'", "sent")
        assert "hunter2" not in shown(app)
        await press(app, pilot, "enter")
        assert options_of_last_run(script).reported_401
        assert app.state.sent_given


async def test_the_box_can_be_left_with_keys_alone() -> None:
    async with wizard(Script(consented=True, run=healthy_run()), "prod") as (app, pilot):
        await press(app, pilot, "a", "enter", "escape", "escape")
        assert not app.screen.is_modal


async def test_a_capture_is_explained() -> None:
    async with wizard(Script(consented=True, run=healthy_run()), "prod") as (app, pilot):
        await press(app, pilot, "a", "down", "enter")
        assert "authwizard capture prod" in shown(app)


async def test_where_nothing_is_reproduced_enter_asks_for_what_the_program_sends() -> None:
    verdict = Verdict("not_reproduced", None, Owner.YOUR_PROGRAM, None, None, "This request works from here.")
    async with wizard(Script(consented=True, run=run_of((), verdict)), "prod") as (app, pilot):
        assert isinstance(app.screen, VerdictScreen)
        assert "Show what your program sends" in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, ReportedScreen)

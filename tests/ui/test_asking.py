"""The dialogs as a person meets them: what they say, where they start, what a key does."""

from __future__ import annotations

from dataclasses import replace

from driving import flowing, paste, press, settle, shown, wizard
from fake_services import BROKEN, EXPIRED, Script, cannot_tell_run, healthy_run, run_of
from textual.pilot import Pilot

from authwizard.model.options import RunOptions
from authwizard.ui.app import AuthwizardApp
from authwizard.ui.screens.asking import EVERYTHING, PLAIN_CALL, ConsentScreen, HazardScreen, MethodScreen, ReportedScreen, TrustScreen
from authwizard.ui.services import RunPlan, TrustItem

ITEMS = (
    TrustItem("env:PROD_TOKEN", "api.example.com", "new"),
    TrustItem("stored client_secret", "auth.example.com", "the host has changed"),
)
PLAN = RunPlan(
    "api.example.com", 9, 3, 3, "auth.example.com", 4, ("~/.netrc",), changes_data="POST api.example.com/v2/orders", stand_in="GET /v2/me"
)


def runs(script: Script) -> list[RunOptions]:
    """The options of each run that was started."""
    return [argument[1] for argument in script.asked("start_run")]  # type: ignore[index]


async def test_what_can_be_chosen_stays_in_sight_below_a_long_text() -> None:
    many = tuple(TrustItem(f"file:/home/ann/tokens/{n}.txt", "api.example.com", "it changed since you saw it") for n in range(30))
    async with wizard(Script(trust=many, plan=PLAN), "prod") as (app, pilot):
        for lines in (shown(app).splitlines()[-8:], (await resized(app, pilot, 80, 20)).splitlines()[-8:]):
            page = "\n".join(lines)
            assert "Do not run it" in page
            assert "Asked again only when one of them changes." in page
            assert "╰" in page, "the box ends within the window"
        before = shown(app)
        await press(app, pilot, "pagedown")
        assert shown(app) != before, "the text above scrolls"


async def resized(app: AuthwizardApp, pilot: Pilot[int], width: int, height: int) -> str:
    await pilot.resize_terminal(width, height)
    await settle(app, pilot)
    return shown(app)


async def test_trust_consent_and_method_in_a_row() -> None:
    script = Script(trust=ITEMS, plan=PLAN)
    async with wizard(script, "prod") as (app, pilot):
        assert isinstance(app.screen, TrustScreen)
        assert "env:PROD_TOKEN        goes to  api.example.com" in shown(app)
        assert "the host has changed" in shown(app)
        await press(app, pilot, "down", "enter")
        assert isinstance(app.screen, ConsentScreen)
        page = flowing(app)
        for words in (
            "9 requests with your credential",
            "3 requests with an invalid token",
            "3 token requests",
            "auth.example.com",
            "~/.netrc",
        ):
            assert words in page
        await press(app, pilot, "enter")
        assert isinstance(app.screen, MethodScreen)
        assert "POST api.example.com/v2/orders" in shown(app)
        assert "Send GET /v2/me instead" in shown(app)
        await press(app, pilot, "enter")
        assert [(o.costs, o.allow_write) for o in runs(script)] == [(EVERYTHING, False)]


async def test_dialogs_start_on_the_harmless_choice_and_escape_runs_nothing() -> None:
    script = Script(trust=ITEMS)
    async with wizard(script, "prod") as (app, pilot):
        await press(app, pilot, "enter")
        assert not script.asked("trust")
        app.begin("prod")
        await press(app, pilot, "down", "enter", "escape")
        assert not runs(script)
        assert app.state.run_id == 0


async def test_who_declined_is_asked_again_and_not_stuck() -> None:
    """A wizard that was started on a profile has no run yet that could be repeated, and its screen says that Enter and r run it."""
    script = Script(trust=ITEMS, consented=True)
    async with wizard(script, "prod") as (app, pilot):
        for key in ("enter", "r"):
            await press(app, pilot, "enter")
            assert not isinstance(app.screen, TrustScreen)
            assert "NOT RUN YET" in shown(app)
            await press(app, pilot, key)
            assert isinstance(app.screen, TrustScreen)
        await press(app, pilot, "down", "enter")
        assert len(runs(script)) == 1


async def test_the_refresh_names_its_consequence_and_in_production_the_name_is_typed() -> None:
    script = Script(consented=True, run=replace(run_of(BROKEN, EXPIRED), environment="staging"))
    async with wizard(script, "prod") as (app, pilot):
        await press(app, pilot, "enter")
        assert isinstance(app.screen, HazardScreen)
        assert "Refresh token spent once" in shown(app)
        assert "may be worthless from that moment on" in flowing(app)
        await press(app, pilot, "enter")
        assert len(runs(script)) == 1, "Enter on the dialog as it opens cancels"
        await press(app, pilot, "enter", "down", "enter")
        assert [o.allow_refresh for o in runs(script)] == [False, True]
        script.run = run_of(BROKEN, EXPIRED)
        await press(app, pilot, "r")
        assert not runs(script)[-1].allow_refresh, "a rerun spends nothing by itself"
        assert app.state.environment == "production"
        await press(app, pilot, "enter", "down", "enter")
        assert isinstance(app.screen, HazardScreen), "without the name nothing happens"
        await paste(app, pilot, "prod", "typed")
        await press(app, pilot, "enter", "enter")
        assert [o.allow_refresh for o in runs(script)] == [False, True, False, True]


async def test_after_a_success_a_401_elsewhere_runs_again() -> None:
    script = Script(consented=True, run=healthy_run())
    async with wizard(script, "prod") as (app, pilot):
        assert "my program gets a 401 here" in shown(app)
        await press(app, pilot, "a")
        assert isinstance(app.screen, ReportedScreen)
        await press(app, pilot, "end", "enter")
        assert len(runs(script)) == 1, "no changes nothing"
        await press(app, pilot, "a", "down", "down", "down", "enter")
        assert (runs(script)[-1].reported_401, runs(script)[-1].sometimes) == (True, True)
        assert "my program gets a 401 here" not in shown(app), "asked once"


async def test_production_offers_the_further_tests_as_the_next_action() -> None:
    script = Script(consented=True, plan=replace(PLAN, production=True, changes_data=""), run=cannot_tell_run())
    async with wizard(script, "prod") as (app, pilot):
        assert [o.costs for o in runs(script)] == [PLAIN_CALL]
        assert "Send the further tests" in shown(app)
        await press(app, pilot, "enter")
        assert "Production" in shown(app)
        await press(app, pilot, "enter")
        assert runs(script)[-1].costs == EVERYTHING

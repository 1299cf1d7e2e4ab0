"""Home: the one door, the list of profiles, the empty state."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from driving import flowing, paste, press, settle, shown, wizard
from fake_services import CARDS, PROFILE, Script
from textual import events

from authwizard.ui.screens.asking import ConsentScreen, HazardScreen
from authwizard.ui.screens.profile import ProfileScreen
from authwizard.ui.services import Recognised, SecretAge
from authwizard.ui.theme import DARK, LIGHT
from authwizard.ui.widgets.choice_list import ChoiceList
from authwizard.ui.widgets.door import SHOWN, DoorBox
from authwizard.ui.widgets.header import HeaderLine

CURL = Recognised("curl", "A curl command: GET https://api.example.com/v2.", replace(PROFILE, name=""))
COMMAND = "curl 'https://api.example.com/v2' \\\n  -H 'Accept: application/json'"


async def test_the_empty_state_asks_for_a_curl_command_and_says_what_it_cannot_use(size: tuple[int, int]) -> None:
    script = Script()
    async with wizard(script, size=size) as (app, pilot):
        assert isinstance(app.focused, DoorBox)
        assert "There are no profiles yet" in shown(app)
        assert "authwizard demo" in flowing(app)
        await pilot.press("q", "question_mark", "n", "1", "backslash")
        assert app.screen.query_one(DoorBox).text == "q?n1\\", "letters are typed"
        assert "Esc to the list" in shown(app), "the keys of the list do not work here"
        assert "n new" not in shown(app)
        await press(app, pilot, "enter")
        assert not script.asked("recognise"), "after a backslash the command goes on"
        await press(app, pilot, "x", "enter")
        assert script.asked("recognise") == ["q?n1\\\nx"]
        assert "neither a curl command nor a response" in shown(app)
        assert app.screen.query_one(DoorBox).text == "q?n1\\\nx", "it stays, to be mended"
        await paste(app, pilot, "y" * (SHOWN + 1))
        assert script.asked("recognise")[-1] == "y" * (SHOWN + 1), "a very long text is handed in at once"
        await press(app, pilot, "escape")
        assert "n new" in shown(app)
        await press(app, pilot, "question_mark")
        assert "the steps; 0 intake" in shown(app), "outside the box letters are keys"


async def test_a_pasted_command_runs_and_can_be_saved_after_the_answer() -> None:
    script = Script(recognised=CURL)
    async with wizard(script) as (app, pilot):
        await paste(app, pilot, COMMAND)
        await press(app, pilot, "enter")
        assert script.asked("recognise") == [COMMAND]
        assert isinstance(app.screen, ConsentScreen)
        assert "A curl command" in shown(app)
        await press(app, pilot, "enter")
        assert app.state.phase == "done"
        assert "save as a profile" in shown(app)
        await press(app, pilot, "s")
        assert isinstance(app.screen, ProfileScreen)
        assert "https://api.example.com" in shown(app)
        await press(app, pilot, "escape", "escape", "p")
        assert app.screen.query_one(DoorBox).text == "", "what is used leaves the box"


async def test_profiles_stand_by_environment_with_verdict_and_age() -> None:
    due = SecretAge("api_key", "100 d old, rotate it", due=True)
    cards = (replace(CARDS[0], last=replace(CARDS[0].last, at=time.time() - 7300)), replace(CARDS[1], ages=(due,)), *CARDS[2:])  # type: ignore[type-var]
    script = Script(cards=cards, consented=True)
    async with wizard(script, size=(120, 40)) as (app, pilot):
        page = shown(app)
        assert isinstance(app.focused, ChoiceList)
        assert page.index("production") < page.index("staging") < page.index("development")
        assert "The access token has expired  2 h ago" in page
        assert "client_secret 84 d old, rotate in 6 d" in page
        assert "! rotate api_key" in page
        assert "not trusted yet" in page
        app.screen.query_one("#profiles").post_message(events.Paste("https://api.example.com"))
        await settle(app, pilot)
        assert app.screen.query_one(DoorBox).text == "https://api.example.com", "a paste anywhere goes into the box"
        await press(app, pilot, "escape", "x")
        assert isinstance(app.screen, HazardScreen)
        await press(app, pilot, "enter")
        assert not script.asked("remove"), "removing starts on Cancel"
        await press(app, pilot, "x", "down", "enter")
        assert not script.asked("remove"), "in production the name is typed"
        await press(app, pilot, *"prod", "enter", "enter")
        assert script.asked("remove") == ["prod"]
        await press(app, pilot, "enter", "p")
        assert "Profiles" in shown(app)
        await press(app, pilot, "v")
        assert "BECAUSE" in shown(app), "and back to the run"


async def test_after_a_run_keys_work_on_home_before_the_profiles_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async with wizard(Script(consented=True), start="prod") as (app, pilot):
        await settle(app, pilot)
        assert app.state.phase == "done"
        monkeypatch.setattr(app, "read_profiles", lambda: None)
        await press(app, pilot, "p")
        assert app.screen.query(DoorBox)
        assert "n new" in shown(app)
        await press(app, pilot, "v")
        assert "BECAUSE" in shown(app), "the key went to the screen, not into the box"


async def test_the_colours_are_our_own_and_can_be_changed() -> None:
    async with wizard(Script()) as (app, pilot):
        header = app.screen.query_one(HeaderLine)
        assert header.styles.background.hex.lower() == DARK.panel
        app.theme = LIGHT.name
        await settle(app, pilot)
        assert header.styles.background.hex.lower() == LIGHT.panel


async def test_a_wrong_profile_file_is_said() -> None:
    async with wizard(Script(config_error="profiles.toml line 3: unknown field basurl; did you mean base_url?")) as (app, _):
        assert "did you mean base_url?" in shown(app)


async def test_a_hundred_profiles_scroll() -> None:
    cards = tuple(replace(CARDS[0], name=f"p{n:03}") for n in range(100))
    async with wizard(Script(cards=cards)) as (app, pilot):
        assert "p099" not in shown(app)
        await press(app, pilot, "end", "up")
        assert "p099" in shown(app)


async def test_profiles_that_are_read_before_the_box_is_there_wait_for_it() -> None:
    """A run that ends while Home is being made has them read at once; that is no failure."""
    from authwizard.ui.messages import ProfilesRead
    from authwizard.ui.screens.home import HomeScreen

    HomeScreen().show_profiles(ProfilesRead(()))

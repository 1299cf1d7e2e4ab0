"""The form: sections, live checks, masked secrets, where they will be kept, saving."""

from __future__ import annotations

import secrets

from driving import flowing, paste, press, settle, shown, wizard
from fake_services import CARDS, PROFILE, Script
from textual import events
from textual.pilot import Pilot

from authwizard.model.profile import CredentialSpec, Endpoint, Profile
from authwizard.model.secret import Secret
from authwizard.ui.app import AuthwizardApp
from authwizard.ui.screens.home import HomeScreen
from authwizard.ui.screens.profile import ProfileScreen
from authwizard.ui.services import SaveResult, StoreStatus
from authwizard.ui.widgets.inputs import SecretInput, SettingInput

SECRET = "s3cret-" + secrets.token_urlsafe(16)


async def new_profile(app: AuthwizardApp, pilot: Pilot[int]) -> None:
    """Open the form from the empty Home and fill in what is needed."""
    await press(app, pilot, "escape", "enter")
    assert isinstance(app.screen, ProfileScreen)
    await paste(app, pilot, "dev", "f-name")
    await paste(app, pilot, "https://api.example.com", "f-base_url")
    await paste(app, pilot, "GET /v2/me", "f-request")


def saved(script: Script) -> tuple[Profile, dict[str, Secret]]:
    """The profile and secrets of the one save."""
    [call] = script.asked("save")
    return call  # type: ignore[return-value]


async def test_a_new_profile_is_filled_in_and_saved() -> None:
    script = Script()
    async with wizard(script) as (app, pilot):
        await new_profile(app, pilot)
        assert "Secrets go to: Secret Service (gnome-keyring)." in shown(app)
        await press(app, pilot, "pagedown")
        await paste(app, pilot, f"bearer {SECRET}\n", "s-access_token")
        await press(app, pilot, "pageup", "pagedown")
        assert "as typed" in shown(app), "it survives going to another section and back"
        await press(app, pilot, "pageup", "pageup")
        await paste(app, pilot, "GET /v2/devices needs read or a and b expects 200\nGET /v2/x", "f-endpoints")
        await press(app, pilot, "escape", "enter")
        profile, kept = saved(script)
        endpoints = (Endpoint("GET /v2/devices", ("read", "a b")), Endpoint("GET /v2/x"))
        assert profile == Profile(
            "dev", "https://api.example.com", "GET /v2/me", credential=CredentialSpec(scheme="bearer"), endpoints=endpoints
        )
        assert kept == {"access_token": Secret(SECRET)}, "the scheme was split off"
        assert isinstance(app.screen, HomeScreen)


async def test_what_holds_a_secret_is_not_pasted_where_it_shows() -> None:
    """Somebody who pastes the curl command into the first field at hand must not find the token on the screen."""
    script = Script()
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "escape", "enter")
        for text in (f"curl -H 'Authorization: Bearer {SECRET}' https://api.example.com/v2/me", f"eyJ{SECRET}.{SECRET}.x"):
            await paste(app, pilot, text, "f-name")
            assert app.screen.query_one("#f-name", SettingInput).value == ""
            assert SECRET not in shown(app)
        assert [SECRET in n.message for n in app._notifications if "nothing was put here" in n.message] == [False, False]
        await paste(app, pilot, "dev", "f-name")
        assert app.screen.query_one("#f-name", SettingInput).value == "dev"


async def test_keys_go_through_fields_and_sections_and_two_escapes_leave() -> None:
    script = Script()
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "escape", "enter")
        seen = []
        for _ in range(3):
            seen.append(app.focused.id if app.focused else "")
            await press(app, pilot, "enter")
        assert seen == ["f-name", "f-environment", "f-base_url"]
        await press(app, pilot, "up")
        assert app.focused is not None
        assert app.focused.id == "f-base_url"
        for section in ("sent in", "issuer", "leeway", "time server", "One a line"):
            await press(app, pilot, "pagedown")
            assert section in shown(app)
        await press(app, pilot, "pagedown")
        assert "environment" in shown(app)
        await press(app, pilot, "escape")
        assert "Esc once more leaves without saving" in shown(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, HomeScreen)
        assert not script.asked("save")


async def test_a_wrong_value_is_said_while_it_is_typed_and_is_not_saved() -> None:
    script = Script()
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "escape", "enter")
        await paste(app, pilot, "api.example.com", "f-base_url")
        assert "An address begins with https://" in shown(app)
        assert "base ✗" in shown(app)
        assert app.screen.query_one("#f-base_url").has_class("-wrong")
        await press(app, pilot, "pagedown", "pagedown", "escape", "enter")
        assert not script.asked("save")
        assert app.focused is not None
        assert app.focused.id == "f-name", "it goes to the first field that is wrong"
        assert "The name is needed." in shown(app)


async def test_letters_typed_just_before_the_next_section_are_kept() -> None:
    async with wizard(Script()) as (app, pilot):
        await press(app, pilot, "escape", "enter")
        for key in ("d", "e", "v", "pagedown"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(app, pilot)
        assert "sent in" in shown(app)
        await press(app, pilot, "pageup")
        assert app.screen.query_one("#f-name", SettingInput).value == "dev"


async def test_an_edited_profile_keeps_its_name_and_what_was_not_touched() -> None:
    script = Script(cards=CARDS)
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "e")
        assert not app.screen.query("SettingInput#f-name")
        await paste(app, pilot, "GET /v2/me", "f-probe")
        await press(app, pilot, "escape", "enter")
        profile, kept = saved(script)
        assert profile.probe == "GET /v2/me"
        assert (profile.name, profile.oauth, profile.secrets) == ("prod", PROFILE.oauth, PROFILE.secrets)
        assert kept == {}


async def test_a_keyring_that_does_not_work_is_said_with_what_is_left() -> None:
    sentence = "the Secret Service does not answer (waited 3 s); restart it."
    script = Script(
        store=StoreStatus("no keyring", usable=False, sentence=sentence),
        save_result=SaveResult(saved=True, places={"access_token": "memory"}, problem=f"Kept in memory: {sentence}"),
    )
    async with wizard(script) as (app, pilot):
        await new_profile(app, pilot)
        page = flowing(app)
        assert sentence in page
        assert "can stay in memory until you quit" in page
        assert "env:NAME or file:PATH" in page
        await press(app, pilot, "pagedown")
        await paste(app, pilot, SECRET, "s-access_token")
        await press(app, pilot, "escape", "enter")
        assert "Kept in memory" in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, HomeScreen), "the wizard goes on"


async def test_a_save_that_is_refused_keeps_the_form_and_a_later_one_saves_all_of_it_and_runs() -> None:
    script = Script(consented=True, save_result=SaveResult(saved=False, problem="profiles.toml is not writable."))
    key = "-----BEGIN PRIVATE KEY-----\n" + secrets.token_urlsafe(40) + "\n-----END PRIVATE KEY-----"
    async with wizard(script) as (app, pilot):
        await new_profile(app, pilot)
        await press(app, pilot, "escape", "enter")
        assert "profiles.toml is not writable." in shown(app)
        assert isinstance(app.screen, ProfileScreen)
        script.calls.clear()
        script.save_result = SaveResult(saved=True)
        await press(app, pilot, "pagedown", "pagedown")
        await paste(app, pilot, key + "\n", "s-private_key")
        await press(app, pilot, "escape", "tab", "enter")
        profile, kept = saved(script)
        assert profile.name == "dev"
        assert kept == {"private_key": Secret(key)}, "a key of many lines is kept whole"
        assert [a[0] for a in script.asked("start_run")] == ["dev"]  # type: ignore[index]


async def test_every_credential_field_is_masked() -> None:
    async with wizard(Script()) as (app, pilot):
        await press(app, pilot, "escape", "enter", "pagedown")
        found = {w.id for w in app.screen.query(SecretInput)}
        await press(app, pilot, "right")
        found |= {w.id for w in app.screen.query(SecretInput)}
        await press(app, pilot, "pagedown")
        found |= {w.id for w in app.screen.query(SecretInput)}
        assert all(w.password for w in app.screen.query(SecretInput))
        named = ("access_token", "username", "password", "second_credential", "client_secret", "refresh_token", "private_key")
        assert found == {f"s-{n}" for n in named}

"""Where secrets are kept on a machine without a keyring, and the passphrase of the encrypted file: asked in the wizard, never shown."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from driving import flowing, paste, press, settle, shown, wizard
from fake_services import CARDS, Script
from leak_search import Pieces

from authwizard.cli import run as cli_run
from authwizard.cli.services import WizardServices
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.store import profiles_write, unfinished
from authwizard.store.file_store import FileStore
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.paths import profiles_path
from authwizard.store.settings import load_settings
from authwizard.ui.screens.home import HomeScreen
from authwizard.ui.screens.keeping import KeepingScreen, PassphraseScreen, UnusableScreen
from authwizard.ui.screens.profile import ProfileScreen
from authwizard.ui.services import StoreQuestion, StoreStatus
from authwizard.ui.widgets.inputs import SecretInput

PASSPHRASE = secrets.token_urlsafe(12)
SECRET = "s3cret-" + secrets.token_urlsafe(16)


async def filled(app, pilot) -> None:
    """A new profile with one secret, about to be saved."""
    await press(app, pilot, "escape", "enter")
    for value, field in (("dev", "f-name"), ("https://api.example.com", "f-base_url"), ("GET /v2/me", "f-request")):
        await paste(app, pilot, value, field)
    await press(app, pilot, "pagedown")
    await paste(app, pilot, SECRET, "s-access_token")
    await press(app, pilot, "escape", "enter")


async def tried_to_save(app, pilot) -> None:
    """Save again what was not saved, else a new profile."""
    if isinstance(app.screen, ProfileScreen):
        app.screen.query_one("#save").remove_class("-active")  # as after 0.2 s; until then a button takes no second press
        await press(app, pilot, "enter")
    else:
        await filled(app, pilot)


async def test_without_a_keyring_the_first_save_asks_where_and_the_encrypted_file_is_marked() -> None:
    script = Script(store_questions=["choose", "new_passphrase"])
    async with wizard(script) as (app, pilot):
        await filled(app, pilot)
        assert isinstance(app.screen, KeepingScreen)
        await press(app, pilot, "enter")
        assert script.asked("choose_store") == ["file"]
        assert isinstance(app.screen, PassphraseScreen)
        await settle(app, pilot)
        assert "cannot be recovered" in flowing(app)
        await paste(app, pilot, PASSPHRASE[:5], "passphrase")
        await press(app, pilot, "enter", "enter", "enter")
        assert not script.asked("unlock_store"), "too short"
        assert "It needs at least 8 characters." in shown(app)
        await press(app, pilot, "home", "shift+end", "delete")
        await paste(app, pilot, PASSPHRASE, "passphrase")
        await paste(app, pilot, PASSPHRASE + "x", "again")
        await press(app, pilot, "enter", "enter")
        assert not script.asked("unlock_store"), "not twice the same"
        assert "The two are not alike." in shown(app)
        await press(app, pilot, "end", "backspace", "enter", "enter")
        assert script.asked("unlock_store") == [Secret(PASSPHRASE)]
        assert len(script.asked("save")) == 1
        assert isinstance(app.screen, HomeScreen)


async def test_memory_and_references_are_choices_too() -> None:
    rows: tuple[tuple[tuple[str, ...], list[str], StoreQuestion, int], ...] = (
        (("escape",), [], "", 0), (("down", "down", "enter"), ["references"], "references", 0), (("down", "enter"), ["memory"], "", 1),
    )  # fmt: skip
    script = Script()
    async with wizard(script) as (app, pilot):
        for keys, chosen, then, saves in rows:
            script.calls.clear()
            script.store_questions = ["choose", then]
            await tried_to_save(app, pilot)
            assert isinstance(app.screen, KeepingScreen)
            await press(app, pilot, *keys)
            assert (script.asked("choose_store"), len(script.asked("save"))) == (chosen, saves)
            if not saves:
                assert isinstance(app.screen, ProfileScreen)
                assert "Nothing was saved. Write a reference beside each secret" in shown(app)


async def test_a_keyring_that_does_not_work_now_is_tried_again_first() -> None:
    script = Script(store_questions=["unusable", "unusable"])
    async with wizard(script) as (app, pilot):
        await filled(app, pilot)
        assert isinstance(app.screen, UnusableScreen)
        assert "Secret Service is locked. Unlock it in your desktop's password manager, then try again." in flowing(app)
        assert "Nothing is stored anywhere else unless you choose it here." in flowing(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, UnusableScreen), "it is locked still"
        await press(app, pilot, "enter")
        assert (len(script.asked("save")), script.asked("choose_store")) == (1, [])
        assert isinstance(app.screen, HomeScreen)


async def test_another_place_is_taken_only_where_it_is_chosen() -> None:
    rows: tuple[tuple[tuple[str, ...], list[str], str], ...] = (
        (("down", "down", "down", "enter"), [], ""),
        (("escape",), [], ""),
        (("down", "enter"), [], "save_in_memory"),
        (("down", "down", "enter"), ["file"], "save"),
    )
    script = Script()
    async with wizard(script) as (app, pilot):
        for keys, chosen, saved in rows:
            script.calls.clear()
            script.store_questions = ["unusable", ""]
            await tried_to_save(app, pilot)
            assert isinstance(app.screen, UnusableScreen)
            await press(app, pilot, *keys)
            assert script.asked("choose_store") == chosen
            assert [name for name in ("save", "save_in_memory") if script.asked(name)] == ([saved] if saved else [])
            if not saved:
                assert isinstance(app.screen, ProfileScreen)
                assert "Nothing was saved. Write a reference beside each secret" in shown(app)
                assert app.screen.query_one("#s-access_token", SecretInput).secret == Secret(SECRET), "what was typed is there still"


async def test_references_once_chosen_are_not_asked_for_again_and_the_form_says_so() -> None:
    status = StoreStatus("no store (references only)", usable=False, sentence="Secrets are not stored, as you chose.", references=True)
    script = Script(store_questions=["references"], store=status)
    async with wizard(script) as (app, pilot):
        await filled(app, pilot)
        assert isinstance(app.screen, ProfileScreen), "no question"
        assert not script.asked("save")
        assert "Nothing was saved. Write a reference beside each secret" in shown(app)
        assert "Secrets are not stored, as you chose." in flowing(app)
        assert "stays in memory" not in flowing(app)


async def test_a_wrong_passphrase_is_told_and_asked_again_before_a_run() -> None:
    script = Script(cards=CARDS[:1], consented=True, store_questions=["passphrase"], unlock_problems=["The passphrase is wrong."])
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "enter")
        assert isinstance(app.screen, PassphraseScreen)
        await paste(app, pilot, PASSPHRASE, "passphrase")
        assert PASSPHRASE not in shown(app)
        await press(app, pilot, "enter", "enter")
        assert "The passphrase is wrong." in shown(app)
        await paste(app, pilot, PASSPHRASE, "passphrase")
        await press(app, pilot, "enter", "enter")
        assert len(script.asked("start_run")) == 1


async def test_without_the_passphrase_the_run_goes_on() -> None:
    script = Script(cards=CARDS[:1], consented=True, store_questions=["passphrase"])
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "enter", "escape")
        assert len(script.asked("start_run")) == 1
        assert not script.asked("unlock_store")


# ── with the real services ───────────────────────────────────────────────────────────────────────────────────────────


PROFILE = Profile("prod", "https://api.example.com", "GET /v2/me")


@pytest.mark.usefixtures("quick_key")
async def test_a_machine_without_a_keyring_keeps_secrets_in_the_encrypted_file(capfd: pytest.CaptureFixture[str]) -> None:
    services, token, passphrase = WizardServices(), Secret(SECRET), Secret(PASSPHRASE)
    assert await services.store_question("") == "choose"
    assert await services.choose_store("file") == ""
    assert load_settings().store == "file"
    assert await services.store_question("") == "new_passphrase"
    assert (await services.store_status()).usable
    assert await services.unlock_store(passphrase) == ""
    result = await services.save(PROFILE, {"access_token": token, "refresh_token": token})
    assert (result.saved, result.problem) == (True, "")
    assert "encrypted file" in result.places["access_token"]
    assert await services.store_question("") == ""

    again = WizardServices()
    assert await again.store_question("") == await again.store_question("prod") == "passphrase"
    assert await again.store_question("other") == ""
    assert "passphrase is wrong" in await again.unlock_store(Secret("not the passphrase"))
    assert await again.store_question("prod") == "passphrase"
    assert await again.unlock_store(passphrase) == ""
    assert await again.store_question("prod") == ""
    assert FileStore(lambda _: passphrase).get("prod", "access_token") == token

    seen = capfd.readouterr()
    places = (Path(os.environ[f"AUTHWIZARD_{name}_DIR"]) for name in ("CONFIG", "STATE"))
    texts = [seen.out, seen.err, *(path.read_bytes().decode("latin-1") for place in places for path in place.rglob("*") if path.is_file())]
    assert [found for text in texts for found in Pieces((token, passphrase)).within(text)] == []


async def test_the_passphrase_of_the_environment_is_used_and_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = WizardServices()
    assert await services.choose_store("file") == ""
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    (tmp_path / "passphrase").chmod(0o600)
    monkeypatch.setenv("AUTHWIZARD_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    assert await services.store_question("") == ""


async def test_references_once_chosen_stay_chosen_until_the_command_line_changes_it() -> None:
    services = WizardServices()
    assert await services.store_question("") == "choose"
    assert await services.choose_store("references") == ""
    for each in (services, WizardServices()):
        assert await each.store_question("") == "references"
        assert await each.store_question("prod") == ""
        status = await each.store_status()
        assert (status.usable, status.references) == (False, True)
        assert "authwizard store use keyring|file" in status.sentence
    assert cli_run(["store", "use", "memory"]) == 0
    assert await WizardServices().store_question("") == ""


async def test_memory_once_chosen_is_not_asked_for_again() -> None:
    services = WizardServices()
    assert await services.choose_store("memory") == ""
    for each in (services, WizardServices()):
        assert await each.store_question("") == ""
    result = await services.save(PROFILE, {"access_token": Secret(SECRET)})
    assert result.places == {"access_token": "memory, until the wizard closes"}
    assert services._subject("prod", RunOptions()).memory == {"access_token": Secret(SECRET)}


@pytest.mark.usefixtures("quick_key")
async def test_home_tells_what_was_cut_short_and_a_removed_profile_leaves_nothing() -> None:
    services, source = WizardServices(), profiles_path()
    await services.choose_store("file")
    await services.unlock_store(Secret(PASSPHRASE))
    await services.save(PROFILE, {"access_token": Secret(SECRET), "refresh_token": Secret(SECRET)})
    unfinished.begin(source, "prod", "live")
    profiles_write.rename_profile(source, "prod", "live")
    card = services.profiles()[0]
    assert (card.name, card.cut_short.startswith("Renaming prod to live was cut short; it is finished now")) == ("live", True)
    assert card.trust == ()
    assert services.profiles()[0].cut_short == card.cut_short, "it is told as long as the wizard is open"
    assert await services.remove("live") == ""
    assert services.profiles() == ()
    unfinished.begin(source, "gone")
    assert "authwizard store forget prod" in (await services.save(PROFILE, {})).problem, "its secrets are still there under the old name"
    assert (await services.save(replace(PROFILE, name="next"), {})).saved
    assert "Removing gone was cut short; it is finished now" in services.profiles()[0].cut_short


class Shut:
    """A keyring back end that is locked as long as the test wants."""

    __module__ = "keyring.backends.SecretService"
    locked = True

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}

    def _try(self) -> None:
        if self.locked:
            raise type("KeyringLocked", (Exception,), {})("Failed to unlock the collection!")

    def get_password(self, service: str, username: str) -> str | None:
        self._try()
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._try()
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._try()
        del self.items[service, username]


@pytest.mark.parametrize("pinned", [False, True])
async def test_a_locked_keyring_stays_the_place_for_secrets(pinned: bool) -> None:
    assert not pinned or cli_run(["store", "use", "keyring"]) == 0
    services, backend = WizardServices(), Shut()
    services._store, services._opened = KeyringStore(backend), True
    assert await services.store_question("prod") == "", "a run says itself what it cannot read"
    assert await services.store_question("") == "unusable"
    assert services.bundle().keyring_problem().startswith("Secret Service is locked.")
    result = await services.save(PROFILE, {"access_token": Secret(SECRET)}, True)
    assert (result.saved, result.problem, result.places) == (True, "", {"access_token": "memory, until the wizard closes"})
    assert services._subject("prod", RunOptions()).memory == {"access_token": Secret(SECRET)}
    assert (load_settings().store, backend.items) == ("keyring" if pinned else "", {})
    backend.locked = False
    assert await services.store_question("") == ""
    result = await services.save(PROFILE, {"access_token": Secret(SECRET)})
    assert (result.problem, result.places) == ("", {"access_token": "Secret Service"})
    assert backend.items["authwizard/prod/access_token", "authwizard"] == SECRET

"""Copying, renaming and exporting a profile in the wizard, and what a new one begins from."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from driving import flowing, paste, press, shown
from real_services import KeptStore, config, files, home, until

from authwizard.cli.demo import running
from authwizard.cli.services import DemoServices
from authwizard.demo.faults import fault_named
from authwizard.demo.platform import PROFILE as DEMO
from authwizard.knowledge.profile_templates import TEMPLATES
from authwizard.model.profile import CredentialSpec, OAuth, Profile, Reference
from authwizard.model.secret import Secret
from authwizard.store.profiles import load_profiles
from authwizard.store.profiles_write import save_profile
from authwizard.store.state import stored_secrets
from authwizard.store.trust import is_trusted, trust
from authwizard.store.vault import Vault
from authwizard.ui.importing import Document
from authwizard.ui.profile_problems import problems
from authwizard.ui.profile_values import values_of
from authwizard.ui.screens.home import HomeScreen
from authwizard.ui.screens.profile import ProfileScreen
from authwizard.ui.screens.profile_more import ExportScreen, MoreScreen, NameScreen

SECRET = Secret("fake-" + secrets.token_hex(20))
PROFILE = Profile(
    "prod", "https://api.example.com", "GET /v2/me", "production", oauth=OAuth(issuer="https://auth.example.com", client_id="orders"),
    secrets={"access_token": Reference("env:PROD_TOKEN")},
)  # fmt: skip


@pytest.fixture
async def store() -> KeptStore:
    """One saved profile, with a stored secret and a reference, agreed to."""
    kept = KeptStore()
    config().parent.mkdir(parents=True, exist_ok=True)
    save_profile(config(), PROFILE)
    await Vault(PROFILE, kept, base=config().parent, trusted=True).keep("client_secret", SECRET)
    trust(PROFILE, config())
    return kept


async def test_a_profile_is_copied_renamed_and_marked(store: KeptStore, size: tuple[int, int]) -> None:
    async with home(store, size) as (app, pilot):
        await press(app, pilot, "m")
        assert isinstance(app.screen, MoreScreen)
        page = flowing(app)
        assert "prod (production)" in page
        assert "0 days old, rotate in 90" in page
        assert "Remove it" in page, "all of it is on the screen"
        await press(app, pilot, "down", "enter")
        assert isinstance(app.screen, NameScreen)
        await press(app, pilot, *"prod", "enter")
        assert "There is a profile 'prod' already" in flowing(app)
        await paste(app, pilot, "/x", "name")
        await press(app, pilot, "enter")
        assert "cannot be a profile's name" in flowing(app)
        await press(app, pilot, "backspace", "backspace", *"-two", "enter")
        await until(app, pilot, HomeScreen, "prod-two")
        assert app.screen.marked_profile() == "prod-two"  # type: ignore[attr-defined]
        copied = load_profiles(config())["prod-two"]
        assert (copied.secrets, copied.oauth, is_trusted(copied, config())) == (PROFILE.secrets, PROFILE.oauth, True)
        assert stored_secrets("prod-two") == {}
        await press(app, pilot, "up", "m", "down", "down", "enter")
        assert isinstance(app.screen, NameScreen)
        await press(app, pilot, "end", *"-old")
        await press(app, pilot, "down", "enter")
        await until(app, pilot, HomeScreen, "prod-old")
    assert list(load_profiles(config())) == ["prod-old", "prod-two"]
    assert store.get("prod-old", "client_secret") == SECRET
    assert store.get("prod", "client_secret") is None
    assert is_trusted(load_profiles(config())["prod-old"], config())


async def test_an_export_shows_what_the_receiver_must_supply_and_writes_no_secret(
    store: KeptStore, tmp_path: Path, size: tuple[int, int]
) -> None:
    target = tmp_path / "for-you.toml"
    async with home(store, size) as (app, pilot):
        await press(app, pilot, "m", "down", "down", "down", "enter")
        assert isinstance(app.screen, ExportScreen)
        page = flowing(app)
        assert "Whoever receives it must supply" in page
        assert "access_token (env:PROD_TOKEN) -> https://api.example.com:443" in page
        assert "client_secret (authwizard store set prod client_secret)" in page
        assert SECRET.reveal() not in page
        await press(app, pilot, "ctrl+u", "enter")
        assert "Give a path" in shown(app)
        await paste(app, pilot, str(tmp_path / "nowhere" / "x.toml"), "path")
        await press(app, pilot, "enter")
        assert "cannot be written: No such file or directory." in flowing(app)
        await press(app, pilot, "ctrl+u")
        await paste(app, pilot, str(target), "path")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, HomeScreen)
        text = target.read_text()
        assert "[profile.prod]" in text
        assert SECRET.reveal() not in text
        await press(app, pilot, "m", "down", "down", "down", "enter", "ctrl+u")
        await paste(app, pilot, str(target), "path")
        await press(app, pilot, "enter")
        assert "is there already" in flowing(app)
        assert target.read_text() == text


async def test_giving_up_changes_nothing(store: KeptStore) -> None:
    async with home(store) as (app, pilot):
        before = files()
        for way in (("escape",), ("down", "enter", "escape"), ("down", "enter", *"other", "down", "down", "enter"),
                    ("down", "down", "down", "enter", "escape")):  # fmt: skip
            await press(app, pilot, "m", *way)
            await until(app, pilot, HomeScreen)
        assert files() == before
        await press(app, pilot, "m", "enter")
        assert isinstance(app.screen, ProfileScreen), "and the ways that have keys of their own"


async def test_a_name_left_over_in_the_store_is_told(store: KeptStore) -> None:
    from authwizard.store.state import remember_stored

    remember_stored("gone", "client_secret", "test.Store", {})
    async with home(store) as (app, pilot):
        await press(app, pilot, "m", "down", "down", "enter", "ctrl+u", *"gone", "enter")
        await until(app, pilot, NameScreen, "The store still has client_secret of an earlier profile 'gone'")
    assert list(load_profiles(config())) == ["prod"]


async def test_a_new_profile_begins_from_a_template() -> None:
    async with home(KeptStore()) as (app, pilot):
        await press(app, pilot, "n", *"svc", "down", "down")
        await paste(app, pilot, "https://api.example.com", "f-base_url")
        await paste(app, pilot, "GET /v2/me", "f-request")
        await press(app, pilot, "down", "right", "right", "right")
        page = flowing(app)
        assert "< oidc-client-credentials >" in page
        assert "For a program that fetches its own tokens with id and secret. Needs issuer or token URL and client id (oauth)." in page
        await press(app, pilot, "escape", "enter")
        assert "needs this or the token URL" in flowing(app)
        await press(app, pilot, *"https", "colon", "slash", "slash", *"a.example", "down", "down", *"orders", "escape", "enter")
        await until(app, pilot, HomeScreen, "svc")
    made = load_profiles(config())["svc"]
    assert made.oauth == OAuth(issuer="https://a.example", client_id="orders")


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_form_and_the_command_line_mean_the_same_by_a_template(name: str) -> None:
    from authwizard.ui.profile_fields import template_values
    from authwizard.ui.profile_values import profile_of

    values = {
        **values_of(None),
        "name": "x",
        "base_url": "https://a.example",
        "request": "GET /",
        "template": name,
        **template_values(name),
    }
    wanted = {group[0] for group in TEMPLATES[name].wants}
    assert problems(values).keys() == wanted
    filled = {**values, **dict.fromkeys(wanted, "https://auth.example.com")}
    assert problems(filled) == {}
    made, fields = profile_of(filled, None), TEMPLATES[name].fields
    assert made.credential == CredentialSpec(fields["kind"], header=fields.get("header", ""))  # type: ignore[arg-type]
    assert made.oauth is None or (made.oauth.grant, made.oauth.client_auth) == (fields["grant"], fields["client_auth"])
    assert (made.oauth is not None) == bool(wanted)


async def test_on_the_practice_platform_nothing_is_imported_copied_or_renamed() -> None:
    with running(fault_named("healthy")) as platform:
        services = DemoServices(platform)
        read = await services.read_import(Document(text="curl https://api.example.com/v2/me"))
        assert read.preview is not None
        before = files()
        saved = await services.save_import(read.preview, read.preview.profile)
        refused = [saved.problem, await services.copy_profile(DEMO, "two"), await services.rename_profile(DEMO, "two")]
        assert all("stores nothing" in problem for problem in refused)
        assert files() == before
        assert [secret for secret in platform.all_secrets if secret.reveal() in services.export_text(DEMO)] == []

"""Importing a profile in the wizard: what is shown, what is written, and that no secret of the document is on any screen."""

from __future__ import annotations

import asyncio
import html
import json
import secrets
from pathlib import Path

import pytest
from driving import flowing, paste, press, settle, shown
from leak_search import Pieces, leaks
from real_services import KeptStore, config, files, home, until
from textual.pilot import Pilot

from authwizard.model.secret import Secret
from authwizard.store.profiles import load_profiles
from authwizard.store.trust import needs_trust
from authwizard.ui.app import AuthwizardApp
from authwizard.ui.importing import Document, ImportRead
from authwizard.ui.screens.asking import TrustScreen
from authwizard.ui.screens.home import HomeScreen
from authwizard.ui.screens.import_pick import PickScreen
from authwizard.ui.screens.import_preview import PreviewScreen
from authwizard.ui.screens.import_source import ImportScreen
from authwizard.ui.screens.keeping import KeepingScreen
from authwizard.ui.screens.profile import ProfileScreen
from authwizard.ui.widgets.choice_list import ChoiceList

TOKEN, KEY, CLIENT_SECRET, PASSWORD = ("fake-" + secrets.token_hex(24) for _ in range(4))
ALL = tuple(map(Secret, (TOKEN, KEY, CLIENT_SECRET, PASSWORD)))
CURL = (
    f"curl 'https://api.example.com/v2/{TOKEN}/me?limit=20&api_key={KEY}' -X POST -k -H 'Authorization: Bearer {TOKEN}'"
    f" -H 'X-Tenant: acme' --data-raw 'p={PASSWORD}'"
)
ENV = (
    f"API_URL=https://api.example.com\nAPI_CLIENT_ID=orders\nAPI_CLIENT_SECRET={CLIENT_SECRET}\n"
    f"API_TOKEN_URL=https://auth.example.com/t\nDB_PASSWORD={PASSWORD}\n"
)


def entry(url: str, status: int) -> dict[str, object]:
    headers = [{"name": "Authorization", "value": f"Bearer {TOKEN}"}, {"name": "Cookie", "value": f"sid={PASSWORD}"}]
    return {"request": {"method": "GET", "url": url, "headers": headers}, "response": {"status": status}}


HAR = json.dumps({"log": {"entries": [
    entry(f"https://api.example.com/v2/{TOKEN}/me", 200), entry(f"https://api.example.com/v2/orders?api_key={KEY}", 401),
]}})  # fmt: skip
COLLECTION = json.dumps({
    "variable": [{"key": "base", "value": "https://api.example.com"}],
    "item": [
        {"name": "Me", "request": {"url": "{{base}}/me", "auth": {"type": "basic", "basic": {"username": "me", "password": PASSWORD}}}},
        {"name": "Orders", "request": {"url": "{{base}}/orders", "header": [{"key": "X-Api-Key", "value": KEY}]}},
    ],
})  # fmt: skip
DESCRIPTION = "openapi: 3.1.0\nservers: [{url: 'https://api.example.com'}]\npaths: {/me: {get: {}}, /orders: {get: {}, post: {}}}\n"
EXPORT = (
    'version = 1\n[profile.theirs]\nbase_url = "http://127.0.0.1:9"\nrequest = "GET /v2/me"\n'
    '[profile.theirs.secrets]\naccess_token = "env:THEIR_TOKEN"\n'
)  # fmt: skip
DOCUMENTS = {"curl": CURL, "env": ENV, "har": HAR, "postman": COLLECTION, "openapi": DESCRIPTION, "export": EXPORT}


async def imported(app: AuthwizardApp, pilot: Pilot[int], text: str) -> None:
    """Hand a text in, from Home."""
    await press(app, pilot, "i")
    assert isinstance(app.screen, ImportScreen)
    await paste(app, pilot, text, "pasted")
    await press(app, pilot, "enter")


async def test_no_screen_of_an_import_shows_a_secret_and_escape_leaves_everything_as_it_was(size: tuple[int, int], tmp_path: Path) -> None:
    screens: list[str] = []
    pictured: set[type] = set()

    async def look(app: AuthwizardApp) -> None:
        screens.append("\n".join("".join(part.text for part in row) for row in app.screen._compositor.render_strips()))
        if type(app.screen) not in pictured:  # drawn from the same rows, at four times the cost
            pictured.add(type(app.screen))
            screens.append(html.unescape(app.export_screenshot()))

    store = KeptStore()
    before = files()
    async with home(store, size) as (app, pilot):
        for name, text in DOCUMENTS.items():
            file = tmp_path / name
            file.write_text(text)
            await press(app, pilot, "i")
            await paste(app, pilot, text, "pasted")
            await look(app)
            await press(app, pilot, "enter")
            await look(app)
            if isinstance(app.screen, PickScreen):
                for key in ("down", "enter"):
                    await press(app, pilot, key)
                    await look(app)
            assert isinstance(app.screen, PreviewScreen), f"{name}: {shown(app)}"
            for key in ("pagedown", "pagedown"):
                await press(app, pilot, key)
                await look(app)
            while not isinstance(app.screen, HomeScreen):
                await press(app, pilot, "escape")
                await look(app)
            await press(app, pilot, "i")
            await paste(app, pilot, str(file), "path")
            await press(app, pilot, "enter")
            assert not isinstance(app.screen, (HomeScreen, ImportScreen)), f"{name}: {shown(app)}"
            await look(app)
            while not isinstance(app.screen, HomeScreen):
                await press(app, pilot, "escape")
        said = [n.message for n in app._notifications]
    assert files() == before
    assert store._kept == {}
    pieces = Pieces(ALL)
    assert [found for text in (*screens, *said) for found in leaks(ALL, text)] == []
    assert [found for text in screens if not text.startswith("<svg") for found in pieces.within(text)] == []


async def test_the_preview_tells_what_becomes_what_and_enter_writes_it(size: tuple[int, int]) -> None:
    store = KeptStore()
    async with home(store, size) as (app, pilot):
        await imported(app, pilot, ENV)
        page = shown(app)
        assert "What becomes of it: a .env file" in page
        assert "BECOMES A SECRET ── to the test's store" in page
        assert f"client_secret  {len(CLIENT_SECRET)} characters" in page
        assert "to https://auth.example.com" in page
        assert "from API_CLIENT_SECRET" in page
        assert "DB_PASSWORD" in page[page.index("LEFT OUT") :]
        assert app.focused is not None
        assert app.focused.id == "f-request", "what the file does not tell is asked for"
        await press(app, pilot, "tab", "enter")
        assert isinstance(app.screen, PreviewScreen)
        assert "The request is needed." in shown(app)
        await paste(app, pilot, "GET /v2/me", "f-request")
        await paste(app, pilot, "-two", "f-name")
        await press(app, pilot, "down", "right", "right", "right", "down", "enter", "enter")
        await until(app, pilot, HomeScreen, "api.example.com-two")
        assert "Saved. client secret: the test's store." in [n.message for n in app._notifications]
    profile = load_profiles(config())["api.example.com-two"]
    assert (profile.request, profile.environment) == ("GET /v2/me", "production")
    assert store.get("api.example.com-two", "client_secret") == Secret(CLIENT_SECRET)
    assert not needs_trust(profile, config()), "who saw it agreed"
    assert [found for text in files().values() for found in leaks(ALL, text.decode("latin-1"))] == []


async def test_a_request_is_chosen_by_typing_and_by_mouse_and_escape_goes_back(size: tuple[int, int]) -> None:
    async with home(KeptStore(), size) as (app, pilot):
        await imported(app, pilot, HAR)
        assert isinstance(app.screen, PickScreen)
        assert "A HAR file with 2 requests. Which one is it?" in shown(app)
        assert app.screen.query_one(ChoiceList).marked == "1", "the refused one is marked"
        await press(app, pilot, *"200")
        assert "orders" not in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, PreviewScreen)
        assert "answered with" not in flowing(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, PickScreen)
        assert app.screen.query_one(ChoiceList).marked == "0", "the mark stays on what was looked at"
        await press(app, pilot, *"nothing like it", "enter")
        assert "No request has that in it." in shown(app)
        await press(app, pilot, "ctrl+u")
        await pilot.click("#candidates", offset=(5, 0))
        await settle(app, pilot)
        assert isinstance(app.screen, PreviewScreen)
        assert "GET /v2/orders" in shown(app)
        await pilot.click("#choices", offset=(5, 0))
        await until(app, pilot, HomeScreen)
    assert list(load_profiles(config())) == ["api.example.com"]


async def test_a_postman_environment_is_asked_for_where_variables_have_no_value(tmp_path: Path) -> None:
    (tmp_path / "collection.json").write_text(json.dumps({"item": [{"name": "Me", "request": {"url": "{{base}}/me"}}] * 2}))
    (tmp_path / "environment.json").write_text(json.dumps({"values": [{"key": "base", "value": "https://api.example.com"}]}))
    async with home(KeptStore()) as (app, pilot):
        await press(app, pilot, "i")
        assert "environment" not in shown(app)
        await paste(app, pilot, str(tmp_path / "collection.json"), "path")
        await press(app, pilot, "enter", "enter")
        assert isinstance(app.screen, PreviewScreen)
        assert "Give the environment that has one" in flowing(app)
        await press(app, pilot, "escape", "escape")
        await paste(app, pilot, str(tmp_path / "environment.json"), "environment")
        await press(app, pilot, "enter", "enter")
        assert isinstance(app.screen, PreviewScreen)
        assert "https://api.example.com" in shown(app)


async def test_an_export_is_saved_and_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_TOKEN", TOKEN)
    async with home(KeptStore()) as (app, pilot):
        await imported(app, pilot, EXPORT)
        page = flowing(app)
        assert "It comes from somebody else" in page
        assert "env:THEIR_TOKEN to http://127.0.0.1:9" in page
        assert "in the form" not in page, "editing it would look like agreeing to it"
        await press(app, pilot, "down", "enter")
        await until(app, pilot, TrustScreen, "env:THEIR_TOKEN")
        await press(app, pilot, "enter")
        profile = load_profiles(config())["theirs"]
        assert needs_trust(profile, config())
        await press(app, pilot, "e")
        assert isinstance(app.screen, ProfileScreen)
        await press(app, pilot, "escape", "enter")
        await until(app, pilot, HomeScreen)
        assert needs_trust(load_profiles(config())["theirs"], config()), "saving the form is no agreement to what came from elsewhere"


async def test_a_strangers_proxy_is_not_agreed_to_by_storing_a_secret_in_the_form() -> None:
    """Without references there is nothing to ask yet; once a secret is there, its way is asked about before the first run."""
    async with home(KeptStore()) as (app, pilot):
        await imported(
            app, pilot, EXPORT.partition("[profile.theirs.secrets]")[0] + '[profile.theirs.network]\nproxy = "http://evil.example:3128"\n'
        )
        await press(app, pilot, "enter")
        await until(app, pilot, HomeScreen)
        await press(app, pilot, "e", "pagedown")
        assert isinstance(app.screen, ProfileScreen)
        await paste(app, pilot, TOKEN, "s-access_token")
        await press(app, pilot, "escape", "enter")
        await until(app, pilot, HomeScreen)
        [item] = needs_trust(load_profiles(config())["theirs"], config())
        assert (item.field, item.host) == ("proxy", "the proxy http://evil.example:3128")


async def test_a_name_that_is_taken_is_not_written_over() -> None:
    async with home(KeptStore()) as (app, pilot):
        await imported(app, pilot, CURL)
        await press(app, pilot, "enter")
        await until(app, pilot, HomeScreen)
        await imported(app, pilot, CURL)
        assert "api.example.com-2" in shown(app)
        before = files()
        await press(app, pilot, "shift+tab", "shift+tab", "end", "backspace", "backspace", "down", "down", "enter")
        await until(app, pilot, PreviewScreen, "There is a profile 'api.example.com' already")
        assert files() == before
        await paste(app, pilot, "/..", "f-name")
        assert "Letters, digits, dot, dash and underscore only" in flowing(app)


async def test_what_cannot_be_saved_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    from authwizard.model.errors import ConfigError
    from authwizard.store import profiles_write

    def refused(*_: object) -> None:
        raise ConfigError("profiles.toml cannot be written: No space left on device.")

    monkeypatch.setattr(profiles_write, "save_profile", refused)
    store = KeptStore()
    async with home(store) as (app, pilot):
        await imported(app, pilot, CURL)
        await press(app, pilot, "enter")
        await until(app, pilot, PreviewScreen, "No space left on device.")
    assert store._kept == {}
    assert not config().exists()


async def test_without_a_keyring_saving_asks_where_and_references_keep_it_unsaved() -> None:
    async with home() as (app, pilot):
        await imported(app, pilot, CURL)
        assert "a place you are asked for when you save" in shown(app)
        await press(app, pilot, "enter")
        await until(app, pilot, KeepingScreen)
        await press(app, pilot, "down", "down", "enter")
        await until(app, pilot, PreviewScreen, "Nothing was saved.")
        assert not config().exists()
        await press(app, pilot, "escape", "enter")
        await until(app, pilot, PreviewScreen, "not stored, as you chose")


async def test_the_form_takes_an_import_whole_or_to_be_changed_first() -> None:
    store = KeptStore()
    async with home(store) as (app, pilot):
        await press(app, pilot, "n", "escape", "tab", "tab", "enter")
        assert isinstance(app.screen, ImportScreen)
        await paste(app, pilot, CURL, "pasted")
        await press(app, pilot, "enter", "down", "down", "enter")
        assert isinstance(app.screen, ProfileScreen)
        assert "POST /v2/{secret:access_token}/me?limit=20&api_key={secret:api_key}"[:50] in shown(app)
        await press(app, pilot, "pagedown")
        assert "as pasted" in shown(app)
        await press(app, pilot, "escape", "enter")
        await until(app, pilot, HomeScreen)
        assert store.get("api.example.com", "access_token") == Secret(TOKEN)
        await press(app, pilot, "n", "escape", "tab", "tab", "enter")
        await paste(app, pilot, ENV.replace("api.", "other."), "pasted")
        await press(app, pilot, "enter")
        await paste(app, pilot, "GET /", "f-request")
        await press(app, pilot, "down", "enter")
        await until(app, pilot, HomeScreen, "other.example.com")
    assert list(load_profiles(config())) == ["api.example.com", "other.example.com"]


async def test_hostile_text_is_told_in_one_sentence_and_stays_to_be_mended(size: tuple[int, int]) -> None:
    async with home(KeptStore(), size) as (app, pilot):
        await press(app, pilot, "i")
        for text, said in (
            ("nothing of it \x1b]52;c;AAAA\x07", "This was not recognised."),
            ('{"item": [{"name": "[/][bold]\\u001b[2J", "request": {"method": "GET"}}]}', "has no address in the collection"),
            ("curl 'https://a.example", "This cannot be imported"),
            ("[profile.x]\nbase_url = 7\n", "base_url"),
        ):
            app.screen.query_one("#pasted").load_text("")  # type: ignore[attr-defined]
            await paste(app, pilot, text, "pasted")
            await press(app, pilot, "enter")
            assert isinstance(app.screen, ImportScreen)
            assert said in flowing(app)
        await paste(app, pilot, "/nowhere/[/]\u202e", "path")
        await press(app, pilot, "enter")
        assert "cannot be read: No such file or directory." in flowing(app)
        hostile = json.dumps({"item": [{"name": f"[/]{n}\x9b2J", "request": {"url": "https://a.example/[x=y]"}} for n in range(300)]})
        await press(app, pilot, "ctrl+u")
        await paste(app, pilot, hostile, "pasted")
        assert isinstance(app.screen, PickScreen), "a long paste is read at once"
        assert "and 200 more: type a part" not in shown(app)
        await press(app, pilot, *"[/]299", "enter")
        assert isinstance(app.screen, PreviewScreen)
        assert "[/]299" in shown(app)


async def test_reading_is_told_and_escape_stops_it() -> None:
    async with home(KeptStore()) as (app, pilot):
        begun = asyncio.Event()

        async def slow(_: Document) -> ImportRead:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

        object.__setattr__(app.services, "read_import", slow)
        await press(app, pilot, "i")
        await paste(app, pilot, CURL, "pasted")
        await pilot.press("enter")
        await begun.wait()
        screen = app.screen
        assert isinstance(screen, ImportScreen)
        screen._tell_time()
        await pilot.pause()
        assert "(Esc: stop)" in shown(app)
        await press(app, pilot, "escape")
        assert app.screen is screen
        assert "Reading was stopped." in shown(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, HomeScreen)


async def test_a_failure_of_ours_tells_no_value() -> None:
    async with home(KeptStore()) as (app, pilot):

        async def broken(_: Document) -> ImportRead:
            raise RuntimeError(TOKEN)

        object.__setattr__(app.services, "read_import", broken)
        await imported(app, pilot, CURL)
        assert "authwizard failed here itself (RuntimeError in broken" in flowing(app)
        assert TOKEN not in shown(app)

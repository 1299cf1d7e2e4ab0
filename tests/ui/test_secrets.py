"""No secret leaves a field: not by drawing, copying, selecting, a screenshot, a log or a crash."""

from __future__ import annotations

import base64
import secrets
from urllib.parse import quote

import pytest
from driving import paste, press, settle, shown, wizard
from fake_services import PROFILE, Script

from authwizard.model.secret import Secret
from authwizard.ui.messages import DoorText
from authwizard.ui.services import Recognised
from authwizard.ui.widgets.door import DoorBox
from authwizard.ui.widgets.inputs import SecretInput

SECRET = "hunter2" + secrets.token_urlsafe(24)
FORMS = (SECRET, base64.b64encode(SECRET.encode()).decode(), quote(SECRET, safe=""), SECRET[:12], SECRET[-12:])


def leaks(text: str) -> list[str]:
    return [form for form in FORMS if form in text]


async def test_a_typed_secret_is_in_no_picture_and_cannot_be_copied() -> None:
    async with wizard(Script()) as (app, pilot):
        await press(app, pilot, "escape", "enter", "pagedown")
        field = app.screen.query_one("#s-access_token", SecretInput)
        field.focus()
        await pilot.press(*SECRET[:12])
        await paste(app, pilot, SECRET[12:])
        assert field.secret == Secret(SECRET)
        assert not leaks(app.export_screenshot())
        assert "•" in shown(app)
        await press(app, pilot, "home", "shift+end", "ctrl+c")
        assert app.clipboard == ""
        assert field.selected_text == ""
        assert not leaks(repr(field))
        app.screen.text_select_all()
        await settle(app, pilot)
        assert not leaks(app.screen.get_selected_text() or "")
        field.focus()
        await press(app, pilot, "home", "shift+end", "ctrl+x")
        assert app.clipboard == ""
        assert field.value == "", "cutting deletes, and copies nothing"


async def test_a_pasted_command_shows_dots_and_copies_dots() -> None:
    async with wizard(Script()) as (app, pilot):
        box = app.screen.query_one(DoorBox)
        await paste(app, pilot, f"curl -H 'Authorization: Bearer {SECRET}' https://api.example.com/v2")
        assert SECRET in box.text
        assert not leaks(app.export_screenshot())
        assert "api.example.com" in shown(app)
        box.select_all()
        assert not leaks(box.selected_text)
        await press(app, pilot, "ctrl+c")
        assert not leaks(app.clipboard)
        app.screen.text_select_all()
        assert not leaks(app.screen.get_selected_text() or "")
        box.select_all()
        await press(app, pilot, "ctrl+x")
        assert not leaks(app.clipboard)
        assert box.text == ""
        assert not leaks(repr(box))


async def test_no_screen_of_a_pasted_run_shows_its_secret() -> None:
    pasted = Recognised("curl", "A curl command with a bearer token (31 characters).", PROFILE, {"access_token": Secret(SECRET)})
    async with wizard(Script(consented=True), pasted) as (app, pilot):
        pictures = [shown(app)]
        await press(app, pilot, "enter")
        for key in ("1", "8", "v", "d", "escape", "w", "escape", "e", "escape", "s", "pagedown"):
            await press(app, pilot, key)
            pictures.append(shown(app))
        pictures.append(app.export_screenshot())
        assert not leaks("".join(pictures))
        assert not leaks(repr(app.state))


def test_the_text_of_the_door_is_in_no_log() -> None:
    assert not leaks(repr(DoorText(SECRET)) + str(DoorText(SECRET)))


@pytest.mark.parametrize("where", ["worker", "handler"])
async def test_an_unhandled_exception_shows_no_locals_and_no_text(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    class Boom(Exception):
        """Raised on purpose."""

    def explode() -> None:
        client_secret = SECRET
        raise Boom(f"illegal header value {client_secret}")

    async def work() -> None:
        explode()

    with pytest.raises(Exception) as caught:  # noqa: PT012
        async with wizard(Script()) as (app, pilot):
            if where == "worker":
                app.run_worker(work(), exit_on_error=True)
            else:
                app.call_later(explode)
            await settle(app, pilot)
    assert caught.value is not None
    out, err = capsys.readouterr()
    assert not leaks(out + err)
    assert "client_secret" not in out + err
    assert "authwizard failed itself" in err
    assert "explode" in err

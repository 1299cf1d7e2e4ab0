"""Driving the wizard in a test: start it on scripted services, press keys, read what stands on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fake_services import Script, services
from quiet import draw
from textual import events
from textual._context import visible_screen_stack
from textual.pilot import Pilot

from authwizard.ui.app import AuthwizardApp
from authwizard.ui.services import Recognised

WAITS_FOR_NOBODY = ("profiles", "warm-up", "store", "save", "reading")
"""Groups of workers that end by themselves: those of the dialogs wait for a person, that of the engine perhaps for a gate."""


@asynccontextmanager
async def wizard(
    script: Script, start: str | Recognised | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[AuthwizardApp, Pilot[int]]]:
    """Start the wizard and settle it."""
    app = AuthwizardApp(services(script), start)
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot)
        yield app, pilot
        draw()


async def settle(app: AuthwizardApp, pilot: Pilot[int]) -> None:
    """Wait until every worker that waits for no person has ended, the loop has nothing to do, and all is drawn."""
    await pilot.pause()
    while waiting := [w for w in app.workers if w.group in WAITS_FOR_NOBODY and not w.is_finished]:  # an empty list would mean all of them
        await app.workers.wait_for_complete(waiting)
        await pilot.pause()


async def press(app: AuthwizardApp, pilot: Pilot[int], *keys: str) -> None:
    """Press keys, settling after each."""
    for key in keys:
        await pilot.press(key)
        await settle(app, pilot)


async def paste(app: AuthwizardApp, pilot: Pilot[int], text: str, field: str = "") -> None:
    """Paste into the focused field, or into the one with this id."""
    if field:
        app.screen.query_one(f"#{field}").focus()
        await pilot.pause()
    assert app.focused is not None
    app.focused.post_message(events.Paste(text))
    await settle(app, pilot)


def shown(app: AuthwizardApp) -> str:
    """What stands on the screen, row by row: all characters a terminal would be sent, without colours."""
    visible_screen_stack.set(app._background_screens)
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(part.text for part in row).rstrip(" ") for row in rows)


def flowing(app: AuthwizardApp) -> str:
    """What stands on the screen as running text, for sentences that may be broken over rows."""
    return " ".join(shown(app).replace("│", " ").replace("▌", " ").split())


def said(app: AuthwizardApp, part: str) -> str:
    """What one part of the screen says, as running text."""
    return " ".join(str(app.screen.query_one(part).render()).split())

"""Drives the real wizard without a terminal, in a process of its own; run by test_wizard_keyring.py.

`python wizard_driver.py SCENARIO` reads on stdin what is to be typed, as JSON, and prints what it saw, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

from keyring_session import unlock
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from authwizard.cli.services import WizardServices
from authwizard.ui.app import AuthwizardApp
from authwizard.ui.screens.home import HomeScreen
from authwizard.ui.screens.keeping import UnusableScreen
from authwizard.ui.screens.profile import ProfileScreen

PATIENCE = 120.0
"""Seconds after which something has not happened, on a machine loaded many times over. Nothing waits for them to pass."""


class Driver:
    """The running wizard, and everything that stood on its screen."""

    def __init__(self, app: AuthwizardApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.seen: list[str] = []
        self.typed: tuple[str, ...] = ("f-name",)
        """Fields that are typed key by key; each key costs a picture."""

    def screen(self) -> str:
        """Remember and return what stands on the screen, without frames, on one line."""
        rows = self.app.screen._compositor.render_strips()
        text = "\n".join("".join(segment.text for segment in row) for row in rows)
        if not self.seen or self.seen[-1] != text:
            self.seen.append(text)
        return re.sub(r"[\s\u2500-\u257f]+", " ", text)

    async def until(self, happened: Callable[[], bool], what: str) -> float:
        """Wait until something has happened; return the seconds it took."""
        begun = time.monotonic()
        while not happened():
            assert time.monotonic() - begun < PATIENCE, f"{what} did not happen; the screen shows:\n{self.seen[-1:]}"
            await self.pilot.pause(0.05)
            self.screen()
        return time.monotonic() - begun

    async def shows(self, words: str) -> float:
        """Wait until words stand on the screen."""
        return await self.until(lambda: words in self.screen(), f"{words!r} on the screen")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        self.screen()

    async def fill(self, field: str, value: str) -> None:
        """Put a value into a field of the form in the place of what stands there: pasted, or typed key by key."""
        widget = self.app.screen.query_one(f"#{field}", Input)
        widget.focus()
        await self.press("home", "shift+end", "delete")
        if field in self.typed:
            await self.press(*("space" if c == " " else c for c in value))
        else:
            widget.post_message(events.Paste(value))
        await self.until(lambda: widget.value == value, f"the value in {field}")

    async def new_profile(self, sections: list[dict[str, str]]) -> None:
        """Open the form from Home and fill its sections, one after the other."""
        await self.until(lambda: isinstance(self.app.screen, HomeScreen), "Home")
        await self.shows("There are no profiles yet")
        await self.press("escape", "n")
        await self.until(lambda: isinstance(self.app.screen, ProfileScreen), "the form")
        for number, section in enumerate(sections):
            if number:
                await self.press("pagedown")
                await self.until(lambda section=section: bool(self.app.screen.query(f"#{next(iter(section))}")), "the next section")
            for field, value in section.items():
                await self.fill(field, value)

    async def choose(self, button: str) -> None:
        self.app.screen.query_one(f"#{button}").focus()
        await self.press("enter")

    async def finished_run(self) -> dict[str, Any]:
        await self.until(lambda: self.app.state.phase in ("done", "failed"), "the end of the run")
        self.screen()
        state = self.app.state
        assert state.verdict is not None, state.problem
        return {"kind": state.verdict.kind, "cause": state.verdict.cause, "status": state.answer_status}


async def save(driver: Driver, given: dict[str, Any]) -> dict[str, Any]:
    """Save a profile with its secrets in a keyring that works."""
    driver.typed = ("f-name", "f-request", "s-client_secret")
    await driver.new_profile(given["sections"])
    await driver.shows("Secrets go to: Secret Service")
    await driver.choose("save")
    await driver.until(lambda: isinstance(driver.app.screen, HomeScreen), "Home after saving")
    await driver.shows("not run yet")
    return {"notified": [n.message for n in driver.app._notifications]}


async def found_again(driver: Driver, given: dict[str, Any]) -> dict[str, Any]:
    """In a new process, find the profile on Home and run it."""
    await driver.shows(given["name"])
    await driver.press("enter")
    await driver.shows("what is sent")
    await driver.press("enter")
    return {"verdict": await driver.finished_run()}


async def without(driver: Driver, given: dict[str, Any]) -> dict[str, Any]:
    """Save and run where the keyring cannot be used: the form says so, and memory is used."""
    await driver.new_profile(given["sections"])
    await driver.until(lambda: any(words in driver.screen() for words in ("You are asked", "A typed secret")), "why secrets are not stored")
    said = driver.screen()
    none = "No system keyring can be used here" in said
    await driver.shows(
        "You are asked where to keep secrets when you save." if none
        else "A typed secret can stay in memory until you quit. To keep it, write a reference: env:NAME or file:PATH"
    )  # fmt: skip
    await driver.choose("save-run")
    if none:
        await driver.shows("Where should secrets be kept?")
        await driver.press("down", "enter")
        await driver.shows("Saved, but not all of it as wanted")
        await driver.shows("stay in this wizard's memory")
        await driver.press("enter")
    else:
        await driver.shows("The keyring cannot be used now")
        question = driver.app.screen
        await driver.press("enter")
        await driver.until(
            lambda: driver.app.screen is not question and isinstance(driver.app.screen, UnusableScreen), "the question again"
        )
        await driver.press("down", "enter")
    await driver.shows("what is sent")
    await driver.press("enter")
    return {"verdict": await driver.finished_run(), "said": said}


async def impatient(driver: Driver, given: dict[str, Any]) -> dict[str, Any]:
    """Save before the keyring has shown that it hangs, stay able to act meanwhile, and go on without it by Esc."""
    await driver.new_profile(given["sections"])
    await driver.choose("save")
    await driver.shows("Asking the store of your secrets (Esc: do not wait for it)")
    begun = time.monotonic()
    await driver.press("tab")
    answered = time.monotonic() - begun
    begun = time.monotonic()
    await driver.press("escape")
    await driver.shows("did not answer")
    told = time.monotonic() - begun
    await driver.press("down", "enter")
    await driver.until(lambda: isinstance(driver.app.screen, HomeScreen), "Home after saving")
    return {"key_after": answered, "told_after": told, "notified": [n.message for n in driver.app._notifications]}


async def unlocked_meanwhile(driver: Driver, given: dict[str, Any]) -> dict[str, Any]:
    """Save with a locked keyring, unlock it as the wizard says, and try again: the secrets are where they belong."""
    await driver.new_profile(given["sections"])
    await driver.choose("save")
    await driver.shows("The keyring cannot be used now")
    await driver.shows("gnome-keyring-daemon --replace --unlock")
    unlock("--replace")
    await driver.press("enter")
    await driver.until(lambda: isinstance(driver.app.screen, HomeScreen), "Home after saving")
    return {"notified": [n.message for n in driver.app._notifications]}


SCENARIOS = {each.__name__: each for each in (save, found_again, without, impatient, unlocked_meanwhile)}


async def main(name: str) -> None:
    given = json.load(sys.stdin)
    app = AuthwizardApp(WizardServices().bundle())
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        told = await SCENARIOS[name](driver, given)
        await driver.press("escape", "q")
        await driver.until(lambda: not app._running or app._exit, "the end of the wizard")
    print(json.dumps(told | {"seen": driver.seen, "return_code": app.return_code, "at": time.time()}))
    sys.exit(app.return_code)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

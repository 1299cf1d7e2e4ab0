"""The wizard on the real services: Home with a store that works or without one, and what is written meanwhile."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from driving import flowing, press, settle, shown
from textual.pilot import Pilot
from textual.screen import Screen

from authwizard.cli.services import WizardServices
from authwizard.store.memory_store import MemoryStore
from authwizard.store.secrets import StorePlace
from authwizard.ui.app import AuthwizardApp


class KeptStore(MemoryStore):
    """A store that says it lasts."""

    title = "the test's store"
    durable = True

    def describe(self) -> StorePlace:
        return StorePlace("keyring", self.title, durable=True, backend="test.Store")


@asynccontextmanager
async def home(store: MemoryStore | None = None, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[AuthwizardApp, Pilot[int]]]:
    """The real wizard on Home, with a store that works, or (None) without a keyring."""
    services = WizardServices()
    if store is not None:
        services._store, services._opened = store, True
    app = AuthwizardApp(services.bundle())
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "escape")
        yield app, pilot


async def until(app: AuthwizardApp, pilot: Pilot[int], screen: type[Screen[Any]], part: str = "") -> None:
    """Wait until a screen of this kind is in front, and says this: what is asked on the way there may come from another thread."""
    for _ in range(500):
        await settle(app, pilot)
        if isinstance(app.screen, screen) and part in flowing(app):
            return
        await pilot.pause(0.01)
    raise AssertionError(f"it did not happen; the screen shows:\n{shown(app)}")


def config() -> Path:
    return Path(os.environ["AUTHWIZARD_CONFIG_DIR"]) / "profiles.toml"


def files() -> dict[str, bytes]:
    places = (Path(os.environ[f"AUTHWIZARD_{name}_DIR"]) for name in ("CONFIG", "STATE"))
    return {str(path): path.read_bytes() for place in places for path in place.rglob("*") if path.is_file()}

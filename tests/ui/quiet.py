"""Testing screens without waiting and without drawing what nobody sees.

Textual's own tests wait until the process uses little CPU for 20 ms, two or three times for each key. That takes most of the time of a
walk, and on a loaded machine a process that is merely not let run looks idle. Here a wait ends when the event loop has nothing to do: no
callback is ready, and no timer is due before the next frame. Each screen is drawn once it is still, not for each step of its layout.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from textual import app, pilot
from textual.screen import Screen

FRAME = 1 / 50
"""Timers due within this many seconds are waited for: Textual draws, and calls what waits for a drawing, every sixtieth of a second."""
STILL = 3
"""Rounds of the loop in a row without anything to do; each round also asks the sockets and pipes."""

_undrawn: dict[Screen[Any], Callable[[Screen[Any]], None]] = {}
"""Screens whose last frame is not drawn yet, and how to draw it."""


def install(patch: pytest.MonkeyPatch) -> None:
    """Let every app of a test wait and draw in this way."""
    for module in (app, pilot):
        patch.setattr(module, "wait_for_idle", nothing_to_do)
    draw = Screen._compositor_refresh
    patch.setattr(Screen, "_compositor_refresh", lambda screen: _later(screen, draw))
    _undrawn.clear()


def _later(screen: Screen[Any], draw: Callable[[Screen[Any]], None]) -> None:
    if screen is screen.app.screen:
        _undrawn[screen] = draw
        screen.app._update_mouse_over(screen)
    else:
        draw(screen)


async def nothing_to_do(min_sleep: float = 0.0, max_sleep: float = 30.0) -> None:
    """Wait until the running loop is still, at most `max_sleep` seconds, and draw; stands in for `textual._wait.wait_for_idle`."""
    loop: Any = asyncio.get_running_loop()
    ends = time.monotonic() + max_sleep
    await asyncio.sleep(min_sleep)
    still = 0
    while still < STILL and time.monotonic() < ends:
        await asyncio.sleep(0)
        if loop._ready:
            still = 0
        elif (due := _next_timer(loop)) <= FRAME:
            await asyncio.sleep(max(0.0, due))
            still = 0
        else:
            still += 1
    _draw()


def _draw() -> None:
    for screen, draw in list(_undrawn.items()):
        del _undrawn[screen]
        if screen.is_running and screen is screen.app.screen:
            draw(screen)


def _next_timer(loop: Any) -> float:
    """Seconds until the next timer of a loop that was not cancelled."""
    return min((handle.when() for handle in loop._scheduled if not handle.cancelled()), default=float("inf")) - loop.time()

"""Testing screens without waiting and without drawing what nobody sees.

Textual's own tests wait until the process uses little CPU for 20 ms, two or three times for each key. That takes most of the time of a
walk, and on a loaded machine a process that is merely not let run looks idle. Here a wait ends when the event loop has nothing to do: no
callback is ready, and no timer is due before the next frame. Each screen is drawn when it is first still and when its test ends, not for
each key and each step of its layout, and no further than to the rows of its widgets: a terminal there is none, and who reads the screen
puts the rows together. A style sheet is parsed once, not by each app of a process, and which of its rules hold is decided alike but sooner.
A row is drawn so seldom that nothing is remembered of how it was cut: making room for that takes longer than cutting it again.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from textual import app, pilot, screen, strip
from textual._context import visible_screen_stack
from textual.css import stylesheet
from textual.css.model import CombinatorType, RuleSet, Selector
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.geometry import Region
from textual.screen import Screen

PERIOD = 1 / 1000
"""Seconds between two looks of Textual at what is to be drawn; in a terminal a sixtieth."""
FRAME = 1 / 50
"""Timers due within this many seconds are waited for: those that draw, and that call what waits for a drawing."""
TICKS = 300
"""Timers waited for in a row: the one by which a screen asks what to draw can go on for ever once its app is about to end."""
STILL = 3
"""Rounds of the loop in a row without anything to do; each round also asks the sockets and pipes."""

_undrawn: dict[Screen[Any], None] = {}
"""Screens whose last frame is not drawn yet."""
_drawn: weakref.WeakSet[Screen[Any]] = weakref.WeakSet()
"""Screens that were drawn once."""
_parsed: dict[Any, Any] = {}
"""Rules by the text of the style sheet, where it stands, and its variables."""


class _Forgets:
    """A cache that keeps nothing."""

    def get(self, key: object, default: object = None) -> object:
        return default

    def __setitem__(self, key: object, value: object) -> None: ...


_FORGETS = _Forgets()


def install(patch: pytest.MonkeyPatch) -> None:
    """Let every app of a test wait, draw and parse in this way."""
    for module in (app, pilot):
        patch.setattr(module, "wait_for_idle", nothing_to_do)
    patch.setattr(pilot.Pilot, "_wait_for_screen", _nothing_to_do_on_it)
    patch.setattr(screen, "UPDATE_PERIOD", PERIOD)
    refresh = Screen._compositor_refresh
    patch.setattr(Screen, "_compositor_refresh", lambda self: _later(self, refresh))
    parse = Stylesheet._parse_rules
    patch.setattr(Stylesheet, "_parse_rules", lambda self, *source, **further: _parsed_once(parse, self, *source, **further))
    matches = stylesheet._check_selectors
    patch.setattr(stylesheet, "_check_selectors", lambda selectors, path: _last_one_first(matches, selectors, path))
    patch.setattr(strip, "FIFOCache", lambda maxsize: _FORGETS)
    patch.setattr(RuleSet, "__hash__", object.__hash__)  # the identity, as Textual's own, which is not in C
    _undrawn.clear()


def _last_one_first(matches: Callable[..., bool], selectors: list[Selector], path: list[DOMNode]) -> bool:
    """Begin with the selector that the widget itself must match: most rules fail there, and many have no other."""
    if not selectors[-1].check(path[-1]):
        return False
    return (len(selectors) == 1 and selectors[0].combinator is CombinatorType.DESCENDENT) or matches(selectors, path)


def _later(screen: Screen[Any], refresh: Callable[[Screen[Any]], None]) -> None:
    if screen is screen.app.screen:
        _undrawn[screen] = None
        screen.app._update_mouse_over(screen)
    else:
        refresh(screen)


def _parsed_once(parse: Callable[..., Any], sheet: Stylesheet, *source: Any, **further: Any) -> Any:
    key = (source, frozenset(further.items()), frozenset(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = parse(sheet, *source, **further)
    return _parsed[key]


async def _nothing_to_do_on_it(_: pilot.Pilot[Any], timeout: float = 30.0) -> bool:
    await nothing_to_do(max_sleep=timeout, rounds=1)  # a longer wait goes before it or follows
    return True


async def nothing_to_do(min_sleep: float = 0.0, max_sleep: float = 30.0, rounds: int = STILL) -> None:
    """Wait until the running loop is still, at most `max_sleep` seconds, and draw; stands in for `textual._wait.wait_for_idle`."""
    loop: Any = asyncio.get_running_loop()
    ends = time.monotonic() + max_sleep
    await asyncio.sleep(min_sleep)
    still = ticks = 0
    while still < rounds and ticks < TICKS and time.monotonic() < ends:
        await asyncio.sleep(0)
        if loop._ready:
            still = 0
        elif (due := _next_timer(loop)) <= FRAME:
            await asyncio.sleep(max(0.0, due))
            still = 0
            ticks += 1
        else:
            still += 1
    draw(s for s in _undrawn if s not in _drawn)


def draw(screens: Iterable[Screen[Any]] = _undrawn) -> None:
    """Draw these screens, where they are the ones that a person would see."""
    for drawn in list(screens):
        _undrawn.pop(drawn, None)
        _drawn.add(drawn)
        if drawn.is_running and drawn is drawn.app.screen:
            compositor = drawn._compositor
            visible_screen_stack.set(drawn.app._background_screens)
            for _ in compositor._get_renders(Region.from_union(list(compositor._dirty_regions)) if compositor._dirty_regions else None):
                pass
            compositor._dirty_regions.clear()
            drawn._dirty_widgets.clear()


def _next_timer(loop: Any) -> float:
    """Seconds until the next timer of a loop that was not cancelled."""
    return min((handle.when() for handle in loop._scheduled if not handle.cancelled()), default=float("inf")) - loop.time()

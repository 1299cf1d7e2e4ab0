"""What is done while the first answer is awaited: the tables that judging it needs are read in a thread."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from typing import Any

SECONDS_TO_CONNECT = 0.01
"""A first connection takes a few turns of the loop more than a second one, and a thread that reads would hold it up."""
SWITCH_INTERVAL = sys.getswitchinterval()
SWITCH_WHILE_READING = 0.0001
"""Seconds after which the thread gives way: an answer is read in many turns of the loop, and each would wait the usual 5 ms for it."""


class ReadAhead:
    """Reads once, in a thread. Where that fails, whoever needs what was read meets the same failure and tells of it."""

    def __init__(self, read: Callable[[], None] | None) -> None:
        self._read = read
        self._reading: asyncio.Future[None] | None = None

    @property
    def pending(self) -> set[asyncio.Future[Any]]:
        """What is still being read."""
        return {self._reading} if self._reading is not None and not self._reading.done() else set()

    async def begin(self, awaited: Iterable[asyncio.Future[Any]]) -> None:
        """Begin to read once what is awaited had the time to be sent; does nothing the second time."""
        if self._read is None or self._reading is not None:
            return
        await asyncio.wait(set(awaited), timeout=SECONDS_TO_CONNECT, return_when=asyncio.FIRST_COMPLETED)
        sys.setswitchinterval(SWITCH_WHILE_READING)
        self._reading = asyncio.get_running_loop().run_in_executor(None, self._read)
        self._reading.add_done_callback(_at_its_end)


def _at_its_end(reading: asyncio.Future[None]) -> None:
    sys.setswitchinterval(SWITCH_INTERVAL)
    if not reading.cancelled():
        reading.exception()  # looked at, so that asyncio does not report it as lost

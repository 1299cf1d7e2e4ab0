"""How is something that may never return called, so that the caller gets on and the process can still end?

A stopped Secret Service never answers, and Python waits at exit for the threads of `asyncio.to_thread`. The threads here are daemon
threads of our own: nothing waits for them.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class NoAnswer(Exception):
    """The time limit passed. `started`: the call was made and may still take effect; else it is never made."""

    def __init__(self, seconds: float, *, started: bool) -> None:
        super().__init__(f"no answer within {seconds:g} s")
        self.seconds = seconds
        self.started = started


class CallThread:
    """One daemon thread that makes calls one after the other, each with a time limit for who waits."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._late: Future[Any] | None = None
        self._waiting: set[threading.Event] = set()

    @property
    def is_stuck(self) -> bool:
        """Whether a call whose limit has passed has still not returned."""
        return self._late is not None and not self._late.done()

    def call(self, work: Callable[[], T], seconds: float, *, may_be_left: bool = True) -> T:
        """Make a call on the thread and return what it returns or raise what it raises; NoAnswer after `seconds`, or `give_up`.

        `may_be_left` is False for a call that `give_up` does not end the waiting for: what is written may be lost with it.
        """
        self._start()
        answer: Future[T] = Future()
        waited = self._wait(answer, work, seconds, may_be_left)
        if answer.done():
            return answer.result()
        started = not answer.cancel()
        if started and answer.done():  # it returned in this very moment
            return answer.result()
        if started:
            self._late = answer
        raise NoAnswer(waited, started=started)

    def give_up(self) -> bool:
        """End all waiting now, as if its time were over; tell whether anybody waited. The calls themselves cannot be ended."""
        waiting = tuple(self._waiting)
        for over in waiting:
            over.set()
        return bool(waiting)

    def _wait(self, answer: Future[T], work: Callable[[], T], seconds: float, may_be_left: bool) -> float:
        """Have a call made and wait for its end, the time limit or `give_up`; return the seconds that passed, as told to people."""
        over, begun = threading.Event(), time.monotonic()
        if may_be_left:
            self._waiting.add(over)
        answer.add_done_callback(lambda _: over.set())
        self._calls.put((answer, work))
        in_time = over.wait(seconds)
        self._waiting.discard(over)
        return round(time.monotonic() - begun, 1) if in_time else seconds

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while True:
            answer, work = self._calls.get()
            _answer(answer, work)


def _answer(answer: Future[Any], work: Callable[[], Any]) -> None:
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(work())
    except BaseException as exc:  # noqa: BLE001  # handed on to who waits, whatever it is
        answer.set_exception(exc)


async def aside(work: Callable[[], T]) -> T:
    """Await a blocking call that is made on a daemon thread of its own. Cancelling stops the waiting, not the call."""
    answer: Future[T] = Future()
    threading.Thread(target=_answer, args=(answer, work), name="authwizard-aside", daemon=True).start()
    return await asyncio.wrap_future(answer)

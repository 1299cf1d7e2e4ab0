"""Calls that hang do not hang who waits, and do not hold the process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from authwizard.store.background import CallThread, NoAnswer, aside


def test_a_call_returns_and_raises_as_if_made_here() -> None:
    thread = CallThread("t")
    assert thread.call(lambda: 7, 5) == 7
    with pytest.raises(KeyError, match="x"):
        thread.call(lambda: {}["x"], 5)
    with pytest.raises(TimeoutError, match="mine"):
        thread.call(_raise_timeout, 5)
    assert not thread.is_stuck


def _raise_timeout() -> None:
    raise TimeoutError("mine")


def test_all_calls_are_made_on_one_daemon_thread() -> None:
    thread = CallThread("the-thread")
    seen = {thread.call(lambda: (threading.current_thread().name, threading.current_thread().daemon), 5) for _ in range(3)}
    assert seen == {("the-thread", True)}


def test_a_hanging_call_ends_the_waiting_and_what_waits_behind_it_is_never_made() -> None:
    thread, release, made = CallThread("t"), threading.Event(), []
    try:
        with pytest.raises(NoAnswer) as first:
            thread.call(release.wait, 0.05)
        assert first.value.started
        assert thread.is_stuck
        with pytest.raises(NoAnswer) as second:
            thread.call(lambda: made.append(1), 0.05)
        assert not second.value.started
    finally:
        release.set()
    assert thread.call(lambda: "again", 5) == "again"
    assert not thread.is_stuck
    assert made == []


async def test_aside_awaits_without_blocking_the_loop() -> None:
    release = threading.Event()
    waiting = asyncio.create_task(aside(lambda: release.wait(10)))
    await asyncio.sleep(0)  # the loop is free while the call blocks
    release.set()
    assert await waiting is True
    with pytest.raises(KeyError):
        await aside(lambda: {}["x"])


async def test_cancelling_stops_the_waiting_and_not_the_call() -> None:
    started, release, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        release.wait(10)
        done.set()

    waiting = asyncio.create_task(aside(work))
    while not started.is_set():
        await asyncio.sleep(0.001)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    assert await asyncio.get_running_loop().run_in_executor(None, done.wait, 10)


def test_a_process_ends_while_calls_hang() -> None:
    code = (
        "import asyncio, threading\n"
        "from authwizard.store.background import CallThread, NoAnswer, aside\n"
        "never = threading.Event()\n"
        "try: CallThread('t').call(never.wait, 0.05)\n"
        "except NoAnswer: print('no answer')\n"
        "async def main():\n"
        "    try: await asyncio.wait_for(aside(never.wait), 0.05)\n"
        "    except TimeoutError: print('given up')\n"
        "asyncio.run(main())\n"
    )
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "no answer\ngiven up\n", "")
    assert time.monotonic() - begin < 10


def test_who_waits_can_be_told_to_go_on_without_the_answer() -> None:
    thread, started, release = CallThread("t"), threading.Event(), threading.Event()
    told: list[NoAnswer] = []

    def wait() -> None:
        with pytest.raises(NoAnswer) as ended:
            thread.call(lambda: started.set() or release.wait(10), 60)
        told.append(ended.value)

    assert not thread.give_up(), "nobody waits"
    waiting = threading.Thread(target=wait)
    waiting.start()
    assert started.wait(10)
    assert thread.give_up()
    waiting.join(10)
    assert told[0].started
    assert told[0].seconds < 10
    assert thread.is_stuck
    release.set()
    assert thread.call(lambda: "again", 5) == "again"
    assert not thread.give_up()


def test_the_waiting_for_a_write_is_not_given_up() -> None:
    """What is being written may be the only copy: a refresh token that was just issued."""
    thread, started, release = CallThread("t"), threading.Event(), threading.Event()
    answers: list[object] = []
    waiting = threading.Thread(target=lambda: answers.append(thread.call(lambda: started.set() or release.wait(10), 60, may_be_left=False)))
    waiting.start()
    assert started.wait(10)
    assert not thread.give_up()
    release.set()
    waiting.join(10)
    assert answers == [True]

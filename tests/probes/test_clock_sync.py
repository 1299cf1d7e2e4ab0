"""S6-05: what the commands of real systems print, and a command that fails, hangs or is not there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.evidence import ClientEnvironment, ClockDrift, ClockSync, NotApplicable, RunClock, Unavailable
from authwizard.model.profile import Profile
from authwizard.probe import World
from authwizard.probes import clock_sync, clocks
from authwizard.probes.clock_sync import read_chronyc, read_timedatectl, read_w32tm

PROFILE = Profile("t", "https://api.example.test", "GET /x")
TIMEDATECTL = "Timezone=Europe/Zurich\nLocalRTC=no\nCanNTP=yes\nNTP={ntp}\nNTPSynchronized={kept}\nTimeUSec=Sat 2026-11-28 00:00:00 CET\n"
CHRONYC = "C0248F97,192.36.143.151,2,1706000000.5,0.000009,-0.00001,0.0001,-1.2,0.001,0.05,0.01,0.001,64.5,{leap}\n"
W32TM = "{label}: {number}({words})\nStratum: 4 (secondary reference)\n"


@pytest.mark.parametrize(
    ("read", "output", "kept"),
    [
        (read_timedatectl, TIMEDATECTL.format(ntp="yes", kept="yes"), True),
        (read_timedatectl, TIMEDATECTL.format(ntp="no", kept="no"), False),
        (read_timedatectl, "", None),
        (read_timedatectl, "NTPSynchronized=perhaps", None),
        (read_chronyc, CHRONYC.format(leap="Normal"), True),
        (read_chronyc, CHRONYC.format(leap="Insert second"), True),
        (read_chronyc, CHRONYC.format(leap="Not synchronised"), False),
        (read_chronyc, "506 Cannot talk to daemon\n", None),
        (read_chronyc, "", None),
        (read_w32tm, W32TM.format(label="Leap Indicator", number=0, words="no warning"), True),
        (read_w32tm, W32TM.format(label="Sprungindikator", number=3, words="nicht synchronisiert"), False),
        (read_w32tm, "The service has not been started.", None),
    ],
)
def test_what_the_commands_print(read: Callable[[str], clock_sync.Said], output: str, kept: bool | None) -> None:
    assert read(output).synchronised is kept


def command(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


async def look(make_world: Callable[..., World], folder: Path, environment: ClientEnvironment | None = None) -> object:
    world = make_world(PROFILE, environ={"PATH": f"{folder}:/bin:/usr/bin" if any(folder.iterdir()) else str(folder), "SECRET": "x"})
    return await clock_sync.clock_sync.look(world, environment)


async def test_the_first_command_that_says_something_counts(make_world: Callable[..., World], tmp_path: Path) -> None:
    command(tmp_path, "timedatectl", "exit 1")
    command(tmp_path, "chronyc", f"echo '{CHRONYC.format(leap='Not synchronised').strip()}'")
    assert await look(make_world, tmp_path) == ClockSync("chronyc", synchronised=False, said="leap status Not synchronised, stratum 2")


async def test_a_command_sees_no_variable_of_this_process(make_world: Callable[..., World], tmp_path: Path) -> None:
    command(tmp_path, "timedatectl", "echo NTPSynchronized=${SECRET:-no}")
    assert await look(make_world, tmp_path) == ClockSync("timedatectl", synchronised=False, said="NTPSynchronized=no")


async def test_a_command_that_hangs_is_ended(make_world: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_sync, "TIMEOUT", 0.05)
    for name in ("timedatectl", "chronyc", "w32tm"):
        command(tmp_path, name, "exec sleep 30")
    async with asyncio.timeout(5):
        seen = await look(make_world, tmp_path)
    assert isinstance(seen, Unavailable)
    assert "does not say" in seen.why


async def test_without_a_command_nothing_is_claimed(make_world: Callable[..., World], tmp_path: Path) -> None:
    assert isinstance(await look(make_world, tmp_path), NotApplicable)


async def test_a_container_is_not_asked(make_world: Callable[..., World], tmp_path: Path) -> None:
    command(tmp_path, "timedatectl", "echo NTPSynchronized=no")
    assert isinstance(await look(make_world, tmp_path, ClientEnvironment(in_container=True)), NotApplicable)


async def test_the_drift_of_a_run(make_world: Callable[..., World]) -> None:
    world = make_world(PROFILE)
    began = RunClock(time.time(), None, time.monotonic())
    for moved in (0.0, 90.0, -90.0):
        seen = await clocks.clock_drift.look(world, replace(began, now=began.now - moved))
        assert isinstance(seen, ClockDrift)
        assert seen.seconds == pytest.approx(moved, abs=0.5)
    assert isinstance(await clocks.clock_drift.look(world, RunClock(5.0)), NotApplicable)

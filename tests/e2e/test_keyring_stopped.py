"""A Secret Service that is stopped for 35 seconds by the clock: the wizard answers every key, says what is wrong, and quits."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from leak_search import Pieces

from .keyring_machine import AUTHWIZARD, HERE, Machine, Served, serving

pytestmark = pytest.mark.services

SECONDS = 35.0
"""How long the daemon is stopped: longer than the 30 s that a read may take."""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Serve the practice platform, in which nothing is wrong."""
    with serving() as served:
        yield served


@pytest.fixture
def machine(tmp_path: Path, served: Served, needs: Any) -> Machine:
    """A machine whose keyring has the profile's access token."""
    needs("dbus-run-session", "gnome-keyring-daemon", "tmux")
    machine = Machine(tmp_path)
    machine.write_profile(served)
    done = machine.run("unlocked", *AUTHWIZARD, "store", "set", "prod", "access_token", typed=served.access_token)
    assert done.returncode == 0, done.stderr
    return machine


def drive(machine: Machine, served: Served, scenario: str) -> dict[str, Any]:
    """Drive the wizard in a terminal; it left nothing behind and showed no secret."""
    done = machine.run("unlocked", sys.executable, str(HERE / "stopped_keyring_driver.py"), scenario, str(SECONDS))
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert Pieces(served.secrets).within("\n".join(told.pop("seen"))) == []
    assert (told["status"], told["left"]) == (0, [])
    return told


def test_for_35_seconds_without_an_answer_the_wizard_answers_every_key(machine: Machine, served: Served) -> None:
    told = drive(machine, served, "goes_on")
    times = [seconds for _, seconds in told["answered"]]
    print(f"stopped {told['stopped']:.1f} s; {len(times)} keys: median {statistics.median(times):.3f} s, slowest {max(times):.3f} s;",
          f"run waited {told['waited']:.1f} s, said why after {told['said']:.1f} s; quit took {told['ended_after']:.2f} s")  # fmt: skip
    assert told["stopped"] >= SECONDS
    assert 25 < told["waited"] < told["said"] < SECONDS
    assert len(times) > 60
    assert statistics.median(times) < 1
    assert max(times) < 3
    assert told["ended_after"] < 5


def test_the_wizard_quits_at_once_while_the_keyring_hangs(machine: Machine, served: Served) -> None:
    told = drive(machine, served, "leaves")
    print(f"quit took {told['ended_after']:.2f} s")
    assert told["ended_after"] < 5

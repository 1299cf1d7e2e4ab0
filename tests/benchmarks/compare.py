"""A figure is a ratio: ours against a yardstick, both measured in turn in the same minutes, the median of each."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Measure = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """One figure: what was measured, in `unit`, and how many times the yardstick it may be at most."""

    name: str
    ours: float
    yardstick: float
    unit: str
    goal: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the yardstick ours is."""
        return self.ours / self.yardstick

    def __str__(self) -> str:
        verdict = "reached" if self.ratio <= self.goal else "MISSED"
        values = f"{self.ours:.1f} against {self.yardstick:.1f} {self.unit}"
        return f"{self.name}: {self.ratio:.2f} (goal {self.goal:.2f}, {verdict}; {values}{', ' + self.note if self.note else ''})"


def in_turn(ours: Measure, yardstick: Measure, rounds: int) -> tuple[float, float]:
    """Return the medians of both, measured alternately after one round each that is not counted (it fills the caches)."""
    ours()
    yardstick()
    pairs = [(ours(), yardstick()) for _ in range(rounds)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a measured program, as after an installation: a home of its own, compiled modules kept, nothing of the tests' tools."""
    as_installed = {"PYTHONPATH": str(Path(__file__).with_name("as_installed"))}
    own = as_installed | {"HOME": str(home), "AUTHWIZARD_CONFIG_DIR": str(home / "config"), "AUTHWIZARD_STATE_DIR": str(home / "state")}
    taken = ("PYTHONDONTWRITEBYTECODE", "DBUS_SESSION_BUS_ADDRESS", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    return {name: value for name, value in os.environ.items() if name not in taken} | own | more


def milliseconds(command: Sequence[str], environ: Mapping[str, str], status: int = 0) -> float:
    """Run a program to its end and return how long that took."""
    began = time.perf_counter()
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)
    took = time.perf_counter() - began
    if done.returncode != status:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr[-1000:]}")
    return took * 1000


def authwizard(*arguments: str) -> list[str]:
    """Return the installed command with arguments."""
    return [str(Path(sys.executable).with_name("authwizard")), *arguments]


def python(code: str) -> list[str]:
    """Return a command that runs a piece of Python."""
    return [sys.executable, "-c", code]

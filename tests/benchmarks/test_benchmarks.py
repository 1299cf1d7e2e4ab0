"""Does every benchmark still run? What it measures is looked at by hand, never asserted: a test that is timed fails on a busy machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RUN = HERE / "run.py"
pytestmark = pytest.mark.services


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident memory is read from /proc")
def test_every_benchmark_prints_its_ratio() -> None:
    done = subprocess.run([sys.executable, str(RUN), "--quick"], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert all(re.match(r"[a-z ]+: \d+\.\d\d \(goal \d\.\d\d, (reached|MISSED); ", line) for line in lines), done.stdout
    assert [line.partition(":")[0] for line in lines] == [
        "version", "passive check", "first frame", "memory at the first frame", "memory after a run", "waiting",
    ]  # fmt: skip


def test_an_unknown_figure_is_refused() -> None:
    done = subprocess.run([sys.executable, str(RUN), "speed"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "unknown: speed" in done.stderr


def test_the_chain_is_what_cannot_be_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    from figures import longest_chain

    def exchange(second: float, took: int) -> dict[str, object]:
        return {"sent_at": f"2026-01-01T00:00:{second:06.3f}Z", "timing_ms": {"total": took}}

    assert longest_chain([exchange(0, 100), exchange(0.01, 100), exchange(0.11, 100), exchange(0.2, 300), exchange(0.22, 100)]) == 3
    assert longest_chain([]) == 0

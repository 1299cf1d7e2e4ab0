"""A renaming, a removal or a move that is killed at any moment leaves nothing half, and what is left over is told and removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROUNDS = Path(__file__).with_name("profile_rounds.py")

pytestmark = [pytest.mark.services, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]


@pytest.mark.parametrize("kind", ["sealed", "plain"])
@pytest.mark.parametrize("what", ["rename", "remove", "move"])
def test_sixty_killed_ones_leave_nothing_half(what: str, kind: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROUNDS), what, kind, "60", str(tmp_path)], capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    print(what, kind, seen)
    assert seen["rounds"] == 60
    assert seen["untold"] == 0
    assert seen["finished"] + seen["left"] > 5, "too few were killed on the way to say anything"

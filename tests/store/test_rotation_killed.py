"""A refresh token whose holder is killed at any moment, and one that three processes renew at once: none is lost, none spent twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from said import said

ROUNDS = Path(__file__).with_name("rotation_rounds.py")
KINDS = ("sealed", "mac", "item", "plain", "keyring")
"""The encrypted file; a keyring whose set is delete, pause, add; one of its items under one name; a plain file; GNOME's keyring."""

pytestmark = [pytest.mark.services, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]


def play(what: str, kind: str, count: int, folder: Path, needs: Any) -> dict[str, Any]:
    """Run the rounds in a process of their own, GNOME's on a session bus of its own."""
    session: list[str] = []
    environ = dict(os.environ)
    if kind == "keyring":
        needs("dbus-run-session", "gnome-keyring-daemon")
        session = ["dbus-run-session", "--"]
        for name in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME"):
            (folder / name.lower()).mkdir(mode=0o700)
            environ[name] = str(folder / name.lower())
    done = subprocess.run(
        [*session, sys.executable, str(ROUNDS), what, kind, str(count), str(folder)],
        env=environ, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(said(done.stdout).splitlines()[-1])
    print(kind, told)
    return told


@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_killed_renewals_lose_no_token(kind: str, tmp_path: Path, needs: Any) -> None:
    seen = play("killed", kind, 200, tmp_path, needs)
    assert seen["renewed"] > 50, "too little was renewed to say anything"
    assert (seen["unreadable"], seen["lost"], seen["untold"], seen["spent"]) == (0, 0, 0, 0)
    assert seen["daemon died"] <= 3, "so often it would be no accident"


@pytest.mark.parametrize("kind", KINDS)
def test_three_processes_at_once_never_spend_a_spent_token(kind: str, tmp_path: Path, needs: Any) -> None:
    seen = play("together", kind, 8, tmp_path, needs)
    assert seen == {"ended": [0, 0, 0], "replays": 0, "behind": 0, "renewed": True, "note": "", "spent": 0}

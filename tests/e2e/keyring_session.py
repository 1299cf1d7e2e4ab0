"""Prepares the keyring of a new session bus and runs a command in it: `keyring_session.py unlocked|locked|hanging COMMAND ...`.

Run inside `dbus-run-session`. The exit status is the command's; its standard streams are passed on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))

from secret_service_scenarios import daemon, unlock


def on_the_bus() -> int:
    """Wait until the daemon has taken its name, and return its process id: whoever asks sooner has a second one started, locked."""
    given_up = time.monotonic() + 10
    while True:
        try:
            return daemon()
        except ValueError:  # the bus answers with a sentence where a number should be
            if time.monotonic() > given_up:
                raise
            time.sleep(0.02)


def main(state: str, command: list[str]) -> int:
    """Run the command with the keyring in this state; a daemon that was stopped is let go only after the command has ended."""
    process = None
    if state != "locked":
        unlock()
        process = on_the_bus()
    stopped = process if state == "hanging" else None
    if stopped is not None:
        os.kill(stopped, signal.SIGSTOP)
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        if stopped is not None:
            os.kill(stopped, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

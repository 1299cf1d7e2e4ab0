"""Drives `authwizard store set` in a terminal of 80x24 (tmux) with a locked keyring; run by test_wizard_keyring.py.

Reads on stdin what is to be typed, as JSON, and prints the exit statuses and everything that stood on the screen, as JSON.
"""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from pathlib import Path

from keyring_session import unlock
from terminal_driver import Terminal

COMMAND = shlex.join([sys.executable, "-m", "authwizard", "store", "set", "prod", "access_token"])


def asked(terminal: Terminal) -> None:
    """Start it, and wait for the question."""
    terminal.start(COMMAND)
    terminal.shows("Secret Service is locked.")
    terminal.shows("(Enter: store nothing now):")


def main() -> None:
    """Store nothing first; then unlock the keyring while it asks, and try again."""
    given = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder))
        try:
            asked(terminal)
            terminal.press("Enter")
            statuses = [terminal.ended()]
            asked(terminal)
            unlock("--replace")
            terminal.press("1", "Enter")
            terminal.shows("(not shown):")
            terminal.type(given["access_token"])
            terminal.press("Enter")
            terminal.shows("Stored access_token of prod in Secret Service")
            statuses.append(terminal.ended())
        finally:
            terminal.close()
    print(json.dumps({"statuses": statuses, "seen": terminal.seen}))


if __name__ == "__main__":
    main()

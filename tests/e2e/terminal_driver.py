"""Drives the real `authwizard` command in a terminal of 80x24 (tmux); run by test_wizard_keyring.py.

Reads on stdin what is to be typed, as JSON, and prints everything that stood on the screen, as JSON.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PATIENCE = 120.0
"""Seconds after which something has not happened, on a machine loaded many times over. Nothing waits for them to pass."""
MASKED = "Masked; kept where the line below says."
"""What the form says of the field for a secret that has the focus."""


class Terminal:
    """A terminal with one program in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = 0
        self.seen: list[str] = []

    def tmux(self, *arguments: str, given: str | None = None) -> str:
        command = ["tmux", "-S", str(self._folder / f"tmux-{self._started}"), "-f", "/dev/null", *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout

    def start(self, command: str, columns: int = 80, rows: int = 24) -> None:
        """Start a program, in a tmux of its own since the last one may still be ending; its exit status is written down."""
        self._started += 1
        status = self._folder / "status"
        status.unlink(missing_ok=True)
        self.tmux("new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows),
                  f"unset COLUMNS LINES; {command}; echo $? > {shlex.quote(str(status))}; exec cat")  # fmt: skip

    def close(self) -> None:
        """End what is still there."""
        for number in range(1, self._started + 1):
            subprocess.run(["tmux", "-S", str(self._folder / f"tmux-{number}"), "kill-server"], capture_output=True, check=False)

    def status(self) -> int:
        """Wait until the program has ended, and return its exit status; the terminal stays."""
        status, begun = self._folder / "status", time.monotonic()
        while not (status.is_file() and status.read_text()):
            assert time.monotonic() - begun < PATIENCE, f"it did not end; the screen shows:\n{self.screen()}"
            time.sleep(0.02)
        self.screen()
        return int(status.read_text())

    def ended(self) -> int:
        """As `status`, and close the terminal."""
        status = self.status()
        self.tmux("kill-session", "-t", "t")
        return status

    def screen(self) -> str:
        text = self.tmux("capture-pane", "-p", "-t", "t")
        if not self.seen or self.seen[-1] != text:
            self.seen.append(text)
        return text

    def shows(self, words: str) -> None:
        """Wait until words stand on the screen, frames and line ends apart."""
        begun = time.monotonic()
        while words not in re.sub(r"[\s\u2500-\u257f]+", " ", self.screen()):
            assert time.monotonic() - begun < PATIENCE, f"{words!r} did not come; the screen shows:\n{self.screen()}"
            time.sleep(0.02)

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "t", *keys)

    def press_and_see(self, key: str) -> None:
        """Press a key and wait until it has changed the screen, if only a colour."""
        before, begun = self.tmux("capture-pane", "-e", "-p", "-t", "t"), time.monotonic()
        self.press(key)
        while self.tmux("capture-pane", "-e", "-p", "-t", "t") == before:
            assert time.monotonic() - begun < PATIENCE, f"{key} changed nothing; the screen shows:\n{self.screen()}"
            time.sleep(0.02)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-t", "t", "-l", text)

    def paste(self, text: str) -> None:
        """Paste as a terminal does, in brackets."""
        self.tmux("load-buffer", "-", given=text)
        self.tmux("paste-buffer", "-p", "-d", "-t", "t")


def save(terminal: Terminal, command: str, given: dict[str, Any]) -> int:
    """Make a profile in the form, with two secrets, and save it."""
    terminal.start(command)
    terminal.shows("There are no profiles yet")
    terminal.press_and_see("Tab")
    terminal.press("n")
    terminal.shows("A short name")
    terminal.type("prod")
    terminal.press("Down", "Down")
    terminal.shows("Where the API is")
    terminal.type(given["base_url"])
    terminal.press("Down")
    terminal.shows("The request that fails")
    terminal.type(given["request"])
    terminal.press("NPage")
    terminal.shows("What the API takes as a credential")
    terminal.press(*["Down"] * 5)
    terminal.shows(MASKED)
    terminal.paste(given["access_token"])
    terminal.shows("•••")
    terminal.press("NPage")
    terminal.shows("The authorization server; its discovery document")
    terminal.type(given["issuer"])
    terminal.press("Down", "Down")
    terminal.shows("The identifier of your client")
    terminal.type(given["client_id"])
    terminal.press("Down", "Down")
    terminal.shows(MASKED)
    terminal.type(given["client_secret"])
    terminal.shows("•••")
    terminal.press("NPage")
    terminal.shows("The iss the API is known to accept")
    terminal.press("NPage")
    terminal.shows("For one request")
    terminal.press("Down", "Down", "Down")
    terminal.shows("env = from the environment")
    terminal.press(*["BSpace"] * len("env"))
    terminal.shows("proxy - ")
    terminal.type("none")
    terminal.press("Down")
    terminal.shows("For step 6")
    terminal.press(*["BSpace"] * len("pool.ntp.org"))
    terminal.shows("time server - ")
    terminal.type(given["ntp_server"])
    terminal.shows(given["ntp_server"])
    terminal.shows("Secrets go to: Secret Service")
    terminal.press("Escape")
    terminal.shows("Esc once more leaves without saving")
    terminal.press("Enter")
    terminal.shows("not run yet")
    terminal.press("q")
    return terminal.ended()


def run(terminal: Terminal, command: str) -> int:
    """Start it again: the profile is there, and runs."""
    terminal.start(command)
    terminal.shows("prod")
    terminal.press("Enter")
    terminal.shows("Run all of it")
    terminal.press("Enter")
    terminal.shows("8/8")
    terminal.shows("NOTHING TO DO")
    terminal.press("q")
    return terminal.ended()


def main() -> None:
    given = json.load(sys.stdin)
    command = shlex.join([sys.executable, "-m", "authwizard"])
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder))
        try:
            statuses = [save(terminal, command, given), run(terminal, command)]
        finally:
            terminal.close()
    print(json.dumps({"statuses": statuses, "seen": terminal.seen}))


if __name__ == "__main__":
    main()

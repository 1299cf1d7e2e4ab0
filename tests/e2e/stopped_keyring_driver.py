"""Drives the real `authwizard` command in a terminal while the Secret Service is stopped; run by test_keyring_stopped.py.

`python stopped_keyring_driver.py SCENARIO SECONDS` in a session whose keyring is open and has the profile's secret. It prints, as JSON,
what was measured and everything that stood on the screen.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keyring_session import on_the_bus
from terminal_driver import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

WAITS = "Waiting for your system keyring"
SAYS_WHY = "answer within 30 s"
ROUND = (
    ("3", "STEP 3 "), ("b", "STEP 2 "), ("8", "STEP 8 "), ("n", "VERIFICATION"), ("0", "INTAKE"), ("5", "STEP 5 "),
    ("d", "Requests and answers"), ("Escape", "STEP 5 "), ("p", "Paste what you have"), ("v", "r rerun"),
)  # fmt: skip
"""Keys that lead around the wizard, each with what only the place it leads to shows."""


class Watched(Terminal):
    """A terminal in which the time until each key is answered is taken."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answered: list[tuple[str, float]] = []

    def ask(self, key: str, words: str) -> None:
        """Press a key and wait until the screen shows what it leads to."""
        begun = time.monotonic()
        self.press(key)
        self.shows(words)
        self.answered.append((key, time.monotonic() - begun))

    def left_over(self) -> list[str]:
        """The processes of this terminal beside the shell that it was started with, by the session that they are in."""
        shell = self.tmux("display-message", "-p", "-t", "t", "#{pane_pid}").strip()
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, _, rest = stat.read_text().rpartition(")")
            except OSError:  # it has ended meanwhile
                continue
            if rest.split()[3] == shell and stat.parent.name != shell:
                found.append(name)
        return found


@contextmanager
def stopped(daemon: int) -> Iterator[None]:
    """Stop the daemon, and see at the end that it did not run meanwhile."""
    os.kill(daemon, signal.SIGSTOP)
    try:
        yield
        assert Path(f"/proc/{daemon}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    finally:
        os.kill(daemon, signal.SIGCONT)


def begin(terminal: Watched) -> None:
    """Start the wizard and wait for the profile on Home."""
    terminal.start(shlex.join([sys.executable, "-m", "authwizard"]))
    terminal.shows("prod")


def begin_run(terminal: Watched) -> None:
    """From Home, open the profile, agree to what is sent, and see that the run waits for the keyring."""
    terminal.ask("Enter", "what is sent")
    terminal.ask("Enter", WAITS)


def leave(terminal: Watched) -> dict[str, Any]:
    """Quit by q and see what is left of it."""
    begun = time.monotonic()
    terminal.press("q")
    status = terminal.status()
    return {"status": status, "ended_after": time.monotonic() - begun, "left": terminal.left_over()}


def goes_on(terminal: Watched, seconds: float) -> dict[str, Any]:
    """Use the wizard all the time that the daemon is stopped, then run again with it, and quit."""
    begin(terminal)
    with stopped(on_the_bus()):
        begun = time.monotonic()
        begin_run(terminal)
        lasted = waited = said = 0.0
        while lasted < seconds:
            for key, words in ROUND:
                terminal.ask(key, words)
                lasted = time.monotonic() - begun
                waited = lasted if WAITS in terminal.seen[-1] else waited
                said = said or (lasted if "stored credential cannot be read" in terminal.seen[-1] else 0.0)
        terminal.ask("1", SAYS_WHY)
        answered = list(terminal.answered)
    terminal.press("r")
    terminal.shows("NOTHING TO DO")
    return {"stopped": lasted, "waited": waited, "said": said, "answered": answered, **leave(terminal)}


def leaves(terminal: Watched, seconds: float) -> dict[str, Any]:
    """Quit while the run still waits for the daemon."""
    begin(terminal)
    with stopped(on_the_bus()):
        begin_run(terminal)
        return leave(terminal)


SCENARIOS = {each.__name__: each for each in (goes_on, leaves)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        terminal = Watched(Path(folder))
        try:
            told = SCENARIOS[sys.argv[1]](terminal, float(sys.argv[2]))
        finally:
            terminal.close()
    print(json.dumps(told | {"seen": terminal.seen}))


if __name__ == "__main__":
    main()

"""A program in a pseudo-terminal of 80 by 24, watched until it shows something."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

PATIENCE = 60.0
"""Seconds after which something has not happened."""
_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[ -/]*[0-~])", re.DOTALL)


class Terminal:
    """A program with a terminal of its own; it is ended on leaving the `with` block."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._written = b""
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._ours)

    def shows(self, words: str) -> float:
        """Wait until words were written since the last key, and return the milliseconds since the start."""
        while words not in _CONTROL.sub("", self._written.decode(errors="replace")):
            left = PATIENCE - (time.perf_counter() - self._began)
            readable, _, _ = select.select([self._ours], [], [], max(0.0, left))
            if not readable:
                raise RuntimeError(f"{words!r} did not come: {self._written.decode(errors='replace')[-2000:]!r}")
            try:
                self._written += os.read(self._ours, 65536)
            except OSError as error:  # the other end is closed: the program has ended
                raise RuntimeError(f"it ended before it showed {words!r}: {self._written.decode(errors='replace')[-2000:]!r}") from error
        return (time.perf_counter() - self._began) * 1000

    def press(self, keys: str) -> None:
        """Press keys; what is waited for next is what is written after them."""
        self._written = b""
        os.write(self._ours, keys.encode())

    def memory(self) -> float:
        """Return the resident memory of the program in MiB (Linux: /proc)."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024

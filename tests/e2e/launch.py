"""Starts servers that nobody here wrote, on 127.0.0.1, and ends them: each says where it listens on its first line of output."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

SERVERS = Path(__file__).parent / "servers"
PYTHON = SERVERS / ".venv" / "bin" / "python"
PATIENCE = 60.0
"""Seconds after which a server has not started. Nothing waits for them to pass."""


def require(present: bool, reason: str) -> None:
    """Skip a test whose server is absent, with the reason; fail instead where AUTHWIZARD_REQUIRE_SERVICES is set."""
    if present:
        return
    if os.environ.get("AUTHWIZARD_REQUIRE_SERVICES"):
        pytest.fail(reason)
    pytest.skip(reason)


def require_node() -> None:
    """Ask for node and the packages of tests/e2e/servers."""
    present = shutil.which("node") is not None and (SERVERS / "node_modules" / "passport-jwt").is_dir()
    require(present, "needs node and the packages of tests/e2e/servers (npm install there)")


def require_python() -> None:
    """Ask for the environment that the Python servers live in."""
    complete, wanted = SERVERS / ".venv" / "complete", SERVERS / "requirements.txt"
    present = complete.is_file() and complete.read_text() == wanted.read_text()
    require(present, "needs tests/e2e/servers/.venv as its requirements.txt has it; .ci/install-services makes it")


def require_programs(*names: str) -> None:
    """Ask for programs of this machine."""
    missing = [name for name in names if shutil.which(name) is None]
    require(not missing, f"needs {', '.join(missing)}; .ci/install-services installs it on Debian")


def shifted(seconds: int) -> list[str]:
    """Return what goes before a command so that its clock is wrong by seconds."""
    return ["faketime", "-f", f"{seconds:+d}s"] if seconds else []


class Launcher:
    """The servers one session started. What they write is kept, and shown where one does not start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ends = contextlib.ExitStack()
        self._started = 0

    def node(self, script: str, *arguments: str, shift: int = 0) -> dict[str, Any]:
        """Start a script of `servers/` in node; return what it says of itself."""
        require_node()
        return self.announced([*shifted(shift), "node", "--no-warnings", str(SERVERS / script), *arguments])

    def python(self, script: str, given: dict[str, Any], shift: int = 0) -> dict[str, Any]:
        """Start a script of `servers/` in its environment; return what it says of itself."""
        require_python()
        return self.announced([*shifted(shift), str(PYTHON), str(SERVERS / script), json.dumps(given)])

    def announced(self, command: Sequence[str]) -> dict[str, Any]:
        """Start a server and return its first line of output, which is JSON."""
        process, log = self._process(command)
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if ready else ""
        assert line.startswith("{"), f"{command[:4]} did not start: {line}{log.read_text()[-2000:]}"
        told: dict[str, Any] = json.loads(line)
        return told

    def listening(self, command: Sequence[str], ports: Sequence[int]) -> None:
        """Start a server that says nothing, and wait until its TCP ports are open."""
        process, log = self._process(command)
        begun = time.monotonic()
        for port in ports:
            while not _is_open(port):
                assert process.poll() is None, f"{command[0]} ended: {log.read_text()[-2000:]}"
                assert time.monotonic() - begun < PATIENCE, f"nothing listens on port {port}"
                select.select([], [], [], 0.02)

    def silent(self, command: Sequence[str]) -> None:
        """Start a server of which nothing can be waited for here."""
        self._process(command)

    def close(self) -> None:
        """End all of them."""
        self._ends.close()

    def _process(self, command: Sequence[str]) -> tuple[subprocess.Popen[str], Path]:
        self._started += 1
        script = next((Path(word).name for word in command if word.endswith((".mjs", ".py"))), Path(command[0]).name)
        log = self.folder / f"{self._started}-{script}.log"
        with log.open("w") as written:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=written, text=True, cwd=SERVERS, start_new_session=True)
        self._ends.callback(_end, process)
        return process, log


def _end(process: subprocess.Popen[str]) -> None:
    """End a server with all that it started: faketime runs the program it is given as a child, and hands no signal on."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
    if process.stdout is not None:
        process.stdout.close()


def _is_open(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """Return ports that are free now."""
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket(type=kind)) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]

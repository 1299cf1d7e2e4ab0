"""How is a secret read from the output of a program that the user names (`pass`, `op`, `vault` ...)?

The program is started as it is written, word for word and without a shell, in the directory of the profiles file, with the environment as
it is and nothing to read. Its output is the secret, without one final line break; what it says on standard error is never shown, since a
program may quote there what it was to keep. It must end well and in time. `op://..` and `vault:PATH#FIELD` are short for the usual commands
of 1Password and HashiCorp Vault (developer.1password.com/docs/cli/reference/commands/read, developer.hashicorp.com/vault/docs/commands/kv/get).
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from authwizard.model.errors import StoreError
from authwizard.model.profile import Reference
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.store.background import CallThread, NoAnswer

SCHEMES = frozenset({"cmd", "op", "vault"})
SECONDS = 30.0
"""Long enough for a person to agree in a window of that program."""
MAX_BYTES = 256 * 1024
_TO_END_SECONDS = 5.0
"""What a program may take to end after it has closed its output."""


def command_of(reference: Reference) -> tuple[str, ...]:
    """Return the program and its arguments that a reference stands for."""
    if reference.cmd:
        return reference.cmd
    if reference.scheme == "op":
        return ("op", "read", reference.ref)
    path, _, field = reference.ref.partition(":")[2].rpartition("#")
    return ("vault", "kv", "get", f"-field={field}", path)


def read(reference: Reference, base: Path, *, seconds: float = SECONDS, program: Path | None = None) -> Secret:
    """Return what the program of a reference writes. Raises StoreError where it cannot be started, fails, or takes too long.

    May block for `seconds`. Whether the user has agreed to the command is asked before (DESIGN 5.4); `program` is the file that was agreed
    to, so that PATH is not asked a second time.
    """
    command = command_of(reference)
    shown = safe_line(shlex.join(command), 200)
    process = _started(command, shown, base, program)
    try:
        data = _output(process, shown, seconds)
        status = process.wait(timeout=_TO_END_SECONDS)
    except subprocess.TimeoutExpired:
        raise StoreError(f"The command {shown} closed its output and did not end. It was stopped.") from None
    finally:
        _end(process)
    if status:
        raise StoreError(f"The command {shown} failed (exit status {status}). What it said is not shown here; run it yourself to see it.")
    text = data.decode("utf-8", "surrogateescape")
    if text.endswith("\n"):
        text = text.removesuffix("\n").removesuffix("\r") if sys.platform == "win32" else text.removesuffix("\n")
    return Secret(text)


def _started(command: tuple[str, ...], shown: str, base: Path, program: Path | None) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own: it cannot write over the screen, and is ended with whatever it started."""
    try:
        return subprocess.Popen(  # noqa: S603 - the user's own command, agreed to before
            command, executable=program if os.name == "posix" else None, cwd=base, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise StoreError(f"The program of the command {shown} is not installed here, or not found on PATH.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "a character in it cannot be passed on"
        raise StoreError(f"The command {shown} could not be started: {why}.") from None


def _output(process: subprocess.Popen[bytes], shown: str, seconds: float) -> bytes:
    try:
        data = CallThread("authwizard-command").call(lambda: _read(process), seconds)
    except NoAnswer:
        raise StoreError(
            f"The command {shown} did not end within {seconds:g} s and was stopped. It may be waiting for a password; unlock it first."
        ) from None
    if len(data) > MAX_BYTES:
        raise StoreError(f"The command {shown} writes more than {MAX_BYTES // 1024} KiB, which no secret is. It was stopped.")
    return data


def _read(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    with process.stdout as pipe:
        return pipe.read(MAX_BYTES + 1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with everything it started, where it still runs, and leave no zombie."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()

"""How is a secret read from a file of the user, and a new one written back to it?

The bytes are the secret: no line break is cut off, bytes that are not UTF-8 survive (as lone surrogates), nothing is repaired.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store.paths import locked, sweep, write_private

MAX_BYTES = 256 * 1024
TRIAL_BYTES = 16 * 1024
"""More than a token needs."""


def located(text: str, base: Path) -> Path:
    """Return the path that `file:TEXT` means: `~` is the home directory, a relative path starts at `base`."""
    try:
        return base / Path(text).expanduser()
    except RuntimeError:
        raise StoreError(f"file:{text}: the home directory is not known.") from None


def read(path: Path) -> tuple[Secret | None, str]:
    """Return a file's content as a secret and a warning ("" = none); (None, "") where there is no such file.

    Raises StoreError where the file cannot be read, is no regular file, or is larger than MAX_BYTES.
    """
    try:
        data, mode = _read_bytes(path)
    except (FileNotFoundError, NotADirectoryError):
        return None, ""
    except OSError as exc:
        raise StoreError(f"file:{path} cannot be read: {exc.strerror}.") from None
    return Secret(data.decode("utf-8", "surrogateescape")), _mode_warning(path, mode)


def _read_bytes(path: Path) -> tuple[bytes, int]:
    # O_NONBLOCK: opening a named pipe must not wait for a writer
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        seen = os.fstat(file.fileno())
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MAX_BYTES // 1024} KiB, which no secret is")
    return data, seen.st_mode


def _mode_warning(path: Path, mode: int) -> str:
    if os.name != "posix" or not mode & (stat.S_IRGRP | stat.S_IROTH):
        return ""
    return f"Other users of this machine can read {path}. Run: chmod 600 {path}"


def keep_fault(path: Path) -> str | None:
    """Return None where the file can be replaced by one with a new value, else the reason as a sentence."""
    real = Path(os.path.realpath(path))
    if real.exists() and not real.is_file():
        return f"file:{path} is not a regular file, so it is not written."
    if not real.parent.is_dir():
        return f"The directory of file:{path} does not exist, so a new value cannot be kept there."
    if not os.access(real.parent, os.W_OK | os.X_OK) or (real.exists() and not os.access(real, os.W_OK)):
        return f"file:{path} cannot be written by this user, so a new value cannot be kept there."
    return None


def try_write(path: Path) -> None:
    """Write what a new value would take beside the file, and remove it: a full disk is met before a token is spent. Raises StoreError."""
    real = Path(os.path.realpath(path))
    try:
        with tempfile.NamedTemporaryFile(prefix=f".{real.name}-", suffix=".trial", dir=real.parent) as trial:
            trial.write(b"\0" * TRIAL_BYTES)
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as exc:
        raise StoreError(f"file:{path} cannot be written now: {exc.strerror}.") from None


def write(path: Path, secret: Secret) -> None:
    """Replace a file's content as a whole, keep its mode and owner, and read it back. A symbolic link stays; its target is replaced.

    Raises StoreError.
    """
    real = Path(os.path.realpath(path))
    data = secret.reveal().encode("utf-8", "surrogateescape")
    with locked(real):
        write_private(real, data, like=real.stat() if real.exists() else None)
        again, _ = read(real)
        sweep(real)
    if again != secret:
        raise StoreError(f"file:{path} was written, but something else was read back.")

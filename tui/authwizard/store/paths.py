"""Where are authwizard's own files, and how is one written so that nobody else reads it and no crash halves it?

`profiles.toml` and `settings.toml` are in the configuration directory, everything the program remembers by itself (agreed references,
consent, last verdicts, the key of the fingerprints) in the state directory. Both are made with mode 0700, their files with 0600.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from authwizard.model.errors import StoreError


class LockBusy(StoreError):
    """Another process holds a lock and does not let go."""


KEY_BYTES = 32
LOCK_WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.02


def config_dir() -> Path:
    """Return the directory of `profiles.toml` and `settings.toml`; `AUTHWIZARD_CONFIG_DIR` overrides the platform's."""
    named = os.environ.get("AUTHWIZARD_CONFIG_DIR")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_config_path

    return user_config_path("authwizard", appauthor=False)


def state_dir() -> Path:
    """Return the directory of what is remembered between runs; `AUTHWIZARD_STATE_DIR` overrides the platform's."""
    named = os.environ.get("AUTHWIZARD_STATE_DIR")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_state_path

    return user_state_path("authwizard", appauthor=False)


def profiles_path() -> Path:
    """Return the place of the profiles file that is used where no `--config` names another."""
    return config_dir() / "profiles.toml"


def private_dir(path: Path) -> Path:
    """Make a directory with mode 0700 where it does not exist; one that exists keeps its mode. Raises StoreError."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreError(f"The directory {path} cannot be made: {exc.strerror}.") from None
    return path


def own_state_dir(*, make: bool = True) -> Path:
    """Return the state directory, made where needed (`make`); refuse one that other users may write (they could forge agreements).

    Who only reads makes nothing: in a container the home directory may be read-only, and nothing is remembered there then.
    """
    path = private_dir(state_dir()) if make else state_dir()
    if not make and not path.is_dir():
        return path
    if os.name == "posix" and path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StoreError(f"Other users can change {path}, so nothing remembered there can be relied on. Run: chmod 700 {path}")
    return path


def write_private(path: Path, data: bytes, *, like: os.stat_result | None = None) -> None:
    """Replace a file as a whole or not at all: temporary file beside it, fsync, rename, fsync of the directory.

    The new file has mode 0600 whatever the umask, or mode and owner of the file `like` describes: one that somebody else's
    program reads must stay readable to it. Raises StoreError with the reason; the old file is then unchanged.
    """
    import tempfile

    private_dir(path.parent)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            if like is not None:
                _make_like(file.fileno(), like)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    except OSError as exc:
        if temporary:
            with contextlib.suppress(FileNotFoundError):
                Path(temporary).unlink()
        raise StoreError(f"{path} could not be written: {exc.strerror}. It is unchanged.") from None
    _sync_directory(path.parent)


def sweep(path: Path) -> None:
    """Remove what `write_private` left beside a file when its process was killed: copies of what it was to hold. The file's lock is held."""
    left_over = re.compile(rf"\.{re.escape(path.name)}-[a-z0-9_]{{8}}\.tmp")
    with contextlib.suppress(OSError):  # one of another user, in a directory such as /tmp, is for that user to remove
        for each in path.parent.iterdir():
            if left_over.fullmatch(each.name):
                each.unlink(missing_ok=True)


def _make_like(handle: int, like: os.stat_result) -> None:
    """Give a new file the owner and the mode of another (the owner first: changing it takes bits of the mode away)."""
    if sys.platform == "win32":
        return
    now = os.fstat(handle)
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(handle, like.st_uid, like.st_gid)
    os.fchmod(handle, stat.S_IMODE(like.st_mode))


def _replace(temporary: str, path: Path, tries: int = 5) -> None:
    """Rename over the old file; on Windows another program may hold it open for a moment, so try again."""
    for left in range(tries - 1, -1, -1):
        try:
            Path(temporary).replace(path)
        except PermissionError:
            if os.name != "nt" or not left:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def _sync_directory(path: Path) -> None:
    """Make the rename itself survive a power cut, where the platform can open a directory."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(path: Path, *, wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
    """Hold the advisory lock that stands for `path` among authwizard's own processes and threads.

    The lock is a file in the state directory, named by the path and never deleted (deleting it would let two holders in).
    Raises LockBusy where it is not free within `wait_seconds`, StoreError where nothing can be locked here.
    """
    import hashlib

    name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    folder, until = private_dir(own_state_dir() / "locks"), time.monotonic() + wait_seconds
    handle = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Who waits holds the turn: one that writes again and again comes behind it, and cannot keep it out by being quicker.
        turn = os.open(folder / f"{name}.turn", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _wait_for_lock(turn, path, until)
            _wait_for_lock(handle, path, until)
        finally:
            os.close(turn)
        yield
    finally:
        os.close(handle)  # closing lets go of the lock


def _wait_for_lock(handle: int, path: Path, until: float) -> None:
    pause = _POLL_SECONDS / 20
    while not _try_lock(handle):
        if time.monotonic() >= until:
            raise LockBusy(f"Another authwizard is writing {path} and does not finish. Close it, or try again in a moment.")
        time.sleep(pause)
        pause = min(2 * pause, _POLL_SECONDS)


def _try_lock(handle: int) -> bool:
    """Take the lock where it is free; False where another holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as exc:
        raise StoreError(f"{state_dir()} is on a file system that cannot lock files: {exc.strerror}.") from None
    return True


def install_key() -> bytes:
    """Return this installation's key for the fingerprints of passwords and keys (HMAC-SHA256), made once.

    A plain hash of a weak password could be guessed; with this key, which never leaves the state directory, it cannot.
    Raises StoreError where the key's file is damaged or others can read it.
    """
    path = own_state_dir() / "install.key"
    with locked(path):
        if not path.exists():
            import secrets

            write_private(path, secrets.token_bytes(KEY_BYTES))
        return _read_key(path)


def _read_key(path: Path) -> bytes:
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StoreError(f"Other users can read {path}. Run: chmod 600 {path}")
        key = path.read_bytes()
    except OSError as exc:
        raise StoreError(f"{path} cannot be read: {exc.strerror}.") from None
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path} is damaged. Delete it: a new one is made, and fingerprints of passwords change with it.")
    return key

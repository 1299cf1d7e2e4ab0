"""Where does the passphrase of the encrypted file come from? A file or descriptor named in the environment, else the terminal."""

from __future__ import annotations

import getpass
import os
import stat
import sys
from pathlib import Path

from authwizard.cli.output import tell
from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret

FILE, DESCRIPTOR = "AUTHWIZARD_PASSPHRASE_FILE", "AUTHWIZARD_PASSPHRASE_FD"
MAX_BYTES = 4096


def ask_passphrase(new: bool) -> Secret | None:
    """Return the passphrase, None where nobody is there to give one. A new one is asked for twice.

    Raises StoreError where what the environment names cannot be read, or two answers differ.
    """
    given = given_passphrase()
    if given is not None:
        return given
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    return _new() if new else _typed("Passphrase of the encrypted file (not shown): ")


def given_passphrase() -> Secret | None:
    """Return the passphrase of the file or descriptor that the environment names, None where it names none. Raises StoreError.

    Exactly one final newline is dropped, as `echo` and editors add it.
    """
    path, number = os.environ.get(FILE), os.environ.get(DESCRIPTOR)
    try:
        if path:
            named = Path(path).expanduser()
            if named.is_dir():
                raise StoreError(f"What {FILE} names is a directory. Name a file that holds the passphrase: {named}")
            if os.name == "posix" and named.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise StoreError(f"Other users can read the file that {FILE} names. Run: chmod 600 {named}")
            data = named.read_bytes()[: MAX_BYTES + 1]
        elif number:
            with os.fdopen(int(number), "rb", closefd=False) as file:
                data = file.read(MAX_BYTES + 1)
        else:
            return None
        text = data.decode("utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no number of an open descriptor, or no UTF-8 text"
        raise StoreError(f"What {FILE if path else DESCRIPTOR} names cannot be read: {why}.") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text or len(data) > MAX_BYTES:
        raise StoreError(f"What {FILE if path else DESCRIPTOR} names holds no passphrase.")
    return Secret(text)


def _new() -> Secret | None:
    tell("Secrets will be kept in an encrypted file. Its passphrase cannot be recovered; without it they are lost.")
    first = _typed("New passphrase (not shown): ")
    if first is None:
        return None
    if _typed("The same again: ") != first:
        raise StoreError("The two passphrases differ; nothing was stored.")
    return first


def _typed(prompt: str) -> Secret | None:
    try:
        text = getpass.getpass(f"\r\x1b[K{prompt}", sys.stderr)  # a run shows what it is doing on this line
    except EOFError:
        return None
    return Secret(text) if text else None

"""How are secrets kept where there is no keyring? In one encrypted file that a passphrase opens.

Reading and writing go by a lock that all processes of authwizard share; a write replaces the file as a whole. What is refused: a file
others may read, a link in its place, one that was changed by anybody else, an older copy (warned of, since only its number tells).
"""

from __future__ import annotations

import contextlib
import os
import secrets as random_source
import stat
import threading
from collections.abc import Callable
from pathlib import Path

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.store.paths import locked, own_state_dir, sweep, write_private
from authwizard.store.sealed_map import CHANGED, FOREIGN, Header, Opened, Unsealable, create, read_header, seal, unseal, unwrap
from authwizard.store.secrets import StorePlace, check_storable
from authwizard.store.state_file import StateFile

NAME = "secrets.sealed"
BACKEND = "file"
"""What is noted of a secret that lies in this file, as the class of a keyring is."""
MAX_BYTES = 16 * 1024 * 1024
SHORTEST = 8
"""Characters a new passphrase must have: scrypt slows guessing down, and cannot make up for a handful of letters."""
GENERATION = StateFile("secrets-file.json", "whether the file of secrets is an older copy")

AskPassphrase = Callable[[bool], Secret | None]
"""Called with whether the passphrase is a new one; returns it, or None where nobody gives one."""


class FileStore:
    """The encrypted file. `ask` gives the passphrase when it is first needed; it is derived from once, and kept for the session."""

    durable = True
    title = "the encrypted file"

    def __init__(self, ask: AskPassphrase, path: Path | None = None) -> None:
        self._ask = ask
        self._path = path
        self._opened: Opened | None = None
        self._refused: StoreError | None = None
        self._one_at_a_time = threading.Lock()
        self._swept = False

    @property
    def path(self) -> Path:
        """The file's place. Raises StoreError where the state directory cannot be used."""
        return self._path or own_state_dir() / NAME

    def exists(self) -> bool:
        """Whether there is a file already, so that its passphrase is asked for, and no new one."""
        return self.path.exists()

    def gone(self) -> str:
        """Say that the file was there and is not any more, with the way out; "" where it is there, or never was. Raises StoreError."""
        if self.exists() or not GENERATION.read().get("generation"):
            return ""
        return (
            f"{self.path} is not there any more, and what was kept in it is gone with it. Put a copy of it back, or store the secrets again "
            "(authwizard store set), which makes a new file with a new passphrase."
        )

    def get(self, profile: str, field: str) -> Secret | None:
        """Return a secret, or None. Raises StoreError."""
        value = self._read().get(_key(profile, field))
        return None if value is None else Secret(value)

    def set(self, profile: str, field: str, secret: Secret) -> None:
        """Store a secret and read it back. Raises StoreError."""
        check_storable(secret)
        key, text = _key(profile, field), secret.reveal()
        self._change(lambda kept: kept.update({key: text}))
        if self._read().get(key) != text:
            raise StoreError(f"What was written to {self.path} does not read back as it was.")

    def delete(self, profile: str, field: str) -> bool:
        """Remove a secret; False where there was none. Raises StoreError."""
        key = _key(profile, field)
        if not self.exists() or key not in self._read():
            return False
        self._change(lambda kept: kept.pop(key, None))
        return True

    def describe(self) -> StorePlace:
        """Say which file it is, and what is wrong with it as far as that shows without the passphrase."""
        problem = warning = ""
        try:
            shown = str(self.path)
            data = self._bytes()
            warning = self.gone() if data is None else self._older(read_header(data)[0].generation)
        except StoreError as error:
            shown, problem = NAME, str(error)
        except Unsealable as error:
            problem = f"{self.path} {error}."
        return StorePlace("file", f"the encrypted file {safe_line(shown)}", durable=True, backend=BACKEND, problem=problem, warning=warning)

    def probe(self) -> StorePlace:
        """Write a test value, read it back, delete it. Raises StoreError."""
        name, value = f"probe-{random_source.token_hex(4)}", Secret(random_source.token_hex(16))
        self.set(name, "probe", value)
        self.delete(name, "probe")
        return self.describe()

    @property
    def is_open(self) -> bool:
        """Whether the passphrase was given, so that nothing needs to be asked."""
        return self._opened is not None

    def unlock(self) -> None:
        """Ask for the passphrase now, where it was not given yet. Raises StoreError."""
        self.ask_again()
        self._read()

    def ask_again(self) -> None:
        """Take no passphrase for refused any more: the next one may be right."""
        self._refused = None

    def _read(self) -> dict[str, str]:
        """Return all secrets; {} where there is no file yet."""
        with self._one_at_a_time:
            data = self._bytes()
            return {} if data is None else self._unsealed(data)

    def _change(self, change: Callable[[dict[str, str]], object]) -> None:
        """Read, change and write while no other process does."""
        path = self.path
        with self._one_at_a_time, locked(path):
            self._sweep(path)
            data = self._bytes()
            kept = {} if data is None else self._unsealed(data)
            opened = self._opened or self._created()
            generation = 1 if data is None else read_header(data)[0].generation + 1
            change(kept)
            write_private(path, seal(opened, kept, generation))
            # a hint alone: without it an older copy is not noticed, and nothing else is lost
            with contextlib.suppress(StoreError):
                GENERATION.change(lambda known: known.update(generation=generation))

    def _unsealed(self, data: bytes) -> dict[str, str]:
        try:
            header, _ = read_header(data)
            if self._opened is None or self._opened.header.wrapped != header.wrapped:
                self._opened = self._unwrapped(header)
            return unseal(data, self._opened)
        except Unsealable as error:
            way_out = " Put a copy of it back, or delete it and store the secrets again." if str(error) in (FOREIGN, CHANGED) else ""
            raise StoreError(f"{self.path} {error}.{way_out}") from None

    def _unwrapped(self, header: Header) -> Opened:
        """Open the header with the passphrase; one that is wrong is neither asked for nor tried again for every field."""
        passphrase = self._passphrase(new=False)
        try:
            return unwrap(header, passphrase)
        except Unsealable as error:
            self._refused = StoreError(f"{self.path} {error}.")
            raise self._refused from None

    def _created(self) -> Opened:
        passphrase = self._passphrase(new=True)
        if len(passphrase) < SHORTEST:
            raise StoreError(f"A passphrase needs at least {SHORTEST} characters; nothing was stored.")
        self._opened = create(passphrase)
        return self._opened

    def _passphrase(self, *, new: bool) -> Secret:
        """Ask once a session: a person who gave none is not asked again for every field."""
        if self._refused is not None:
            raise self._refused
        given = self._ask(new)
        if given is None:
            self._refused = StoreError(
                "The encrypted file is locked: its passphrase was not given. Run: authwizard store unlock, or name a file that holds it in "
                "AUTHWIZARD_PASSPHRASE_FILE."
            )
            raise self._refused
        return given

    def _bytes(self) -> bytes | None:
        """Return the file's bytes, None where there is none; refuse a link, and one that others may read. Raises StoreError."""
        path = self.path
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return None
        except OSError as error:
            why = "is a link; a file must be there itself" if path.is_symlink() else f"cannot be read: {error.strerror}"
            raise StoreError(f"{path} {why}.") from None
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(file.fileno())
            if os.name == "posix" and about.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise StoreError(f"Other users can read {path}. Run: chmod 600 {path}")
            if about.st_size > MAX_BYTES:
                raise StoreError(f"{path} is larger than any file authwizard writes.")
            return file.read()

    def _sweep(self, path: Path) -> None:
        """Remove what a process that was killed while writing left behind, once a process."""
        if not self._swept:
            self._swept = True
            sweep(path)

    def _older(self, generation: int) -> str:
        last = GENERATION.read().get("generation")  # raises where the note itself is damaged
        if not isinstance(last, int) or generation >= last:
            return ""
        return f"{self.path} is an older copy than the one authwizard wrote last; secrets stored since are not in it."


def _key(profile: str, field: str) -> str:
    return f"{profile}/{field}"

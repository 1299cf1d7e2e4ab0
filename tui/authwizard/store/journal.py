"""Where is a new refresh token between its arrival and its place in the store? In one small encrypted file, written within a millisecond.

    header   one line of JSON: magic, version, the token's place, the mark of the token it replaces
    body     12 bytes of nonce, then AES-256-GCM of the token, with the header line as associated data

The key lies in the same store as the token itself, so whoever has the file alone has nothing. It was put there before the token was asked for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import secrets as random_source
from pathlib import Path
from typing import Any

from authwizard.model.errors import StoreError
from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.store.paths import own_state_dir, private_dir, sweep, write_private

KEY_FIELD = "rotation_key"
MAGIC = "authwizard rotation"
NONCE = 12
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """What a journal says in the open: the mark of the token it replaces; and its bytes, still sealed."""

    replaces: str
    line: bytes
    sealed: bytes


def mark_of(secret: Secret | None) -> str:
    """Return what tells one token from another and gives nothing away: 16 hex digits of its SHA-256, "" for none."""
    return hashlib.sha256(secret.reveal().encode("utf-8", "surrogatepass")).hexdigest()[:16] if secret is not None else ""


def new_key() -> Secret:
    """Return a new key, as a store keeps it."""
    return Secret(base64.b64encode(random_source.token_bytes(32)).decode("ascii"))


def path_of(place: str) -> Path:
    """Return the file of a place's journal. Raises StoreError."""
    return private_dir(own_state_dir() / "rotation") / f"{hashlib.sha256(place.encode()).hexdigest()[:16]}.journal"


def write(place: str, secret: Secret, replaces: str, key: Secret) -> None:
    """Write the token that replaces another, as a whole and down to the disk. Raises StoreError."""
    line = json.dumps({"magic": MAGIC, "version": 1, "place": place, "replaces": replaces}, separators=(",", ":")).encode() + b"\n"
    nonce, text = random_source.token_bytes(NONCE), secret.reveal().encode("utf-8", "surrogatepass")
    write_private(path_of(place), b"".join((line, nonce, _cipher(key).encrypt(nonce, text, line))))


def make_ready(key: Secret | None) -> None:
    """Load what `write` needs, so that nothing but the disk is waited for once the token is here. Raises StoreError for a key that is none."""
    try:
        if key is not None:
            _cipher(key)
    except ValueError:
        raise StoreError(
            "The key of the journal for renewed refresh tokens is damaged. Run: authwizard store forget PROFILE refresh_token"
        ) from None


def read(place: str) -> Entry | None:
    """Return a place's journal, still sealed; None where there is none. Raises StoreError where it is damaged."""
    path = path_of(place)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            line, _, sealed = file.read(MAX_BYTES).partition(b"\n")
        said = json.loads(line)
        if said["magic"] != MAGIC or said["place"] != place:
            raise ValueError(place)
        return Entry(str(said["replaces"]), line + b"\n", sealed)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StoreError(f"{path} holds a renewed refresh token and is damaged. {_way_out(place)}") from None


def opened(place: str, entry: Entry, key: Secret | None) -> Secret:
    """Return the token of a journal. Raises StoreError where the key does not open it."""
    from cryptography.exceptions import InvalidTag

    try:
        if key is None:
            raise ValueError
        text = _cipher(key).decrypt(entry.sealed[:NONCE], entry.sealed[NONCE:], entry.line)
        return Secret(text.decode("utf-8", "surrogatepass"))
    except (ValueError, InvalidTag):
        why = f"A renewed refresh token waits in {path_of(place)}, and the key that opens it is not in this store."
        raise StoreError(f"{why} Use the store it was written with. {_way_out(place)}") from None


def remove(place: str) -> None:
    """Remove a place's journal, if there is one, and what a killed writer left of it. Raises StoreError."""
    try:
        path_of(place).unlink(missing_ok=True)
        sweep(path_of(place))
    except OSError as error:
        raise StoreError(f"{path_of(place)} could not be removed: {error.strerror}.") from None


def _way_out(place: str) -> str:
    return f"To give it up, delete that file and sign in again ({safe_line(place, 100)})."


def _cipher(key: Secret) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(base64.b64decode(key.reveal(), validate=True))
    except binascii.Error:
        raise ValueError(KEY_FIELD) from None

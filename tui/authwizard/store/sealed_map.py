"""How does a map of secrets look as one encrypted file? Bytes in, bytes out; nothing here touches a disk.

    header   one line of JSON: magic, version, key derivation with its salt, the wrapped data key, the generation
    body     12 bytes of nonce, then AES-256-GCM of the whole map as JSON, with the header line as associated data

The passphrase makes a key by scrypt (RFC 7914), which unwraps a random data key; so a write needs no second derivation. The whole map is
one ciphertext: no entry can be dropped, swapped or brought back alone. The header is authenticated with the body, and the derivation's
parameters with the wrapped key, so that weakening them is noticed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets as random_source
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret

MAGIC = "authwizard secrets"
VERSION = 1
LN, R, P = 17, 8, 1
"""2^17 rounds: 128 MiB of memory and about half a second, once a session."""
LN_BOUNDS = (15, 20)
"""What a file may ask for: below is too weak, above would eat the memory of whoever opens a stranger's file."""
NONCE = 12
MAX_HEADER = 4096
FOREIGN = "is no file of secrets of authwizard"
CHANGED = "was changed outside authwizard, or is damaged"
WRONG = "cannot be opened: the passphrase is wrong, or the file was changed outside authwizard"


class Unsealable(Exception):
    """The bytes cannot be opened; the text says why, to be put behind the file's name."""


@dataclass(frozen=True)
class Header:
    """What stands in the open: nothing of it is secret, all of it is authenticated."""

    ln: int
    salt: bytes
    wrapped: bytes
    """The data key under the passphrase's key: nonce and ciphertext."""
    generation: int = 0

    def line(self) -> bytes:
        """Return the header as it stands in the file, with its end of line."""
        said = {
            "magic": MAGIC, "version": VERSION, "kdf": {"name": "scrypt", "ln": self.ln, "r": R, "p": P}, "salt": _text(self.salt),
            "key": _text(self.wrapped), "generation": self.generation,
        }  # fmt: skip
        return json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n"

    def binding(self) -> bytes:
        """Return what the wrapped key is bound to."""
        return f"{MAGIC}|{VERSION}|scrypt|{self.ln}|{R}|{P}|".encode("ascii") + self.salt


@dataclass(frozen=True, repr=False)
class Opened:
    """A header with its data key: what it takes to read and write the map."""

    header: Header
    key: bytes

    def __repr__(self) -> str:
        return "<Opened>"


def create(passphrase: Secret) -> Opened:
    """Return a new header and data key for a passphrase (blocks for about half a second)."""
    bare = Header(LN, random_source.token_bytes(16), b"")
    key, nonce = random_source.token_bytes(32), random_source.token_bytes(NONCE)
    wrapped = nonce + _cipher(_derived(passphrase, bare)).encrypt(nonce, key, bare.binding())
    return Opened(replace(bare, wrapped=wrapped), key)


def read_header(data: bytes) -> tuple[Header, int]:
    """Return the header of a file's bytes and where its body begins; raises Unsealable."""
    end = data.find(b"\n", 0, MAX_HEADER)
    try:
        said: dict[str, Any] = json.loads(data[:end]) if end > 0 else {}
        if said.get("magic") != MAGIC:
            raise Unsealable(FOREIGN)
        if said.get("version") != VERSION:
            raise Unsealable("was written by a newer authwizard")
        kdf = said["kdf"]
        ln, generation = kdf["ln"], said["generation"]
        known = kdf["name"] == "scrypt" and kdf["r"] == R and kdf["p"] == P and LN_BOUNDS[0] <= ln <= LN_BOUNDS[1]
        if not known or not isinstance(generation, int):
            raise Unsealable(CHANGED)
        return Header(ln, base64.b64decode(said["salt"], validate=True), base64.b64decode(said["key"], validate=True), generation), end + 1
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise Unsealable(CHANGED) from None


def unwrap(header: Header, passphrase: Secret) -> Opened:
    """Return the data key of a header (blocks for about half a second); raises Unsealable for a wrong passphrase."""
    key = _decrypted(_derived(passphrase, header), header.wrapped, header.binding(), WRONG)
    if len(key) != 32:
        raise Unsealable(WRONG)
    return Opened(header, key)


def unseal(data: bytes, opened: Opened) -> dict[str, str]:
    """Return the map of a file's bytes; raises Unsealable where a single bit of header or body is not as it was written."""
    header, start = read_header(data)
    text = _decrypted(opened.key, data[start:], data[:start], CHANGED)
    found = json.loads(text)
    if header.wrapped != opened.header.wrapped or not isinstance(found, dict):
        raise Unsealable(CHANGED)
    return found


def seal(opened: Opened, secrets: Mapping[str, str], generation: int) -> bytes:
    """Return the bytes of a file with this map and generation."""
    line = replace(opened.header, generation=generation).line()
    nonce = random_source.token_bytes(NONCE)
    text = json.dumps(dict(secrets), ensure_ascii=False).encode("utf-8")
    return b"".join((line, nonce, _cipher(opened.key).encrypt(nonce, text, line)))


def _derived(passphrase: Secret, header: Header) -> bytes:
    memory = 128 * (2**header.ln) * R
    return hashlib.scrypt(passphrase.reveal().encode("utf-8"), salt=header.salt, n=2**header.ln, r=R, p=P, maxmem=memory * 2, dklen=32)


def _decrypted(key: bytes, sealed: bytes, bound: bytes, why: str) -> bytes:
    from cryptography.exceptions import InvalidTag

    if len(sealed) < NONCE + 16:
        raise Unsealable(why)
    try:
        return bytes(_cipher(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound))
    except InvalidTag:
        raise Unsealable(why) from None


def _cipher(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

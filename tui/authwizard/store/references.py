"""What does a secret's reference name, is it well formed, and what does it resolve to?

`env:NAME`, `file:PATH` and `keyring:SERVICE/USER` are read here, the output of a program (`cmd`, `op:`, `vault:`) in
`command_reference`. A value is used exactly as it is found: its faults are what step 1 has to see.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Protocol

from authwizard.model.errors import StoreError
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Reference
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.store import command_reference, file_reference
from authwizard.store.profile_errors import closest
from authwizard.store.secret_shapes import looks_like_secret

SCHEMES = ("keyring", "env", "file", "op", "vault")
FORMS = "keyring:SERVICE/USER, env:NAME, file:PATH, op://.., vault:.., or { cmd = [..] }"
_VAULT = late_pattern(r"[^\s-][^\n]*#[A-Za-z0-9_.-]+")
"""A path that begins with a hyphen would be an option of the program."""
_ENV_NAME = late_pattern(r"[A-Za-z_][A-Za-z0-9_]*(?:\([A-Za-z0-9]+\))?")


class KeyringItems(Protocol):
    """The part of the keyring store that a `keyring:` reference needs: any item, by service and user."""

    title: str

    def get_item(self, service: str, user: str) -> Secret | None:
        """Return an item, or None where there is none. Raises StoreError."""
        ...

    def set_item(self, service: str, user: str, secret: Secret) -> None:
        """Write an item and read it back. Raises StoreError."""
        ...

    def probe(self) -> object:
        """Write a test value, read it back and delete it. Raises StoreError."""
        ...


@dataclass(frozen=True)
class Resolved:
    """What a reference gave: the secret (None: there is nothing) and a warning about the place."""

    secret: Secret | None
    warning: str = ""


def reference_fault(reference: Reference) -> str | None:
    """Return what is wrong with the form of a reference, or None. The sentence never repeats the text: it may be a secret."""
    if reference.cmd:
        if reference.ref:
            return "has both ref and cmd; keep one"
        return None if all(reference.cmd[:1]) else "cmd must start with the program's name"
    scheme, colon, rest = reference.ref.partition(":")
    if not reference.ref:
        return f"names no place; write {FORMS}"
    if colon and scheme == "cmd":
        return 'must be a list: { cmd = ["pass", "show", "x"] }'
    if not colon or scheme not in SCHEMES:
        meant = closest(scheme, SCHEMES) if colon else None
        return f"is not a reference; did you mean {meant}:?" if meant else "holds a value, not a reference"
    if looks_like_secret(rest):
        return "holds what looks like the secret itself, not the name of its place"
    return _rest_fault(scheme, rest)


def _rest_fault(scheme: str, rest: str) -> str | None:
    if scheme == "env" and not _ENV_NAME.fullmatch(rest):
        return "must name an environment variable: env:NAME, without $ and without its value"
    if scheme == "file" and not rest.strip():
        return "must name a file: file:PATH"
    if scheme == "keyring":
        service, slash, user = rest.rpartition("/")
        if not (slash and service and user):
            return "must name an item of the keyring: keyring:SERVICE/USER"
    if scheme == "op" and not re.fullmatch(r"//[^/]+/[^/]+/.+", rest):
        return "must be op://VAULT/ITEM/FIELD"
    if scheme == "vault" and not _VAULT.fullmatch(rest):
        return "must name a path and a field of it: vault:PATH#FIELD"
    return None


def reference_text(reference: Reference) -> str:
    """Write a reference as it is shown to a person (a command as a shell would take it)."""
    return safe_line("cmd: " + shlex.join(reference.cmd) if reference.cmd else reference.ref)


def nothing_there(reference: Reference) -> str:
    """Say what is missing where a reference resolved to nothing."""
    scheme, rest = reference.scheme, safe_line(reference.ref.partition(":")[2])
    if scheme == "env":
        return f"The environment variable {rest} is not set."
    if scheme == "file":
        return f"The file {rest} does not exist."
    if scheme == "keyring":
        return f"The keyring holds no item {rest}."
    return f"{reference_text(reference)} gave nothing."


def resolve(reference: Reference, *, base: Path, keyring: KeyringItems | None, program: Path | None = None) -> Resolved:
    """Read what a reference names. Nothing there is `Resolved(None)`; a place that cannot be read raises StoreError.

    Relative paths start at `base`, the directory of the profiles file; `program` is the file of a command that was agreed to. May block:
    run it on a thread of its own.
    """
    scheme, rest = reference.scheme, reference.ref.partition(":")[2]
    if scheme == "env":
        text = os.environ.get(rest)
        return Resolved(None if text is None else Secret(text))
    if scheme == "file":
        return Resolved(*file_reference.read(file_reference.located(rest, base)))
    if scheme == "keyring":
        service, _, user = rest.rpartition("/")
        return Resolved(_keyring(keyring).get_item(service, user))
    return Resolved(command_reference.read(reference, base, program=program))


def keep_fault(reference: Reference, *, base: Path, keyring: KeyringItems | None) -> str | None:
    """Return None where a new value can be written to what a reference names, else the reason as a sentence."""
    scheme, rest = reference.scheme, reference.ref.partition(":")[2]
    if scheme == "file":
        try:
            return file_reference.keep_fault(file_reference.located(rest, base))
        except StoreError as exc:
            return str(exc)
    if scheme == "keyring":
        return None if keyring else "No system keyring is in use, so a keyring: reference cannot be written."
    if scheme == "env":
        return f"{reference_text(reference)} is an environment variable: a new value would be lost when authwizard ends."
    return f"{reference_text(reference)} is only read, never written: a new value would be lost when authwizard ends."


def try_write(reference: Reference, *, base: Path, keyring: KeyringItems | None) -> None:
    """Try whether a new value can be written now where `keep_fault` knows of nothing against it. Raises StoreError."""
    if reference.scheme == "file":
        file_reference.try_write(file_reference.located(reference.ref.partition(":")[2], base))
    elif reference.scheme == "keyring":
        _keyring(keyring).probe()


def write_back(reference: Reference, secret: Secret, *, base: Path, keyring: KeyringItems | None) -> str:
    """Write a new value to what a reference names, read it back, and return the place's name. Raises StoreError."""
    fault = keep_fault(reference, base=base, keyring=keyring)
    if fault:
        raise StoreError(fault)
    rest = reference.ref.partition(":")[2]
    if reference.scheme == "file":
        file_reference.write(file_reference.located(rest, base), secret)
    else:
        service, _, user = rest.rpartition("/")
        _keyring(keyring).set_item(service, user, secret)
    return reference_text(reference)


def _keyring(keyring: KeyringItems | None) -> KeyringItems:
    if keyring is None:
        raise StoreError("The profile refers to the system keyring, which is not in use here. Use env: or file: instead.")
    return keyring

"""Which of the system's keyrings is used?

One class out of a list of those that keep secrets encrypted. `keyring.get_keyring()` is never asked: with some packages installed it
answers with a back end that writes plain text, and the usual way to silence it is a back end that forgets.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Protocol, cast

from authwizard.protocol.clean import safe_line
from authwizard.store.keyring_faults import Fault, KeyringFault, no_bus, none_usable, priority_reason

ALLOWED: Mapping[str, str] = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service (libsecret)",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring.backends.kwallet": "KWallet",
}
"""Modules whose classes may hold secrets, with the name people know; decided by the class's module, never by its priority."""

_CLASSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "darwin": (("keyring.backends.macOS", "Keyring"),),
    "win32": (("keyring.backends.Windows", "WinVaultKeyring"),),
    "linux": (
        ("keyring.backends.SecretService", "Keyring"),
        ("keyring.backends.libsecret", "Keyring"),
        ("keyring.backends.kwallet", "DBusKeyring"),
        ("keyring.backends.kwallet", "DBusKeyringKWallet4"),
    ),
}
WINDOWS_UNITS = 1200
"""UTF-16 code units that one item is given on Windows (its limit is 1280)."""


class Backend(Protocol):
    """What is used of a `keyring` back end."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return an item, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write an item."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Remove an item."""
        ...


def title_of(backend: object) -> str:
    """Return the name people know a back end by. Raises KeyringFault for a class that is not on the list."""
    cls = type(backend)
    title = ALLOWED.get(cls.__module__)
    if title is None:
        raise _refused(f"{cls.__module__}.{cls.__qualname__}")
    return title


def class_of(backend: object) -> str:
    """Return a back end's class as the state file records it."""
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def title_of_class(name: str) -> str:
    """Return the name people know a recorded class by; the class itself where it is not on the list."""
    return "the encrypted file" if name == "file" else ALLOWED.get(name.rpartition(".")[0]) or safe_line(name, 80)


def item_limit(backend: object) -> int | None:
    """Return how many UTF-16 code units one item takes; None = no limit that a secret meets."""
    return WINDOWS_UNITS if type(backend).__module__ == "keyring.backends.Windows" else None


def find_backend(pinned: str = "") -> Backend:
    """Return the keyring to use: the pinned class, else what the user's own `keyring` configuration names, else the best of the list.

    May block (it asks D-Bus): run it on a thread with a limit. Raises KeyringFault.
    """
    if _needs_bus() and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        raise none_usable([no_bus()])
    chosen = None if pinned else _configured()
    if chosen is not None:
        title_of(chosen)
        return _prepared(cast("Backend", chosen))
    found: list[tuple[float, object]] = []
    reasons: list[str] = []
    for module, name in _candidates(pinned):
        try:
            cls = getattr(importlib.import_module(module), name)
            found.append((float(cls.priority), cls))
        except Exception as exc:  # noqa: BLE001  # RuntimeError by contract; FileNotFoundError and others in the field
            reasons.append(priority_reason(ALLOWED[module], exc))
    if not found:
        raise none_usable(list(dict.fromkeys(reasons)))
    best = max(found, key=lambda each: each[0])[1]
    return _prepared(cast("type[Backend]", best)())


def _candidates(pinned: str) -> tuple[tuple[str, str], ...]:
    """Return module and class of the back ends to try; a pinned one is never exchanged for another."""
    module, _, name = pinned.rpartition(".")
    if pinned and module not in ALLOWED:
        raise _refused(pinned)
    return ((module, name),) if pinned else _CLASSES.get(sys.platform, _CLASSES["linux"])


def _needs_bus() -> bool:
    return sys.platform not in ("darwin", "win32")


def _configured() -> object | None:
    """Return the back end that PYTHON_KEYRING_BACKEND or keyringrc.cfg names; None where neither does."""
    from keyring import core

    named = os.environ.get("PYTHON_KEYRING_BACKEND", "")
    try:
        return core.load_env() or core.load_config() if named else core.load_config()
    except Exception as exc:  # noqa: BLE001  # a wrong name ends in ModuleNotFoundError, AttributeError, RuntimeError ...
        what = f"PYTHON_KEYRING_BACKEND={safe_line(named, 80)}" if named else "keyringrc.cfg"
        raise KeyringFault(Fault.NONE, f"The keyring that {what} names cannot be used: {priority_reason('it says', exc)}.") from None


def _prepared(backend: Backend) -> Backend:
    """Keep items on this machine: by default Windows lets them roam with a domain profile."""
    if type(backend).__module__ == "keyring.backends.Windows":
        backend.persist = "local machine"  # type: ignore[attr-defined]  # this back end alone has it
    return backend


def _refused(cls: str) -> KeyringFault:
    if cls.startswith(("keyring.backends.null.", "keyring.backends.fail.")):
        return KeyringFault(
            Fault.NONE,
            f"The system keyring is switched off for Python programs ({cls} in PYTHON_KEYRING_BACKEND or keyringrc.cfg). "
            "Unset that for authwizard, or refer to secrets with env:NAME or file:PATH.",
        )
    return KeyringFault(
        Fault.NONE,
        f"The keyring back end {safe_line(cls, 80)} is not one that authwizard trusts to keep secrets encrypted. "
        f"Trusted are: {', '.join(ALLOWED.values())}.",
    )

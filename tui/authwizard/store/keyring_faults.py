"""What went wrong in the system's keyring, and what would unblock it?

Back ends raise what they like: errors of `keyring`, of D-Bus, of the operating system. Here each becomes one sentence.
"""

from __future__ import annotations

import enum
import os
import sys
from pathlib import Path

from authwizard.model.errors import StoreError
from authwizard.protocol.clean import safe_line

_REASON_CHARS = 200
_LOCKED = ("-25308", "-25293", "Prompt dismissed")
"""macOS: errSecInteractionNotAllowed (no session to ask in), errSecAuthFailed; Secret Service: its password window was closed, or
could not be opened while it wanted to make the first collection."""
_TOO_LARGE = ("1783", "stub received bad data", "too large", "too long", "message too big")
"""Windows' CredWrite answers 1783 where an item is larger than 2560 bytes."""
_GONE = ("SecretServiceNotAvailableException", "NoReply", "ServiceUnknown", "NameHasNoOwner", "Disconnected", "disconnected", "has exited")
_NO_BUS = "DBUS_SESSION_BUS_ADDRESS is not set"


class Fault(enum.StrEnum):
    """The kinds of trouble with a keyring."""

    NONE = "no backend"
    LOCKED = "locked"
    HANGING = "hanging"
    VANISHED = "vanished"
    REFUSED = "refused"
    TOO_LARGE = "too large"
    DAMAGED = "damaged"


class KeyringFault(StoreError):
    """A keyring cannot be used now; `kind` says how, the text says why and what would unblock it.

    `why` is the same without the other places for secrets: for who offers those himself.
    """

    def __init__(self, kind: Fault, text: str, elsewhere: str = "") -> None:
        super().__init__(f"{text} {elsewhere}".strip())
        self.kind = kind
        self.why = text


def fault_of(exc: Exception, action: str, title: str, *, size: int = 0, quiet: bool = False) -> KeyringFault:
    """Turn what a back end raised into a fault; `action` is "read", "write" ..., `size` the characters that were to be written.

    The secret itself is in no sentence: the text of an exception that quotes it (`quiet`) or may (see `_reason`) is left out.
    """
    reason = "" if quiet else _reason(exc)
    named = f"{type(exc).__name__} {reason}"
    if type(exc).__name__ == "KeyringLocked" or any(sign in reason for sign in _LOCKED):
        return KeyringFault(Fault.LOCKED, f"{title} is locked. {_unlock(title)}")
    if isinstance(exc, ConnectionError | EOFError) or any(sign in named for sign in _GONE):
        return KeyringFault(Fault.VANISHED, f"{title} went away while it was asked to {action}. Try again; if it stays away, log in again.")
    if action == "write" and any(sign in named.lower() for sign in _TOO_LARGE):
        return KeyringFault(Fault.TOO_LARGE, f"{title} does not take an item of {size} characters. Use a file: reference instead.")
    return KeyringFault(Fault.REFUSED, f"{title} refused to {action}: {(reason or type(exc).__name__).rstrip('.')}.")


def hanging(action: str, title: str, seconds: float, *, started: bool) -> KeyringFault:
    """Say that a keyring does not answer; a write that was started may still take effect."""
    text = f"{title} did not answer within {seconds:g} s when asked to {action}. It may be waiting for a password in another window."
    if action == "write" and started:
        text += " The value may or may not have been stored."
    return KeyringFault(Fault.HANGING, text)


def damaged(service: str) -> KeyringFault:
    """Say that a secret in parts is not whole."""
    return KeyringFault(Fault.DAMAGED, f"{service} is stored in parts, and they do not make the whole. Store the secret again.")


def not_kept(title: str) -> KeyringFault:
    """Say that what was read back is not what was written."""
    return KeyringFault(Fault.REFUSED, f"{title} took the value but did not return it. It is not kept there.")


def none_usable(reasons: list[str]) -> KeyringFault:
    """Say that there is no keyring, with each back end's reason."""
    why = "; ".join(reasons) or "this system has none"
    elsewhere = "Refer to secrets with env:NAME or file:PATH, or keep them in an encrypted file: authwizard store use file"
    text = f"No system keyring can be used here ({why})."
    if in_wsl():
        text += " WSL starts none by itself."
    elif any(_NO_BUS in reason for reason in reasons) and (bus := _bus_socket()):
        text += f" If {bus} is your session bus, run: export DBUS_SESSION_BUS_ADDRESS=unix:path={bus}"
        elsewhere = f"Otherwise: {elsewhere}"
    return KeyringFault(Fault.NONE, text, elsewhere)


def no_bus() -> str:
    """Return the reason where no session bus is named; none is started, as that leaves a daemon behind for each command."""
    return _NO_BUS


def priority_reason(title: str, exc: Exception) -> str:
    """Word why a back end cannot be used, from what its own test raised."""
    return f"{title}: {_reason(exc) or type(exc).__name__}".rstrip(".")


def in_wsl() -> bool:
    """Tell whether this is the Windows Subsystem for Linux."""
    try:
        return "microsoft" in Path("/proc/version").read_text(encoding="utf-8", errors="replace").lower()
    except OSError:
        return False


def _bus_socket() -> str:
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    bus = f"{folder}/bus"
    return bus if folder and Path(bus).is_socket() else ""


def _reason(exc: Exception) -> str:
    """Return an exception's text; "" for the kinds that carry the value they failed on (UnicodeError, ValueError)."""
    return "" if isinstance(exc, ValueError) else safe_line(str(exc), _REASON_CHARS)


def _unlock(title: str) -> str:
    if sys.platform == "darwin":
        return "Run: security unlock-keychain ~/Library/Keychains/login.keychain-db"
    if "Secret Service" in title and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "There is no display for its password window; with GNOME's daemon, run: gnome-keyring-daemon --replace --unlock"
    return "Unlock it in your desktop's password manager, then try again."

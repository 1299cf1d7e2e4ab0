"""Where secrets are kept: asked once on a terminal where there is no keyring, and changed with `authwizard store use`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from authwizard.cli.output import say, tell
from authwizard.cli.session import open_configured_store
from authwizard.protocol.clean import safe

if TYPE_CHECKING:
    from authwizard.store.keyring_faults import KeyringFault
    from authwizard.store.keyring_store import KeyringStore
    from authwizard.store.secrets import SecretStore
    from authwizard.store.settings_write import Choice

WORDS: dict[Choice, str] = {
    "keyring": "in the system's keyring",
    "file": "in an encrypted file, which a passphrase of yours opens",
    "memory": "in memory only: gone when authwizard ends",
    "references": "nowhere: profiles refer to them (env:NAME, file:PATH or a command)",
}
_OFFERED: tuple[Choice, ...] = ("file", "memory", "references")
"""The answers where there is no keyring, the advised one first."""


def use_store(named: argparse.Namespace) -> int:
    """Write to settings.toml where secrets are kept from now on. Stored ones stay where they are, and it is said how to bring them over."""
    from authwizard.store.keyring_backends import title_of_class
    from authwizard.store.settings_write import pin_store
    from authwizard.store.state import all_stored

    path = pin_store(named.place)
    say(f"From now on secrets are kept {WORDS[named.place]}. {path} says so.\n")
    for profile, fields in sorted(all_stored().items()):
        left = {field: stored.backend for field, stored in fields.items() if not _is_in(stored.backend, named.place)}
        if left:
            where = ", ".join(sorted({title_of_class(backend) for backend in left.values()}))
            say(
                f"Nothing looks any more in {where} for what is stored there of {profile}: {', '.join(sorted(left))}. {_OVER[named.place]}\n"
            )
    return 0


def _is_in(backend: str, place: Choice) -> bool:
    """Tell whether what is remembered to lie in a back end is found in a place; "" = not remembered."""
    return (place == "file" and backend == "file") or (place == "keyring" and backend != "file")


_OVER: dict[Choice, str] = {
    "keyring": "Bring it over with: authwizard store move --to keyring",
    "file": "Bring it over with: authwizard store move --to file",
    "memory": "Choose that place again to use it.",
    "references": "Write references instead, or choose that place again to use it.",
}


def not_lasting(store: SecretStore) -> str:
    """Say why nothing can be stored in a place that does not last."""
    return store.describe().problem or (
        "settings.toml keeps secrets in memory only, so nothing would be left after this command. Use a reference, or choose another place "
        "with: authwizard store use keyring|file"
    )


def chosen_store() -> tuple[SecretStore | None, str]:
    """Return the store to save in, or None and why there is none. On a terminal, ask where there is no keyring, or one that does not work now.

    Where there is none and nothing is chosen yet, the answer is written to settings.toml. A keyring that is locked or does not answer stays
    the place for secrets unless the user says otherwise. Raises StoreError, ConfigError.
    """
    from authwizard.store.keyring_faults import Fault
    from authwizard.store.keyring_store import KeyringStore
    from authwizard.store.settings import load_settings

    store, why = open_configured_store()
    if not (isinstance(store, KeyringStore) and sys.stdin.isatty() and sys.stderr.isatty()):
        return store, why
    fault = _fault_of(store)
    while fault is not None and (fault.kind is not Fault.NONE or load_settings().store):
        answer = _way_on(str(fault))
        if answer != "1":
            return _changed("file") if answer == "2" else (None, str(fault))
        fault = _fault_of(store, wait=True)
    if fault is None:
        return store, ""
    tell("This machine has no keyring that can be used. Where should secrets be kept? Nothing is ever stored unencrypted.")
    choice = _answer()
    return _changed(choice) if choice is not None else (store, "")


def _changed(choice: Choice) -> tuple[SecretStore | None, str]:
    from authwizard.store.settings_write import pin_store

    tell(f"{pin_store(choice)} says so from now on; authwizard store use changes it.")
    return open_configured_store()


def _fault_of(store: KeyringStore, *, wait: bool = False) -> KeyringFault | None:
    """Return why the keyring cannot be used now, None where it can. `wait`: a person is just answering its password window."""
    from authwizard.store.keyring_faults import KeyringFault

    try:
        if wait:
            tell("Waiting for your system keyring.")
            store.get("probe", "unlock")
        store.probe()
    except KeyringFault as fault:
        return fault
    return None


def _way_on(problem: str) -> str:
    """Ask what to do about a keyring that cannot be used now; return what was typed."""
    tell(problem)
    tell("Nothing is stored anywhere else unless you choose it here.")
    tell("  1  try again, once it is unlocked")
    tell(f"  2  from now on {WORDS['file']}; what the keyring holds stays there until: authwizard store move --to file")
    tell("  3  store nothing now: write a reference (env:NAME, file:PATH), or keep it in the wizard's memory for one session")
    return _typed("1, 2 or 3 (Enter: store nothing now): ")


def _answer() -> Choice | None:
    for number, choice in enumerate(_OFFERED, 1):
        tell(f"  {number}  {WORDS[choice]}")
    answer = _typed("1, 2 or 3 (Enter: decide later): ")
    return _OFFERED[int(answer) - 1] if answer in ("1", "2", "3") else None


def _typed(question: str) -> str:
    sys.stderr.write(safe(question))
    sys.stderr.flush()
    return sys.stdin.readline().strip()

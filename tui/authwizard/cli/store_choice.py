"""Where secrets are kept: asked once on a terminal where there is no keyring, and changed with `authwizard store use`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from authwizard.cli.output import say, tell
from authwizard.protocol.clean import safe

if TYPE_CHECKING:
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


def chosen_store(store: SecretStore | None) -> SecretStore | None:
    """Return the store to save in. Where there is no keyring and nothing is chosen yet, ask once, and write the answer to settings.toml.

    Asked only on a terminal; without an answer the store stays what it was. Raises StoreError, ConfigError.
    """
    from authwizard.cli.session import open_configured_store
    from authwizard.store.keyring_faults import Fault, KeyringFault
    from authwizard.store.keyring_store import KeyringStore
    from authwizard.store.settings import load_settings
    from authwizard.store.settings_write import pin_store

    if not (isinstance(store, KeyringStore) and sys.stdin.isatty() and sys.stderr.isatty()) or load_settings().store:
        return store
    try:
        store.probe()
    except KeyringFault as fault:
        if fault.kind is not Fault.NONE:
            return store
        tell("This machine has no keyring that can be used. Where should secrets be kept? Nothing is ever stored unencrypted.")
    else:
        return store
    choice = _answer()
    if choice is None:
        return store
    tell(f"{pin_store(choice)} says so from now on; authwizard store use changes it.")
    return open_configured_store()[0]


def _answer() -> Choice | None:
    for number, choice in enumerate(_OFFERED, 1):
        tell(f"  {number}  {WORDS[choice]}")
    sys.stderr.write(safe("1, 2 or 3 (Enter: decide later): "))
    sys.stderr.flush()
    answer = sys.stdin.readline().strip()
    return _OFFERED[int(answer) - 1] if answer in ("1", "2", "3") else None

"""`authwizard store unlock`, `move` and `forget`: the verbs that change where secrets are, or make their place usable."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from authwizard.cli.configured import load, profiles_file, recovered
from authwizard.cli.output import say, tell
from authwizard.cli.question import agreed
from authwizard.cli.session import open_configured_store
from authwizard.model.errors import StoreError, UsageError
from authwizard.model.profile import SECRET_FIELDS

if TYPE_CHECKING:
    from authwizard.store.secrets import SecretStore


def unlock_store(named: argparse.Namespace) -> int:
    """Have the store opened now: it asks for its passphrase or password, as it would when a secret is needed."""
    from authwizard.store.file_store import FileStore

    store = _configured()
    if isinstance(store, FileStore):
        if not store.exists():
            say("There is no encrypted file yet. The first secret that is stored makes it, and asks for a new passphrase.\n")
            return 0
        store.unlock()
        say(
            f"{store.describe().title} opens with this passphrase. Each command asks for it again, unless AUTHWIZARD_PASSPHRASE_FILE names it.\n"
        )
        return 0
    store.get("probe", "unlock")  # a keyring asks for its password here, and has time for it
    say(f"{store.probe().title} is open: a test value was written, read back and deleted.\n")
    return 0


def move_store(named: argparse.Namespace) -> int:
    """Move every stored secret to the keyring or to the encrypted file, and use that place from now on."""
    from authwizard.store.move import move_all
    from authwizard.store.settings import load_settings
    from authwizard.store.settings_write import pin_store
    from authwizard.store.state import all_stored

    settings = load_settings()
    source, target = opened("file" if named.to == "keyring" else "keyring", settings), opened(named.to, settings)
    names = _names(named.config)
    unnoted = _unnoted(source, names)
    left_out = sorted((all_stored().keys() | {name for name, _ in unnoted}) - set(named.profiles)) if named.profiles else []
    if left_out:
        raise UsageError(
            f"All profiles share one store, so secrets of {', '.join(left_out)} would be left where nothing looks for them. "
            f"Name those too, or no profile at all."
        )
    target.probe()
    moved = move_all(source, target, partial(pin_store, named.to), pinned=settings.store == named.to, unnoted=unnoted)
    for profile, field in moved:
        say(f"Moved {field} of {profile}.\n")
    say(f"Secrets are kept in: {target.describe().title}. settings.toml says so from now on.\n")
    return 0


def forget_secrets(named: argparse.Namespace) -> int:
    """Remove one stored secret of a profile, or all of them, after a question."""
    from authwizard.store.forget import forget_secret
    from authwizard.store.held_fields import held_fields
    from authwizard.store.state import stored_secrets
    from authwizard.store.unfinished import clean

    if named.field is not None and named.field not in SECRET_FIELDS:
        raise UsageError(f"{named.field!r} is no secret's name. There are: {', '.join(SECRET_FIELDS)}.")
    for sentence in recovered(named.config).values():
        tell(sentence)
    store = _configured()
    cleaned = clean(profiles_file(named.config), store)
    for name in cleaned:
        say(f"Secrets that were left under the name {name} are removed.\n")
    known = stored_secrets(named.profile)
    place = store.title.replace("The ", "the ", 1) if store.durable else "the store"
    fields = [named.field] if named.field is not None else sorted({*known, *held_fields(store, named.profile)})
    if not fields and named.profile in cleaned:
        return 0
    if not fields:
        raise UsageError(f"No secret is stored for {named.profile!r} in {place}.")
    if not named.yes and not agreed(f"Remove {', '.join(fields)} of {named.profile} from {place}? This cannot be undone."):
        tell("Nothing was removed.")
        return 0
    here = store.describe().backend
    for field in fields:
        elsewhere = known[field].backend if field in known and known[field].backend not in ("", here) else ""
        if forget_secret(store, named.profile, field):
            say(f"Removed {field} of {named.profile}.\n")
        elif elsewhere:
            say(_still_there(named.profile, field, elsewhere))
        else:
            say(f"There was no {field} of {named.profile} in {place}.\n")
    return 0


def _still_there(profile: str, field: str, backend: str) -> str:
    """Say that a secret lies where nothing looks now."""
    from authwizard.store.keyring_backends import title_of_class

    return (
        f"{field} of {profile} was stored in {title_of_class(backend)}, which is not in use now, so it was not removed there; only the note of it is "
        f"gone. To remove it: authwizard store use {'file' if backend == 'file' else 'keyring'}, then authwizard store forget {profile} {field}\n"
    )


def _names(config: Path | None) -> tuple[str, ...]:
    """Return the names under which secrets may lie: of the usual profiles file, and of the one that `--config` names."""
    from authwizard.store.profiles import load_profiles
    from authwizard.store.unfinished import left_names

    load(config)  # which puts right what was cut short
    files = dict.fromkeys((profiles_file(None), profiles_file(config)))
    return tuple(dict.fromkeys(name for file in files for name in (*load_profiles(file), *left_names(file))))


def _unnoted(store: SecretStore, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the secrets that a store holds under these names and that are not remembered as stored.

    A store that cannot be read is told; there is nothing to tell of a keyring that does not exist.
    """
    from authwizard.store.held_fields import held_fields
    from authwizard.store.keyring_faults import Fault, KeyringFault
    from authwizard.store.state import all_stored

    noted = all_stored()
    try:
        return [(name, field) for name in names for field in held_fields(store, name) if field not in noted.get(name, {})]
    except StoreError as error:
        if not (isinstance(error, KeyringFault) and error.kind is Fault.NONE):
            tell(f"Whether {store.title} holds more than is remembered could not be seen: {error}")
        return []


def opened(choice: str, settings: object) -> SecretStore:
    """Return one of the two lasting stores, whichever is in use."""
    from dataclasses import replace

    from authwizard.cli.passphrase import ask_passphrase
    from authwizard.store.open_store import open_store
    from authwizard.store.settings import Settings

    assert isinstance(settings, Settings)
    return open_store(replace(settings, store=choice), ask_passphrase)  # type: ignore[arg-type]  # one of the two words


def _configured() -> SecretStore:
    store, why = open_configured_store()
    if store is None:
        raise StoreError(why)
    return store

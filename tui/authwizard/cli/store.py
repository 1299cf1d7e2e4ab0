"""`authwizard store`: where secrets are kept, whether it works, and storing one."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import sys
import time
from typing import TYPE_CHECKING

from authwizard.cli.configured import choose, load, profiles_file
from authwizard.cli.output import say, tell
from authwizard.cli.session import open_configured_store
from authwizard.model.errors import StoreError, UsageError
from authwizard.model.profile import SECRET_FIELDS, Profile
from authwizard.model.secret import Secret

if TYPE_CHECKING:
    from authwizard.store.secrets import SecretStore, StorePlace

MAX_SECRET = 64 * 1024


def show_store(named: argparse.Namespace) -> int:
    """Name the store and prove that it works: write, read back, delete a test value."""
    from authwizard.cli.store_choice import WORDS
    from authwizard.store.file_store import FileStore
    from authwizard.store.settings import load_settings
    from authwizard.store.unfinished import clean

    store, why = open_configured_store()
    if store is None:
        say(f"Secrets cannot be stored: {why}\n")
        return 4
    place = store.describe()
    if place.id == "references":
        say(f"Secrets are kept {WORDS['references']}.\n{_PINNED}\n")
        return _listings(named, place)
    problem = ""
    try:
        # a trial write would make a new, empty file in the place of one that somebody may still put back
        problem = store.gone() if isinstance(store, FileStore) else ""
        if not problem:
            store.probe()
    except StoreError as error:
        problem = str(error)
    if problem:
        say(f"Secrets are to be kept in: {place.title}.\nIt does not work now: {problem}\n{_INSTEAD}\n")
    else:
        kept = "They are still there after a restart." if place.durable else "They are gone when the program ends."
        say(f"Secrets are kept in: {place.title}.\nA test value was written, read back and deleted. {kept}\n")
    if load_settings().store:
        say(f"{_PINNED}\n")
    if place.warning and place.warning != problem:
        say(f"Note: {place.warning}\n")
    if not problem:
        for name in clean(profiles_file(named.config), store):
            say(f"Secrets that were left under the name {name} are removed.\n")
    _listings(named, place, None if problem else store)
    return 4 if problem else 0


def _listings(named: argparse.Namespace, place: StorePlace, store: SecretStore | None = None) -> int:
    from authwizard.store.unfinished import standing

    for profile in load(named.config).values():
        say(_listing(profile, place, store))
    left = standing(profiles_file(named.config))
    say(f"\n{left}\n" if left else "")
    return 0


def _listing(profile: Profile, place: StorePlace, store: SecretStore | None) -> str:
    """List a profile's secrets: where each is, and since when. `store`: the one that works now, asked whether it has them still."""
    from authwizard.cli.secret_ages import DAY, secret_ages
    from authwizard.store.keyring_backends import title_of_class
    from authwizard.store.references import reference_text
    from authwizard.store.rotation import standing
    from authwizard.store.rotation_places import store_id
    from authwizard.store.state import stored_secrets

    due = {age.field: age.words for age in secret_ages(profile)}
    rows = []
    for field, stored in sorted(stored_secrets(profile.name).items()):
        if field not in profile.secrets:
            elsewhere = stored.backend if stored.backend not in ("", place.backend) else ""
            where = f"stored in {title_of_class(elsewhere)}, not in use now" if elsewhere else _found(store, place, profile.name, field)
            days = None if stored.created is None else max(0, int((time.time() - stored.created) // DAY))
            plain = "age unknown" if days is None else f"{days} day{'' if days == 1 else 's'} old"
            rows.append((field, where, due.get(field, plain)))
    rows += [(field, reference_text(reference), due.get(field, "age unknown")) for field, reference in sorted(profile.secrets.items())]
    lines = [f"  {field:<18} {where}, {age}\n" for field, where, age in rows] or ["  no secrets\n"]
    said = standing(store_id(profile.name))
    return f"\n{profile.name}\n{''.join(lines)}" + (f"  {said}\n" if said else "")


_ASKED_FREELY = ("file", "SecretService", "libsecret")
"""Back ends that are open once a trial write went through; others (macOS) may ask the user once for every item."""


def _found(store: SecretStore | None, place: StorePlace, name: str, field: str) -> str:
    from authwizard.store.held_fields import is_held

    if store is None or not any(word in place.backend for word in _ASKED_FREELY):
        return "in the store"
    try:
        return "in the store" if is_held(store, name, field) else "NOT in the store any more (removed by another program?)"
    except StoreError as error:
        return f"in the store, where it cannot be read: {error}"


_INSTEAD = (
    "Until then secrets can come from references (env:NAME, file:PATH in the profile), or be kept in memory for one session of the wizard. "
    "Another place is chosen with: authwizard store use keyring|file"
)
_PINNED = "That is the choice in settings.toml; authwizard store use changes it."


def set_secret(named: argparse.Namespace) -> int:
    """Store one secret of a profile; its value is read from stdin or a masked prompt."""
    from authwizard.cli.store_choice import chosen_store, not_lasting
    from authwizard.store.other_files import refuse_of_other
    from authwizard.store.state import remember_rotation
    from authwizard.store.vault import Vault

    if named.field not in SECRET_FIELDS:
        raise UsageError(f"{named.field!r} is no secret's name. There are: {', '.join(SECRET_FIELDS)}.")
    profile = choose(load(named.config, in_the_open=True), named.profile)
    if named.field in profile.secrets:
        source = profiles_file(named.config)
        raise UsageError(
            f"{profile.name}'s {named.field} comes from a reference in {source}; take that line out first, or change what it names."
        )
    refuse_of_other(profile, (named.field,), profiles_file(named.config))
    store, why = chosen_store()
    if store is None:
        raise StoreError(why)
    if not store.durable:
        raise StoreError(not_lasting(store))
    vault = Vault(profile, store, base=profiles_file(named.config).parent, trusted=True)
    place = asyncio.run(vault.keep(named.field, _read_value(named.field, exact=named.exact)))
    if named.rotate_days is not None:
        remember_rotation(profile.name, named.field, named.rotate_days)
    tell(f"Stored {named.field} of {profile.name} in {place}, and read it back.")
    return 0


def _read_value(field: str, *, exact: bool) -> Secret:
    value = ""
    if sys.stdin.isatty():
        with contextlib.suppress(EOFError):  # Ctrl-D: nothing came in
            value = getpass.getpass(f"{field} (not shown): ")
    else:
        value = sys.stdin.buffer.read(MAX_SECRET + 1).decode("utf-8", "surrogateescape")
        if len(value) > MAX_SECRET:
            raise UsageError(f"That is more than {MAX_SECRET // 1024} KiB; no secret is that long. Nothing was stored.")
        if not exact:
            value = value.removesuffix("\n").removesuffix("\r") if value.endswith("\n") else value
    if not value:
        raise UsageError("Nothing came in, so nothing was stored.")
    return Secret(value)

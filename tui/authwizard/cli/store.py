"""`authwizard store`: where secrets are kept, whether it works, and storing one."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys

from authwizard.cli.configured import choose, load, profiles_file
from authwizard.cli.output import say, tell
from authwizard.cli.session import open_configured_store
from authwizard.model.errors import StoreError, UsageError
from authwizard.model.profile import SECRET_FIELDS
from authwizard.model.secret import Secret

MAX_SECRET = 64 * 1024


def show_store(named: argparse.Namespace) -> int:
    """Name the store and prove that it works: write, read back, delete a test value."""
    store, why = open_configured_store()
    if store is None:
        say(f"Secrets cannot be stored: {why}\n")
        return 4
    place = store.describe()
    try:
        store.probe()
    except StoreError as error:
        say(f"Secrets are to be kept in: {place.title}.\nIt does not work now: {error}\n{_INSTEAD}\n")
        return 4
    kept = "They are still there after a restart." if place.durable else "They are gone when the program ends."
    say(f"Secrets are kept in: {place.title}.\nA test value was written, read back and deleted. {kept}\n")
    return 0


_INSTEAD = (
    "Until then secrets can come from references (env:NAME, file:PATH in the profile), or be kept in memory for one session of the wizard."
)


def set_secret(named: argparse.Namespace) -> int:
    """Store one secret of a profile; its value is read from stdin or a masked prompt."""
    from authwizard.store.vault import Vault

    if named.field not in SECRET_FIELDS:
        raise UsageError(f"{named.field!r} is no secret's name. There are: {', '.join(SECRET_FIELDS)}.")
    profile = choose(load(named.config), named.profile)
    store, why = open_configured_store()
    if store is None:
        raise StoreError(why)
    if not store.durable:
        raise StoreError(
            "settings.toml keeps secrets in memory only, so nothing would be left after this command. Use a reference instead."
        )
    if named.field in profile.secrets:
        source = profiles_file(named.config)
        raise UsageError(
            f"{profile.name}'s {named.field} comes from a reference in {source}; take that line out first, or change what it names."
        )
    vault = Vault(profile, store, base=profiles_file(named.config).parent, trusted=True)
    place = asyncio.run(vault.keep(named.field, _read_value(named.field, exact=named.exact)))
    tell(f"Stored {named.field} of {profile.name} in {place}, and read it back.")
    return 0


def _read_value(field: str, *, exact: bool) -> Secret:
    if sys.stdin.isatty():
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

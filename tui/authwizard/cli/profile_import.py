"""`authwizard profile import`: a profile out of what is at hand, or out of another person's export."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from authwizard.cli.configured import profiles_file, refuse_known
from authwizard.cli.output import say, tell, without_secrets
from authwizard.cli.profile_preview import preview_object, preview_text
from authwizard.cli.profile_share import import_export
from authwizard.cli.question import agreed
from authwizard.cli.text_input import read_text
from authwizard.importers.imported import Imported
from authwizard.importers.profiles import Choices, import_text
from authwizard.model.errors import StoreError, UsageError
from authwizard.model.profile import wanted_fields


def import_profile(named: argparse.Namespace) -> int:
    """Take in another person's export, or show what a document (--from) would become; then, unless it is only a preview and once agreed to, save it.

    Returns 0, or 4 where the settings were saved and the secrets could not be stored.
    """
    if named.source is None:
        return import_export(named)
    imported = _read(named)
    if named.preview:
        say(json.dumps(preview_object(imported), ensure_ascii=False, indent=1) + "\n" if named.format == "json" else preview_text(imported))
        return 0
    if imported.missing:
        options = " and ".join(f"--{name.replace('_', '-')}" for name in imported.missing)
        raise UsageError(f"It does not tell which request of which API fails. Add {options}.")
    path = profiles_file(named.config)
    refuse_known(imported.profile.name, path)
    tell(preview_text(imported).rstrip("\n"))
    if not named.yes and not agreed(f"Save this as {imported.profile.name} in {path}?"):
        tell("Nothing was saved.")
        return 2
    return _saved(imported, path, seen=not named.yes)


def _read(named: argparse.Namespace) -> Imported:
    from authwizard.store.profiles import NAME

    if named.name and not NAME.fullmatch(named.name):
        raise UsageError(f"{named.name!r} cannot be a profile's name: use letters, digits, '.', '_' and '-', at most 64.")
    what = {"curl": "a curl command", "dotenv": "a .env file", "har": "a HAR file", "postman": "a Postman collection",
            "openapi": "an OpenAPI document"}[named.source]  # fmt: skip
    if named.environment is not None and named.source != "postman":
        raise UsageError("--environment names the variables of a Postman collection; it goes with --from postman.")
    environment = read_text(named.environment, "a Postman environment") if named.environment is not None else ""
    text = read_text(named.file, what)
    if not text.strip():
        raise UsageError(f"{'What came in' if named.file == '-' else named.file} is empty.")
    try:
        return import_text(named.source, text, Choices(named.name or "", named.request, named.base_url, environment))
    except ValueError as error:
        raise UsageError(f"This cannot be imported as {what}: {without_secrets(str(error))}") from None


def _saved(imported: Imported, path: Path, *, seen: bool) -> int:
    """Write the settings, then the secrets into the store; `seen` tells that a person saw where references go, and agreed."""
    from authwizard.store.other_files import refuse_of_other
    from authwizard.store.profiles_write import save_profile
    from authwizard.store.trust import stale_fields, trust, trust_command

    profile = imported.profile
    refuse_of_other(profile, imported.secrets, path)
    save_profile(path, profile)
    tell(f"Saved {profile.name} to {path}.")
    problem = _store(imported, path)
    # What was stored under this name before, for other hosts, is not given to these by the way.
    stale = stale_fields(profile, path)
    if not stale and (seen or not profile.secrets):
        trust(profile, path)
    elif stale:
        tell(f"The store has {', '.join(stale)} under this name for other hosts. See them with: {trust_command(profile, path)}")
    else:
        tell(f"Its references are read once you have agreed to where they go: {trust_command(profile, path)}")
    left = [f for f in wanted_fields(profile) if f not in profile.secrets and (problem or f not in imported.secrets)]
    if problem:
        left = list(dict.fromkeys((*imported.secrets, *left)))
        tell(f"No secret was stored: {problem}")
    if left:
        tell("Still to be stored: " + "; ".join(f"authwizard store set {profile.name} {field}" for field in left))
    return 4 if problem else 0


def _store(imported: Imported, path: Path) -> str:
    """Put the secrets into the store, all or none; return why that was not possible, "" when done."""
    from authwizard.cli.store_choice import chosen_store, not_lasting
    from authwizard.store.forget import forget_secret
    from authwizard.store.vault import Vault

    if not imported.secrets:
        return ""
    store, why = chosen_store()
    if store is None:
        return why
    if not store.durable:
        return not_lasting(store)
    kept: list[str] = []
    vault = Vault(imported.profile, store, base=path.parent, trusted=True)
    try:
        store.probe()
        for field, secret in imported.secrets.items():
            asyncio.run(vault.keep(field, secret))
            kept.append(field)
    except StoreError as error:
        for field in kept:
            forget_secret(store, imported.profile.name, field)
        return str(error)
    tell(f"Stored {', '.join(kept)} in {store.describe().title}.")
    return ""

"""`authwizard profile export`, `import` of an export, `copy` and `rename`: a profile in other hands, or under another name."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from authwizard.cli.configured import choose, load, profiles_file, refuse_known
from authwizard.cli.output import say, tell
from authwizard.cli.profile_preview import preview_object, preview_text
from authwizard.cli.question import agreed
from authwizard.cli.session import open_configured_store
from authwizard.cli.text_input import read_text
from authwizard.importers.imported import Imported
from authwizard.model.errors import StoreError, UsageError
from authwizard.model.profile import Profile, wanted_fields
from authwizard.protocol.clean import safe_line

if TYPE_CHECKING:
    from authwizard.store.secrets import SecretStore


def export_profile(named: argparse.Namespace) -> int:
    """Write one profile as a file of its own."""
    say(export_text(choose(load(named.config), named.name)))
    return 0


def export_text(profile: Profile) -> str:
    """Return a profile as a file of its own; comments at its head say what the receiver must supply, and where each goes."""
    from authwizard.store.profile_toml import profile_toml

    # A profile that the file does not hold cannot be named in it.
    text = profile_toml(replace(profile, known_good=""))
    head = (
        f"# The authwizard profile {profile.name}: settings and references, no secret. Take it in with: authwizard profile import FILE",
        *_to_supply(profile),
    )
    return "\n".join(head) + f"\nversion = 1\n\n{text}"


def _to_supply(profile: Profile) -> Iterator[str]:
    """Say, a line each, which secrets the receiver must supply, by what, and to which hosts they go."""
    from authwizard.store.profile_literals import PLACEHOLDER
    from authwizard.store.profile_toml import plain
    from authwizard.store.references import reference_text
    from authwizard.store.state import stored_secrets
    from authwizard.store.trust import destinations

    named = PLACEHOLDER.findall(json.dumps(plain(profile), default=str))
    fields = dict.fromkeys((*profile.secrets, *stored_secrets(profile.name), *wanted_fields(profile), *named))
    if not fields:
        yield "# It needs no secret."
        return
    yield "# Whoever receives it must supply:"
    for field in fields:
        reference = profile.secrets.get(field)
        by = reference_text(reference) if reference is not None else f"authwizard store set {profile.name} {field}"
        yield safe_line(f"#   {field} ({by}) -> {', '.join(destinations(profile, field)) or 'this machine only'}", 1000)


def import_export(named: argparse.Namespace) -> int:
    """Take in a profile that somebody exported. It is not trusted: its references are read only after `profile trust`."""
    from authwizard.store.profiles_write import save_profile
    from authwizard.store.trust import forget_trust, needs_trust, trust_command

    if named.request or named.base_url or named.environment:
        raise UsageError("--request, --base-url and --environment go with --from.")
    profile = _exported(named)
    imported = Imported(profile, {})
    if named.preview:
        say(json.dumps(preview_object(imported), ensure_ascii=False, indent=1) + "\n" if named.format == "json" else preview_text(imported))
        return 0
    path = profiles_file(named.config)
    refuse_known(profile.name, path)
    tell(preview_text(imported).rstrip("\n"))
    if not named.yes and not agreed(f"Save this as {profile.name} in {path}?"):
        tell("Nothing was saved.")
        return 2
    save_profile(path, profile)
    # An agreement to an earlier profile of this name was about that one.
    forget_trust(profile.name, path)
    tell(f"Saved {profile.name} to {path}.")
    if needs_trust(profile, path):
        tell(f"Nothing above is read or sent before you have agreed to where it goes: {trust_command(profile, path)}")
    left = [field for field in wanted_fields(profile) if field not in profile.secrets]
    if left:
        tell("Still to be stored: " + "; ".join(f"authwizard store set {profile.name} {field}" for field in left))
    return 0


def _exported(named: argparse.Namespace) -> Profile:
    from authwizard.store.profiles import parse_profiles

    source = "The text" if named.file == "-" else str(named.file)
    found = list(parse_profiles(read_text(named.file, "an exported profile"), source).values())
    if len(found) != 1:
        some = f"holds {len(found)} profiles" if found else "holds no profile"
        raise UsageError(f"{source} {some}; an export holds one. For a curl command, .env, HAR, Postman or OpenAPI file, add --from.")
    return replace(found[0], name=named.name or found[0].name)


def copy_profile(named: argparse.Namespace) -> int:
    """Save the settings of one profile under a second name."""
    path = profiles_file(named.config)
    first = choose(load(named.config), named.name)
    second = copied(first, named.new, path)
    tell(f"Saved {second.name} to {path}, as {first.name} is.")
    left = [field for field in wanted_fields(second) if field not in second.secrets]
    if left:
        tell("Its own secrets are to be stored: " + "; ".join(f"authwizard store set {second.name} {field}" for field in left))
    return 0


def copied(first: Profile, new: str, path: Path) -> Profile:
    """Save the settings of a profile under a second name, and return that one. Its references are agreed to if those of the first are.

    Raises UsageError for a name that is taken or is none, ConfigError, StoreError.
    """
    from authwizard.store.profiles import NAME
    from authwizard.store.profiles_write import save_profile
    from authwizard.store.trust import is_trusted, stale_fields, trust

    refuse_known(new, path)
    if not NAME.fullmatch(new):
        raise UsageError(f"{safe_line(new, 60)!r} cannot be a profile's name: use letters, digits, '.', '_' and '-', at most 64.")
    second = replace(first, name=new)
    save_profile(path, second)
    # Secrets that the store has under the new name from before were not part of that agreement.
    if is_trusted(first, path) and not stale_fields(second, path):
        trust(second, path)
    return second


def rename_profile(named: argparse.Namespace) -> int:
    """Give a profile another name: its secrets are written under the new one and read back before anything is removed."""
    from authwizard.store.renaming import rename

    path = profiles_file(named.config)
    old = choose(load(named.config), named.name).name
    refuse_known(named.new, path)
    fields = rename(path, old, named.new, store_of(old, path, "renamed"))
    tell(f"{old} is called {named.new} now" + (f"; {', '.join(fields)} moved with it." if fields else "."))
    tell_shared(old, path)
    return 0


def tell_shared(name: str, path: Path) -> None:
    """Say that secrets stayed where they are, where another profiles file has a profile of that name."""
    from authwizard.store.other_files import other_file
    from authwizard.store.state import stored_secrets

    other = other_file(name, path) if stored_secrets(name) else None
    if other is not None:
        tell(f"The secrets stored under {name} stay, since {safe_line(str(other))} has a profile of that name too.")


def store_of(name: str, path: Path, what: str) -> SecretStore | None:
    """Return the store, opened, for a profile that is about to be renamed or removed; None where it can hold nothing of it.

    What an earlier such command left in it is removed first. Raises StoreError where secrets are known to be there and cannot be read.
    """
    from authwizard.store.held_fields import held_fields
    from authwizard.store.keyring_faults import Fault, KeyringFault
    from authwizard.store.state import stored_secrets
    from authwizard.store.unfinished import clean

    known = stored_secrets(name)
    store, why = open_configured_store()
    try:
        if store is None:
            raise StoreError(why)
        if not store.durable:
            return store if known else None
        clean(path, store)
        held_fields(store, name)
    except StoreError as error:
        if known:
            raise StoreError(f"The profile was not {what}, so that its secrets are not lost or forgotten. {error}") from None
        if not (isinstance(error, KeyringFault) and error.kind is Fault.NONE):
            tell(f"Whether the store holds a secret of {name} could not be seen: {error}")
        return None
    return store

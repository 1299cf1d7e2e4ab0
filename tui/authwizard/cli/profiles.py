"""`authwizard profile`: show, add, edit, remove, trust."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from pathlib import Path

from authwizard.cli.configured import choose, load, profiles_file
from authwizard.cli.output import say, tell
from authwizard.cli.question import agreed
from authwizard.model.errors import ConfigError, UsageError
from authwizard.model.profile import SECRET_FIELDS, CredentialSpec, OAuth, Profile, Reference, wanted_fields


def show_profile(named: argparse.Namespace) -> int:
    """Show one profile as TOML; secrets are not in it."""
    from authwizard.store.profile_toml import profile_toml

    say(profile_toml(choose(load(named.config), named.name)))
    return 0


def add_profile(named: argparse.Namespace) -> int:
    """Save a new profile made from the arguments."""
    from authwizard.store.profiles import load_profiles
    from authwizard.store.profiles_write import save_profile
    from authwizard.store.trust import stale_fields, trust, trust_command

    path = profiles_file(named.config)
    if named.name in load_profiles(path):
        raise UsageError(f"There is a profile {named.name!r} already; change it with: authwizard profile edit {named.name}")
    profile = _made(named)
    save_profile(path, profile)
    tell(f"Saved {profile.name} to {path}.")
    stale = stale_fields(profile, path)
    if stale:
        tell(f"The store has {', '.join(stale)} under this name for other hosts. See them with: {trust_command(profile, path)}")
    else:
        trust(profile, path)
    missing = [f for f in wanted_fields(profile) if f not in profile.secrets]
    if missing:
        tell("Its secrets are still to be stored: " + "; ".join(f"authwizard store set {profile.name} {f}" for f in missing))
    return 0


def _fill_in(named: argparse.Namespace) -> None:
    """Set what was not given on the command line, by the template; raises UsageError for what the template needs."""
    from authwizard.knowledge.profile_templates import DEFAULTS, TEMPLATES, Template

    template = TEMPLATES[named.template] if named.template else Template("", {})
    for name, value in {**DEFAULTS, **template.fields}.items():
        if getattr(named, name) is None:
            setattr(named, name, value)
    for group in template.wants:
        if not any(getattr(named, name) for name in group):
            raise UsageError(f"The template {named.template} needs {' or '.join('--' + name.replace('_', '-') for name in group)}.")


def _made(named: argparse.Namespace) -> Profile:
    _fill_in(named)
    oauth = None
    if named.issuer or named.token_url or named.client_id:
        oauth = OAuth(
            issuer=named.issuer, token_url=named.token_url, client_id=named.client_id, client_auth=named.client_auth, grant=named.grant,
            scopes=tuple(named.scope),
        )  # fmt: skip
    references = {}
    for text in named.secret:
        field, equals, ref = text.partition("=")
        if field not in SECRET_FIELDS or not equals:
            raise UsageError(f"--secret wants FIELD=REFERENCE with one of {', '.join(SECRET_FIELDS)}, e.g. access_token=env:TOKEN.")
        references[field] = Reference(ref)
    return Profile(
        named.name, named.base_url, named.request, environment=named.environment, oauth=oauth, secrets=references,
        credential=CredentialSpec(named.kind, header=named.header),
    )  # fmt: skip


def edit_profile(named: argparse.Namespace) -> int:
    """Open the profiles file in the user's editor on a copy; it replaces the file only once it can be read."""
    import subprocess

    from authwizard.store.paths import locked, write_private
    from authwizard.store.profiles import parse_profiles

    path = profiles_file(named.config)
    choose(load(named.config), named.name)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError(f"No editor is set. Set EDITOR, or edit {path} yourself; it is checked at the next start.")
    if not sys.stdin.isatty():
        raise UsageError("Editing needs a terminal.")
    handle, name = tempfile.mkstemp(prefix=".profiles-", suffix=".toml", dir=path.parent)
    copy = Path(name)
    os.close(handle)
    keep = False
    try:
        before = path.read_bytes()
        copy.write_bytes(before)
        subprocess.run([*shlex.split(editor), str(copy)], check=True)  # noqa: S603 - the user's own editor
        try:
            parse_profiles(copy.read_text(encoding="utf-8"), str(copy))
        except (ConfigError, UnicodeDecodeError) as error:
            keep = True
            raise ConfigError(f"{error} Nothing was changed; your edit is kept in {copy}.") from None
        real = Path(os.path.realpath(path))
        with locked(real):
            if real.read_bytes() != before:
                keep = True
                raise ConfigError(f"{path} was changed by another program meanwhile. It is as that left it; your edit is kept in {copy}.")
            write_private(real, copy.read_bytes(), like=real.stat())
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(f"The editor {editor!r} did not end well ({type(error).__name__}); nothing was changed.") from None
    finally:
        if not keep:
            copy.unlink(missing_ok=True)
    tell(f"Saved {path}. Agree to changed references or hosts with: authwizard profile trust {named.name}")
    return 0


def remove_profile(named: argparse.Namespace) -> int:
    """Remove a profile and its stored secrets, after a question."""
    from authwizard.cli.profile_share import store_of, tell_shared
    from authwizard.store.held_fields import held_fields
    from authwizard.store.other_files import other_file
    from authwizard.store.renaming import remove

    path = profiles_file(named.config)
    name = choose(load(named.config), named.name).name
    store = store_of(name, path, "removed")
    stored = held_fields(store, name) if store is not None and other_file(name, path) is None else ()
    what = f"profile {name}" + (f" and its stored secrets ({', '.join(stored)})" if stored else "")
    if not named.yes and not agreed(f"Remove {what}? This cannot be undone."):
        tell("Nothing was removed.")
        return 0
    remove(path, name, store)
    tell(f"Removed {what}.")
    tell_shared(name, path)
    return 0


def trust_profile(named: argparse.Namespace) -> int:
    """Show each reference with the host it would go to, and remember the agreement."""
    from authwizard.store.trust import needs_trust, trust

    path = profiles_file(named.config)
    profile = choose(load(named.config), named.name)
    items = needs_trust(profile, path)
    for item in items:
        say(f"{item.reference} ({item.field}) -> {item.host}\n" + (f"  {item.changed}\n" if item.changed else ""))
    if items and not named.yes and not agreed("May these go there?"):
        tell("Nothing was agreed to.")
        return 2
    trust(profile, path)
    tell(f"{profile.name} is agreed to as it is now.")
    return 0

"""`authwizard profile list`: every profile with its last verdict, the age of its secrets, and secrets that another profile holds too."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from authwizard.cli.configured import load, profiles_file
from authwizard.cli.output import say
from authwizard.cli.secret_ages import DAY, secret_ages
from authwizard.cli.shared_secrets import Shared, shared_secrets
from authwizard.model.profile import Profile

NONE = (
    "No profile is saved yet. Make one in the wizard (authwizard), with authwizard profile import, or with: "
    'authwizard profile add NAME --base-url URL --request "GET /path"\n'
)


def list_profiles(named: argparse.Namespace) -> int:
    """List the profiles; reads no keyring and sends nothing."""
    profiles = load(named.config)
    if not profiles:
        say(NONE)
        return 0
    source = profiles_file(named.config)
    shared = shared_secrets(profiles, source)
    for profile in profiles.values():
        say("\n".join((_headline(profile, source), *(f"    {line}" for line in _details(profile, shared.get(profile.name, ()))))) + "\n")
    return 0


def _headline(profile: Profile, source: Path) -> str:
    from authwizard.store.trust import needs_trust, trust_command

    waits = f"  (not agreed to yet: {trust_command(profile, source)})" if needs_trust(profile, source) else ""
    return f"{profile.name:<20} {profile.environment:<12} {profile.request}  {profile.base_url}  {_verdict(profile.name)}{waits}"


def _verdict(name: str) -> str:
    from authwizard.store.state import last_verdict

    last = last_verdict(name)
    if last is None:
        return "never run"
    days = int((time.time() - last.at) // DAY)
    when = "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"
    return f"{last.cause or last.kind} ({when})"


def _details(profile: Profile, shared: tuple[Shared, ...]) -> Iterator[str]:
    for age in secret_ages(profile):
        yield f"{age.field}: {age.words}"
    for one in shared:
        yield f"{one.field}: {one.words} ({one.fingerprint})"

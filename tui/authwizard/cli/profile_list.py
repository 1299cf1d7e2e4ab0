"""`authwizard profile list`: every profile with its last verdict, the age of its secrets, and secrets that another profile holds too."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from authwizard.cli.configured import load, profiles_file
from authwizard.cli.output import say
from authwizard.cli.secret_ages import DAY, secret_ages
from authwizard.model.profile import Profile
from authwizard.model.vault import HeldElsewhere

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
    held = _held(profiles, source)
    for profile in profiles.values():
        say("\n".join((_headline(profile, source), *(f"    {line}" for line in _details(profile, held)))) + "\n")
    return 0


def _headline(profile: Profile, source: Path) -> str:
    from authwizard.store.trust import needs_trust

    waits = "  (not agreed to yet: authwizard profile trust " + profile.name + ")" if needs_trust(profile, source) else ""
    return f"{profile.name:<20} {profile.environment:<12} {profile.request}  {profile.base_url}  {_verdict(profile.name)}{waits}"


def _verdict(name: str) -> str:
    from authwizard.store.state import last_verdict

    last = last_verdict(name)
    if last is None:
        return "never run"
    days = int((time.time() - last.at) // DAY)
    when = "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"
    return f"{last.cause or last.kind} ({when})"


def _details(profile: Profile, held: Mapping[str, tuple[HeldElsewhere, ...]]) -> Iterator[str]:
    for age in secret_ages(profile):
        yield f"{age.field}: {age.words}"
    mine = {one.field: one.fingerprint for one in held.get(profile.name, ())}
    for field, mark in mine.items():
        others = [name for name, marks in held.items() if name != profile.name and mark in {one.fingerprint for one in marks}]
        if others:
            yield f"{field}: used in {', '.join(others)} too ({mark})"


def _held(profiles: Mapping[str, Profile], source: Path) -> dict[str, tuple[HeldElsewhere, ...]]:
    """Return what is known of the secrets of each profile that was agreed to, by fingerprint."""
    from authwizard.store.other_secrets import OtherSecrets

    seen = asyncio.run(OtherSecrets(profiles.values(), source, None).fingerprints())
    return {name: tuple(one for one in seen if one.profile == name) for name in profiles}

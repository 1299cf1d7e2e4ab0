"""`authwizard compare A B`: two profiles, or two saved runs, side by side."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from authwizard.cli.configured import choose, load, profiles_file
from authwizard.cli.output import say
from authwizard.model.errors import UsageError
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Profile
from authwizard.report.comparison import Comparison, comparison_object, render_comparison
from authwizard.report.profile_comparison import SecretSide, compare_profiles
from authwizard.report.run_comparison import compare_runs

if TYPE_CHECKING:
    from authwizard.model.secret import Secret
    from authwizard.model.vault import SecretRead
    from authwizard.store.secrets import SecretStore

MAX_RUN = 64 * 1024 * 1024


def compare(named: argparse.Namespace) -> int:
    """Compare two profiles by name, or two JSON runs by file; return 0 where nothing that can explain a 401 differs, else 1."""
    files = [Path(text).is_file() for text in (named.a, named.b)]
    if all(files):
        seen = _runs(Path(named.a), Path(named.b))
    elif any(files):
        raise UsageError("Give two profiles, or two files with runs (authwizard check --format json --output FILE), not one of each.")
    else:
        seen = _profiles(named)
    say(json.dumps(comparison_object(seen), ensure_ascii=False, indent=1) + "\n" if named.format == "json" else render_comparison(seen))
    return 1 if seen.telling else 0


def _runs(one: Path, other: Path) -> Comparison:
    made = [read_run(path) for path in (one, other)]
    try:
        return compare_runs(made[0], made[1], _names(one, other))
    except ValueError as error:
        raise UsageError(f"{one} and {other} cannot be compared: {error}.") from None


def _names(one: Path, other: Path) -> tuple[str, str]:
    return (one.name, other.name) if one.name != other.name else (str(one), str(other))


def read_run(path: Path) -> Mapping[str, Any]:
    """Return a run that was saved as JSON; raises UsageError where the file holds none."""
    try:
        if path.stat().st_size > MAX_RUN:
            raise UsageError(f"{path} is larger than any run authwizard writes.")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} holds no JSON.") from None
    if not isinstance(value, dict):
        raise UsageError(f"{path} holds no run.")
    return value


def _profiles(named: argparse.Namespace) -> Comparison:
    from authwizard.cli.session import open_configured_store

    profiles = load(named.config)
    one, other = choose(profiles, named.a), choose(profiles, named.b)
    return asyncio.run(compared(one, other, profiles_file(named.config), Secrets(*open_configured_store())))


@dataclass(frozen=True)
class Secrets:
    """Where two profiles' secrets are read from: the store, or why there is none, and this process's memory by profile and field."""

    store: SecretStore | None
    problem: str = ""
    memory: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)


async def compared(one: Profile, other: Profile, source: Path, secrets: Secrets) -> Comparison:
    """Return what differs between two profiles of a file; nothing is sent."""
    mine, theirs = [await _side(profile, source, secrets) for profile in (one, other)]
    return compare_profiles(one, other, mine, theirs, now=time.time())


def _unread(reads: Sequence[SecretRead]) -> str:
    """Say which secrets could not be read, each reason once: a locked keyring is the same one for all of them."""
    found: dict[str, list[str]] = {}
    for read in reads:
        if read.status == "unavailable":
            found.setdefault(_SECONDS.sub("in time", read.why), []).append(read.field)
    few = 3
    return "; ".join(f"{', '.join(names) if len(names) <= few else 'its secrets'} ({why})" for why, names in found.items())


_SECONDS = late_pattern(r"within \d+ s")
"""After the first time a keyring that does not answer is given less time."""


async def _side(profile: Profile, source: Path, secrets: Secrets) -> SecretSide:
    """Read what may be compared of a profile's secrets; nothing is sent, and a profile that was not agreed to is not read (DESIGN 5.4)."""
    from authwizard.probes.stored_secrets import fields_of
    from authwizard.protocol.fingerprint import fingerprint
    from authwizard.protocol.jose import inspect_token
    from authwizard.store.paths import install_key
    from authwizard.store.trust import agreed_commands, is_trusted, needs_trust, trust_command
    from authwizard.store.vault import Vault

    if needs_trust(profile, source):
        return SecretSide(of=profile.name, note=f"its secrets: it was not agreed to as it is now ({trust_command(profile, source)}).")
    vault = Vault(
        profile, secrets.store, base=source.parent, trusted=is_trusted(profile, source), memory=secrets.memory.get(profile.name),
        commands=agreed_commands(profile, source),
    )  # fmt: skip
    reads = [await vault.read(name) for name in fields_of(profile)]
    key = install_key()
    present = {r.field: r.secret for r in reads if r.secret is not None}
    note = _unread(reads) or ("" if secrets.store is not None else secrets.problem)
    token = present.get("access_token")
    return SecretSide(
        {field: fingerprint(secret.reveal(), key) for field, secret in present.items()},
        inspect_token(token.reveal()) if token is not None else None,
        note,
        profile.name,
    )

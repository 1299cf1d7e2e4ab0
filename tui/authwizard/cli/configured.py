"""The saved profiles and what a run of one needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from authwizard.cli.output import tell
from authwizard.model.errors import UsageError

if TYPE_CHECKING:
    from authwizard.cli.session import Subject
    from authwizard.model.evidence import Reported
    from authwizard.model.options import RunOptions
    from authwizard.model.profile import Profile


def profiles_file(config: Path | None) -> Path:
    """Return the profiles file a command works on."""
    from authwizard.store.paths import profiles_path

    return profiles_path() if config is None else config


def load(config: Path | None, *, in_the_open: bool = False) -> Mapping[str, Profile]:
    """Return all saved profiles, once what a process that died left of renaming or removing one is put right and told.

    `in_the_open`: secrets that stand in the file are left out instead of refused, for the command that stores them elsewhere.

    Raises ConfigError where the file is wrong or `--config` names none.
    """
    for sentence in recovered(config).values():
        tell(sentence)
    return read_profiles(config, in_the_open=in_the_open)


def recovered(config: Path | None) -> Mapping[str, str]:
    """Put right what a process that died left of renaming or removing a profile; return what to tell, by profile ("" = one that is gone)."""
    from authwizard.store.paths import state_dir

    if not (state_dir() / "unfinished.json").exists():
        return {}
    from authwizard.store.unfinished import recover

    return {told.profile: told.sentence for told in recover(profiles_file(config))}


def read_profiles(config: Path | None, *, in_the_open: bool = False) -> Mapping[str, Profile]:
    """Return all saved profiles; raises ConfigError where the file is wrong or `--config` names none."""
    from authwizard.store.profiles import load_profiles

    return load_profiles(profiles_file(config), must_exist=config is not None, in_the_open=in_the_open)


def choose(profiles: Mapping[str, Profile], name: str | None) -> Profile:
    """Return the named profile, or the only one; raises UsageError with the names."""
    if name is not None and name in profiles:
        return profiles[name]
    names = ", ".join(profiles)
    if name is None:
        if len(profiles) == 1:
            return next(iter(profiles.values()))
        which = f"Which profile? There are: {names}. Name one" if names else "No profile is saved yet. Make one: authwizard profile add"
        raise UsageError(f"{which}, or give - and paste a curl command.")
    there = f"There are: {names}." if names else "None is saved yet; make one: authwizard profile add."
    raise UsageError(f"There is no profile {name!r}. {there}{_meant(name)}")


def _meant(name: str) -> str:
    """A command that was probably meant, where the name of a profile is nearly one."""
    import difflib

    from authwizard.cli.arguments import COMMANDS

    near = difflib.get_close_matches(name.lower(), COMMANDS, n=1, cutoff=0.7)
    return f" Did you mean the command: authwizard {near[0]}?" if near else ""


def refuse_known(name: str, path: Path) -> None:
    """Raise UsageError where there is a profile of that name already."""
    from authwizard.store.profiles import load_profiles

    if name in load_profiles(path):
        raise UsageError(f"There is a profile {name!r} already. Choose another name, or remove that one first.")


def subject_of(
    profile: Profile, profiles: Mapping[str, Profile], source: Path, options: RunOptions, *, trust: bool, reported: Reported | None = None
) -> Subject:
    """Return a saved profile as the subject of a run; raises TrustError where it was not agreed to (DESIGN 5.4)."""
    from authwizard.cli.session import Subject
    from authwizard.store.trust import agreed_commands, commands_now, is_trusted, needs_trust, trust_error

    items = needs_trust(profile, source)
    if items and not trust:
        raise trust_error(profile, items, source)
    others = tuple(p for p in profiles.values() if p.name != profile.name)
    # Where nothing had to be asked, the store still gives a secret only to the hosts it was saved for.
    control = profiles.get(profile.known_good)
    looked = commands_now if trust else agreed_commands
    return Subject(
        profile, options, source, others, trusted=trust or is_trusted(profile, source), reported=reported,
        known_good_problem="" if trust or control is None else _not_agreed(control, source),
        known_good_trusted=control is not None and (trust or is_trusted(control, source)),
        commands=looked(profile, source), known_good_commands={} if control is None else looked(control, source),
    )  # fmt: skip


def _not_agreed(other: Profile, source: Path) -> str:
    """Say why the credential of the profile named as known_good may not be used; "" where it may."""
    from authwizard.store.trust import needs_trust, trust_command

    if not needs_trust(other, source):
        return ""
    return f"The profile {other.name} has not been agreed to as it is now: {trust_command(other, source)}"

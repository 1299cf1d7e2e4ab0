"""The cause's remedy with this profile's names filled in."""

from __future__ import annotations

from authwizard.knowledge.causes import cause
from authwizard.knowledge.placeholders import STAND_INS, fill_command, fill_text
from authwizard.model.finding import Facts
from authwizard.model.run import Remedy
from authwizard.verdict.facts import text

UNSAVED = "pasted"
"""The name of a profile that was made of pasted text for one run: nothing of that name is saved."""
CHECK = "authwizard check {profile}"


def remedy(code: str, facts: Facts) -> Remedy:
    """Return what to do about a cause, with the names of this profile where they are known."""
    entry = cause(code)
    values = {name: text(facts, name) for name in STAND_INS if text(facts, name)}
    better = next((one for one in entry.remedies if text(facts, one.fact) == one.value), None)
    words, commands = (better.remedy, better.commands) if better is not None else (entry.remedy, entry.commands)
    values["profile"] = saved_profile(facts)
    if practice := text(facts, "practice"):
        # Nothing of the practice platform's profile is saved, so only looking again can be repeated.
        commands = tuple(command.replace(CHECK, f"authwizard demo {practice} --check") for command in commands if _only_looks(command))
    elif text(facts, "profile") == UNSAVED:
        commands = tuple(command.replace(CHECK, "authwizard check -") for command in commands)
    return Remedy(fill_text(words, values), tuple(fill_command(command, values) for command in commands))


def saved_profile(facts: Facts) -> str:
    """Return the name a command can give to this profile, "" where nothing is saved under it."""
    name = text(facts, "profile")
    return "" if name == UNSAVED or text(facts, "practice") else name


def _only_looks(command: str) -> bool:
    return "{profile}" not in command.replace(CHECK, "")
